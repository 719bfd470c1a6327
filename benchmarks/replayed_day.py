"""A day of New York played into a real service: whether board, API and files give the same figures.

    python -m benchmarks.replayed_day MODEL [--date 2013-11-27] [--speed 600]

Three differences are counted, all of which have to be 0: between what the service answered at each lead time
and what `puntual evaluate` asks of the history; between the live board every three hours, as it was while the
day passed, and `puntual predict --as-of` of that moment; and between that board and the one asked for with
`as_of` when the day is over. MODEL has learned from any flights: both sides ask the same one.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import numpy as np
import polars as pl

from deploy.service import serving
from puntual.batch import predict
from puntual.cli.replay import script_of
from puntual.console import show_progress
from puntual.data import Flights, read_flights
from puntual.data.weather import read_observations
from puntual.features.as_of import FlightsAsOf
from puntual.features.operations import History
from puntual.inference.artifact import Artifact, read_artifact
from puntual.operations.client import ServiceClient
from puntual.operations.replay import LEADS, Replayed, Script, Wait, at_speed, replay
from puntual.training.lead_times import predict_at
from puntual.training.splits import take_part

HISTORY_DAYS = 31
BETWEEN_LOOKS = dt.timedelta(hours=3)
SETTLED_SECONDS = 1.0
"""After the newest of what was sent has come, for the rest of its minute."""
MAX_BEHIND_SECONDS = 60
KEY = ("airline", "flight_number", "destination", "scheduled_departure")

Boards = dict[str, list[dict[str, Any]]]
"""The live boards of a moment, as it is written there, one an origin."""


class Difference(NamedTuple):
    """How many figures were compared, and the largest difference."""

    compared: int
    largest: float

    def __str__(self) -> str:
        return f"{self.compared:,} figures, largest difference {self.largest:g}"


class Compared(NamedTuple):
    """The differences that have to be 0.

    Attributes
    ----------
    leads : what the service answered at each lead time, and what `evaluate` asks of the history
    boards : the live boards, and `predict --as-of`
    past : the live boards, and the same asked for when the day is over
    """

    leads: Difference
    boards: Difference
    past: Difference


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("--date", type=dt.date.fromisoformat, default=dt.date(2013, 11, 27))
    parser.add_argument("--speed", type=float, default=600)
    arguments = parser.parse_args()
    began = time.monotonic()
    found = compare(arguments.model, arguments.date, arguments.speed)
    print(f"{arguments.date} at {arguments.speed:g} times real time: {time.monotonic() - began:.0f} s")
    print(f"API, evaluate; {len(LEADS)} lead times: {found.leads}")
    print(f"live board, predict --as-of: {found.boards}")
    print(f"live board, the same asked later: {found.past}")


def compare(model: Path, date: dt.date, speed: float) -> Compared:
    """Play a day into a service, look at its boards meanwhile, and compare."""
    artifact = read_artifact(model)
    flights = read_flights("nyc", since=date - dt.timedelta(60), until=date + dt.timedelta(2))
    weather = read_observations("nyc")
    script = script_of(flights, date, HISTORY_DAYS, weather, leads=LEADS)
    with tempfile.TemporaryDirectory() as folder, show_progress() as on_progress:
        kept = {"PUNTUAL_CLOCK": "events", "PUNTUAL_STORE": f"sqlite:///{folder}/events.sqlite"}
        with (
            serving(model, **kept) as service,
            ServiceClient(service.url) as client,
            httpx.Client(base_url=service.url, timeout=60) as http,
        ):
            looking = Looking(http, date, at_speed(speed), script)
            replayed = replay(client, script, looking.wait, on_progress)
            looked = looking.boards
            later = {at: looking.look(at) for at in looked}
    return Compared(
        by_lead(artifact, flights, weather.frame, script, replayed),
        by_moment(artifact, flights, weather.frame, date, looked),
        boards_apart(looked, later),
    )


class Looking:
    """Looks at the live boards now and then while the day passes."""

    def __init__(self, http: httpx.Client, date: dt.date, wait: Wait, script: Script) -> None:
        self._http, self._date = http, date
        self._wait, self._script = wait, script
        self._origins = sorted({flight.origin for flight in script.flights if flight.origin})
        self._next = BETWEEN_LOOKS
        self._passed = dt.timedelta(0)
        self.boards: Boards = {}

    def wait(self, passed: dt.timedelta) -> None:
        """As `puntual.operations.replay.Wait`; all that became known before has been sent."""
        if passed > self._next:
            self._look_live()
            self._next = passed + BETWEEN_LOOKS
        self._passed = passed
        self._wait(passed)

    def look(self, as_of: str | None = None) -> list[dict[str, Any]]:
        """The boards of the day, one an origin, now or as of a moment."""
        boards: list[dict[str, Any]] = []
        for origin in self._origins:
            query = {"origin": origin, "date": str(self._date)} | ({"as_of": as_of} if as_of else {})
            response = self._http.get("/v1/board", params=query)
            response.raise_for_status()
            boards.append(response.json())
        return boards

    def _look_live(self) -> None:
        """Look as soon as the live state has what was sent last."""
        sent = [*self._script.outcomes, *self._script.weather]
        newest = max(moment for moment in sent if moment <= self._script.start + self._passed)
        self._wait_for(newest, lambda: [self._http.get("/v1/board").json()])
        time.sleep(SETTLED_SECONDS)
        boards = self._wait_for(newest, self.look)  # one that took long to make is shown for a while
        self.boards[boards[0]["as_of"]] = boards

    def _wait_for(self, moment: dt.datetime, ask: Callable[[], list[Any]]) -> list[Any]:
        """What is answered as soon as all of it is as of a moment."""
        end = time.monotonic() + MAX_BEHIND_SECONDS
        while time.monotonic() < end:
            answers = ask()
            if all(dt.datetime.fromisoformat(one["as_of"]) == moment for one in answers):
                return answers
            time.sleep(SETTLED_SECONDS / 4)
        raise RuntimeError(f"nothing as of {moment} in {MAX_BEHIND_SECONDS} s")


def by_lead(
    artifact: Artifact, flights: Flights, weather: pl.DataFrame, script: Script, replayed: Replayed
) -> Difference:
    """What the service answered, and what `evaluate` asks of the history, in the API's four decimals."""
    assert artifact.operations is not None
    tables, threshold = artifact.tables, artifact.threshold_minutes
    date = script.flights[0].scheduled_departure.date()
    left = flights.frame.filter(
        pl.col("scheduled_departure").dt.date() == date, pl.col("actual_departure").is_not_null()
    )
    part = take_part(left, flights.frame, tables, threshold)
    history = History(flights.frame, tables, threshold, weather)
    places = {key_of(row): place for place, row in enumerate(part.frame.iter_rows(named=True))}
    asked, expected = [], []
    for lead, answers in replayed.leads.items():
        probabilities = np.round(predict_at(artifact.operations, part, history, lead), 4)
        for flight, probability in zip(answers.flights, answers.probabilities, strict=True):
            one = script.flights[flight]
            row = {name: getattr(one, name) for name in ("origin", *KEY)}
            asked.append(probability)
            expected.append(probabilities[places[key_of(row)]])
        assert answers.from_operations == len(answers.flights)
    return difference(asked, expected)


