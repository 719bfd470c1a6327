"""What was known when: over frames and against the live state, on made-up days of several airports."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pytest

from puntual.data.airports import build_tables
from puntual.data.schema import COLUMNS
from puntual.features import in_model_codes
from puntual.features.moments import scheduled_moments
from puntual.features.operations import History
from puntual.inference.encoder import Encoder
from puntual.inference.operations import OPERATIONS, WEATHER
from puntual.models.boosting import FEATURE_NAMES
from puntual.operations.events import (
    Cancellation,
    Departure,
    Event,
    LogEntry,
    Observation,
    PlannedFlight,
    TimetableChange,
)
from puntual.operations.live_state import LiveState
from puntual.types import Flight

DAYS, FLIGHTS = 12, 4_000
ASKED = 10_000
AIRPORTS = ["SCL", "JFK", "LAX", "MAD", "LIM"]
START = dt.datetime(2013, 3, 4)  # the clocks of JFK and LAX change on the sixth day
THRESHOLD = 15


def made_up_days(seed: int = 1) -> pl.DataFrame:
    """Flights of a dozen days with early, late, cancelled ones, the same aircraft on several legs."""
    rng = np.random.default_rng(seed)
    origin = rng.choice(AIRPORTS, FLIGHTS)
    destination = np.array([rng.choice([code for code in AIRPORTS if code != one]) for one in origin])
    minutes = rng.integers(0, DAYS * 1440, FLIGHTS)
    delay = np.where(
        rng.random(FLIGHTS) < 0.3, rng.exponential(60, FLIGHTS), rng.normal(0, 8, FLIGHTS)
    ).astype(int)
    cancelled = rng.random(FLIGHTS) < 0.05
    said = rng.random(FLIGHTS) < 0.5
    unsaid = cancelled & (np.arange(FLIGHTS) % 4 == 0)  # nothing is ever heard of these
    scheduled = [START + dt.timedelta(minutes=int(one)) for one in minutes]
    columns: dict[str, Any] = {
        "row": np.arange(FLIGHTS, dtype=np.uint32),
        "scheduled_departure": scheduled,
        "airline": rng.choice(["LA", "B6", "IB"], FLIGHTS),
        "origin": origin,
        "destination": destination,
        "flight_number": [str(number) for number in range(FLIGHTS)],
        "aircraft": [None if one == 0 else f"CC-A{one}" for one in rng.integers(0, 60, FLIGHTS)],
        "actual_departure": [
            None if gone else at + dt.timedelta(minutes=int(late))
            for at, late, gone in zip(scheduled, delay, cancelled, strict=True)
        ],
        "cancelled": cancelled & ~unsaid,
        "cancelled_at": [
            at + dt.timedelta(minutes=int(rng.integers(-300, 60))) if gone and given else None
            for at, gone, given in zip(scheduled, cancelled & ~unsaid, said, strict=True)
        ],
    }
    schema = {name: column.dtype for name, column in COLUMNS.items()}
    frame = pl.DataFrame(columns, schema_overrides={name: schema[name] for name in columns})
    return frame.with_columns(
        pl.lit(None, dtype).alias(name) for name, dtype in schema.items() if name not in columns
    ).select(*COLUMNS)


def made_up_weather(seed: int = 2) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    hours = [
        (code, hour) for code in AIRPORTS[:3] for hour in range(-24, DAYS * 24 + 24) if rng.random() < 0.8
    ]
    values = {
        name: [None if rng.random() < 0.1 else round(float(rng.normal(10, 5)), 1) for _ in hours]
        for name in WEATHER
        if not name.endswith("_change")
    }
    start = START.replace(tzinfo=None)
    return pl.DataFrame(
        {
            "airport": [code for code, _ in hours],
            "known_at": [start + dt.timedelta(hours=hour, minutes=51) for _, hour in hours],
            **values,
        }
    ).with_columns(pl.col("known_at").dt.replace_time_zone("UTC"))


FLIGHTS_FRAME, WEATHER_FRAME = made_up_days(), made_up_weather()
TABLES = build_tables(FLIGHTS_FRAME, {}, {})
MOMENTS = scheduled_moments(in_model_codes(FLIGHTS_FRAME, TABLES), TABLES)


def asked(seed: int, number: int) -> tuple[pl.DataFrame, np.ndarray]:
    """Flights, some of them of no timetable's, and how long before them they are asked about."""
    rng = np.random.default_rng(seed)
    frame = FLIGHTS_FRAME[rng.integers(0, FLIGHTS, number)]
    frame = frame.with_columns(
        airline=pl.when(pl.Series(rng.random(number) < 0.05)).then(pl.lit("XX")).otherwise("airline")
    )
    return frame, rng.integers(0, 2_000, number)


