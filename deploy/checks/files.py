"""Single files: the Dockerfile, compose, Prometheus' rules, Cloud Build's steps."""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path

import promql_parser
import yaml

from deploy.checks.tools import ROOT, told, tool

DEPLOY = ROOT / "deploy"


def dockerfile(_options: argparse.Namespace) -> list[str]:
    """Style, pins, and shell, as hadolint (with ShellCheck inside) sees them."""
    return told(tool("hadolint"), DEPLOY / "Dockerfile")


def compose(_options: argparse.Namespace) -> list[str]:
    """The schema of the Compose specification, and that what is mounted is there."""
    path = DEPLOY / "compose.yaml"
    findings = _schema("vendor.compose-spec", path)
    for name, service in yaml.safe_load(path.read_text("utf-8"))["services"].items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0] if isinstance(volume, str) else volume["source"]
            if source.startswith(".") and not (DEPLOY / source).exists():
                findings.append(f"{name} mounts {source}, which is not there")
    return findings


def alerts(_options: argparse.Namespace) -> list[str]:
    """Every expression of the rules and of the dashboard is PromQL."""
    rules = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text("utf-8"))
    dashboard = yaml.safe_load((DEPLOY / "grafana" / "dashboard.json").read_text("utf-8"))
    asked = {rule["alert"]: rule["expr"] for group in rules["groups"] for rule in group["rules"]}
    for panel in dashboard["panels"]:
        for number, target in enumerate(panel["targets"]):
            asked[f"{panel['title']}, {number}"] = target["expr"].replace("$__rate_interval", "1m")
    findings = []
    for where, expression in asked.items():
        try:
            promql_parser.parse(expression)
        except ValueError as error:
            findings.append(f"{where}: {error}")
    return findings


def cloud_build(_options: argparse.Namespace) -> list[str]:
    """The schema of Cloud Build, and each script as a shell reads it."""
    path = DEPLOY / "cloudbuild.yaml"
    findings = _schema("vendor.cloudbuild", path)
    for step in yaml.safe_load(path.read_text("utf-8"))["steps"]:
        ended = subprocess.run(
            ["sh", "-n"],
            input=step["script"],
            capture_output=True,
            text=True,
            check=False,
        )
        findings += [f"step {step['id']}: {line}" for line in ended.stderr.splitlines()]
    return findings


def _schema(name: str, path: Path) -> list[str]:
    return told(tool("check-jsonschema"), "--builtin-schema", name, path)
