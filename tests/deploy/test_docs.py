"""docs/deploy.md names what deploy/ has, and makes what deploy/ refers to."""

from __future__ import annotations

import re
import shlex

from deploy.release import read_options
from tests.deploy.conftest import DEPLOY, OBJECTS, read, spec

ROOT = DEPLOY.parent
TEXT = (ROOT / "docs" / "deploy.md").read_text("utf-8")
COMMANDS = [
    command
    for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    for command in re.sub(r"\\\n\s*", "", block).splitlines()
]


def test_every_file_that_is_named_is_there() -> None:
    for name in re.findall(r"`((?:deploy|docs)/[\w./-]+)`", TEXT):
        assert (ROOT / name).exists(), name
    for name in re.findall(r"`((?:base|components|overlays)/[\w./-]+)`", TEXT):
        assert (DEPLOY / "gke" / name).exists(), name


def test_every_substitution_of_the_pipeline_is_named() -> None:
    named = set(re.findall(r"\b(_[A-Z][A-Z_0-9]+)\b", TEXT))
    substitutions = read("cloudbuild.yaml")["substitutions"]
    assert set(substitutions) == named


def test_what_the_manifests_name_is_made() -> None:
    """And taken away again."""
    gateway = OBJECTS["Gateway", "puntual"]
    names = {
        "compute addresses": gateway["spec"]["addresses"][0]["value"],
        "certificate-manager maps": gateway["metadata"]["annotations"]["networking.gke.io/certmap"],
        "compute ssl-policies": spec("GCPGatewayPolicy")["default"]["sslPolicy"],
        "compute security-policies": "puntual",
    }
    for kind, name in names.items():
        for verb in ("create", "delete"):
            assert any(line.startswith(f"gcloud {kind} {verb} {name}") for line in COMMANDS), (kind, verb)
    made = set(re.findall(r"iam service-accounts create (\S+)", TEXT))
    assert made == set(re.findall(r"iam service-accounts delete ([\w-]+)@", TEXT))
    pipeline = read("cloudbuild.yaml")
    builder = pipeline["serviceAccount"].split("/")[-1].split("@")[0]
    assert builder in made
    release = next(step["script"] for step in pipeline["steps"] if step["id"] == "release")
    assert f'--caller "{builder}@' in release, "another account than the one that may ask"
    account = OBJECTS["ServiceAccount", "puntual"]["metadata"]["name"]
    assert f"subject/ns/{OBJECTS['Namespace', 'puntual']['metadata']['name']}/sa/{account}" in TEXT


def test_a_release_by_hand_is_one() -> None:
    (command,) = (line for line in COMMANDS if line.startswith("python3 deploy/release.py"))
    filled = re.sub(r"\$\w+", "x", command).replace("DIGEST", "0" * 64)
    options = read_options(shlex.split(filled)[2:])
    assert (options.target, options.overlay, options.cluster) == ("gke", "production", "puntual")


def test_the_checks_that_are_named_are_there() -> None:
    there = set(
        re.findall(r'^    "(\w+)": ', (DEPLOY / "checks" / "run.py").read_text("utf-8"), re.MULTILINE)
    )
    for line in re.findall(r"python -m deploy\.checks ([a-z ]+)`", TEXT):
        assert set(line.split()) <= there


def test_the_settings_of_the_image_are_named() -> None:
    own = dict(re.findall(r"\b(PUNTUAL_\w+)=(\S+)", (DEPLOY / "Dockerfile").read_text("utf-8")))
    assert own.pop("PUNTUAL_MODEL") in TEXT
    for name, value in own.items():
        assert f"`{name}={value}`" in TEXT
