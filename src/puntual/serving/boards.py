"""Makes the board of an origin's day: what has become of each flight, and the forecasts of the others."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable

import msgspec

from puntual.inference.encoder import Resolved
from puntual.inference.local_time import utc_minute
from puntual.inference.timetable import Timetable
from puntual.operations.planned import FlightState, Status
from puntual.serving.api.boards import Board, BoardFlight, summarize
from puntual.serving.http.problems import RefusedError
from puntual.serving.live.board_cache import MadeBoard
from puntual.serving.live.views import LiveView
from puntual.serving.state import LoadedModel, Service
from puntual.types import Flight, Prediction

OPEN = {Status.scheduled, Status.overdue}
"""Flights of which it is not known whether they are late."""


async def current_board(service: Service, origin: str, date: dt.date) -> MadeBoard:
    """The board as of now.

    Raises
    ------
    RefusedError : there is none, or the live state is not there yet
    """
    model = service.model
    view, forecasts = latest_view(service, model)
    live = service.require_live()
    version = live.version, view.as_of.moment, live.is_current()

    async def make() -> Board:
        return await make_board(service, model, view, origin, date, forecasts=forecasts)

    return await live.boards.get((model.name, origin, date), version, make)


def latest_view(service: Service, model: LoadedModel) -> tuple[LiveView, LiveView | None]:
    """What is known last, and what forecasts may use of it; None: they are made from the schedule.

    Raises
    ------
    RefusedError : the live state is not there yet
    """
    forecasts = service.view(model)
    view = forecasts or service.require_live().last(model.source)
    if view is None:
        headers, allowed = (("retry-after", "2"),), "the same request a little later"
        raise RefusedError("no-store", "the store has not been read yet", allowed=allowed, headers=headers)
    return view, forecasts


async def make_board(
    service: Service,
    model: LoadedModel,
    view: LiveView,
    origin: str,
    date: dt.date,
    *,
    forecasts: LiveView | None,
) -> Board:
    """The board as of the moment of a view.

    Parameters
    ----------
    forecasts : what they may use; None: they are made from the schedule

    Raises
    ------
    RefusedError : there is no timetable, or too much work is ahead
    """
    states, days = view.state.board(origin, date, view.as_of.moment), view.state.days()
    if not states and (origin, date) not in days:
        found = f"no timetable of {origin} on {date}"
        allowed = ", ".join(f"{code} on {day}" for code, day in days[-3:]) or "one that was sent"
        raise RefusedError("not-found", found, found=found, allowed=allowed)
    resolved = list(map(model.predictor.resolve, map(_flight, states), itertools.count()))
    asked = [flight for flight, state in zip(resolved, states, strict=True) if state.status in OPEN]
    timetable = Timetable(flight.departure for flight in resolved)
    forecast = iter(await _predict(service, model, asked, timetable, forecasts))
    airport = model.predictor.artifact.tables.airport_by_code.get(origin)
    zone = None if airport is None else airport.timezone
    flights = []
    for state, flight in zip(states, resolved, strict=True):
        lead = utc_minute(zone, flight.departure[3]) - view.as_of.moment
        answer, chance = next(forecast) if state.status in OPEN else (None, None)
        flights.append(_describe(model, state, answer, chance, lead))
    return Board(
        model=model.name,
        threshold_minutes=model.threshold_minutes,
        origin=origin,
        date=date,
        as_of=view.moment,
        current=service.require_live().is_current(),
        day=summarize(flights),
        flights=flights,
    )


async def _predict(
    service: Service,
    model: LoadedModel,
    asked: list[Resolved],
    timetable: Timetable,
    forecasts: LiveView | None,
) -> Iterable[tuple[Prediction, float | None]]:
    """The predictions of the flights that are open, each with its probability of a cancellation."""
    answers: list[Prediction] = []
    chances: list[float | None] = []
    async with service.bulk.queue.admit_request("plain", max(len(asked), 1)) as job:
        async for part in service.bulk.predict(job, model.predictor, asked, timetable, forecasts):
            slice_asked = asked[len(answers) : len(answers) + len(part)]
            as_of = forecasts and forecasts.as_of
            chances += model.predictor.cancellation_probabilities(slice_asked, timetable, as_of)
            answers += part
    service.count(answers)
    return zip(answers, chances, strict=True)


def _flight(state: FlightState) -> Flight:
    return Flight(
        airline=state.airline,
        origin=state.origin,
        destination=state.destination,
        scheduled_departure=state.scheduled_departure,
        operator=state.operator,
        flight_number=state.flight_number,
    )


def _describe(
    model: LoadedModel, state: FlightState, answer: Prediction | None, chance: float | None, lead: int
) -> BoardFlight:
    delay, about = state.delay_minutes, msgspec.structs.asdict(state) | {"status": state.status.value}
    is_late = state.status == Status.late or (delay is not None and delay > model.threshold_minutes)
    del about["origin"], about["known_at"]
    if answer is None:
        return BoardFlight(
            **about,
            delay_probability=None,
            delayed=None if state.status == Status.cancelled else is_late,
            risk=None,
            horizon=None,
            lead_minutes=lead,
            cancellation_probability=None,
        )
    return BoardFlight(
        **about,
        delay_probability=answer.delay_probability,
        delayed=answer.delayed,
        risk=answer.risk,
        horizon=answer.horizon,
        lead_minutes=lead,
        cancellation_probability=chance,
    )
