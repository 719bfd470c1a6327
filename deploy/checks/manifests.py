"""The manifests of GKE, as Kustomize builds them: against published schemas, and against policies."""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from deploy.checks.tools import (
    FOLDER,
    ROOT,
    SkippedError,
    environment,
    is_installed,
    node_modules,
    tool,
)

GKE = ROOT / "deploy" / "gke"
OVERLAYS = ("staging", "production")
COMPONENTS = ("armor", "metrics-autoscaling")
VERSION = "1.32"
"""Of Kubernetes: the oldest that the manifests are meant for."""

CUSTOM = {"Gateway", "HTTPRoute", "HealthCheckPolicy", "GCPBackendPolicy", "GCPGatewayPolicy"}
"""Kinds that are not Kubernetes' own, and that `custom_resources` checks."""
UNKNOWN = {"PodMonitoring"}
"""Kinds of which no package has a schema; tests/deploy/test_manifests.py holds what is said in them."""


@cache
def rendered(overlay: str) -> str:
    """An overlay, as it would be applied."""
    return _kustomize(GKE / "overlays" / overlay)


def kustomize(_options: argparse.Namespace) -> list[str]:
    """Every overlay can be built, and each component with it."""
    findings = []
    for overlay in OVERLAYS:
        try:
            rendered(overlay)
        except ValueError as error:
            findings.append(str(error))
    for component in COMPONENTS:
        folder = FOLDER / "with" / component
        folder.mkdir(parents=True, exist_ok=True)
        up = "../" * (len(folder.relative_to(ROOT).parts)) + "deploy/gke"
        resources, components = [f"{up}/overlays/production"], [f"{up}/components/{component}"]
        (folder / "kustomization.yaml").write_text(
            json.dumps({"resources": resources, "components": components})
        )
        try:
            if _kustomize(folder) == rendered("production"):
                findings.append(f"components/{component} changes nothing")
        except ValueError as error:
            findings.append(str(error))
    return findings


def kubernetes(_options: argparse.Namespace) -> list[str]:
    """Kubernetes' own kinds: every field is one of the API, with a value of its type."""
    findings = []
    for overlay in OVERLAYS:
        path = _written(overlay)
        command = [str(tool("kubernetes-validate")), "--strict", "-k", VERSION, str(path)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        for line in (ended.stdout + ended.stderr).splitlines():
            unknown = re.search(r"Couldn't find schema for kind (\w+)", line)
            if unknown and unknown[1] in CUSTOM | UNKNOWN:
                continue
            if unknown or not line.startswith("INFO"):
                findings.append(f"{overlay}: {line}")
    return findings


def custom_resources(_options: argparse.Namespace) -> list[str]:
    """The Gateway API's and Google's kinds: values of the right types, what is required is there."""
    folder = node_modules()
    script = Path(__file__).with_name("resources.mjs")
    findings = []
    for overlay in OVERLAYS:
        documents = [document for document in documents_of(overlay) if document["kind"] in CUSTOM]
        shutil.copy(script, folder)
        command = ["node", str(folder / script.name)]
        given = json.dumps(documents)
        ended = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
        findings += [f"{overlay}: {line}" for line in ended.stdout.splitlines()]
        if ended.returncode:
            findings.append(f"{overlay}: node ended with {ended.returncode}: {ended.stderr.strip()[-300:]}")
    return findings


def policy(options: argparse.Namespace) -> list[str]:
    """Privileges, probes, limits, digests, as checkov judges them; an exception stands where it is made."""
    if options.no_installs and not is_installed("policy"):
        raise SkippedError("checkov is not installed yet; without --no-installs it will be (200 MB)")
    for overlay in OVERLAYS:
        _written(overlay)
    folder = FOLDER / "rendered"
    shutil.copy(ROOT / "deploy" / "Dockerfile", folder)
    checkov = str(environment("policy") / "bin" / "checkov")
    what = ("--framework", "kubernetes", "dockerfile", "--directory", ".")
    command = (checkov, *what, "--skip-download", "--compact", "--output", "json")
    # From inside: it passes over every folder on the way whose name begins with a dot.
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    try:
        parts = json.loads(ended.stdout)
        judged = {part["check_type"]: part["summary"]["passed"] for part in parts}
        failed = [each for part in parts for each in part["results"]["failed_checks"]]
    except (ValueError, KeyError, TypeError):
        return [f"checkov ended with {ended.returncode}: {(ended.stdout + ended.stderr).strip()[-300:]}"]
    if not (judged.get("kubernetes") and judged.get("dockerfile")):
        return [f"checkov judged only {judged}"]
    return [f"{each['check_id']} {each['check_name']}: {each['resource']}" for each in failed]


def documents_of(overlay: str) -> list[dict[str, Any]]:
    """The objects of an overlay."""
    return list(yaml.safe_load_all(rendered(overlay)))


def _written(overlay: str) -> Path:
    path = FOLDER / "rendered" / f"{overlay}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(rendered(overlay), "utf-8")
    return path


def _kustomize(folder: Path) -> str:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        raise SkippedError("no kubectl here")
    ended = subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True, check=False)
    if ended.returncode:
        raise ValueError(f"{folder.name}: {ended.stderr.strip()}")
    return ended.stdout
