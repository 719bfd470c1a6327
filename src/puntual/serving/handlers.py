"""What each route does: a request in, its response out, without a server."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable, Sequence
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
"""A body up to this size, a few dozen flights, is answered at once; a larger one waits in the bulk queue."""

MAX_FLIGHT_BYTES = 1024
"""Of one flight, however it is written."""

_ACCEPTED_TYPES = ("json", "text/plain", "application/x-www-form-urlencoded", "application/octet-stream")
"""Endings of the media types that clients send for JSON, some of them by default."""


def check_query(query: str, known: tuple[str, ...]) -> None:
    """Refuse a query parameter that is not in `known`.

    Raises
    ------
    RefusedError : names the parameter, and those that the route knows
    """
    for name, values in parse_qs(query, keep_blank_values=True).items():
        if name not in known:
            allowed = f"only {', '.join(known)}" if known else "no parameters at this path"
            raise RefusedError(
                "invalid", "unknown parameter", pointer=f"?{name}", found=", ".join(values), allowed=allowed
            )


async def post_predictions(service: Service, request: Request) -> Response:
    """`POST /v1/predictions`; ``?detail=full`` adds the reasons, a language adds them in words."""
    content_type = request.headers.get("content-type")
    if content_type is not None and content_type != "application/json":
        media_type = content_type.partition(";")[0].strip().lower()
        if media_type == NDJSON:
            return _stream(service, request)
        if media_type and not media_type.endswith(_ACCEPTED_TYPES):
            allowed = "content-type: application/json"
            raise RefusedError("media-type", f"sent as {media_type}", found=media_type, allowed=allowed)
    detail = language = None
    if request.query:
        detail = _read_choice(request.query, "detail", DETAILS)
        language = _read_choice(request.query, "language", LANGUAGES)
        if language and not detail:
            detail, allowed = f"{language} without detail=full", "detail=full with it"
            raise RefusedError("invalid", detail, pointer="?language", found=language, allowed=allowed)
    body = await service.reader.read(request)
    if detail:
        answer = await predict_detailed(service, body, language)
    elif len(body) <= MAX_IMMEDIATE_BYTES:
        answer = predict(service, body)
    else:
        answer = await predict_bulk(service, body)
    return Response(200, JSON_HEADERS, answer)


def predict(service: Service, body: bytes) -> bytes:
    """The encoded answer to the body of a request.

    Raises
    ------
    RefusedError : the body or one of its flights cannot be answered, or no model is loaded
    """
    model = service.model
    decoded = read_request(body, service.settings.max_flights)
    try:
        answers = model.predictor.predict(decoded.flights, complete_days=decoded.timetable is not None)
    except FlightError as error:
        raise flight_error(error) from None
    service.count(answers)
    return encode(PredictionResponse(model.name, model.threshold_minutes, answers))


async def predict_bulk(service: Service, body: bytes) -> bytes:
    """Like `predict`, in slices; refused also if too much work is ahead in the bulk queue."""
    bulk = service.bulk
    async with bulk.queue.admit_request("plain", count_flights(body)) as job:
        model = service.model
        decoded = read_request(body, service.settings.max_flights)
        job.set_flights(len(decoded.flights))
        answers: list[Prediction] = []
        timetable = None
        resolved: Iterable[Resolved] = map(model.predictor.resolve, decoded.flights, itertools.count())
        try:
            if decoded.timetable:
                resolved = [*resolved]
                timetable = Timetable(flight.departure for flight in resolved)
            async for part in bulk.predict(job, model.predictor, resolved, timetable):
                answers += part
        except FlightError as error:
            raise flight_error(error) from None
        service.count(answers)
        return encode(PredictionResponse(model.name, model.threshold_minutes, answers))


async def predict_detailed(service: Service, body: bytes, language: str | None = None) -> bytes:
    """Like `predict_bulk`, with reasons, for at most `MAX_DETAILED` flights.

    Parameters
    ----------
    language : one of `puntual.i18n.texts.LANGUAGES` for reasons in words; None: no words
    """
    queue = service.bulk.queue
    async with queue.admit_request("detail", count_flights(body)) as job:
        model = service.model
        predictor = model.predictor
        limit = min(service.settings.max_flights, MAX_DETAILED)
        decoded = read_request(body, limit, "a request with detail=full")
        job.set_flights(len(decoded.flights))
        answers = []
        try:
            timetable = predictor.timetable(decoded.flights) if decoded.timetable else None
            for flight in decoded.flights:
                answers += predictor.explain([flight], timetable=timetable, language=language)
                await asyncio.sleep(0)
                await queue.pause(job, 1)
        except FlightError as error:
            raise flight_error(error, len(answers)) from None
        service.count(answers)
        return encode(DetailedResponse(model.name, model.threshold_minutes, answers))


def count_flights(body: bytes) -> int:
    """Estimate how many flights a body holds without decoding it: each has a field named ``airline``.

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


def get_document(service: Service, request: Request) -> Response:
    """The document of the loaded model at this path."""
    return service.model.documents[request.path].answer(request)


def get_rates(service: Service, request: Request) -> Response:
    """`GET /v1/rates` of every dimension, or of the one that ``?by=`` names."""
    documents = service.model.rates
    by = _read_choice(request.query, "by", [name for name in documents if name])
    return documents[by or ""].answer(request)


def get_load_test(service: Service, request: Request) -> Response:
    """`GET /v1/stress`: the last load test."""
    found = service.load_test.document
    if found is None:
        allowed = "a server with --stress-report FILE, a file of `puntual stress --save`"
        raise RefusedError("not-found", "no load test", found="no load test", allowed=allowed)
    return found.answer(request)


def get_file(service: Service, request: Request) -> Response:
    """A file of the page."""
    return service.files[request.path].answer(request)


def get_health(_service: Service, _request: Request) -> Response:
    """`GET /healthz`: 200 if the process answers at all."""
    return Response(200, JSON_HEADERS, encode(Health()))


def get_readiness(service: Service, _request: Request) -> Response:
    """`GET /readyz`: 200 if a model is loaded and the server is not about to end."""
    if service.counters.draining:
        raise RefusedError("draining", "this server is about to end")
    return Response(200, JSON_HEADERS, encode(Readiness(service.model.name, refused=service.refused)))


def get_metrics(service: Service, _request: Request) -> Response:
    """`GET /metrics`, of all workers."""
    exposed = expose(service.counters, service.route_labels, service.load_test.started)
    return Response(200, [("content-type", CONTENT_TYPE)], exposed)


def _read_choice(query: str, name: str, allowed: Sequence[str]) -> str | None:
    """The value of a query parameter; None: it is not given.

    Raises
    ------
    RefusedError : the value is not allowed, or the parameter is repeated
    """
    values = parse_qs(query, keep_blank_values=True).get(name)
    if values is None:
        return None
    found = ", ".join(values)
    if found not in allowed:
        wanted = " or ".join(allowed) if len(allowed) < 3 else f"one of {', '.join(allowed)}"
        raise RefusedError(
            "invalid", f"unknown value {found!r}", pointer=f"?{name}", found=found, allowed=wanted
        )
    return found
