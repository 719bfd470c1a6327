"""The OpenAPI 3.1 document: schemas from the structs, texts from docstrings, examples from the model."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from puntual.access.keys import SCOPES
from puntual.i18n.texts import LANGUAGES
from puntual.inference.artifact import Artifact
from puntual.inference.card import HORIZON
from puntual.inference.predictor import Predictor
from puntual.serving.api.boards import BoardDays
from puntual.serving.api.event_requests import EVENT_FIELDS, MAX_EVENTS, MAX_TIMETABLE, TIMETABLE, WEATHER
from puntual.serving.api.examples import (
    Example,
    body_examples,
    detailed_example,
    prediction_examples,
    problem_example,
)
from puntual.serving.api.schemas import (
    MAX_DETAILED,
    MAX_NUMBER_LENGTH,
    DetailedResponse,
    Health,
    HistorySummary,
    PredictionRequest,
    PredictionResponse,
    Readiness,
    describe_number,
    rate_dimensions,
)
from puntual.serving.api.validation import ALLOWED
from puntual.serving.http.messages import NDJSON
from puntual.serving.http.problems import PROBLEM_TYPES, Problem
from puntual.serving.http.route import Route
from puntual.serving.settings import Settings

CODE_PATTERN = r"^[A-Za-z0-9]{2,8}$"
FLIGHT_EVENTS = ("Departure", "Cancellation", "DepartureEstimate")
_LISTED = 3
_KEY = "key"
"""Name of the security scheme."""
_REF = "#/components/schemas/{name}"
_DAY = r"(?!0000)\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_EVENT_DAY = _DAY.replace(r"(?!0000)\d{4}", r"(19[7-9]\d|2[01]\d\d)", 1)
_TIME = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?"
_OFFSET = r"[Zz]|[+-]([01]\d|2[0-3]):?[0-5]\d"
_LOCAL_OR_WITH_OFFSET = f"^{_DAY}[Tt ]{_TIME}({_OFFSET})?$"
_EVENT_TIME = f"^{_EVENT_DAY}[Tt ]{_TIME}({_OFFSET})?$"
_EVENT_INSTANT = f"^{_EVENT_DAY}[Tt ]{_TIME}({_OFFSET})$"


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
        "/v1/flights": describe_number(artifact, [*artifact.flight_numbers[:1]]),
    }
    parameters, bodies = _parameters(artifact, settings), body_examples(artifact)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        if route.answers is not None:
            described = _describe(route, parameters, examples.get(route.path), bodies.get(route.path, {}))
            if settings.keys and route.scope:
                _secure(described, route.scope)
            paths.setdefault(route.path, {})[route.method.lower()] = described
    board = paths["/v1/board"]["get"]["responses"]["200"]["content"]["application/json"]
    board["schema"] = {"anyOf": [_ref("Board"), _ref("BoardDays")]}
    kinds = list(map(_ref, FLIGHT_EVENTS))
    listed = {"type": "array", "minItems": 1, "maxItems": MAX_EVENTS, "items": {"anyOf": kinds}}
    events = paths["/v1/events"]["post"]["requestBody"]["content"]["application/json"]
    events["schema"] = {"anyOf": [*kinds, listed]}
    predict = paths["/v1/predictions"]["post"]
    predict["requestBody"] = _request_body(predictions)
    content = predict["responses"]["200"]["content"]
    content["application/json"]["schema"] = {"anyOf": [_ref("PredictionResponse"), _ref("DetailedResponse")]}
    line = {"description": "A line per flight, in the same order"}
    content[NDJSON] = {"schema": line | {"anyOf": [_ref("Prediction"), _ref("Problem")]}}
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
        "components": {"schemas": _schemas(predictor, settings, routes)} | _security_schemes(settings),
        "x-problems": {name: kind._asdict() for name, kind in PROBLEM_TYPES.items()},
    }


def find_structs(routes: Sequence[Route]) -> list[type[msgspec.Struct]]:
    """The structs of which requests and responses consist, each once."""
    answers = [route.answers for route in routes if route.answers is not None]
    bodies = [body for route in routes for body in route.bodies.values() if body is not str]
    roots = [PredictionRequest, PredictionResponse, DetailedResponse, *answers, BoardDays, *bodies, Problem]
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


def _describe(
    route: Route, parameters: Mapping[str, Any], example: object, bodies: Mapping[str, object]
) -> dict[str, Any]:
    content = _content(route.answers, example)
    responses: dict[str, dict[str, Any]] = {
        "200": {"description": "The answer", "content": {route.media_type: content}}
    }
    if route.cached:
        responses["304"] = {"description": "The client already has the answer with the etag in if-none-match"}
    titles: dict[int, list[str]] = {}
    for kind in route.refusals:
        status, title = PROBLEM_TYPES[kind]
        titles.setdefault(status, []).append(title)
        problem = problem_example(kind) if route.name == "predict" else None
        responses[str(status)] = _refusal("; ".join(titles[status]), problem)
    responses["default"] = _refusal("Any other error", None)
    described: dict[str, Any] = {"operationId": route.name, "summary": route.summary}
    if route.names or route.parameters:
        in_path = [{**parameters[name], "in": "path", "required": True} for name in route.names]
        described["parameters"] = in_path + [parameters[name] for name in route.parameters or ()]
    if route.bodies:
        content = {kind: _content(body, None) for kind, body in route.bodies.items()}
        for kind, body in bodies.items():
            content[kind]["examples"] = {"one": {"summary": route.summary, "value": body}}
        described["requestBody"] = {"required": True, "content": content}
    return described | {"responses": responses}


def _secure(described: dict[str, Any], scope: str) -> None:
    """Say which key an operation needs."""
    described["security"] = [{_KEY: [scope]}]
    for kind, title in (
        ("unauthorized", "There is no valid key"),
        ("forbidden", f"The key has no scope {scope}"),
    ):
        status = str(PROBLEM_TYPES[kind].status)
        others = described["responses"].pop(status, {}).get("description")
        described["responses"][status] = _refusal("; ".join(filter(None, (others, title))), None)


def _security_schemes(settings: Settings) -> dict[str, Any]:
    if not settings.keys:
        return {}
    described = "A key of `puntual keys create`; the names are scopes: " + "; ".join(
        f"`{scope}`: {meaning}" for scope, meaning in SCOPES.items()
    )
    return {"securitySchemes": {_KEY: {"type": "http", "scheme": "bearer", "description": described}}}


def _content(described: Any, example: object) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([described], ref_template=_REF)
    return {"schema": schema} | ({} if example is None else {"example": example})


def _ref(name: str) -> dict[str, str]:
    return {"$ref": _REF.format(name=name)}


def _parameters(artifact: Artifact, settings: Settings) -> dict[str, dict[str, Any]]:
    """The parameters of queries and paths by name."""
    limit = min(settings.max_flights, MAX_DETAILED)
    detail = f"Adds the reasons to the predictions of 1 to {limit} flights; by default there are none"
    as_of = "A moment that has passed, with its offset: what was known by then; by default, what is known now"
    horizon = "Answers from the timetable alone; by default from all that is known"
    return {
        "detail": _parameter("detail", detail, ["full"]),
        "language": _parameter("language", "Adds the reasons in words; requires detail", LANGUAGES),
        "by": _parameter(
            "by", "The dimension of the groups; all dimensions by default", rate_dimensions(artifact)
        ),
        "origin": _parameter(
            "origin",
            "The airport, by its IATA or ICAO code",
            pattern=CODE_PATTERN,
            examples=[artifact.tables.origins[0]],
        ),
        "date": _parameter(
            "date",
            "The local day of the scheduled departures",
            format="date",
            pattern=f"^{_EVENT_DAY}$",
            examples=[artifact.training.last],
        ),
        "as_of": _parameter("as_of", as_of, format="date-time", pattern=_EVENT_INSTANT),
        "horizon": _parameter("horizon", horizon, [HORIZON]),
        "number": {
            **_parameter(
                "number", "The flight number, with or without its airline's code", **_number(artifact)
            ),
            "required": True,
        },
    }


def _number(artifact: Artifact) -> dict[str, Any]:
    known = [f"{one.airline}{one.number}" for one in artifact.flight_numbers[:1]]
    return {"minLength": 1, "maxLength": MAX_NUMBER_LENGTH, "examples": known or ["LA199"]}


def _parameter(name: str, description: str, values: Sequence[str] = (), **schema: Any) -> dict[str, Any]:
    kind: dict[str, Any] = {"type": "string", **schema} | ({"enum": values} if values else {})
    return {"name": name, "in": "query", "description": description, "schema": kind}


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
    _describe_events(schemas, min(settings.max_flights, MAX_TIMETABLE))
    as_of = schemas["PredictionRequest"]["properties"]["as_of"]["anyOf"]
    next(one for one in as_of if one.get("format") == "date-time")["pattern"] = _EVENT_INSTANT
    schemas["Problem"]["properties"]["type"]["enum"] = [f"/docs#{name}" for name in PROBLEM_TYPES]
    return schemas


def _describe_events(schemas: dict[str, Any], max_planned: int) -> None:
    """What the structs of events do not say: forms of times, limits, and what is needed together."""
    planned, allowed = schemas["PlannedFlight"]["properties"], TIMETABLE
    for name, described in planned.items():
        described["description"] = allowed[f"$.flights[].{name}"]
    schemas["Observation"]["required"].remove("event")  # nothing else is sent there
    for name, described in schemas["Observation"]["properties"].items():
        described["description"] = WEATHER[f"$.observations[].{name}"]
    for event in FLIGHT_EVENTS:
        for name, described in schemas[event]["properties"].items():
            described["description"] = EVENT_FIELDS[name]
        schemas[event]["anyOf"] = [
            {"required": [name], "properties": {name: {"not": {"type": "null"}}}}
            for name in ("flight_number", "destination")
        ]
    schemas["WeatherRequest"]["properties"]["observations"]["maxItems"] = MAX_EVENTS
    for kind in (*FLIGHT_EVENTS, "PlannedFlight", "Observation"):
        for name, described in schemas[kind]["properties"].items():
            if name.endswith("_departure"):
                described["pattern"] = _EVENT_TIME
            elif name.endswith("_at"):
                (described.get("anyOf") or [described])[0]["pattern"] = _EVENT_INSTANT
            elif name in {"origin", "airport"}:
                described["pattern"] = CODE_PATTERN
    timetable = schemas["TimetableRequest"]["properties"]
    timetable["flights"]["maxItems"] = max_planned
    timetable["known_at"]["anyOf"][0]["pattern"] = _EVENT_INSTANT


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
