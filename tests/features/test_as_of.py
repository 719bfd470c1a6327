"""A whole schedule as of a moment, against its flights one at a time with the live state of that moment."""

from __future__ import annotations

import datetime as dt
import math
import zoneinfo

import msgspec
import numpy as np
import polars as pl
import pytest

from puntual.batch import predict
from puntual.data import Flights
from puntual.errors import DataError
from puntual.features.as_of import FlightsAsOf
from puntual.inference.artifact import Artifact
from puntual.inference.as_of import AsOf
from puntual.inference.operations import ANSWERED_WITHIN, OPERATIONS
from puntual.inference.predictor import Predictor
from puntual.operations.live_state import LiveState
from puntual.types import DetailedPrediction, Flight
from tests.features.test_operations import FLIGHTS_FRAME, START, TABLES, THRESHOLD, WEATHER_FRAME, log_of
from tests.flights import artifact_of, small_booster, small_operations
from tests.planted import flights_of

LOG = log_of(FLIGHTS_FRAME, WEATHER_FRAME)
NOON = START + dt.timedelta(days=4, hours=12)
AT = NOON.replace(tzinfo=dt.UTC)
SCHEDULED = pl.col("scheduled_departure")
ASKED = ("airline", "destination", "origin", "scheduled_departure", "aircraft")


@pytest.fixture(scope="module")
def artifact() -> Artifact:
    return msgspec.structs.replace(artifact_of(TABLES, small_booster()), operations=small_operations())


@pytest.fixture(scope="module")
def predictor(artifact: Artifact) -> Predictor:
    return Predictor(artifact)


@pytest.fixture(scope="module")
def everything() -> Flights:
    return flights_of(FLIGHTS_FRAME)


def state_at(at: dt.datetime) -> AsOf:
    """What had become known by then."""
    state = LiveState(TABLES, THRESHOLD)
    for entry in LOG:
        if entry.known_at <= at:
            state.apply(entry)
    return AsOf(state, at)


def around(at: dt.datetime, flights: pl.DataFrame = FLIGHTS_FRAME) -> pl.DataFrame:
    """Flights of the days about a moment, some that left long before it and some days after."""
    day = dt.timedelta(days=1)
    near = flights.filter(SCHEDULED.is_between(at - day, at + 3 * day))
    return near.sample(min(near.height, 400), seed=1)


def asked(frame: pl.DataFrame) -> list[Flight]:
    return [Flight(**row) for row in frame.select(ASKED).iter_rows(named=True)]


def explain(predictor: Predictor, frame: pl.DataFrame, at: dt.datetime) -> list[DetailedPrediction]:
    timetable = predictor.timetable(asked(FLIGHTS_FRAME))
    return predictor.explain(asked(frame), timetable=timetable, language="en", as_of=state_at(at))


def same_answers(table: pl.DataFrame, answers: list[DetailedPrediction]) -> None:
    """Every column is that of the answers."""
    assert table["horizon"].to_list() == [one.horizon for one in answers]
    assert table["delay_probability"].to_list() == [one.delay_probability for one in answers]
    assert table["delayed"].to_list() == [one.delayed for one in answers]
    leads = [None if one.lead_minutes is msgspec.UNSET else one.lead_minutes for one in answers]
    assert table["lead_minutes"].to_list() == leads
    moments = [None if one.as_of is msgspec.UNSET else f"{one.as_of:%Y-%m-%dT%H:%M:%SZ}" for one in answers]
    assert table["as_of"].to_list() == moments
    assert table["reasons"].to_list() == ["; ".join(one.words or ()) for one in answers]
    for row, one in zip(table.iter_rows(named=True), answers, strict=True):
        points = {reason.group: reason.points for reason in one.reasons}
        found = {name[7:]: row[name] for name in row if name.startswith("points_") and row[name] is not None}
        assert found == points
        assert math.fsum(points.values()) == pytest.approx(one.delay_probability - row["base_rate"])
        assert [row[f"delay_over_{each.minutes}"] for each in one.exceedance] == [
            each.probability for each in one.exceedance
        ]


def test_a_batch_is_its_flights_one_at_a_time(
    artifact: Artifact, predictor: Predictor, everything: Flights
) -> None:
    as_of = FlightsAsOf(artifact, AT, everything, weather=WEATHER_FRAME)
    frame = around(NOON)
    table = predict(artifact, frame, FLIGHTS_FRAME, detail=True, language="en", as_of=as_of)
    same_answers(table, explain(predictor, frame, AT))
    shares = dict(table["horizon"].value_counts(normalize=True).iter_rows())
    assert min(shares["operations"], shares["schedule"]) > 0.1


def test_without_an_offset_the_moment_is_local_at_each_origin(
    artifact: Artifact, predictor: Predictor, everything: Flights
) -> None:
    as_of = FlightsAsOf(artifact, NOON, everything, weather=WEATHER_FRAME)
    zones = {airport.code: airport.timezone for airport in TABLES.airports}
    for (origin,), frame in around(NOON).group_by("origin", maintain_order=True):
        local = NOON.replace(tzinfo=zoneinfo.ZoneInfo(str(zones[str(origin)]))).astimezone(dt.UTC)
        table = predict(artifact, frame, FLIGHTS_FRAME, detail=True, language="en", as_of=as_of)
        same_answers(table, explain(predictor, frame, local))


