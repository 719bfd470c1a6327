"""The manifests of GKE, as Kustomize builds them: against published schemas, and against policies."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-not-found]
import yaml

from deploy.checks.tools import FOLDER, ROOT, SkippedError, environment, is_installed, node_modules

GKE = ROOT / "deploy" / "gke"
OVERLAYS = ("staging", "production")
COMPONENTS = ("armor", "metrics-autoscaling")
VERSION = "1.32"
"""Of Kubernetes: the oldest that the manifests are meant for."""

CUSTOM = {"Gateway", "HTTPRoute", "HealthCheckPolicy", "GCPBackendPolicy", "GCPGatewayPolicy"}
"""Kinds that are not Kubernetes' own, and that `custom_resources` checks."""
UNKNOWN = {"PodMonitoring"}
"""Kinds of which no package has a schema; tests/deploy/test_manifests.py holds their values."""


def kustomize(_options: argparse.Namespace) -> list[str]:
    """Every overlay can be built, and each component with it."""
    findings = []
    built = {}
    for name in (*OVERLAYS, *COMPONENTS):
        folder = GKE / "overlays" / name if name in OVERLAYS else _with_component(name)
        try:
            built[name] = _kustomize(folder)
        except ValueError as error:
            findings.append(str(error))
        if name in COMPONENTS and built.get(name) == built.get("production"):
            findings.append(f"components/{name} changes nothing")
    return findings


def kubernetes(_options: argparse.Namespace) -> list[str]:
    """Kubernetes' own kinds: every field is one of the API, with a value of its type."""
    findings = []
    for overlay in OVERLAYS:
        for document in _documents(overlay):
            where = f"{overlay}: {document['kind']} {document['metadata']['name']}"
            try:
                kubernetes_validate.validate(document, VERSION, strict=True)
            except kubernetes_validate.SchemaNotFoundError:
                if document["kind"] not in CUSTOM | UNKNOWN:
                    findings.append(f"{where}: there is no schema of this kind")
            except kubernetes_validate.ValidationError as error:
                findings.append(f"{where}: {error.json_path}: {error.message}")
    return findings


def custom_resources(_options: argparse.Namespace) -> list[str]:
    """The Gateway API's and Google's kinds: what is required is there, with values of the right types."""
    folder = node_modules()
    script = Path(__file__).with_name("resources.mjs")
    shutil.copy(script, folder)
    findings = []
    for overlay in OVERLAYS:
        objects = json.dumps([document for document in _documents(overlay) if document["kind"] in CUSTOM])
        command = ["node", str(folder / script.name)]
        ended = subprocess.run(command, input=objects, capture_output=True, text=True, check=False)
        findings += [f"{overlay}: {line}" for line in ended.stdout.splitlines()]
        if ended.returncode:
            findings.append(f"{overlay}: node ended with {ended.returncode}: {ended.stderr.strip()[-300:]}")
    return findings


def policy(options: argparse.Namespace) -> list[str]:
    """Privileges, probes, limits, digests, as checkov judges them; an exception stands where it is made."""
    if options.no_installs and not is_installed("policy"):
        raise SkippedError("checkov is not installed yet; without --no-installs it will be (200 MB)")
    folder = FOLDER / "rendered"
    folder.mkdir(parents=True, exist_ok=True)
    for overlay in OVERLAYS:
        (folder / f"{overlay}.yaml").write_text(_rendered(overlay), "utf-8")
    shutil.copy(ROOT / "deploy" / "Dockerfile", folder)
    what = ("--framework", "kubernetes", "dockerfile", "--directory", ".")
    checkov = environment("policy") / "bin" / "checkov"
    command = (checkov, *what, "--skip-download", "--compact", "--output", "json")
    # From inside: it passes over every folder on the way whose name begins with a dot.
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    try:
        parts = json.loads(ended.stdout)
        passed = {part["check_type"]: part["summary"]["passed"] for part in parts}
        failed = [check for part in parts for check in part["results"]["failed_checks"]]
    except (ValueError, KeyError, TypeError):
        return [f"checkov ended with {ended.returncode}: {(ended.stdout + ended.stderr).strip()[-300:]}"]
    if not (passed.get("kubernetes") and passed.get("dockerfile")):
        return [f"checkov judged only {passed}"]
    return [f"{check['check_id']} {check['check_name']}: {check['resource']}" for check in failed]


def _with_component(name: str) -> Path:
    """A folder whose kustomization is production with a component."""
    folder = FOLDER / "with" / name
    folder.mkdir(parents=True, exist_ok=True)
    gke = "../" * len(folder.relative_to(ROOT).parts) + "deploy/gke"
    content = {"resources": [f"{gke}/overlays/production"], "components": [f"{gke}/components/{name}"]}
    (folder / "kustomization.yaml").write_text(json.dumps(content))
    return folder


def _documents(overlay: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(_rendered(overlay)))


@cache
def _rendered(overlay: str) -> str:
    """An overlay, as it would be applied."""
    return _kustomize(GKE / "overlays" / overlay)


def _kustomize(folder: Path) -> str:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        raise SkippedError("no kubectl here")
    ended = subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True, check=False)
    if ended.returncode:
        raise ValueError(f"{folder.name}: {ended.stderr.strip()}")
    return ended.stdout
