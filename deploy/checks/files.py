"""Single files: the Dockerfiles, compose, alerts, Cloud Build's steps, Cloud Run's service, the lock."""

from __future__ import annotations

import argparse
import json
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import googleapiclient
import jsonschema
import promql_parser
import yaml

from deploy.checks.tools import ROOT, SkippedError, findings_of, tool

DEPLOY = ROOT / "deploy"
_PACKAGE = find_spec("check_jsonschema")  # not imported: only its files are needed, and it takes a second
SCHEMAS = Path(_PACKAGE.origin if _PACKAGE and _PACKAGE.origin else "").parent / "builtin_schemas" / "vendor"
DISCOVERY = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents" / "run.v1.json"
LOCK = ROOT / "requirements" / "serving.txt"
SPEC = "1.5"
"""Of CycloneDX: the newest that Artifact Analysis reads."""


def dockerfile(_options: argparse.Namespace) -> list[str]:
    """Style, pins, and shell, as hadolint (with ShellCheck inside) sees them."""
    return findings_of(tool("hadolint"), DEPLOY / "Dockerfile", DEPLOY / "dask" / "Dockerfile")


def compose(_options: argparse.Namespace) -> list[str]:
    """The schema of the Compose specification, and that every mounted file exists."""
    document = _read("compose.yaml")
    findings = _validate(document, json.loads((SCHEMAS / "compose-spec.json").read_text("utf-8")))
    for name, service in document.get("services", {}).items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0] if isinstance(volume, str) else volume["source"]
            if source.startswith(".") and not (DEPLOY / source).exists():
                findings.append(f"{name} mounts {source}, which does not exist")
    return findings


def alerts(_options: argparse.Namespace) -> list[str]:
    """Every expression of the rules and of the dashboard is PromQL."""
    groups = _read("prometheus/alerts.yml")["groups"]
    expressions = {rule["alert"]: rule["expr"] for group in groups for rule in group["rules"]}
    for panel in _read("grafana/dashboard.json")["panels"]:
        for number, target in enumerate(panel["targets"]):
            expressions[f"{panel['title']}, {number}"] = target["expr"].replace("$__rate_interval", "1m")
    findings = []
    for name, expression in expressions.items():
        try:
            promql_parser.parse(expression)
        except ValueError as error:
            findings.append(f"{name}: {error}")
    return findings


def cloud_build(_options: argparse.Namespace) -> list[str]:
    """The schema of Cloud Build, and each script as a shell reads it."""
    document = _read("cloudbuild.yaml")
    findings = _validate(document, json.loads((SCHEMAS / "cloudbuild.json").read_text("utf-8")))
    for step in document["steps"]:
        ended = subprocess.run(
            ["sh", "-n"], input=step["script"], capture_output=True, text=True, check=False
        )
        findings += [f"step {step['id']}: {line}" for line in ended.stderr.splitlines()]
    return findings


def cloud_run(_options: argparse.Namespace) -> list[str]:
    """Every field of Cloud Run's service is one of Google's API, with a value of its type."""
    schemas = json.loads(DISCOVERY.read_text("utf-8"))["schemas"]
    strict = {name: _strict(schema) for name, schema in schemas.items()}
    return _validate(_read("cloudrun/service.yaml"), {"$ref": "#/$defs/Service", "$defs": strict})


def audit(_options: argparse.Namespace) -> list[str]:
    """Known vulnerabilities of what every lock names."""
    options = ("--disable-pip", "--require-hashes", "--strict", "--progress-spinner", "off")
    locks = [word for lock in sorted(LOCK.parent.glob("*.txt")) for word in ("--requirement", lock)]
    findings = findings_of(tool("pip-audit"), *options, *locks)
    if any("could not be audited" in line or "Connection" in line for line in findings):
        raise SkippedError("the package index that is used here knows of no vulnerabilities")
    return findings


def sbom(options: argparse.Namespace) -> list[str]:
    """Writes the bill of materials of the locked packages, the same each time."""
    options.sbom.parent.mkdir(parents=True, exist_ok=True)
    form = ("--output-reproducible", "--spec-version", SPEC, "--output-format", "JSON", "--validate")
    project = ("--pyproject", ROOT / "pyproject.toml", "--mc-type", "application")
    output = ("--output-file", options.sbom, LOCK)
    return findings_of(tool("cyclonedx-py"), "requirements", *form, *project, *output)


def _read(name: str) -> Any:
    return yaml.safe_load((DEPLOY / name).read_text("utf-8"))


def _validate(document: object, schema: dict[str, Any]) -> list[str]:
    validator = jsonschema.validators.validator_for(schema)(schema)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def _strict(schema: dict[str, Any]) -> dict[str, Any]:
    """JSON Schema of a type of a discovery document, in which an unknown field is a mistake."""
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    strict: dict[str, Any] = {key: schema[key] for key in ("type", "enum", "pattern") if key in schema}
    if strict.get("type") == "any":
        del strict["type"]
    if "properties" in schema:
        strict["properties"] = {key: _strict(value) for key, value in schema["properties"].items()}
        strict["additionalProperties"] = False
    return strict | {key: _strict(schema[key]) for key in ("items", "additionalProperties") if key in schema}