def test_a_history_before_and_a_schedule_give_the_same(artifact: Artifact, everything: Flights) -> None:
    """What the file asked about does not say is in the history; where both have a flight, it counts once."""
    frame = around(NOON)
    whole = FlightsAsOf(artifact, AT, everything)
    expected = predict(artifact, frame, FLIGHTS_FRAME, as_of=whole)
    days = SCHEDULED.dt.date()
    later = FLIGHTS_FRAME.filter(days >= NOON.date())
    before = flights_of(FLIGHTS_FRAME.filter(days < NOON.date()))
    for history in (before, everything):
        parted = FlightsAsOf(artifact, AT, flights_of(later), history=history)
        assert predict(artifact, frame, FLIGHTS_FRAME, as_of=parted).equals(expected)


def test_a_file_written_at_the_moment_gives_what_a_history_does(artifact: Artifact) -> None:
    """Its flights without an actual time have not left; without a column that says so none is cancelled."""
    whole = FLIGHTS_FRAME.filter(pl.col("origin") == "SCL", pl.col("actual_departure").is_not_null())
    unsaid = pl.col("actual_departure") > NOON
    written = whole.with_columns(actual_departure=pl.when(~unsaid).then("actual_departure"), cancelled=unsaid)
    export = flights_of(written, assumed_cancelled=whole.filter(unsaid).select("row"))
    frame = around(NOON, whole)
    first, second = (
        predict(artifact, frame, whole, as_of=FlightsAsOf(artifact, NOON, one))
        for one in (flights_of(whole), export)
    )
    assert (whole.filter(unsaid & (SCHEDULED < NOON)).height, first.height) > (0, 50)
    assert first.equals(second)


def test_a_schedule_says_nothing_of_the_flights_that_were_due(artifact: Artifact) -> None:
    days = SCHEDULED.dt.date()
    history = flights_of(FLIGHTS_FRAME.filter(days < NOON.date()))
    today = FLIGHTS_FRAME.filter(days >= NOON.date()).with_columns(
        actual_departure=pl.lit(None, pl.Datetime("us")), cancelled=False
    )
    schedule = flights_of(today, complete=False)
    known = FlightsAsOf(artifact, AT, schedule, history=history).read(today)
    named = dict(zip(OPERATIONS, known.values.T, strict=True))
    assert not named["airport_0_minutes_overdue"].any()
    assert math.isnan(named["airport_late_60"].max())
    assert not math.isnan(named["airport_late_3_days"].max())
    planned = today.filter(SCHEDULED > history.frame["actual_departure"].max())
    so_far = pl.concat([history.frame, planned])
    early = FlightsAsOf(artifact, AT, schedule, history=flights_of(so_far)).read(today)
    assert np.array_equal(
        early.values, known.values, equal_nan=True
    )  # a history that was written in the night
    with pytest.raises(DataError, match=r"planted\.csv: no actual times; wanted: some, or a history"):
        FlightsAsOf(artifact, AT, schedule)


def test_days_without_a_timetable_are_answered_from_the_schedule(artifact: Artifact) -> None:
    """Nobody knows what happens on a day that no file holds."""
    future = FLIGHTS_FRAME.with_columns(SCHEDULED + pl.duration(days=40)).head(50)
    known = FlightsAsOf(artifact, AT + dt.timedelta(days=35), flights_of(FLIGHTS_FRAME)).read(future)
    assert not known.rows.any()
    assert known.columns["horizon"].unique().to_list() == ["schedule"]


def test_what_is_more_than_a_week_ahead_is_answered_from_the_schedule(artifact: Artifact) -> None:
    """No model learned from a moment so long before, and none was measured there."""
    at = START.replace(tzinfo=dt.UTC) + dt.timedelta(days=1, hours=6)
    known = FlightsAsOf(artifact, at, flights_of(FLIGHTS_FRAME)).read(FLIGHTS_FRAME)
    assert known.leads.max() > ANSWERED_WITHIN
    assert known.rows[known.leads <= ANSWERED_WITHIN].any()
    assert not known.rows[known.leads > ANSWERED_WITHIN].any()


def test_nothing_that_happened_later_is_read(artifact: Artifact, everything: Flights) -> None:
    """Another end of every flight that was still to leave gives the same answers."""
    open_ = pl.col("actual_departure") > NOON + dt.timedelta(days=1)
    other = FLIGHTS_FRAME.with_columns(
        actual_departure=pl.when(open_)
        .then(pl.col("actual_departure") + pl.duration(hours=9))
        .otherwise("actual_departure")
    )
    frame = around(NOON)
    first, second = (
        predict(artifact, frame, FLIGHTS_FRAME, as_of=FlightsAsOf(artifact, AT, one))
        for one in (everything, flights_of(other))
    )
    assert first.equals(second)
