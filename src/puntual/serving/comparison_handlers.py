"""Two schedules of the same days, answered and compared."""

from __future__ import annotations

import asyncio
import datetime as dt

from puntual.errors import FlightError
from puntual.inference.encoder import Resolved
from puntual.inference.timetable import DAY_MINUTES, Timetable
from puntual.operations.comparison import ScheduledFlight, compare
from puntual.serving.api.comparisons import ComparisonResponse, read_comparison
from puntual.serving.api.schemas import encode
from puntual.serving.bulk_queue import BulkJob
from puntual.serving.http.media_types import check_json, media_type
from puntual.serving.http.messages import JSON_HEADERS, Request, Response
from puntual.serving.http.problems import flight_error
from puntual.serving.predictions import count_flights
from puntual.serving.state import LoadedModel, Service
from puntual.types import Flight, Prediction


async def post_comparisons(service: Service, request: Request) -> Response:
    """`POST /v1/comparisons`; what is known of the day is not used, since it belongs to neither schedule."""
    check_json(media_type(request))
    body = await service.reader.read(request)
    model, limit = service.model, service.settings.max_flights
    with service.reader.keep(body):
        async with service.bulk.queue.admit_request("plain", count_flights(body)) as job:
            asked = read_comparison(body, limit)
            flights = len(asked.before) + len(asked.after)
            job.set_flights(flights)
            before = await _answer(service, model, job, asked.before, "$.before")
            after = await _answer(service, model, job, asked.after, "$.after")
        if service.gate.quotas.counts_flights:
            service.gate.quotas.charge(request, flights)
        answer = await asyncio.to_thread(_compare, model, before, after)
    return Response(200, JSON_HEADERS, answer)


def _compare(model: LoadedModel, before: list[ScheduledFlight], after: list[ScheduledFlight]) -> bytes:
    found = compare(before, after)
    return encode(ComparisonResponse(model.name, model.threshold_minutes, found.days, found.flights))


async def _answer(
    service: Service, model: LoadedModel, job: BulkJob, flights: list[Flight], place: str
) -> list[ScheduledFlight]:
    """The flights of one schedule, each answered within its own days.

    Raises
    ------
    RefusedError : a flight that cannot be answered
    """
    try:
        resolved = [model.predictor.resolve(flight, index) for index, flight in enumerate(flights)]
    except FlightError as error:
        raise flight_error(error, flights=place) from None
    timetable = Timetable(flight.departure for flight in resolved)
    predictions: list[Prediction] = []
    async for part in service.bulk.predict(job, model.predictor, resolved, timetable):
        predictions += part
    service.count(predictions)
    return [*map(_describe, flights, resolved, predictions)]


def _describe(flight: Flight, resolved: Resolved, answer: Prediction) -> ScheduledFlight:
    origin, airline, destination, minute = resolved.departure
    return ScheduledFlight(
        origin,
        airline,
        destination,
        None if flight.flight_number is None else str(flight.flight_number),
        dt.datetime.combine(resolved.day, dt.time(*divmod(minute % DAY_MINUTES, 60))),
        answer.delay_probability,
        answer.unknown,
    )
