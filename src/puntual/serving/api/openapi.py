"""The OpenAPI 3.1 document: schemas from the Structs, words from docstrings, examples from the model."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from puntual.i18n.texts import LANGUAGES
from puntual.inference.artifact import Artifact, Training
from puntual.inference.card import Limit, WeakSlice
from puntual.inference.estimates import Estimate, Performance
from puntual.inference.evaluation_results import (
    Card,
    DelayMetrics,
    Evaluation,
    EvaluationSummary,
    ExceedanceMetrics,
    FamilyResult,
    Importance,
    OperatingPoint,
    RollingMonth,
    SeedSpread,
    Slice,
    Spread,
    Tuning,
)
from puntual.inference.predictor import Predictor
from puntual.inference.rates import Day, InteractionRate
from puntual.inference.reliability import Bin, BrierParts, Group, NoiseFloor, Reliability
from puntual.inference.tables import Airline, Airport
from puntual.loadtest.machine import LoadMachine
from puntual.loadtest.plan import LoadPlan
from puntual.loadtest.result import Latencies, LoadSecond, LoadTest, OriginalTest
from puntual.serving.api.examples import Example, detailed_example, prediction_examples, problem_example
from puntual.serving.api.schemas import (
    MAX_DETAILED,
    Days,
    DetailedResponse,
    Health,
    HistorySummary,
    Interactions,
    ModelDescription,
    NamedRate,
    PredictionRequest,
    PredictionResponse,
    Rates,
    Readiness,
    describe_model,
    list_airlines,
    list_days,
    list_destinations,
    list_interactions,
    list_rates,
    rate_dimensions,
)
from puntual.serving.api.validation import ALLOWED
from puntual.serving.http.messages import NDJSON
from puntual.serving.http.problems import PROBLEM_TYPES, Problem
from puntual.serving.http.route import Route
from puntual.serving.load_test import LoadTestReport
from puntual.serving.settings import Settings
from puntual.types import DelayMinutes, DetailedPrediction, ExceedanceProbability, Flight, Prediction, Reason

STRUCTS = (
    *(PredictionRequest, Flight, PredictionResponse, Prediction),
    *(DetailedResponse, DetailedPrediction, ExceedanceProbability, DelayMinutes, Reason),
    *(ModelDescription, Training, EvaluationSummary, Performance),
    *(Card, Evaluation, Estimate, Tuning, Reliability, Group, Bin, BrierParts, NoiseFloor),
    *(ExceedanceMetrics, DelayMetrics, Importance, Slice, OperatingPoint, FamilyResult, RollingMonth),
    *(SeedSpread, Spread),
    *(Airline, Airport, Rates, NamedRate, Interactions, InteractionRate, Days, Day),
    *(LoadTestReport, LoadTest, Latencies, LoadSecond, LoadPlan, LoadMachine, OriginalTest),
    *(WeakSlice, Limit, Health, Readiness, Problem),
)
_LISTED = 3
_REF = "#/components/schemas/{name}"
_DAY = r"(?!0000)\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_TIME = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?"
_OFFSET = r"[Zz]|[+-]([01]\d|2[0-3]):?[0-5]\d"
_LOCAL_OR_WITH_OFFSET = f"^{_DAY}[Tt ]{_TIME}({_OFFSET})?$"


def describe_api(predictor: Predictor, settings: Settings, routes: Sequence[Route]) -> dict[str, Any]:
    """The document that `GET /openapi.json` gives.

    Parameters
    ----------
    predictor : the examples are flights that it knows, with its own answers
    settings : the limits
    routes : those without a type of their answer are left out
    """
    artifact = predictor.artifact
    predictions = prediction_examples(predictor)
    told: dict[str, object] = {
        "predict": predictions["one"].answer,
        "model": describe_model(predictor),
        "airlines": list_airlines(artifact.tables)[:_LISTED],
        "destinations": list_destinations(artifact.tables)[:_LISTED],
        "rates": _short(list_rates(artifact), "rates"),
        "crossings": _short(list_interactions(artifact), "crossings"),
        "days": _short(list_days(artifact), "days"),
        "health": Health(),
        "readiness": Readiness(artifact.name),
    }
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        if route.answers is not None:
            paths.setdefault(route.path, {})[route.method.lower()] = _describe(route, told.get(route.name))
    predict = paths["/v1/predictions"]["post"]
    predict["requestBody"] = _request_body(predictions)
    predict["parameters"] = [_detail(settings), _language()]
    detailed, plain = {"$ref": _REF.format(name="DetailedResponse")}, predict["responses"]["200"]["content"]
    plain["application/json"]["schema"] = {"anyOf": [plain["application/json"]["schema"], detailed]}
    line = [{"$ref": _REF.format(name=name)} for name in ("Prediction", "Problem")]
    plain[NDJSON] = {"schema": {"description": "A line for each flight, in their order", "anyOf": line}}
    paths["/v1/rates"]["get"]["parameters"] = [_by(artifact)]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Puntual",
            "version": artifact.training.versions.get("puntual", "0"),
            "summary": "The probability that a flight leaves late",
            "description": _about(artifact, settings),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": _schemas(predictor, settings)},
        "x-problems": {
            name: {"status": kind.status, "title": kind.title} for name, kind in PROBLEM_TYPES.items()
        },
    }


def _about(artifact: Artifact, settings: Settings) -> str:
    return (
        f"Answers come from the model {artifact.name}: a flight is delayed when it leaves more than "
        f"{artifact.threshold_minutes} minutes late. A request holds 1 to {settings.max_flights:,} flights "
        f"in at most {settings.max_body_bytes:,} bytes. A value that the model never saw, and a season or a "
        "date far from those that it learned from, are answered and named in `unknown`. A field or a "
        "parameter of the query that is not described here is refused. A request that is refused is refused "
        "as a whole, with a problem document (RFC 9457) that says where, what was found and what is allowed. "
        "Sent as "
        f"`{NDJSON}`, a flight a line, any number of flights is answered a line each as they come, each "
        "alone; a line that cannot be answered has a problem document in its place, and an answer that ends "
        "early has one in its last line."
    )


def _describe(route: Route, answer: object) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([route.answers], ref_template=_REF)
    responses: dict[str, dict[str, Any]] = {
        "200": {
            "description": "The answer",
            "content": {
                route.media_type: {"schema": schema} | ({} if answer is None else {"example": answer})
            },
        }
    }
    if route.cached:
        responses["304"] = {
            "description": "The client has it already: what it sent as if-none-match is the etag"
        }
    titles: dict[int, list[str]] = {}
    for kind in route.refusals:
        titles.setdefault(PROBLEM_TYPES[kind].status, []).append(PROBLEM_TYPES[kind].title)
        example = problem_example(kind) if route.method == "POST" else None
        responses[str(PROBLEM_TYPES[kind].status)] = _refusal(
            "; ".join(titles[PROBLEM_TYPES[kind].status]), example
        )
    responses["default"] = _refusal("Any other error", None)
    return {"operationId": route.name, "summary": route.summary, "responses": responses}


def _detail(settings: Settings) -> dict[str, Any]:
    return {
        "name": "detail",
        "in": "query",
        "description": "Full: each answer with its reasons, of 1 to "
        f"{min(settings.max_flights, MAX_DETAILED)} flights; plain answers where it is not given",
        "schema": {"type": "string", "enum": ["full"]},
    }


def _language() -> dict[str, Any]:
    return {
        "name": "language",
        "in": "query",
        "description": "The language that each answer tells its reasons in, as words; only together with "
        "detail, and no words where it is not given",
        "schema": {"type": "string", "enum": LANGUAGES},
    }


def _by(artifact: Artifact) -> dict[str, Any]:
    return {
        "name": "by",
        "in": "query",
        "description": "What groups the flights; all of these where it is not given",
        "schema": {"type": "string", "enum": rate_dimensions(artifact)},
    }


def _short(told: HistorySummary, name: str) -> HistorySummary:
    """The same with the first few of its list `name`."""
    return msgspec.structs.replace(told, **{name: getattr(told, name)[:_LISTED]})


def _refusal(title: str, example: Problem | None) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": {"$ref": _REF.format(name="Problem")}}
    if example is not None:
        content["example"] = example
    return {"description": title, "content": {"application/problem+json": content}}


def _request_body(examples: dict[str, Example]) -> dict[str, Any]:
    shown = {
        name: {"summary": example.summary, "value": example.request} for name, example in examples.items()
    }
    schema = {"$ref": _REF.format(name="PredictionRequest")}
    line = {"description": "A flight a line", "$ref": _REF.format(name="Flight")}
    content = {"application/json": {"schema": schema, "examples": shown}, NDJSON: {"schema": line}}
    return {"required": True, "content": content}


def _schemas(predictor: Predictor, settings: Settings) -> dict[str, Any]:
    _, schemas = msgspec.json.schema_components(STRUCTS, ref_template=_REF)
    for struct in STRUCTS:
        schema = schemas[struct.__name__]
        for kind in reversed([base for base in struct.__mro__ if issubclass(base, msgspec.Struct)]):
            schema["description"], fields = _docstring(kind)
            encoded = {field.name: field.encode_name for field in msgspec.structs.fields(kind)}
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


def _docstring(struct: type) -> tuple[str, dict[str, str]]:
    """The first paragraph of a numpydoc docstring, and what it says of each attribute."""
    text = inspect.getdoc(struct) or ""
    about, _, attributes = text.partition("\n\nAttributes\n----------\n")
    fields = {}
    for names, meaning in re.findall(r"^([\w, ]+) : (.*(?:\n +.*)*)", attributes, re.MULTILINE):
        for name in names.split(", "):
            fields[name] = _plain(meaning)
    return _plain(about.partition("\n\n")[0]), fields


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("``", "`")
