"""Cloud Run's service, held against Google's own description of its API."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import googleapiclient
import jsonschema
import yaml

from deploy.checks.tools import ROOT

DISCOVERY = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents" / "run.v1.json"


def service(_options: argparse.Namespace) -> list[str]:
    """Every field is one of the API, with a value of its type."""
    document = yaml.safe_load((ROOT / "deploy" / "cloudrun" / "service.yaml").read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(strict_schema("Service"))
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def strict_schema(name: str) -> dict[str, Any]:
    """JSON Schema of a type of the discovery document, in which an unknown field is a mistake."""
    schemas = json.loads(DISCOVERY.read_text("utf-8"))["schemas"]
    return {"$ref": f"#/$defs/{name}", "$defs": {each: _strict(schema) for each, schema in schemas.items()}}


def _strict(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    told: dict[str, Any] = {key: schema[key] for key in ("type", "enum", "pattern") if key in schema}
    if told.get("type") == "any":
        del told["type"]
    if "items" in schema:
        told["items"] = _strict(schema["items"])
    if "properties" in schema:
        told["properties"] = {key: _strict(value) for key, value in schema["properties"].items()}
        told["additionalProperties"] = False
    if "additionalProperties" in schema:
        told["additionalProperties"] = _strict(schema["additionalProperties"])
    return told
