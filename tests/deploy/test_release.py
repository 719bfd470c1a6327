"""A release with stand-ins for gcloud and kubectl: what is asked of them, in which order, what is undone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy import release
from deploy.release import ReleaseError, read_options
from deploy.smoke import AnswerError, check
from deploy.smoke import main as smoke_main
from puntual.inference.artifact import Artifact
from tests.deploy.conftest import DEPLOY, read
from tests.ports import free_port
from tests.serving.conftest import serving

IMAGE = "europe-west1-docker.pkg.dev/flights/puntual/puntual@sha256:" + "a" * 64
CLOUD_RUN = [
    *("cloudrun", "--image", IMAGE, "--region", "europe-west1", "--build", "b2"),
    *("--account", "puntual-run@flights.iam", "--caller", "puntual-build@flights.iam"),
    *("--model", "gs://models/scl.puntual"),
]
GKE = [
    *("gke", "--image", IMAGE, "--region", "europe-west1", "--build", "b2"),
    *("--cluster", "puntual", "--overlay", "staging", "--url", "https://staging.example.com"),
]
CANDIDATE_URL = "https://candidate---puntual.example.com"
URL = "https://puntual.example.com"


class Cloud:
    """Plays gcloud, kubectl and the smoke test: answers by what a command holds, and keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.given: dict[str, str] = {}
        self.failing: set[str] = set()
        self.services: list[dict[str, Any]] = [{"metadata": {"name": "puntual"}}]
        self.deployed = "deployment.apps/puntual\n"
        self.tokens: list[str] = []

    def run(self, *command: str, given: str | None = None, **variables: str) -> str:
        line = " ".join(command)
        if "smoke.py" in line:
            self.tokens.append(variables.get("SMOKE_TOKEN", ""))
        if "replace" in command:
            self.given[line] = Path(command[command.index("replace") + 1]).read_text("utf-8")
            line = "replace"
        elif given is not None:
            self.given[line] = given
        self.asked.append(line)
        if any(part in line for part in self.failing):
            raise ReleaseError(line)
        traffic = [
            {"revisionName": "puntual-b1", "percent": 100},
            {"revisionName": "puntual-b2", "tag": "candidate", "url": CANDIDATE_URL},
        ]
        answers = {
            "services list": json.dumps(self.services),
            "services describe": json.dumps({"status": {"url": URL, "traffic": traffic}}),
            "print-identity-token": "of-the-caller\n",
            "kubectl get": self.deployed,
        }
        if "kustomize" in line:
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout
        if "--dry-run=server" in line:
            assert given is not None
            return json.dumps({"items": list(yaml.safe_load_all(given))})
        return next((answer for part, answer in answers.items() if part in line), "")

    def order(self, *parts: str) -> list[int]:
        """Where each of these was asked; each has to be."""
        return [next(n for n, line in enumerate(self.asked) if part in line) for part in parts]


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    played = Cloud()
    monkeypatch.setattr(release, "run", played.run)
    return played


def released(arguments: list[str]) -> None:
    options = read_options(arguments)
    options.release(options)


def test_traffic_moves_only_after_an_answer(cloud: Cloud) -> None:
    released(CLOUD_RUN)
    order = cloud.order("replace", f"smoke.py {CANDIDATE_URL}", "puntual-b2=100", f"smoke.py {URL}")
    assert order == sorted(order)
    manifest = yaml.safe_load(next(iter(cloud.given.values())))
    assert manifest["spec"]["traffic"] == [
        {"revisionName": "puntual-b1", "percent": 100},
        {"revisionName": "puntual-b2", "tag": "candidate"},
    ]
    template = manifest["spec"]["template"]
    assert template["metadata"]["name"] == "puntual-b2"
    (container,) = template["spec"]["containers"]
    assert container["image"] == IMAGE
    for name, value in (("PUNTUAL_MODEL", "gs://models/scl.puntual"), ("PUNTUAL_MODEL_SHA256", "")):
        assert {"name": name, "value": value} in container["env"]
    assert "${" not in json.dumps(manifest)


def test_a_service_that_is_not_open_is_asked_as_an_account(cloud: Cloud) -> None:
    """As it is before anybody could say who may ask: at its first release."""
    cloud.services = []
    released(CLOUD_RUN)
    (asked,) = (line for line in cloud.asked if "print-identity-token" in line)
    assert "--impersonate-service-account=puntual-build@flights.iam" in asked
    assert f"--audiences={URL} " in asked
    assert cloud.tokens == ["of-the-caller"]
    anybody = [word for word in CLOUD_RUN if word not in {"--caller", "puntual-build@flights.iam"}]
    released(anybody)
    assert cloud.tokens[-1] == ""


@pytest.mark.parametrize(("failing", "moves"), [(CANDIDATE_URL, []), (URL, ["b2", "b1"])])
def test_traffic_moves_to_what_answers_right(cloud: Cloud, failing: str, moves: list[str]) -> None:
    cloud.failing = {f"smoke.py {failing}"}
    with pytest.raises(ReleaseError):
        released(CLOUD_RUN)
    moved = [line for line in cloud.asked if "update-traffic" in line]
    assert [re.findall(r"puntual-(b\d)=100", line)[0] for line in moved] == moves


def test_the_first_release_has_nothing_to_go_back_to(cloud: Cloud) -> None:
    cloud.services = []
    released(CLOUD_RUN)
    manifest = yaml.safe_load(next(iter(cloud.given.values())))
    assert manifest["spec"]["traffic"] == [{"latestRevision": True, "percent": 100}]
    assert not any("update-traffic" in line for line in cloud.asked)
    assert cloud.asked[-1].endswith(f"smoke.py {URL}")


