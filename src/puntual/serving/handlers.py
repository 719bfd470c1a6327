"""What each route does: a request -> its response, with no server."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable
from urllib.parse import parse_qs

from puntual.errors import FlightError
from puntual.i18n.texts import LANGUAGES
from puntual.inference.encoder import Resolved
from puntual.inference.timetable import Timetable
from puntual.serving.api.schemas import (
    MAX_DETAILED,
    DetailedResponse,
    Health,
    PredictionResponse,
    Readiness,
    encode,
    read_request,
)
from puntual.serving.http.messages import JSON_HEADERS, NDJSON, NDJSON_HEADERS, Request, Response
from puntual.serving.http.problems import RefusedError, flight_error
from puntual.serving.ndjson import answer_lines
from puntual.serving.ops.metrics import CONTENT_TYPE, expose
from puntual.serving.state import Service
from puntual.types import Prediction

DETAILS = ("full",)
MAX_IMMEDIATE_BYTES = 4096
"""Of a body that is answered at once, a few dozen flights; a larger one waits for its turn."""

MAX_FLIGHT_BYTES = 1024
"""Of a flight, however it is written."""

_MEANT_AS_JSON = ("json", "text/plain", "application/x-www-form-urlencoded", "application/octet-stream")
"""What clients send of their own accord where nobody told them that it is JSON."""


def check_query(query: str, known: tuple[str, ...]) -> None:
    """Refuse a parameter that a route does not know, as a body's unknown field is.

    Parameters
    ----------
    known : of the route

    Raises
    ------
    RefusedError : there is one; says which, and what the route knows
    """
    for name, values in parse_qs(query, keep_blank_values=True).items():
        if name not in known:
            allowed = f"only {', '.join(known)}" if known else "no parameters at this path"
            raise RefusedError(
                "invalid", "unknown parameter", pointer=f"?{name}", found=", ".join(values), allowed=allowed
            )


async def predictions(service: Service, request: Request) -> Response:
    """`POST /v1/predictions`, with ``?detail=full`` also the reasons, with a language in words too."""
    content_type = request.headers.get("content-type")
    if content_type is not None and content_type != "application/json":
        if _media_type(content_type) == NDJSON:
            return _stream(service, request)
        _check_content_type(content_type)
    detail = language = None
    if request.query:
        detail, language = _asked(request.query)
    body = await service.reader.whole(request)
    if detail:
        answer = await predict_detailed(service, body, language)
    elif len(body) <= MAX_IMMEDIATE_BYTES:
        answer = predict(service, body)
    else:
        answer = await predict_bulk(service, body)
    return Response(200, JSON_HEADERS, answer)


def predict(service: Service, body: bytes) -> bytes:
    """The answer to the body of a request, as it is sent.

    Raises
    ------
    RefusedError : the body or a flight of it cannot be answered, or no model is loaded
    """
    model = service.model
    asked = read_request(body, service.settings.max_flights)
    try:
        answers = model.predictor.predict(asked.flights, complete_days=asked.timetable is not None)
    except FlightError as error:
        raise flight_error(error) from None
    service.count(answers)
    return encode(PredictionResponse(model.name, model.threshold_minutes, answers))


async def predict_bulk(service: Service, body: bytes) -> bytes:
    """The same for many flights, without keeping others waiting; refused also where too many wait already."""
    batches = service.batches
    async with batches.turns.turn("plain", count_flights(body)) as turn:
        model = service.model
        asked = read_request(body, service.settings.max_flights)
        turn.recount(len(asked.flights))
        answers: list[Prediction] = []
        timetable = None
        resolved: Iterable[Resolved] = map(model.predictor.resolve, asked.flights, itertools.count())
        try:
            if asked.timetable:
                resolved = [*resolved]
                timetable = Timetable(flight.departure for flight in resolved)
            async for part in batches.predict(turn, model.predictor, resolved, timetable):
                answers += part
        except FlightError as error:
            raise flight_error(error) from None
        service.count(answers)
        return encode(PredictionResponse(model.name, model.threshold_minutes, answers))


async def predict_detailed(service: Service, body: bytes, language: str | None = None) -> bytes:
    """The same with reasons, up to `MAX_DETAILED` flights.

    Parameters
    ----------
    language : of `puntual.i18n.texts.LANGUAGES`, to tell the reasons in; None: in no words
    """
    turns = service.batches.turns
    async with turns.turn("detail", count_flights(body)) as turn:
        model = service.model
        predictor = model.predictor
        limit = min(service.settings.max_flights, MAX_DETAILED)
        asked = read_request(body, limit, "a request with detail=full")
        turn.recount(len(asked.flights))
        answers = []
        try:
            timetable = predictor.timetable(asked.flights) if asked.timetable else None
            for flight in asked.flights:
                answers += predictor.explain([flight], timetable=timetable, language=language)
                await asyncio.sleep(0)
                await turns.rest(turn, 1)
        except FlightError as error:
            raise flight_error(error, len(answers)) from None
        service.count(answers)
        return encode(DetailedResponse(model.name, model.threshold_minutes, answers))


def count_flights(body: bytes) -> int:
    """About how many flights a body holds, without decoding it: by the name of a field that each has.

    Examples
    --------
    >>> count_flights(b'{"flights": [{"airline": "LAN"}, {"airline": "SKU"}]}')
    2
    """
    return max(body.count(b'"airline"'), len(body) // MAX_FLIGHT_BYTES, 1)


def _stream(service: Service, request: Request) -> Response:
    if request.query:
        found = f"?{request.query}"
        raise RefusedError("invalid", found, pointer="?", found=found, allowed=f"no parameters with {NDJSON}")
    return Response(200, NDJSON_HEADERS, b"", answer_lines(service, service.model, request))


def document(service: Service, request: Request) -> Response:
    """What is told of the model at this path."""
    return service.model.documents[request.path].answer(request)


def rates(service: Service, request: Request) -> Response:
    """`GET /v1/rates`, of every dimension or ``?by=`` one."""
    asked = parse_qs(request.query, keep_blank_values=True).get("by")
    documents = service.model.rates
    if asked is None:
        return documents[""].answer(request)
    by = ", ".join(asked)
    if not by or by not in documents:
        allowed = f"one of {', '.join(filter(None, documents))}"
        raise RefusedError("invalid", f"no dimension {by!r}", pointer="?by", found=by, allowed=allowed)
    return documents[by].answer(request)


def stress(service: Service, request: Request) -> Response:
    """`GET /v1/stress`: the last load test."""
    found = service.load_test.document
    if found is None:
        allowed = "a server with --stress-report FILE, a file of `puntual stress --save`"
        raise RefusedError("not-found", "no load test", found="no load test", allowed=allowed)
    return found.answer(request)


def file(service: Service, request: Request) -> Response:
    """A file of the page."""
    return service.files[request.path].answer(request)


def healthz(_service: Service, _request: Request) -> Response:
    """`GET /healthz`: the process answers."""
    return Response(200, JSON_HEADERS, encode(Health()))


def readyz(service: Service, _request: Request) -> Response:
    """`GET /readyz`: and has a model to answer from, and goes on."""
    if service.counters.draining:
        raise RefusedError("draining", "this server is about to end")
    return Response(200, JSON_HEADERS, encode(Readiness(service.model.name, refused=service.refused)))


def metrics(service: Service, _request: Request) -> Response:
    """`GET /metrics`: of all workers."""
    told = expose(service.counters, service.route_labels, service.load_test.started)
    return Response(200, [("content-type", CONTENT_TYPE)], told)


def _asked(query: str) -> tuple[str | None, str | None]:
    """Which detail is asked for, and in which language."""
    asked = parse_qs(query, keep_blank_values=True)
    detail, language = _one_of(asked, "detail", DETAILS), _one_of(asked, "language", LANGUAGES)
    if language and not detail:
        found = f"{language} without detail=full"
        raise RefusedError(
            "invalid", found, pointer="?language", found=language, allowed="detail=full with it"
        )
    return detail, language


def _one_of(asked: dict[str, list[str]], name: str, allowed: tuple[str, ...]) -> str | None:
    """What is asked of a parameter; None: nothing."""
    values = asked.get(name)
    if values is None:
        return None
    if len(values) > 1 or values[0] not in allowed:
        raise _refuse(asked, name, " or ".join(allowed))
    return values[0]


def _refuse(asked: dict[str, list[str]], name: str, allowed: str) -> RefusedError:
    found = ", ".join(asked[name])
    return RefusedError("invalid", f"no {name} {found!r}", pointer=f"?{name}", found=found, allowed=allowed)


def _check_content_type(content_type: str) -> None:
    media_type = _media_type(content_type)
    if media_type and not media_type.endswith(_MEANT_AS_JSON):
        allowed = "content-type: application/json"
        raise RefusedError("media-type", f"sent as {media_type}", found=media_type, allowed=allowed)


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()