def log_of(flights: pl.DataFrame, weather: pl.DataFrame) -> list[LogEntry]:
    """The entries as they would have come, in the order in which they became known."""
    coded = in_model_codes(flights, TABLES)
    moments = scheduled_moments(coded, TABLES)
    entries: list[tuple[dt.datetime, Event]] = []
    early = START.replace(tzinfo=dt.UTC) - dt.timedelta(days=9)
    for (origin, date), day in flights.group_by("origin", pl.col("scheduled_departure").dt.date()):
        planned = tuple(
            PlannedFlight(**row)
            for row in day.select(
                "airline", "destination", "scheduled_departure", "flight_number", "aircraft"
            ).iter_rows(named=True)
        )
        entries.append(
            (early, TimetableChange(origin=str(origin), date=date, flights=planned, known_at=early))
        )
    for row, moment in zip(flights.iter_rows(named=True), moments.tolist(), strict=True):
        same = {
            name: row[name]
            for name in ("origin", "airline", "scheduled_departure", "flight_number", "destination")
        }
        scheduled = dt.datetime.fromtimestamp(moment * 60, dt.UTC)
        if row["actual_departure"] is not None:
            at = scheduled + (row["actual_departure"] - row["scheduled_departure"])
            entries.append((at, Departure(**same, actual_departure=row["actual_departure"], known_at=at)))
        elif row["cancelled"]:
            at = scheduled
            if row["cancelled_at"] is not None:
                at += row["cancelled_at"] - row["scheduled_departure"]
            entries.append((at, Cancellation(**same, known_at=at)))
    for row in weather.iter_rows(named=True):
        at = row.pop("known_at")
        entries.append((at, Observation(**row, observed_at=at, known_at=at)))
    entries.sort(key=lambda one: one[0])
    return [LogEntry(number, at, event) for number, (at, event) in enumerate(entries)]


