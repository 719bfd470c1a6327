"""Play a day of a history into a service as it happened, and ask about its flights at every lead time."""

from __future__ import annotations

import datetime as dt
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from puntual.operations.client import Answer, ServiceClient
from puntual.operations.events import Observation, TimetableChange
from puntual.operations.timeline import (
    Outcome,
    Row,
    Zones,
    known_at,
    local_moment,
    outcomes,
    plan_flight,
    timetables,
)
from puntual.types import Flight, Progress, no_progress

LEADS = (1440, 720, 360, 240, 120, 60, 30)
"""Minutes before the scheduled departure at which each flight of the day is asked about."""
MAX_ASKED = 1_000
"""Flights in a request that is not a whole timetable."""
_HISTORY = 2_000
"""Events of the days before in a request."""

Wait = Callable[[dt.timedelta], None]
"""Waits until so much of the day has passed since it began."""


class Question(NamedTuple):
    """A flight of the day, and the minutes before its departure at which it is asked about."""

    flight: int
    lead: int


class Script(NamedTuple):
    """What a replay sends and asks.

    Attributes
    ----------
    start : when the day is begun to be played, UTC
    outcomes, weather : by the moment at which they became known, UTC
    flights : all that were planned on the day
    delays : theirs in minutes; None: not departed, and not asked about
    questions : by the moment of asking, UTC
    """

    start: dt.datetime
    timetables: list[TimetableChange]
    outcomes: dict[dt.datetime, list[Outcome]]
    weather: dict[dt.datetime, list[Observation]]
    flights: list[Flight]
    delays: list[float | None]
    questions: dict[dt.datetime, list[Question]]


class LeadAnswers(NamedTuple):
    """The answers at one lead time.

    Attributes
    ----------
    flights : positions in `Script.flights`
    probabilities : one a flight
    from_operations : how many were made from what was known at the moment of asking
    """

    flights: list[int]
    probabilities: list[float]
    from_operations: int


class Replayed(NamedTuple):
    """What a service answered about a day.

    Attributes
    ----------
    schedule : probabilities of all flights from the timetable alone; none if nothing was asked
    leads : by minutes before departure
    outcomes : how many departures and cancellations were sent
    """

    model: str
    threshold_minutes: int
    schedule: list[float]
    leads: dict[int, LeadAnswers]
    outcomes: int


def write_script(
    rows: Sequence[Row],
    date: dt.date,
    zones: Zones,
    weather: Iterable[Observation] = (),
    *,
    start: dt.time = dt.time(),
    leads: Sequence[int] = LEADS,
) -> Script:
    """Put what a replay sends and asks in order.

    Parameters
    ----------
    rows : canonical flights of the day, of which there are some, and of days before it; each has an airline
    weather : sent until the last flight of the day has left
    start : local time from which the day is played, at the first of its origins; all before is sent at once
    leads : minutes before departure at which flights are asked about; none: the day is played alone
    """
    today = [row for row in rows if row["scheduled_departure"].date() == date]
    begins = min(_in_utc(row["origin"], dt.datetime.combine(date, start), zones) for row in today)
    happened, end = defaultdict(list), begins
    for event in outcomes(rows, zones):
        happened[known_at(event)].append(event)
        if event.scheduled_departure.date() == date:
            end = max(end, known_at(event))
    observed, questions = defaultdict(list), defaultdict(list)
    for observation in weather:
        moment = (observation.known_at or observation.observed_at).astimezone(dt.UTC)
        if moment <= end:
            observed[moment].append(observation)
    for position, row in enumerate(today):
        if row["actual_departure"] is not None:
            due = _in_utc(row["origin"], row["scheduled_departure"], zones)
            for lead in leads:
                questions[due - dt.timedelta(minutes=lead)].append(Question(position, lead))
    return Script(
        start=begins,
        timetables=timetables(rows, zones),
        outcomes={moment: some for moment, some in happened.items() if moment <= end},
        weather=dict(observed),
        flights=[_flight(row) for row in today],
        delays=[_delay(row) for row in today],
        questions=dict(questions),
    )


def _in_utc(origin: str, time: dt.datetime, zones: Zones) -> dt.datetime:
    return local_moment(origin, time, zones).astimezone(dt.UTC)


