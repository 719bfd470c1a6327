"""What comes in on the day of the flight: events, timetables and weather, kept before they are answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from puntual.operations.events import Event, TimetableChange
from puntual.serving.api.event_requests import (
    MAX_TIMETABLE,
    Accepted,
    check_date,
    check_origin,
    read_events,
    read_lines,
    read_reports,
    read_timetable,
    read_weather,
)
from puntual.serving.api.schemas import encode
from puntual.serving.http.access import check_writer
from puntual.serving.http.logs import audit
from puntual.serving.http.media_types import check_json, media_type
from puntual.serving.http.messages import JSON_HEADERS, NDJSON, Request, Response
from puntual.serving.http.problems import busy_error
from puntual.serving.live.live_service import LiveService
from puntual.serving.state import Service

CATCH_UP_SECONDS = 1.0
"""For the live state to take up what was written, before the answer says what it does not know."""
MAX_PLANNED = 150_000
"""Flights of timetables in a worker's memory, about 100 MiB; further ones wait until days have passed."""
MAX_IMMEDIATE_BYTES = 8192
"""A larger body is decoded in a thread."""

_Decoded = TypeVar("_Decoded")


async def post_events(service: Service, request: Request) -> Response:
    """`POST /v1/events`."""
    live = _live(service, request)
    kind = media_type(request)
    if kind != NDJSON:
        check_json(kind, NDJSON)
    read = read_lines if kind == NDJSON else read_events
    latest = live.latest
    return await _keep(
        service, request, live, await _decode(service, request, lambda body: read(body, latest))
    )


async def put_timetable(service: Service, request: Request) -> Response:
    """`PUT /v1/timetables/{origin}/{date}`."""
    live = _live(service, request)
    origin = check_origin(request.values["origin"], "{origin}")
    date = check_date(request.values["date"], "{date}")
    check_json(media_type(request))
    limit = min(service.settings.max_flights, MAX_TIMETABLE)
    latest, zone = live.latest, live.zone_of(origin)
    read = await _decode(service, request, lambda body: read_timetable(body, limit, date, latest, zone))
    if live.planned + len(read.flights) > MAX_PLANNED:
        raise busy_error(f"{live.planned} flights of timetables", seconds=3600)
    change = TimetableChange(origin=origin, date=date, flights=read.flights, known_at=read.known_at)
    return await _keep(service, request, live, [change])


async def post_weather(service: Service, request: Request) -> Response:
    """`POST /v1/weather`: observations as JSON, or METAR reports as text."""
    live = _live(service, request)
    kind = media_type(request)
    latest, now = live.latest, live.now()
    if kind != "text/plain":
        check_json(kind, "text/plain")
    read = (
        (lambda body: read_reports(body, now))
        if kind == "text/plain"
        else lambda body: read_weather(body, latest)
    )
    return await _keep(service, request, live, await _decode(service, request, read))


def _live(service: Service, request: Request) -> LiveService:
    """What takes the request, if the client may write."""
    check_writer(service.settings, request)
    return service.require_live()


async def _decode(service: Service, request: Request, read: Callable[[bytes], _Decoded]) -> _Decoded:
    body = await service.reader.read(request)
    if len(body) <= MAX_IMMEDIATE_BYTES:
        return read(body)
    with service.reader.keep(body):
        return await asyncio.get_running_loop().run_in_executor(None, read, body)


async def _keep(service: Service, request: Request, live: LiveService, events: Sequence[Event]) -> Response:
    """Write the events to the store, wait until this worker's live state has them, and say what they were."""
    if not events:
        return Response(200, JSON_HEADERS, encode(Accepted(0, 0)))
    written = await live.write(events)
    state = await live.reach(written.sequence, CATCH_UP_SECONDS)
    unknown = None if state is None else sum(not state.knows(event) for event in events)
    audit(
        "events",
        route=request.path,
        key=request.caller,
        address=request.client.rpartition(":")[0],
        accepted=written.new,
        repeated=written.repeated,
    )
    service.row.count_events(written.new, written.repeated, unknown or 0)
    return Response(200, JSON_HEADERS, encode(Accepted(written.new, written.repeated, unknown)))
