"""Predictions for the flights of a request: at once, in slices, or with reasons."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Literal, NamedTuple

from puntual.errors import FlightError
from puntual.inference.encoder import Resolved
from puntual.inference.timetable import DAY_MINUTES, Timetable
from puntual.serving.api.event_requests import check_moment
from puntual.serving.api.schemas import (
    MAX_DETAILED,
    DetailedResponse,
    PredictionRequest,
    PredictionResponse,
    check_number,
    encode,
    read_request,
)
from puntual.serving.http.messages import Headers
from puntual.serving.http.problems import RefusedError, flight_error
from puntual.serving.http.route import Priority, Route
from puntual.serving.live.views import LiveView
from puntual.serving.state import LoadedModel, Service
from puntual.types import Flight, Prediction

MAX_IMMEDIATE_BYTES = 4096
"""A body up to this size, a few dozen flights, is answered at once; a larger one waits in the bulk queue."""

MAX_FLIGHT_BYTES = 1024
"""Of one flight, however it is written."""

ViewOfLines = Callable[[], AbstractAsyncContextManager[LiveView | None]]


class Asked(NamedTuple):
    """What the query of a request says for its body or its lines; what the body itself says goes first.

    Attributes
    ----------
    as_of, horizon : as in `PredictionRequest`
    """

    as_of: dt.datetime | None = None
    horizon: Literal["schedule"] | None = None


NOTHING = Asked()


def predict(service: Service, body: bytes, asked: Asked = NOTHING) -> bytes:
    """The encoded answer to the body of a request, at once; empty if it needs `predict_bulk`.

    That is so if it asks about the past or lists a timetable.

    Raises
    ------
    RefusedError : the body or one of its flights cannot be answered, or no model is loaded
    """
    model = service.model
    decoded = read_request(body, service.settings.max_flights)
    if decoded.as_of is not None or asked.as_of is not None or isinstance(decoded.timetable, list):
        return b""
    as_of = None
    if service.live is not None and not (decoded.horizon or asked.horizon):
        view = service.view(model)
        as_of = view and view.as_of
    try:
        answers = model.predictor.predict(
            decoded.flights, complete_days=decoded.timetable is not None, as_of=as_of
        )
    except FlightError as error:
        raise flight_error(error) from None
    service.count(answers)
    return encode(PredictionResponse(model.name, model.threshold_minutes, answers))


async def predict_bulk(service: Service, body: bytes, asked: Asked = NOTHING) -> bytes:
    """Like `predict`, in slices, and about the past as well."""
    bulk, model, limit = service.bulk, service.model, service.settings.max_flights
    async with (
        _past_of(service, model, body, limit, asked) as past,
        bulk.queue.admit_request("plain", count_flights(body)) as job,
    ):
        decoded = read_request(body, limit)
        job.set_flights(len(decoded.flights))
        view = _choose(service, model, _merge(decoded, asked), past)
        answers: list[Prediction] = []
        timetable = None
        resolved: Iterable[Resolved] = map(model.predictor.resolve, decoded.flights, itertools.count())
        try:
            if decoded.timetable:
                resolved = [*resolved]
                timetable = _read_timetable(model, decoded.timetable, resolved, limit)
            async for part in bulk.predict(job, model.predictor, resolved, timetable, view):
                answers += part
        except FlightError as error:
            raise flight_error(error) from None
        service.count(answers)
        return encode(PredictionResponse(model.name, model.threshold_minutes, answers))


async def predict_detailed(
    service: Service, body: bytes, language: str | None = None, asked: Asked = NOTHING
) -> bytes:
    """Like `predict_bulk`, with reasons, for at most `MAX_DETAILED` flights.

    Parameters
    ----------
    language : one of `puntual.i18n.texts.LANGUAGES` for reasons in words; None: no words
    """
    queue, model = service.bulk.queue, service.model
    predictor, limit = model.predictor, min(service.settings.max_flights, MAX_DETAILED)
    async with (
        _past_of(service, model, body, limit, asked) as past,
        queue.admit_request("detail", min(count_flights(body), limit)) as job,
    ):
        decoded = read_request(body, limit, "a request with detail=full")
        job.set_flights(len(decoded.flights))
        view = _choose(service, model, _merge(decoded, asked), past)
        answers = []
        try:
            timetable = None
            if decoded.timetable:
                resolved = [*map(predictor.resolve, decoded.flights, itertools.count())]
                limit = service.settings.max_flights
                timetable = _read_timetable(model, decoded.timetable, resolved, limit)
            for flight in decoded.flights:
                answers += predictor.explain(
                    [flight], timetable=timetable, language=language, as_of=view and view.as_of
                )
                await asyncio.sleep(0)
                await queue.pause(job, 1)
        except FlightError as error:
            raise flight_error(error, len(answers)) from None
        service.count(answers)
        return encode(DetailedResponse(model.name, model.threshold_minutes, answers))


def _read_timetable(
    model: LoadedModel, given: Literal["request"] | list[Flight], asked: list[Resolved], max_flights: int
) -> Timetable:
    """The timetable of the flights that are asked about: they themselves, or those that a request lists.

    Raises
    ------
    RefusedError : a flight of the list cannot be read, there are too many, or a day is not among them
    """
    if given == "request":
        return Timetable(flight.departure for flight in asked)
    check_number(given, "$.timetable", max_flights)
    try:
        timetable = model.predictor.timetable(given)
    except FlightError as error:
        raise flight_error(error, flights="$.timetable") from None
    for index, flight in enumerate(asked):
        origin, _, _, minute = flight.departure
        if not timetable.covers(origin, minute):
            day = dt.date.fromordinal(minute // DAY_MINUTES)
            found = f"no departure of {origin} on {day}, the day of $.flights[{index}]"
            allowed = "all departures of the days of the flights"
            raise RefusedError("invalid", found, pointer="$.timetable", found=found, allowed=allowed)
    return timetable


def priority_of(route: Route, headers: Headers, query: str) -> Priority:
    """The priority of a request, before its body is read: that of its route, but for many flights.

    Examples
    --------
    >>> route = Route("/v1/predictions", "predict", "", None, print, priority="single")
    >>> [priority_of(route, {"content-length": length}, "") for length in ("90", "90000")]
    ['single', 'bulk']
    """
    if route.name != "predict":
        return route.priority
    length = headers.get("content-length")
    small = length is not None and length.isdecimal() and int(length) <= MAX_IMMEDIATE_BYTES
    return route.priority if small and "detail" not in query else "bulk"


def count_flights(body: bytes) -> int:
    """Estimate how many flights a body holds without decoding it: each has a field named ``airline``.

    Examples
    --------
    >>> count_flights(b'{"flights": [{"airline": "LAN"}, {"airline": "SKU"}]}')
    2
    """
    return max(body.count(b'"airline"'), len(body) // MAX_FLIGHT_BYTES, 1)


def may_ask_past(body: bytes) -> bool:
    r"""Whether a body may have a field named ``as_of``, without decoding it.

    Examples
    --------
    >>> [may_ask_past(body) for body in (b'{"as_of": null}', rb'{"\u0061s_of": null}', b'{"flights": []}')]
    [True, True, False]
    """
    return b"as_of" in body or b"\\" in body


@asynccontextmanager
async def view_as_of(
    service: Service, model: LoadedModel, moment: dt.datetime, place: str
) -> AsyncIterator[LiveView | None]:
    """What was known at a moment; None: nothing can be said about it, so answers come from the schedule.

    Parameters
    ----------
    place : of the moment in the request

    Raises
    ------
    RefusedError : it has not come yet, or too many requests ask about the past
    """
    live = service.live
    check_moment(moment, dt.datetime.now(dt.UTC) if live is None else live.latest, place)
    if live is None or not model.reads_day:
        yield None
        return
    async with live.past(model.source, moment) as view:
        yield view


def line_view(service: Service, model: LoadedModel, asked: Asked) -> ViewOfLines:
    """What the answers to some lines of a stream may use, asked for anew with each part of it."""

    def ask() -> AbstractAsyncContextManager[LiveView | None]:
        if asked.horizon is not None:
            return nullcontext()
        if asked.as_of is None:
            return nullcontext(service.view(model))
        return view_as_of(service, model, asked.as_of, "?as_of")

    return ask


@asynccontextmanager
async def _past_of(
    service: Service, model: LoadedModel, body: bytes, limit: int, asked: Asked
) -> AsyncIterator[LiveView | None]:
    """What is asked about the past, read before the request takes its turn in the bulk queue."""
    moment, place = asked.as_of, "?as_of"
    if may_ask_past(body):
        own = read_request(body, limit).as_of
        moment, place = (moment, place) if own is None else (own, "$.as_of")
    if moment is None:
        yield None
        return
    async with view_as_of(service, model, moment, place) as view:
        yield view


def _merge(decoded: PredictionRequest, asked: Asked) -> Asked:
    return Asked(decoded.as_of or asked.as_of, decoded.horizon or asked.horizon)


def _choose(service: Service, model: LoadedModel, asked: Asked, past: LiveView | None) -> LiveView | None:
    if asked.horizon is not None:
        return None
    return service.view(model) if asked.as_of is None else past