def test_a_pod_is_asked_before_the_rollout(cloud: Cloud, overlays: object) -> None:
    released(GKE)
    order = cloud.order(
        "get-credentials puntual", "kubectl kustomize", "apply -f", "--dry-run=server", "apply --namespace",
        "kubectl wait", "kubectl exec", "kubectl delete", "rollout status", "smoke.py https://staging",
    )  # fmt: skip
    assert order == sorted(order)
    assert not any("undo" in line for line in cloud.asked)
    pod = json.loads(
        next(given for line, given in cloud.given.items() if "apply --namespace puntual-staging" in line)
    )
    assert pod["metadata"]["labels"]["app.kubernetes.io/name"] != "puntual", (
        "the Service would send it requests"
    )
    assert pod["spec"]["containers"][0]["image"] == IMAGE
    assert pod["spec"]["serviceAccountName"] == "puntual"
    sent = next(given for line, given in cloud.given.items() if "kubectl exec" in line)
    assert sent == (DEPLOY / "smoke.py").read_text("utf-8")
    before = list(yaml.safe_load_all(cloud.given["kubectl apply --dry-run=server -o json -f -"]))
    assert {document["kind"] for document in before} > {"Deployment", "Gateway", "HorizontalPodAutoscaler"}


@pytest.mark.parametrize("failing", ["kubectl wait", "kubectl exec", "--dry-run=server"])
def test_a_pod_that_is_wrong_is_not_rolled_out(cloud: Cloud, overlays: object, failing: str) -> None:
    cloud.failing = {failing}
    with pytest.raises(ReleaseError):
        released(GKE)
    assert not any("rollout" in line for line in cloud.asked)
    if failing != "--dry-run=server":
        assert "kubectl delete" in cloud.asked[-1]


def test_a_rollout_that_is_wrong_is_undone(cloud: Cloud, overlays: object) -> None:
    cloud.failing = {"smoke.py https://staging"}
    with pytest.raises(ReleaseError):
        released(GKE)
    undone, waited = cloud.asked[-2:]
    assert undone == "kubectl rollout undo --namespace puntual-staging deployment/puntual"
    assert "rollout status" in waited


def test_a_first_rollout_has_nothing_to_go_back_to(cloud: Cloud, overlays: object) -> None:
    cloud.deployed, cloud.failing = "", {"rollout status"}
    with pytest.raises(ReleaseError, match="rollout status"):
        released(GKE)
    assert not any("undo" in line for line in cloud.asked)


def test_an_image_is_named_by_digest(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_options([word.replace(IMAGE, "puntual:latest") for word in CLOUD_RUN])
    assert "a tag may mean another image tomorrow" in capsys.readouterr().err


def test_a_command_is_given_variables_and_named_if_it_fails() -> None:
    code = "import os; print(os.environ['SMOKE_TOKEN'])"
    assert release.run(sys.executable, "-c", code, SMOKE_TOKEN="a") == "a\n"
    with pytest.raises(ReleaseError, match="ended with 3"):
        release.run(sys.executable, "-c", "raise SystemExit(3)")


def test_the_pipeline_says_what_a_release_asks_for() -> None:
    """Every flag of the last step is one that there is."""
    steps = read("cloudbuild.yaml")["steps"]
    script = next(step["script"] for step in steps if step["id"] == "release")
    for target, wanted in (("cloudrun", CLOUD_RUN), ("gke", GKE)):
        words = script.split(f"release.py {target}")[1].split(";;")[0].split()
        named = {word for word in words if word.startswith("--")}
        assert named - {"--model-sha256"} == {word for word in wanted if word.startswith("--")}
    order = ["test", "audit", "cosign", "build", "scan", "attest", "release"]
    assert [step["id"] for step in steps] == order
    attested = next(step["script"] for step in steps if step["id"] == "attest")
    assert {"cyclonedx", "slsaprovenance1"} <= set(attested.split())


def test_severe_vulnerabilities_end_a_build_until_they_are_excepted(tmp_path: Path) -> None:
    found, exceptions = tmp_path / "found", tmp_path / "exceptions"
    found.write_text("SEVERITY  NAME\nHIGH  CVE-2026-1\nMEDIUM  CVE-2026-2\n")

    def status(text: str) -> int:
        exceptions.write_text(text)
        script = [
            sys.executable,
            str(DEPLOY / "vulnerabilities.py"),
            str(found),
            "--exceptions",
            str(exceptions),
        ]
        return subprocess.run(script, capture_output=True, check=False).returncode

    assert status("") == 1
    assert status("CVE-2026-1 until 2999-01-01: nothing calls it") == 0
    assert status("CVE-2026-1 until 2026-01-01: nothing calls it") == 1, "its date has passed"
    assert status("CVE-2026-1") == 2, "without a date and a reason"
    own = [sys.executable, str(DEPLOY / "vulnerabilities.py"), str(found)]
    assert subprocess.run(own, capture_output=True, check=False).returncode == 1


def test_the_smoke_test_asks_a_real_service(
    model: Path, artifact: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(model, "--port", free_port()) as served:
        script = [sys.executable, str(DEPLOY / "smoke.py"), f"{served.url}/", "5"]
        said = subprocess.run(script, capture_output=True, text=True, check=True).stdout
        assert said == f"smoke: {served.url}/ answers with {artifact.name}\n"
        with pytest.raises(AnswerError, match="/nowhere: AnswerError: 404"):
            check(f"{served.url}/nowhere", 0)
    with pytest.raises(AnswerError, match="Connection refused"):
        check(served.url, 0)
    monkeypatch.setattr("sys.argv", ["smoke.py", served.url, "0"])
    with pytest.raises(SystemExit, match=r"^smoke: http"):
        smoke_main()
