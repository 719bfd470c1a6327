"""The OpenAPI 3.1 document: schemas from the structs, texts from docstrings, examples from the model."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from puntual.i18n.texts import LANGUAGES
from puntual.inference.artifact import Artifact
from puntual.inference.predictor import Predictor
from puntual.serving.api.examples import Example, detailed_example, prediction_examples, problem_example
from puntual.serving.api.schemas import (
    MAX_DETAILED,
    DetailedResponse,
    Health,
    HistorySummary,
    PredictionRequest,
    PredictionResponse,
    Readiness,
    rate_dimensions,
)
from puntual.serving.api.validation import ALLOWED
from puntual.serving.http.messages import NDJSON
from puntual.serving.http.problems import PROBLEM_TYPES, Problem
from puntual.serving.http.route import Route
from puntual.serving.settings import Settings

_LISTED = 3
_REF = "#/components/schemas/{name}"
_DAY = r"(?!0000)\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_TIME = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?"
_OFFSET = r"[Zz]|[+-]([01]\d|2[0-3]):?[0-5]\d"
_LOCAL_OR_WITH_OFFSET = f"^{_DAY}[Tt ]{_TIME}({_OFFSET})?$"


def describe_api(
    predictor: Predictor, answers: Mapping[str, object], settings: Settings, routes: Sequence[Route]
) -> dict[str, Any]:
    """The OpenAPI document.

    Parameters
    ----------
    predictor : gives the examples of predictions, for flights that it knows
    answers : of the routes about the model, by path; shortened, they are examples
    settings : give the limits
    routes : those without a type of their answer are left out
    """
    artifact = predictor.artifact
    predictions = prediction_examples(predictor)
    examples = {path: _shorten(answer) for path, answer in answers.items()} | {
        "/v1/predictions": predictions["one"].answer,
        "/healthz": Health(),
        "/readyz": Readiness(artifact.name),
    }
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        if route.answers is not None:
            described = _describe(route, examples.get(route.path))
            paths.setdefault(route.path, {})[route.method.lower()] = described
    predict = paths["/v1/predictions"]["post"]
    predict["requestBody"] = _request_body(predictions)
    limit = min(settings.max_flights, MAX_DETAILED)
    detail = f"Adds the reasons to the predictions of 1 to {limit} flights; by default there are none"
    language = "Adds the reasons in words, in this language; requires detail"
    predict["parameters"] = [
        _parameter("detail", detail, ["full"]),
        _parameter("language", language, LANGUAGES),
    ]
    content = predict["responses"]["200"]["content"]
    content["application/json"]["schema"] = {"anyOf": [_ref("PredictionResponse"), _ref("DetailedResponse")]}
    line = {"description": "A line per flight, in the same order"}
    content[NDJSON] = {"schema": line | {"anyOf": [_ref("Prediction"), _ref("Problem")]}}
    by = "The dimension of the groups; all dimensions by default"
    paths["/v1/rates"]["get"]["parameters"] = [_parameter("by", by, rate_dimensions(artifact))]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Puntual",
            "version": artifact.training.versions.get("puntual", "0"),
            "summary": "The probability that a flight leaves late",
            "description": _introduce(artifact, settings),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": _schemas(predictor, settings, routes)},
        "x-problems": {name: kind._asdict() for name, kind in PROBLEM_TYPES.items()},
    }


def find_structs(routes: Sequence[Route]) -> list[type[msgspec.Struct]]:
    """The structs of which requests and responses consist, each once."""
    answers = [route.answers for route in routes if route.answers is not None]
    roots = [PredictionRequest, PredictionResponse, DetailedResponse, *answers, Problem]
    pending: list[Any] = [*msgspec.inspect.multi_type_info(roots)]
    found: list[type[msgspec.Struct]] = []
    while pending:
        node = pending.pop(0)
        if isinstance(node, msgspec.inspect.StructType):
            if node.cls in found:
                continue
            found.append(node.cls)
        if isinstance(node, msgspec.Struct):
            pending[:0] = msgspec.structs.astuple(node)
        elif isinstance(node, tuple):
            pending[:0] = node
    return found


def _introduce(artifact: Artifact, settings: Settings) -> str:
    return (
        f"The model {artifact.name} answers. A flight is delayed if it leaves more than "
        f"{artifact.threshold_minutes} minutes late. A request has 1 to {settings.max_flights:,} flights "
        f"in at most {settings.max_body_bytes:,} bytes. Every flight is predicted; `unknown` lists its "
        "values that the model never saw, and says if its season or date is far from the training flights. "
        "An unknown field or query parameter is refused. A request is refused as a whole, with a problem "
        "document (RFC 9457) that says where, what was found and what is allowed. "
        f"A body sent as `{NDJSON}`, one flight per line, may have any number of flights. Each line is "
        "answered by a line as soon as possible, without a timetable; a line that cannot be answered gets a "
        "problem document in its place, and an answer that ends early has one in its last line."
    )


def _describe(route: Route, example: object) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([route.answers], ref_template=_REF)
    content = {"schema": schema} | ({} if example is None else {"example": example})
    responses: dict[str, dict[str, Any]] = {
        "200": {"description": "The answer", "content": {route.media_type: content}}
    }
    if route.cached:
        responses["304"] = {"description": "The client already has the answer with the etag in if-none-match"}
    titles: dict[int, list[str]] = {}
    for kind in route.refusals:
        status, title = PROBLEM_TYPES[kind]
        titles.setdefault(status, []).append(title)
        problem = problem_example(kind) if route.method == "POST" else None
        responses[str(status)] = _refusal("; ".join(titles[status]), problem)
    responses["default"] = _refusal("Any other error", None)
    return {"operationId": route.name, "summary": route.summary, "responses": responses}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": _REF.format(name=name)}


def _parameter(name: str, description: str, values: Sequence[str]) -> dict[str, Any]:
    schema = {"type": "string", "enum": values}
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _shorten(answer: object) -> object:
    """The answer with only the beginning of its lists, unless it describes the model."""
    if isinstance(answer, list):
        return answer[:_LISTED]
    if not isinstance(answer, HistorySummary):
        return answer
    lists = {name: getattr(answer, name) for name in answer.__struct_fields__}
    short = {name: value[:_LISTED] for name, value in lists.items() if isinstance(value, list | tuple)}
    return msgspec.structs.replace(answer, **short)


def _refusal(title: str, example: Problem | None) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": _ref("Problem")} | ({} if example is None else {"example": example})
    return {"description": title, "content": {"application/problem+json": content}}


def _request_body(examples: Mapping[str, Example]) -> dict[str, Any]:
    shown = {
        name: {"summary": example.summary, "value": example.request} for name, example in examples.items()
    }
    line = {"description": "One flight per line", **_ref("Flight")}
    content = {
        "application/json": {"schema": _ref("PredictionRequest"), "examples": shown},
        NDJSON: {"schema": line},
    }
    return {"required": True, "content": content}


def _schemas(predictor: Predictor, settings: Settings, routes: Sequence[Route]) -> dict[str, Any]:
    structs = find_structs(routes)
    _, schemas = msgspec.json.schema_components(structs, ref_template=_REF)
    for struct in structs:
        schema = schemas[struct.__name__]
        encoded = {field.name: field.encode_name for field in msgspec.structs.fields(struct)}
        for kind in reversed(struct.__mro__):
            schema["description"], fields = _parse_docstring(kind)
            for name, meaning in fields.items():
                schema["properties"][encoded.get(name, name)]["description"] = meaning
    schemas["DetailedPrediction"]["examples"] = [detailed_example(predictor)]
    schemas["PredictionRequest"]["properties"]["flights"]["maxItems"] = settings.max_flights
    flight = schemas["Flight"]["properties"]
    if len(predictor.artifact.tables.origins) > 1:
        flight["origin"] = dict(flight["airline"])
        schemas["Flight"]["required"].append("origin")
    for name, described in flight.items():
        described["description"] = ALLOWED[f"$.flights[].{name}"]
    flight["scheduled_departure"]["pattern"] = _LOCAL_OR_WITH_OFFSET
    schemas["Problem"]["properties"]["type"]["enum"] = [f"/docs#{name}" for name in PROBLEM_TYPES]
    return schemas


def _parse_docstring(struct: type) -> tuple[str, dict[str, str]]:
    """The first paragraph of a numpydoc docstring, and the description of each attribute."""
    text = inspect.getdoc(struct) or ""
    summary, _, attributes = text.partition("\n\nAttributes\n----------\n")
    fields = {}
    for names, meaning in re.findall(r"^([\w, ]+) : (.*(?:\n +.*)*)", attributes, re.MULTILINE):
        for name in names.split(", "):
            fields[name] = _unwrap(meaning)
    return _unwrap(summary.partition("\n\n")[0]), fields


def _unwrap(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("``", "`")
