"""Releases an image: checks the new version before any traffic reaches it, and goes back if it is wrong.

    python3 deploy/release.py cloudrun --image IMAGE@DIGEST --region REGION --model gs://BUCKET/OBJECT ...
    python3 deploy/release.py gke --image IMAGE@DIGEST --region REGION --cluster CLUSTER --overlay staging ...

Python's standard library, `gcloud` and, for GKE, `kubectl`: the pipeline runs it, and so may a person.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Any

FOLDER = Path(__file__).parent
SERVICE = "puntual"
CANDIDATE = "candidate"
"""Cloud Run's name for the address of a revision that has no traffic yet."""
READY = "180s"
ROLLOUT = "600s"
FIRST_KINDS = {"Namespace", "ServiceAccount", "ConfigMap"}
"""What a pod needs before it can be tried."""

_IMAGE = re.compile(r"(image: )\S*puntual@sha256:[0-9a-f]{64}")
_KIND = re.compile(r"^kind: (\w+)$", re.MULTILINE)


class ReleaseError(Exception):
    """A release failed; the version from before it still answers, or answers again."""


def run(*command: str, given: str | None = None, **variables: str) -> str:
    """Run a command, log it, and give its output.

    Parameters
    ----------
    given : its input
    variables : added to its environment, and not logged

    Raises
    ------
    ReleaseError : it ends with another status than 0
    """
    sys.stderr.write(f"release: {' '.join(command)}\n")
    environment = os.environ | variables
    ended = subprocess.run(
        command, input=given, stdout=subprocess.PIPE, text=True, env=environment, check=False
    )
    if ended.returncode:
        raise ReleaseError(f"{command[0]} ended with {ended.returncode}: {' '.join(command)}")
    return ended.stdout


def smoke(url: str, **variables: str) -> None:
    """Ask for a real prediction; `SMOKE_TOKEN` is for a service that is not open to everybody."""
    run(sys.executable, str(FOLDER / "smoke.py"), url, **variables)


def release_to_cloud_run(options: argparse.Namespace) -> None:
    """Check a revision without traffic at an address of its own, move all traffic to it, check again."""
    gcloud = ("gcloud", "run", "services")
    where = ("--region", options.region, "--format", "json")
    listed = json.loads(run(*gcloud, "list", "--region", options.region, "--format", "json"))
    known = any(service["metadata"]["name"] == SERVICE for service in listed)
    before = _serving(json.loads(run(*gcloud, "describe", SERVICE, *where))) if known else ""
    revision = f"{SERVICE}-{options.build}"
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(cloud_run_manifest(options, revision, before))
        file.flush()
        run(*gcloud, "replace", file.name, *where)
    status = json.loads(run(*gcloud, "describe", SERVICE, *where))["status"]
    url = status["url"]
    token = identity(options.caller, url)
    if not before:
        smoke(url, **token)
        return
    smoke(next(part["url"] for part in status["traffic"] if part.get("tag") == CANDIDATE), **token)
    run(*gcloud, "update-traffic", SERVICE, "--to-revisions", f"{revision}=100", *where)
    try:
        smoke(url, **token)
    except ReleaseError:
        run(*gcloud, "update-traffic", SERVICE, "--to-revisions", f"{before}=100", *where)
        raise


def identity(caller: str, url: str) -> dict[str, str]:
    """The variable with which the smoke test acts as a service account; none if there is no account.

    Cloud Run accepts a token for the service's own address at the address of each of its revisions too.
    """
    if not caller:
        return {}
    account, audience = f"--impersonate-service-account={caller}", f"--audiences={url}"
    token = run("gcloud", "auth", "print-identity-token", account, audience, "--include-email")
    return {"SMOKE_TOKEN": token.strip()}


def cloud_run_manifest(options: argparse.Namespace, revision: str, before: str) -> str:
    """`cloudrun/service.yaml`, filled in.

    Parameters
    ----------
    before : the revision that answers now, and keeps all traffic; empty: there is none
    """
    text = Template((FOLDER / "cloudrun" / "service.yaml").read_text("utf-8")).safe_substitute(
        IMAGE=options.image,
        REVISION=revision,
        ACCOUNT=options.account,
        MODEL=options.model,
        MODEL_SHA256=options.model_sha256,
    )
    if not before:
        return text
    head, _, _ = text.partition("  traffic:\n")
    kept, new = f"    - revisionName: {before}\n      percent: 100\n", f"    - revisionName: {revision}\n"
    return f"{head}  traffic:\n{kept}{new}      tag: {CANDIDATE}\n"