def same(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Where two matrices hold the same bits, or both nothing."""
    alike: np.ndarray = (one == other) | (np.isnan(one) & np.isnan(other))
    return alike


def differing(one: np.ndarray, other: np.ndarray) -> list[str]:
    return [
        name
        for name, alike in zip(OPERATIONS, np.all(same(one, other), axis=0).tolist(), strict=True)
        if not alike
    ]


@pytest.fixture(scope="module")
def history() -> History:
    return History(FLIGHTS_FRAME, TABLES, THRESHOLD, WEATHER_FRAME)


def test_every_value_is_made(history: History) -> None:
    frame, leads = asked(3, 3_000)
    values = history.values(frame, leads)
    varied = {
        name
        for name, column in zip(OPERATIONS, values.T, strict=True)
        if len(np.unique(column[~np.isnan(column)])) > 1
    }
    assert set(OPERATIONS) - varied == set()


def test_frames_and_the_live_state_agree_bit_by_bit(history: History) -> None:
    frame, leads = asked(4, ASKED)
    moments = scheduled_moments(in_model_codes(frame, TABLES), TABLES) - leads
    order = np.argsort(moments, kind="stable")
    frame, leads, moments = frame[order], leads[order], moments[order]
    expected = history.values(frame, leads)
    encoder, state = Encoder(TABLES, tuple(FEATURE_NAMES)), LiveState(TABLES, THRESHOLD)
    log, place = log_of(FLIGHTS_FRAME, WEATHER_FRAME), 0
    found = np.full(expected.shape, np.nan)
    answered = np.zeros(len(leads), bool)
    for index, (row, moment) in enumerate(zip(frame.iter_rows(named=True), moments.tolist(), strict=True)):
        while place < len(log) and log[place].known_at.timestamp() // 60 <= moment:
            state.apply(log[place])
            place += 1
        if index % 1000 == 999:
            state.forget(moment)
        fields = ("airline", "destination", "origin", "scheduled_departure", "aircraft")
        resolved = encoder.resolve(Flight(**{name: row[name] for name in fields}))
        values = state.values(resolved, moment)
        answered[index] = values is not None
        if values is not None:
            found[index] = values
    assert answered.mean() > 0.9
    assert differing(found[answered], expected[answered]) == []


def test_what_happens_later_moves_nothing(history: History) -> None:
    """Everything that becomes known after the moment of asking is changed at random."""
    rng = np.random.default_rng(5)
    frame, leads = asked(6, 400)
    scheduled = scheduled_moments(in_model_codes(frame, TABLES), TABLES)
    for at in rng.choice(np.unique(scheduled - leads), 20, replace=False):
        rows = frame.filter(pl.Series(scheduled >= at))
        lead = (scheduled - at)[scheduled >= at]
        changed = change_after(int(at), rng)
        after = History(changed, TABLES, THRESHOLD, weather_until(int(at), rng))
        assert differing(history.values(rows, lead), after.values(rows, lead)) == []


def change_after(at: int, rng: np.random.Generator) -> pl.DataFrame:
    """The history with other outcomes where they become known after a moment; none that was known is lost."""
    moment, frame = MOMENTS, FLIGHTS_FRAME
    late = (pl.col("actual_departure") - pl.col("scheduled_departure")).dt.total_minutes()
    delay = frame.select(late).to_series()
    departs = moment + delay.fill_null(1 << 30).to_numpy()
    said = frame.select((pl.col("cancelled_at") - pl.col("scheduled_departure")).dt.total_minutes())
    cancels = moment + said.to_series().fill_null(0).to_numpy()
    open_ = np.where(frame["cancelled"].to_numpy(), cancels > at, departs > at)
    # One that is known to be late stays late: it leaves after the moment, at any time.
    first = np.maximum(at + 1 - moment, -60)
    other = first + rng.integers(0, 400, len(moment))
    call_off = open_ & (rng.random(len(moment)) < 0.2)
    scheduled = frame["scheduled_departure"]
    return frame.with_columns(
        actual_departure=pl.when(pl.Series(call_off))
        .then(None)
        .when(pl.Series(open_))
        .then(scheduled + pl.duration(minutes=pl.lit(pl.Series(other))))
        .otherwise("actual_departure"),
        cancelled=pl.when(pl.Series(open_)).then(pl.Series(call_off)).otherwise("cancelled"),
        cancelled_at=pl.when(pl.Series(call_off))
        .then(scheduled + pl.duration(minutes=pl.lit(pl.Series(other))))
        .when(pl.Series(open_))
        .then(None)
        .otherwise("cancelled_at"),
    )


def weather_until(at: int, rng: np.random.Generator) -> pl.DataFrame:
    later = WEATHER_FRAME["known_at"].dt.epoch("s") > at * 60
    return WEATHER_FRAME.with_columns(
        pl.when(later).then(pl.Series(rng.normal(0, 50, len(later)))).otherwise(name).alias(name)
        for name in WEATHER_FRAME.columns[2:]
    )


def test_the_order_of_the_rows_moves_nothing(history: History) -> None:
    shuffled = FLIGHTS_FRAME.sample(fraction=1, shuffle=True, seed=7)
    frame, leads = asked(8, 2_000)
    other = History(shuffled, TABLES, THRESHOLD, WEATHER_FRAME.sample(fraction=1, shuffle=True, seed=7))
    assert differing(history.values(frame, leads), other.values(frame, leads)) == []