def by_moment(
    artifact: Artifact, flights: Flights, weather: pl.DataFrame, date: dt.date, looked: Boards
) -> Difference:
    """The live boards, and `predict --as-of` of the same moments."""
    asked: list[float | None] = []
    expected: list[float | None] = []
    day = flights.frame.filter(pl.col("scheduled_departure").dt.date() == date)
    for at, boards in looked.items():
        known = FlightsAsOf(artifact, dt.datetime.fromisoformat(at), flights, weather=weather)
        found = predict(artifact, day, flights.frame, detail=True, as_of=known)
        if "cancellation_probability" not in found.columns:
            found = found.with_columns(cancellation_probability=None)
        answers = dict(
            zip(
                map(key_of, day.iter_rows(named=True)),
                found.select("delay_probability", "cancellation_probability", "horizon").iter_rows(),
                strict=True,
            )
        )
        for board in boards:
            for flight in board["flights"]:
                if flight["delay_probability"] is not None:
                    probability, chance, horizon = answers[key_of(flight | {"origin": board["origin"]})]
                    assert flight["horizon"] == horizon == "operations", (at, flight, horizon)
                    asked += flight["delay_probability"], flight["cancellation_probability"]
                    expected += probability, chance
    return difference(asked, expected)


def boards_apart(looked: Boards, later: Boards) -> Difference:
    """All figures of the flights of boards as they were, and as they are said to have been."""
    names = ("delay_probability", "cancellation_probability", "lead_minutes", "delay_minutes")
    asked, expected = (
        [
            flight[name]
            for boards in moments.values()
            for board in boards
            for flight in board["flights"]
            for name in names
        ]
        for moments in (looked, later)
    )
    return difference(asked, expected)


def key_of(flight: dict[str, Any]) -> tuple[Any, ...]:
    """What names a flight, of a frame or of a board."""
    scheduled = flight["scheduled_departure"]
    time = dt.datetime.fromisoformat(scheduled) if isinstance(scheduled, str) else scheduled
    return flight["origin"], flight["airline"], str(flight["flight_number"]), flight["destination"], time


def difference(asked: Sequence[float | None], expected: Sequence[float | None]) -> Difference:
    """The largest; infinite if a figure is missing on one side only."""
    found, other = np.array(asked, float), np.array(expected, float)
    if len(found) != len(other) or (np.isnan(found) != np.isnan(other)).any():
        return Difference(len(found), np.inf)
    return Difference(len(found), float(np.nanmax(np.abs(found - other))))


if __name__ == "__main__":
    main()