def _flight(row: Row) -> Flight:
    planned = plan_flight(row)
    return Flight(
        origin=row["origin"], **{name: getattr(planned, name) for name in planned.__struct_fields__}
    )


def _delay(row: Row) -> float | None:
    if row["actual_departure"] is None:
        return None
    return float((row["actual_departure"] - row["scheduled_departure"]).total_seconds() / 60)


def replay(client: ServiceClient, script: Script, wait: Wait, progress: Progress = no_progress) -> Replayed:
    """Send a script to a service, and ask its questions.

    What became known before the start is sent at once. Questions of moments before that are asked next:
    an answer uses only what was known at its moment of asking, whatever has been sent.

    Parameters
    ----------
    wait : see `at_speed`

    Raises
    ------
    TargetError : the service cannot be reached, or does not take what is sent
    """
    _send_history(client, script, progress)
    asked = script.flights if script.questions else []
    model, threshold, schedule = _ask_schedule(client, asked)
    answers: dict[int, dict[int, Answer]] = defaultdict(dict)
    played = [moment for moment in (*script.outcomes, *script.weather) if moment >= script.start]
    moments = sorted({*played, *script.questions})
    for moment in moments:
        if moment >= script.start:
            wait(moment - script.start)
            client.send(script.outcomes.get(moment, []))
            client.send_weather(script.weather.get(moment, []))
        _ask(client, script, moment, answers)
        progress("the day", len(moments))
    return Replayed(
        model=model,
        threshold_minutes=threshold,
        schedule=schedule,
        leads={lead: _collect(answers[lead]) for lead in sorted(answers, reverse=True)},
        outcomes=sum(map(len, script.outcomes.values())),
    )


def at_speed(
    speed: float, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
) -> Wait:
    """Wait so that the day passes at some times real time; the day begins with the first call.

    Parameters
    ----------
    speed : 0: as fast as possible, without waiting
    clock, sleep : of seconds
    """
    began: list[float] = []

    def wait(passed: dt.timedelta) -> None:
        if not began:
            began.append(clock() - passed.total_seconds() / speed)
        sleep(max(0.0, began[0] + passed.total_seconds() / speed - clock()))

    return wait if speed else lambda _: None


def _send_history(client: ServiceClient, script: Script, progress: Progress) -> None:
    """Send what became known before the start, the newest first: a board shows the day itself at once."""
    client.send_weather(
        [one for moment, some in script.weather.items() if moment < script.start for one in some]
    )
    for change in reversed(script.timetables):
        client.send_timetable(change)
        progress("timetables", len(script.timetables))
    before: list[Outcome] = []
    for moment, some in script.outcomes.items():
        before += some if moment < script.start else []
    for start in reversed(range(0, len(before), _HISTORY)):
        client.send(before[start : start + _HISTORY])
        progress("the days before", -(-len(before) // _HISTORY))


def _ask_schedule(client: ServiceClient, flights: Sequence[Flight]) -> tuple[str, int, list[float]]:
    """Name and threshold of the model, and the answers from the timetable alone, an origin at a time."""
    origins: dict[str | None, list[int]] = {}
    for position, flight in enumerate(flights):
        origins.setdefault(flight.origin, []).append(position)
    found, model, threshold = dict[int, float](), "", 0
    for positions in origins.values():
        asked = [flights[position] for position in positions]
        answers = client.predict(asked, horizon="schedule", timetable="request")
        model, threshold = answers.model, answers.threshold_minutes
        for position, answer in zip(positions, answers.predictions, strict=True):
            found[position] = answer.delay_probability
    return model, threshold, [found[position] for position in range(len(flights))]


def _ask(
    client: ServiceClient, script: Script, moment: dt.datetime, answers: dict[int, dict[int, Answer]]
) -> None:
    questions = script.questions.get(moment, [])
    for start in range(0, len(questions), MAX_ASKED):
        some = questions[start : start + MAX_ASKED]
        given = client.predict([script.flights[one.flight] for one in some], as_of=moment)
        for question, answer in zip(some, given.predictions, strict=True):
            answers[question.lead][question.flight] = answer


def _collect(found: dict[int, Answer]) -> LeadAnswers:
    flights = sorted(found)
    return LeadAnswers(
        flights=flights,
        probabilities=[found[flight].delay_probability for flight in flights],
        from_operations=sum(found[flight].horizon == "operations" for flight in flights),
    )
