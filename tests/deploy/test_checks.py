"""The checks that need tools: skipped where those are not installed; and that they find what is wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.checks import image
from deploy.checks.tools import is_installed
from tests.deploy.conftest import DEPLOY

ROOT = DEPLOY.parent


@pytest.mark.skipif(
    not is_installed("deploy"), reason="the tools are not installed; `make deploy-check` does it"
)
def test_nothing_is_found() -> None:
    command = [sys.executable, "-m", "deploy.checks", "--no-installs"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.count("nothing found") + ended.stdout.count("skipped: ") == 9


@pytest.mark.skipif(
    not is_installed("deploy"), reason="the tools are not installed; `make deploy-check` does it"
)
@pytest.mark.parametrize(
    ("check", "path", "right", "wrong"),
    [
        ("dockerfile", "deploy/Dockerfile", '"libgomp1=${LIBGOMP}"', "libgomp1"),
        ("compose", "deploy/compose.yaml", "mem_limit", "memory_limit"),
        ("compose", "deploy/compose.yaml", "./prometheus:", "./nowhere:"),
        ("alerts", "deploy/prometheus/alerts.yml", "sum(rate(", "sum(rate(("),
        ("cloudbuild", "deploy/cloudbuild.yaml", "waitFor", "waitfor"),
        ("cloudbuild", "deploy/cloudbuild.yaml", "esac", ""),
        (
            "cloudrun",
            "deploy/cloudrun/service.yaml",
            "containerConcurrency: 250",
            "containerConcurrency: many",
        ),
        ("cloudrun", "deploy/cloudrun/service.yaml", "timeoutSeconds: 300", "timeoutseconds: 300"),
        ("kustomize", "deploy/gke/overlays/staging/kustomization.yaml", "../../base", "../../bases"),
        ("kubernetes", "deploy/gke/base/deployment.yaml", "readinessProbe", "readynessProbe"),
        ("kubernetes", "deploy/gke/base/monitoring.yaml", "kind: PodMonitoring", "kind: PodsMonitoring"),
        ("resources", "deploy/gke/base/policies.yaml", "checkIntervalSec: 5", "checkIntervalSec: often"),
        (
            "policy",
            "deploy/gke/base/deployment.yaml",
            "readOnlyRootFilesystem: true",
            "readOnlyRootFilesystem: false",
        ),
    ],
)
def test_what_is_wrong_is_found(tmp_path: Path, check: str, path: str, right: str, wrong: str) -> None:
    """On a copy in which one thing is wrong."""
    if check == "policy" and not is_installed("policy"):
        pytest.skip("checkov is not installed; `make deploy-check` does it")
    shutil.copytree(DEPLOY, tmp_path / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("requirements", ".cache/deploy"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).mkdir() if name.startswith(".") else (tmp_path / name).symlink_to(ROOT / name)
    for folder in (ROOT / ".cache" / "deploy").glob("*-*"):
        (tmp_path / ".cache" / "deploy" / folder.name).symlink_to(folder)
    file = tmp_path / path
    text = file.read_text("utf-8")
    assert right in text
    file.write_text(text.replace(right, wrong), "utf-8")
    command = [sys.executable, "-m", "deploy.checks", check]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ended = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    if "skipped" in ended.stdout:
        pytest.skip(ended.stdout)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert " found\n    " in ended.stdout


@pytest.fixture(scope="module")
def engine() -> str:
    """What runs the image that `python -m deploy.checks.image` built, where it was."""
    for name, command in image.ENGINES.items():
        if shutil.which(name):
            asked = subprocess.run(
                [*command, "image", "inspect", image.IMAGE], capture_output=True, check=False
            )
            if asked.returncode == 0:
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
