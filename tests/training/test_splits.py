"""A history divided: nothing is on both sides, and the random split is the original's."""

from __future__ import annotations

import datetime as dt
import hashlib

import numpy as np
import polars as pl
import pytest
from sklearn.model_selection import train_test_split

from puntual.data import Flights
from puntual.data.schema import COLUMNS, FLIGHT_COLUMNS
from puntual.training import splits
from puntual.training.cross_validation import FULL
from puntual.training.splits import SPLITS, Parts, Split, divide, take_part
from tests.planted import FIRST, Plan

COLUMNS_ALIKE = [name for name in COLUMNS if name != "row"]
SPLIT = FIRST + dt.timedelta(70)


@pytest.fixture(scope="module")
def flights() -> Flights:
    """Some of them never departed."""
    planted = Plan(days=100, a_day=20).flights()
    gone = pl.col("row") % 23 != 0
    frame = planted.frame.with_columns(
        actual_departure=pl.when(gone).then("actual_departure"), cancelled=~gone
    )
    return planted._replace(frame=frame)


@pytest.fixture(scope="module", params=SPLITS)
def parts(request: pytest.FixtureRequest, flights: Flights) -> Parts:
    return divide(flights, 15, request.param)


def rows(frame: pl.DataFrame) -> set[int]:
    return set(frame["row"].to_list())


def test_every_departed_flight_is_on_one_side(parts: Parts, flights: Flights) -> None:
    learned, test = rows(parts.learned.frame), rows(parts.test.frame)
    assert learned.isdisjoint(test)
    assert learned | test == rows(flights.frame.filter(~pl.col("cancelled")))


def test_outcomes_belong_to_their_flights_earliest_first(parts: Parts) -> None:
    for part in (parts.learned, parts.test):
        delay = part.frame["actual_departure"] - part.frame["scheduled_departure"]
        assert part.minutes.tolist() == (delay.dt.total_seconds() / 60).to_list()
        assert part.delayed.tolist() == [minutes > 15 for minutes in part.minutes.tolist()]
        assert part.frame["scheduled_departure"].is_sorted()
        assert (part.first, part.last) == (str(part.dates.min()), str(part.dates.max()))
        assert part.rows == (part.matrix, part.delayed)
        assert len(part.matrix) == len(part.minutes)


def test_time_meets_at_its_date(flights: Flights) -> None:
    parts = divide(flights, 15, "time", SPLIT)
    assert parts.learned.last == str(SPLIT - dt.timedelta(1))
    assert parts.test.first == str(SPLIT)
    assert divide(flights, 15).test.first == str(FIRST + dt.timedelta(80))


def test_random_is_the_originals(flights: Flights) -> None:
    """`train_test_split` of the rows as the file gives them."""
    departed = flights.frame.filter(~pl.col("cancelled"))
    _, drawn = train_test_split(departed["row"].to_list(), test_size=0.3, random_state=11)
    assert rows(divide(flights, 15, "random").test.frame) == set(drawn)


@pytest.mark.parametrize("split", SPLITS)
def test_duplicates_never_straddle(flights: Flights, split: Split) -> None:
    """Every flight comes three times, far from each other in the file."""
    thrice = pl.concat([flights.frame] * 3).with_columns(row=pl.int_range(2, pl.len() + 2, dtype=pl.UInt32))
    parts = divide(flights._replace(frame=thrice), 15, split)
    learned, test = (part.frame.select(COLUMNS_ALIKE).unique() for part in (parts.learned, parts.test))
    both = pl.concat([learned, test])
    assert both.height == both.unique().height
    assert len(parts.learned.minutes) == 3 * learned.height
    assert len(parts.test.minutes) == 3 * test.height
    if split == "random":
        assert 0.25 < test.height / both.height < 0.35


def test_flights_that_differ_in_one_column_are_drawn_apart(flights: Flights) -> None:
    """Beside what a flight number tells, these are the same flights."""
    thrice = pl.concat([flights.frame] * 3).with_columns(
        row=pl.int_range(2, pl.len() + 2, dtype=pl.UInt32),
        flight_number=pl.Series(np.repeat(["1", "2", "3"], flights.frame.height)),
    )
    parts = divide(flights._replace(frame=thrice), 15, "random")
    alike = [name for name in COLUMNS_ALIKE if name != "flight_number"]
    shared = parts.learned.frame.select(alike).join(
        parts.test.frame.select(alike), on=alike, how="semi", nulls_equal=True
    )
    assert shared.height > 0


def test_the_order_of_the_frame_changes_no_part(flights: Flights) -> None:
    parts = divide(flights, 15, "time", SPLIT)
    learned = parts.learned.frame
    mixed = learned.sample(fraction=1, shuffle=True, seed=3)
    again = take_part(mixed, flights.frame, parts.tables, 15)
    assert again.frame.equals(learned)
    assert np.array_equal(again.matrix, parts.learned.matrix, equal_nan=True)


def test_choices_of_many_flights_are_made_on_evenly_spaced_ones(parts: Parts) -> None:
    budget = FULL._replace(rows=1_000, sampled_rows=300)
    chosen = parts.to_choose_on(budget)
    at = np.flatnonzero(parts.learned.frame["row"].is_in(chosen.learned.frame["row"].implode()).to_numpy())
    assert 200 < len(at) <= 300
    assert set(np.diff(at)) == {at[1] - at[0]}
    assert (chosen.learned.matrix[:, 0] == parts.learned.matrix[at, 0]).all()
    assert (chosen.test, chosen.tables) == (parts.test, parts.tables)
    assert chosen.to_choose_on(budget) is chosen
    assert parts.to_choose_on(FULL) is parts


def test_a_digest_is_of_the_whole_file(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = hashlib.sha256(parts.learned.frame.select(FLIGHT_COLUMNS).write_csv().encode()).hexdigest()
    assert parts.learned.digest == whole
    monkeypatch.setattr(splits, "DIGESTED_ROWS", 100)
    assert parts.learned.digest == whole
    assert parts.test.digest != whole
