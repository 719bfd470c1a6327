"""The checks that need tools: skipped where those are not installed; and that they find what is wrong."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.checks.tools import is_installed
from deploy.service import ENGINES, has_image
from tests.deploy.conftest import DEPLOY

ROOT = DEPLOY.parent


MISTAKES = [
    ("dockerfile", "deploy/Dockerfile", '"libgomp1=${LIBGOMP}"', "libgomp1"),
    ("compose", "deploy/compose.yaml", "mem_limit", "memory_limit"),
    ("compose", "deploy/compose.yaml", "./prometheus:", "./nowhere:"),
    ("alerts", "deploy/prometheus/alerts.yml", "sum(rate(", "sum(rate(("),
    ("cloudbuild", "deploy/cloudbuild.yaml", "waitFor", "waitfor"),
    ("cloudbuild", "deploy/cloudbuild.yaml", "esac", ""),
    ("cloudrun", "deploy/cloudrun/service.yaml", "containerConcurrency: 250", "containerConcurrency: many"),
    ("cloudrun", "deploy/cloudrun/service.yaml", "timeoutSeconds: 300", "timeoutseconds: 300"),
    ("kubernetes", "deploy/gke/base/deployment.yaml", "readinessProbe", "readynessProbe"),
    ("kubernetes", "deploy/gke/base/monitoring.yaml", "kind: PodMonitoring", "kind: PodsMonitoring"),
    ("resources", "deploy/gke/base/policies.yaml", "checkIntervalSec: 5", "checkIntervalSec: often"),
    (
        "policy",
        "deploy/gke/base/deployment.yaml",
        "readOnlyRootFilesystem: true",
        "readOnlyRootFilesystem: false",
    ),
]
FOUND = {
    "dockerfile": ["DL3008"],
    "compose": ["memory_limit", "./nowhere"],
    "alerts": ["PuntualErrors"],
    "cloudbuild": ["waitfor", "step release"],
    "cloudrun": ["'many'", "timeoutseconds"],
    "kubernetes": ["readynessProbe", "PodsMonitoring"],
    "resources": ["checkIntervalSec"],
    "policy": ["CKV_K8S_22"],
}
"""What each check says of its mistakes."""
needs_tools = pytest.mark.skipif(
    not is_installed("deploy"), reason="the tools are not installed; `make deploy-check` does it"
)


@needs_tools
def test_nothing_is_found() -> None:
    command = [sys.executable, "-m", "deploy.checks", "--no-installs"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.count("nothing found") + ended.stdout.count("skipped: ") == 9


def check_copy(folder: Path, mistakes: list[tuple[str, str, str, str]], *checks: str) -> dict[str, str]:
    """Make checks on a copy with mistakes in it; the output of each."""
    shutil.copytree(DEPLOY, folder / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "requirements").symlink_to(ROOT / "requirements")
    (folder / ".cache" / "deploy").mkdir(parents=True)
    for tools in (ROOT / ".cache" / "deploy").glob("*-*"):
        (folder / ".cache" / "deploy" / tools.name).symlink_to(tools)
    for _, path, right, wrong in mistakes:
        text = (folder / path).read_text("utf-8")
        assert right in text
        (folder / path).write_text(text.replace(right, wrong), "utf-8")
    command = [sys.executable, "-m", "deploy.checks", "--no-installs", *checks]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    return {part.split()[0]: part for part in re.split(r"\n(?=\w)", ended.stdout)}


@needs_tools
def test_what_is_wrong_is_found(tmp_path: Path) -> None:
    """On one copy with every mistake."""
    output = check_copy(tmp_path, MISTAKES, *FOUND)
    for check, words in FOUND.items():
        if "skipped" not in output[check]:
            assert all(word in output[check] for word in words), output[check]


@needs_tools
def test_an_overlay_that_cannot_be_built_is_found(tmp_path: Path) -> None:
    wrong = ("kustomize", "deploy/gke/overlays/staging/kustomization.yaml", "../../base", "../../bases")
    assert " found\n    " in check_copy(tmp_path, [wrong], "kustomize")["kustomize"]


@pytest.fixture(scope="module")
def engine() -> str:
    """What runs the image that `python -m deploy.checks.image` built, where it was."""
    for name, command in ENGINES.items():
        if shutil.which(name) and has_image(command):
            return name
    pytest.skip("no image here; `python -m deploy.checks.image --model MODEL` builds it")


@pytest.mark.slow
def test_the_pod_is_as_its_manifest_says(engine: str, model: Path) -> None:
    if engine != "podman" or not shutil.which("kubectl"):
        pytest.skip("needs podman and kubectl")
    command = [sys.executable, "-m", "deploy.checks.pod", "--model", str(model)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.slow
def test_the_image_is_as_promised(engine: str, model: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "deploy.checks.image",
        "--engine",
        engine,
        "--no-build",
        "--model",
        str(model),
    ]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