def _serving(service: dict[str, Any]) -> str:
    """The revision that has the most traffic; empty: none has any."""
    parts = [part for part in service["status"].get("traffic", []) if part.get("percent")]
    return max(parts, key=lambda part: part["percent"])["revisionName"] if parts else ""


def release_to_gke(options: argparse.Namespace) -> None:
    """Check a pod of the new version from inside, beside the others; roll it out; check the address."""
    place = ("--region", options.region)
    run("gcloud", "container", "clusters", "get-credentials", options.cluster, *place)
    rendered = run("kubectl", "kustomize", str(FOLDER / "gke" / "overlays" / options.overlay))
    manifest, found = _IMAGE.subn(rf"\g<1>{options.image}", rendered)
    if not found:
        raise ReleaseError("the overlay names no image by digest")
    first = [part for part in manifest.split("\n---\n") if _KIND.search(part)[1] in FIRST_KINDS]  # type: ignore[index]
    run("kubectl", "apply", "-f", "-", given="\n---\n".join(first))
    # The cluster itself checks every object, and gives them as it would keep them.
    checked = run("kubectl", "apply", "--dry-run=server", "-o", "json", "-f", "-", given=manifest)
    deployment = next(item for item in json.loads(checked)["items"] if item["kind"] == "Deployment")
    namespace = ("--namespace", deployment["metadata"]["namespace"])
    pod = candidate_pod(deployment, options.build)
    name = pod["metadata"]["name"]
    try:
        run("kubectl", "apply", *namespace, "-f", "-", given=json.dumps(pod))
        run("kubectl", "wait", *namespace, f"pod/{name}", "--for=condition=Ready", f"--timeout={READY}")
        python = ("/opt/puntual/bin/python", "-", "http://127.0.0.1:8000")
        script = (FOLDER / "smoke.py").read_text("utf-8")
        run("kubectl", "exec", *namespace, "-i", name, "--", *python, given=script)
    finally:
        run("kubectl", "delete", *namespace, f"pod/{name}", "--ignore-not-found", "--wait=false")
    there = run("kubectl", "get", *namespace, f"deployment/{SERVICE}", "--ignore-not-found", "-o", "name")
    run("kubectl", "apply", "-f", "-", given=manifest)
    rollout = ("kubectl", "rollout")
    status = (*rollout, "status", *namespace, f"deployment/{SERVICE}", f"--timeout={ROLLOUT}")
    try:
        run(*status)
        if options.url:
            smoke(options.url)
    except ReleaseError:
        if there.strip():  # else it was the first, and there is nothing to go back to
            run(*rollout, "undo", *namespace, f"deployment/{SERVICE}")
            run(*status)
        raise


def candidate_pod(deployment: dict[str, Any], build: str) -> dict[str, Any]:
    """A pod of a Deployment's template that no Service and no Deployment selects."""
    template = deployment["spec"]["template"]
    spec = {key: value for key, value in template["spec"].items() if key != "topologySpreadConstraints"}
    labels = {"app.kubernetes.io/name": f"{SERVICE}-{CANDIDATE}", "app.kubernetes.io/part-of": SERVICE}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"{SERVICE}-{CANDIDATE}-{build}", "labels": labels},
        "spec": {**spec, "restartPolicy": "Never"},
    }


def read_options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    targets = parser.add_subparsers(dest="target", required=True)
    cloud_run, gke = targets.add_parser("cloudrun"), targets.add_parser("gke")
    for target, release in ((cloud_run, release_to_cloud_run), (gke, release_to_gke)):
        target.set_defaults(release=release)
        target.add_argument("--image", required=True, help="by digest")
        target.add_argument("--region", required=True)
        target.add_argument("--build", required=True, help="letters and figures that no release had before")
    cloud_run.add_argument("--account", required=True, help="the service account's address")
    cloud_run.add_argument("--model", required=True, help="PUNTUAL_MODEL")
    cloud_run.add_argument("--model-sha256", default="", help="PUNTUAL_MODEL_SHA256")
    cloud_run.add_argument(
        "--caller", default="", help="a service account that may ask, unless everybody may"
    )
    gke.add_argument("--cluster", required=True)
    gke.add_argument("--overlay", required=True, choices=("staging", "production"))
    gke.add_argument("--url", default="", help="where the service is reached from outside")
    options = parser.parse_args(arguments)
    if not re.search(r"@sha256:[0-9a-f]{64}$", options.image):
        parser.error("--image: wanted: IMAGE@sha256:...; a tag may mean another image tomorrow")
    return options


def main() -> None:
    """Release what the command line says."""
    options = read_options()
    try:
        options.release(options)
    except ReleaseError as failed:
        sys.exit(f"release: {failed}")


if __name__ == "__main__":
    main()
