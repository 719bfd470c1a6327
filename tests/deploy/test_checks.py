"""The checks that need tools: skipped where those are not installed; and that they find what is wrong."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from deploy.checks.tools import is_installed
from tests.deploy.conftest import DEPLOY

ROOT = DEPLOY.parent


DEPLOYMENT = "gke/base/deployment.yaml"
MISTAKES = [
    ("dockerfile", "Dockerfile", '"libgomp1=${LIBGOMP}"', "libgomp1", "DL3008"),
    ("compose", "compose.yaml", "mem_limit", "memory_limit", "memory_limit"),
    ("compose", "compose.yaml", "./prometheus:", "./nowhere:", "./nowhere"),
    ("alerts", "prometheus/alerts.yml", "sum(rate(", "sum(rate((", "PuntualErrors"),
    ("cloudbuild", "cloudbuild.yaml", "waitFor", "waitfor", "waitfor"),
    ("cloudbuild", "cloudbuild.yaml", "esac", "", "step release"),
    ("cloudrun", "cloudrun/service.yaml", "Concurrency: 250", "Concurrency: many", "'many'"),
    ("cloudrun", "cloudrun/service.yaml", "timeoutSeconds: 300", "timeoutseconds: 300", "timeoutseconds"),
    ("kubernetes", DEPLOYMENT, "readinessProbe", "readynessProbe", "readynessProbe"),
    ("kubernetes", "gke/base/monitoring.yaml", "PodMonitoring", "PodsMonitoring", "PodsMonitoring"),
    ("resources", "gke/base/policies.yaml", "Sec: 5", "Sec: often", "checkIntervalSec"),
    (
        "dask",
        "dask/cluster.yaml",
        "idleTimeout: 3600",
        "idleTimeout: long",
        "'long' is not of type 'integer'",
    ),
    ("dask", "dask/cluster.yaml", "tolerations:", "toleration:", "toleration"),
    ("dask", "dask/job.yaml", "kind: DaskJob", "kind: DaskTask", "no such kind"),
    ("policy", DEPLOYMENT, "OnlyRootFilesystem: true", "OnlyRootFilesystem: false", "CKV_K8S_22"),
]
"""Check, file, what stands there, what is wrong, and what the check says of it."""
needs_tools = pytest.mark.skipif(
    not is_installed("deploy"), reason="the tools are not installed; `make deploy-check` does it"
)


@needs_tools
def test_nothing_is_found() -> None:
    command = [sys.executable, "-m", "deploy.checks", "--no-installs"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.count("nothing found") + ended.stdout.count("skipped: ") == 10


def check_copy(folder: Path, mistakes: Sequence[tuple[str, ...]]) -> dict[str, str]:
    """Make the checks on a copy with mistakes in it; the output of each."""
    shutil.copytree(DEPLOY, folder / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "requirements").symlink_to(ROOT / "requirements")
    (folder / ".cache" / "deploy").mkdir(parents=True)
    for tools in (ROOT / ".cache" / "deploy").glob("*-*"):
        (folder / ".cache" / "deploy" / tools.name).symlink_to(tools)
    for _, name, right, wrong, _ in mistakes:
        path = folder / "deploy" / name
        text = path.read_text("utf-8")
        assert right in text
        path.write_text(text.replace(right, wrong), "utf-8")
    checks = sorted({check for check, *_ in mistakes})
    command = [sys.executable, "-m", "deploy.checks", "--no-installs", *checks]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    return {part.split()[0]: part for part in re.split(r"\n(?=\w)", ended.stdout)}


@needs_tools
def test_what_is_wrong_is_found(tmp_path: Path) -> None:
    """On one copy with every mistake, and one with an overlay that cannot be built."""
    output = check_copy(tmp_path / "mistakes", MISTAKES)
    for check, *_, said in MISTAKES:
        assert "skipped" in output[check] or said in output[check], output[check]
    overlay = "gke/overlays/staging/kustomization.yaml"
    wrong = ("kustomize", overlay, "../../base", "../../bases", " found\n    ")
    assert wrong[-1] in check_copy(tmp_path / "overlay", [wrong])["kustomize"]
