from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

import puntual
from puntual.data import Flights, read_flights
from puntual.data.oddities import CHECKS, IMPLIED, find_oddities
from puntual.data.oddity import MANY
from puntual.data.profile import profile_flights
from puntual.data.schema import COLUMNS
from puntual.data.summary import summarise
from puntual.errors import PuntualWarning

SHARED = Path(__file__).parents[3] / "shared" / "data"
SCHEDULED, ACTUAL = pl.col("scheduled_departure"), pl.col("actual_departure")
DAY, DELAY = SCHEDULED.dt.date(), (ACTUAL - SCHEDULED).dt.total_minutes()
EVERY = pl.int_range(pl.len())
TODAY = dt.date(2026, 1, 1)
SLICES = 3

Plant = Callable[[pl.DataFrame, random.Random], pl.DataFrame]


class Fault(NamedTuple):
    """A fault of reading, and how many flights and days it takes to see it."""

    plant: Plant
    flights: int = 40
    days: int = 1


def minutes(count: int) -> pl.Expr:
    return pl.duration(minutes=count)


def scheduled(moment: pl.Expr) -> Plant:
    """Shift both times of a flight."""
    return lambda flights, _: flights.with_columns(
        scheduled_departure=moment, actual_departure=moment + (ACTUAL - SCHEDULED)
    )


def delayed(value: pl.Expr) -> Plant:
    """Replace the delay, in minutes."""
    actual = SCHEDULED + pl.duration(microseconds=(value * 60e6).round().cast(pl.Int64))
    return lambda flights, _: flights.with_columns(actual_departure=actual)


def departed(moment: pl.Expr) -> Plant:
    return lambda flights, _: flights.with_columns(actual_departure=moment)


def kept(wanted: pl.Expr) -> Plant:
    return lambda flights, _: flights.filter(wanted)


