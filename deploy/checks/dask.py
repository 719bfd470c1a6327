"""The Dask operator's objects in deploy/dask, against the schemas that the operator itself installs."""

from __future__ import annotations

import argparse
from typing import Any

import jsonschema
import yaml

from deploy.checks.tools import ROOT, SkippedError, environment, is_installed

DASK = ROOT / "deploy" / "dask"
FILES = ("cluster.yaml", "job.yaml")
_CHART = "lib/python3*/site-packages/dask_kubernetes/operator/deployment/helm/dask-kubernetes-operator"


def dask(options: argparse.Namespace) -> list[str]:
    """Every field of the operator's objects and of their pods is one of its API, with a value of its type."""
    if options.no_installs and not is_installed("operator"):
        raise SkippedError("the operator's schemas are not installed yet; without --no-installs they will be")
    kinds = {}
    for path in environment("operator").glob(f"{_CHART}/crds/*.yaml"):
        definition = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)["spec"]
        (version,) = definition["versions"]
        named = f"{definition['group']}/{version['name']}", definition["names"]["kind"]
        kinds[named] = _closed(version["schema"]["openAPIV3Schema"]["properties"]["spec"])
    findings = []
    for name in FILES:
        for document in yaml.safe_load_all((DASK / name).read_text("utf-8")):
            schema = kinds.get((document["apiVersion"], document["kind"]))
            where = f"{name}: {document['kind']}"
            if schema is None:
                findings.append(f"{where}: the operator has no such kind in {document['apiVersion']}")
                continue
            errors = jsonschema.Draft7Validator(schema).iter_errors(document["spec"])
            findings += [f"{where}: {error.json_path}: {error.message}" for error in errors]
    return findings


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    """The same schema, which allows no other fields than those that it names."""
    closed = dict(schema)
    if "properties" in schema:
        closed["properties"] = {name: _closed(one) for name, one in schema["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            closed.setdefault("additionalProperties", False)
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            closed[name] = _closed(schema[name])
    return closed