def middle(flights: pl.DataFrame) -> dt.date:
    days: list[dt.date] = flights["scheduled_departure"].dt.date().unique().sort().to_list()
    return days[len(days) // 2]


def some_at_midnight(flights: pl.DataFrame, _: random.Random) -> pl.DataFrame:
    moment = pl.when(EVERY % 3 == 0).then(SCHEDULED.dt.truncate("1d")).otherwise(SCHEDULED)
    return flights.with_columns(scheduled_departure=moment)


def swapped(flights: pl.DataFrame, _: random.Random) -> pl.DataFrame:
    """Swap day and month where that is a date."""
    moment = pl.datetime(2013, DAY.dt.day(), DAY.dt.month(), SCHEDULED.dt.hour(), SCHEDULED.dt.minute())
    return scheduled(moment)(flights.filter(DAY.dt.day() <= 12), _)


def codeshares(flights: pl.DataFrame, chance: random.Random) -> pl.DataFrame:
    shared = flights.sample(fraction=0.4, seed=chance.randrange(10**6))
    partners = (shared.with_columns(airline=pl.lit(code)) for code in ("LH", "AF"))
    return pl.concat([flights, *partners])


def twice(flights: pl.DataFrame, chance: random.Random) -> pl.DataFrame:
    return pl.concat([flights, flights.sample(fraction=0.5, seed=chance.randrange(10**6))])


def without_a_weekday(flights: pl.DataFrame, chance: random.Random) -> pl.DataFrame:
    return flights.filter(DAY.dt.weekday() != chance.randint(1, 7))


def without_days(flights: pl.DataFrame, _: random.Random) -> pl.DataFrame:
    first = middle(flights)
    return flights.filter(~DAY.is_between(first, first + dt.timedelta(days=8)))


def without_a_month(flights: pl.DataFrame, _: random.Random) -> pl.DataFrame:
    return flights.filter(DAY.dt.month() != middle(flights).month)


def cut_off(flights: pl.DataFrame, _: random.Random) -> pl.DataFrame:
    return flights.filter((middle(flights) != DAY) | (SCHEDULED.dt.hour() < 7))


def afternoon_as_morning() -> pl.Expr:
    return pl.when(SCHEDULED.dt.hour() > 12).then(SCHEDULED - minutes(12 * 60)).otherwise(SCHEDULED)


def half_in_an_hour() -> pl.Expr:
    in_an_hour = SCHEDULED.dt.truncate("1d") + pl.duration(minutes=600 + EVERY % 60)
    return pl.when(EVERY % 2 == 0).then(SCHEDULED).otherwise(in_an_hour)


ON_TIME_OR_CANCELLED = (DELAY > 0) | DELAY.is_null()
FAULTS: dict[str, list[Fault]] = {
    "all_at_midnight": [Fault(scheduled(SCHEDULED.dt.truncate("1d"))), Fault(some_at_midnight)],
    "one_time_of_day": [Fault(scheduled(SCHEDULED.dt.truncate("1d") + minutes(12 * 60)))],
    "implausible_hour": [Fault(scheduled(half_in_an_hour()), 150, 8)],
    "hours_never_above_12": [Fault(scheduled(afternoon_as_morning()), 200, 2)],
    "minutes_always_zero": [
        Fault(lambda flights, _: flights.with_columns(scheduled_departure=SCHEDULED.dt.truncate("1h")))
    ],
    "night_busy": [Fault(scheduled(SCHEDULED + minutes(hours * 60)), 200) for hours in (5, 9, 14, -7)],
    "actual_as_scheduled": [
        Fault(
            lambda flights, _: flights.with_columns(
                scheduled_departure=pl.coalesce(ACTUAL, SCHEDULED),
                actual_departure=ACTUAL + (ACTUAL - SCHEDULED),
            ),
            4_000,
            10,
        )
    ],
    "scheduled_is_actual": [
        Fault(departed(pl.when(ACTUAL.is_not_null()).then(SCHEDULED))),
        Fault(departed(pl.when((EVERY % 10 < 7) & ACTUAL.is_not_null()).then(SCHEDULED).otherwise(ACTUAL))),
    ],
    "delays_cut_at_zero": [Fault(delayed(DELAY.clip(0))), Fault(kept(DELAY >= 0), 700, 5)],
    "delays_zero_or_one": [Fault(delayed((DELAY > 15).cast(pl.Int64)))],
    "on_time_dropped": [Fault(kept(ON_TIME_OR_CANCELLED), 400, 5)],
    "delays_in_seconds": [Fault(delayed(DELAY * 60))],
    "delays_in_hours": [Fault(delayed(DELAY / 60), 60)],
    "delays_off_by_days": [
        Fault(departed(pl.when(EVERY % 20 == 0).then(ACTUAL - minutes(24 * 60)).otherwise(ACTUAL))),
        Fault(departed(pl.when(EVERY % 9 == 0).then(SCHEDULED + minutes(24 * 60)).otherwise(ACTUAL)), 80),
    ],
    "early_departures": [Fault(delayed(-DELAY), 300, 5)],
    "delays_shifted": [Fault(departed(ACTUAL + minutes(sign * 240)), 60, 5) for sign in (1, -1)],
    "split_thousands": [Fault(delayed(pl.when(EVERY % 25 == 0).then(1.47).otherwise(DELAY)))],
    "without_outcome": [Fault(departed(pl.when(DELAY > 0).then(ACTUAL)))],
    "no_cancellations": [Fault(kept(ACTUAL.is_not_null()), 600)],
    "many_cancelled": [
        Fault(
            lambda flights, _: flights.with_columns(
                actual_departure=pl.when(DELAY > 0).then(ACTUAL), cancelled=(DELAY <= 0).fill_null(value=True)
            ),
            80,
            14,
        )
    ],
    "undeclared_codeshares": [Fault(codeshares)],
    "repeated_flights": [Fault(twice)],
    "destination_is_origin": [
        Fault(
            lambda flights, _: flights.with_columns(
                destination=pl.when(EVERY % 3 == 0).then("origin").otherwise("destination")
            )
        )
    ],
    "days_never_above_12": [Fault(swapped, 300, 60)],
    "missing_weekday": [Fault(without_a_weekday, 400, 30)],
    "missing_days": [Fault(without_days, 1_000, 25)],
    "missing_months": [Fault(without_a_month, 1_500, 90)],
    "thin_days": [Fault(cut_off, 3_000, 9)],
    "in_the_future": [
        Fault(
            lambda flights, _: flights.with_columns(
                scheduled_departure=SCHEDULED.dt.offset_by("30y"), actual_departure=ACTUAL.dt.offset_by("30y")
            )
        )
    ],
}
PLANTED = [
    pytest.param(name, fault, id=f"{name}-{number}")
    for name, faults in FAULTS.items()
    for number, fault in enumerate(faults)
]


@pytest.fixture(scope="module")
def nyc() -> Flights:
    return read_flights("nyc")


def warned(flights: Flights, frame: pl.DataFrame) -> list[str]:
    read = flights._replace(frame=frame, rows=frame.height)
    return [oddity.name for oddity in find_oddities(profile_flights(read, TODAY), read)]


def draw(flights: pl.DataFrame, chance: random.Random, least: int = 40, days: int = 1) -> pl.DataFrame:
    """Draw flights of an airport, or of all, in some months: whole days, or any of them."""
    origin = chance.choice([None, "EWR", "JFK", "LGA"])
    first = chance.randint(1, 12 if days <= 28 else 9)
    months = (first, chance.choice([first, 12]) if days <= 28 else 12)
    drawn = flights.filter(
        pl.lit(value=True) if origin is None else pl.col("origin") == origin,
        DAY.dt.month().is_between(*months),
    )
    count = round(least * (50_000 / least) ** chance.random())
    if chance.random() < 0.5:
        return drawn.sample(min(count, drawn.height), seed=chance.randrange(10**9)).sort("row")
    dates = drawn["scheduled_departure"].dt.date().unique().sort()
    length = min(dates.len(), max(days, round(count / drawn.height * dates.len())))
    start = chance.randrange(dates.len() - length + 1)
    return drawn.filter(DAY.is_between(dates[start], dates[start + length - 1]))


@pytest.mark.parametrize("seed", range(40))
def test_nothing_is_said_of_true_flights(nyc: Flights, seed: int) -> None:
    drawn = draw(nyc.frame, random.Random(seed))
    assert [name for name in warned(nyc, drawn) if name != "no_cancellations"] == []


@pytest.mark.parametrize("by", [["airline"], ["origin", "month"], ["airline", "month"]], ids="-".join)
def test_nothing_is_said_of_an_airport_a_month_or_an_airline(nyc: Flights, by: list[str]) -> None:
    parts = nyc.frame.with_columns(month=DAY.dt.month()).partition_by(by, include_key=True)
    said = {name for part in parts for name in warned(nyc, part.drop("month"))}
    assert said <= {"no_cancellations"}


@pytest.mark.parametrize(("name", "fault"), PLANTED)
@pytest.mark.parametrize("seed", range(SLICES))
def test_a_planted_fault_is_found(nyc: Flights, name: str, fault: Fault, seed: int) -> None:
    chance = random.Random(f"{name} {seed}")
    drawn = draw(nyc.frame, chance, fault.flights, fault.days)
    planted = fault.plant(drawn, chance).sort("row", maintain_order=True)
    said = warned(nyc, planted)
    assert name in said, (planted.height, said)


def test_every_check_is_planted_or_tested_by_itself() -> None:
    by_themselves = {"many_duplicates", "unknown_codes", "city_codes", "no_such_status"}
    assert {*FAULTS} | by_themselves == {*CHECKS}
    assert {name for one in IMPLIED.values() for name in one} | {*IMPLIED} <= {*CHECKS}


def test_santiago_has_no_cancellations_and_nothing_else_odd() -> None:
    place = SHARED / "dataset_SCL.csv"
    if not place.exists():
        pytest.skip("the flights of Santiago are not part of the project")
    santiago = read_flights(place)
    assert warned(santiago, santiago.frame) == ["no_cancellations"]
    parts = santiago.frame.with_columns(month=DAY.dt.month()).partition_by("airline", "month")
    said = {name for part in parts for name in warned(santiago, part.drop("month"))}
    assert said <= {"no_cancellations"}


@pytest.mark.parametrize(
    "form", ["01_bts_prezip", "03_kaggle2015", "03b_kaggle2015_with_october", "05_asa2008"]
)
def test_nothing_is_said_of_a_small_true_file(nyc: Flights, form: str) -> None:
    place = SHARED / "forms" / f"{form}.truth.csv"
    if not place.exists():
        pytest.skip("the forms are not part of the project")
    truth = pl.read_csv(place, schema_overrides={"scheduled_departure": pl.Datetime("us")})
    frame = truth.with_columns(
        row=pl.int_range(2, 2 + pl.len(), dtype=pl.UInt32),
        origin=pl.lit("JFK"),
        actual_departure=SCHEDULED + pl.duration(minutes="delay"),
        cancelled=pl.col("delay").is_null(),
    )
    missing = (
        pl.lit(None, one.dtype).alias(name) for name, one in COLUMNS.items() if name not in frame.columns
    )
    assert warned(nyc, frame.with_columns(*missing).select(*COLUMNS)) == []


def test_many_rows_that_repeat_others_are_said(nyc: Flights) -> None:
    few = nyc.frame.head(300)
    repeats = pl.DataFrame({"row": range(302, 332), "first_row": range(2, 32)})
    read = nyc._replace(frame=few, rows=330, duplicates=repeats)
    (oddity,) = find_oddities(profile_flights(read, TODAY), read)
    assert (oddity.name, oddity.found) == ("many_duplicates", "9 % of the rows repeat an earlier one")


@pytest.mark.parametrize(
    ("codes", "name", "found"),
    [
        ({"EWR": "NYC"}, "city_codes", "NYC: code of a city, not of an airport"),
        ({"UA": "QQ7", "AA": "QQ8"}, "unknown_codes", "no table has 2 of the codes (QQ7, QQ8)"),
    ],
)
def test_codes_are_said(nyc: Flights, tmp_path: Path, codes: dict[str, str], name: str, found: str) -> None:
    places = pl.col("airline", "origin")
    other = pl.when(EVERY % 2 == 0).then(places.replace(codes)).otherwise(places)
    nyc.frame.head(20_000).with_columns(other).drop("row").write_parquet(tmp_path / "f.parquet")
    read = read_flights(str(tmp_path / "f.parquet"))
    odd = {oddity.name: oddity.found for oddity in find_oddities(profile_flights(read, TODAY), read)}
    assert odd[name].startswith(found)


@pytest.mark.parametrize(
    "form",
    ["monthly", "24_ssim_chapter7.txt", "07_eurocontrol_rd.csv", "06_anac_vra_2023.csv", "17_avinor.csv"],
)
def test_nothing_is_said_of_forms_that_are_odd_in_other_ways(form: str) -> None:
    place = SHARED / "forms" / form
    if not place.exists():
        pytest.skip("the forms are not part of the project")
    flights = read_flights(place, history=False)
    assert warned(flights, flights.frame) == []


def test_few_flights_are_said_with_reserve(nyc: Flights) -> None:
    few = nyc.frame.head(40).with_columns(scheduled_departure=SCHEDULED.dt.truncate("1d"))
    read = nyc._replace(frame=few)
    oddity = find_oddities(profile_flights(read, TODAY), read)[0]
    assert (oddity.name, oddity.sure, oddity.flights) == ("all_at_midnight", False, 40)
    assert oddity.sentence.startswith("100 % of the flights are scheduled at 00:00 (on 40 flights only")
    assert MANY > oddity.flights


def test_times_in_utc_are_called_so(nyc: Flights) -> None:
    read = nyc._replace(frame=scheduled(SCHEDULED + minutes(300))(nyc.frame, random.Random(1)))
    (oddity,) = find_oddities(profile_flights(read, TODAY), read)
    assert oddity.name == "night_busy"
    assert oddity.why.endswith("in UTC")


def test_who_reads_in_python_is_warned(nyc: Flights, tmp_path: Path) -> None:
    rows = nyc.raw.head(300).drop("row").with_columns(sched_dep_time=pl.lit("1200"))
    with pytest.warns(PuntualWarning, match="the data frame: 100 % of the flights are scheduled at 12:00"):
        puntual.read(rows, source="nyc")
    rows.write_csv(tmp_path / "noon flights.csv")
    with pytest.warns(PuntualWarning, match=r"\(more: puntual check '.*noon flights.csv'\)"):
        puntual.read(tmp_path / "noon flights.csv", source="nyc")


@pytest.mark.parametrize("seed", range(10))
def test_whatever_flights_there_are_is_profiled(nyc: Flights, seed: int) -> None:
    """Few flights, far dates, odd codes, no airlines, no outcomes."""
    chance = random.Random(seed)
    few = nyc.frame.sample(chance.choice([1, 2, 3, 30]), seed=seed)
    years = pl.lit(pl.Series([chance.choice([-60, 0, 0, 1, 130]) for _ in range(few.height)]))
    moved = few.with_columns(
        pl.col("scheduled_departure", "actual_departure").dt.offset_by(years.cast(pl.String) + "y"),
        airline=pl.when(EVERY % 2 == seed % 2).then("airline"),
        destination=pl.lit(chance.choice(["LAX", "ZZZZ9", "NYC", "X1"])),
    )
    if seed % 3 == 0:
        moved = moved.with_columns(actual_departure=pl.lit(None, pl.Datetime("us")), cancelled=seed % 2 == 0)
    summary = summarise(nyc._replace(frame=moved))
    assert summary.flights == few.height == sum(summary.hours)
    assert all(one.sentence.isprintable() for one in summary.warnings)
