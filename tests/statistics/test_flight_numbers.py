"""Flight numbers: their records equal a count by hand, and hold nothing of long ago or too rare."""

from __future__ import annotations

import datetime as dt
import statistics
from pathlib import Path

import polars as pl

from puntual.data import read_flights
from puntual.statistics.flight_numbers import DAYS, MIN_DEPARTURES, RECENT, flight_numbers

START = dt.datetime(2017, 7, 3, 18, 35)
"""A Monday."""


def flown(number: str, moments: list[dt.datetime], delay: int = 20) -> pl.DataFrame:
    route = {"airline": "LAN", "flight_number": number, "origin": "SCEL", "destination": "SCFA"}
    departed = pl.DataFrame(
        {"scheduled_departure": moments}, schema={"scheduled_departure": pl.Datetime("us")}
    )
    actual = pl.col("scheduled_departure") + pl.duration(minutes=delay)
    return departed.with_columns(actual_departure=actual, **{name: pl.lit(route[name]) for name in route})


def test_records_equal_a_count_by_hand(made_up_scl: Path) -> None:
    frame = read_flights(made_up_scl).frame
    records = flight_numbers(frame, 15)
    assert records
    for record in records:
        rows = [
            row
            for row in frame.sort("scheduled_departure").iter_rows(named=True)
            if (row["airline"], row["flight_number"], row["destination"])
            == (record.airline, record.number, record.destination)
            and row["actual_departure"] is not None
        ]
        delays = [(row["actual_departure"] - row["scheduled_departure"]).total_seconds() / 60 for row in rows]
        assert (record.flights, record.delayed) == (len(rows), sum(delay > 15 for delay in delays))
        assert record.median_delay == statistics.median(round(delay, 1) for delay in delays)
        assert record.last == record.recent[0].date == str(rows[-1]["scheduled_departure"].date())
        assert len(record.recent) == min(RECENT, len(rows))


def test_times_are_those_of_the_last_weeks() -> None:
    """Retimed at the end of winter; Saturdays were given up long before, and Sundays never flown."""
    winter = [START + dt.timedelta(days=day) for day in range(60) if day % 7 < 6]
    summer = [START.replace(hour=9) + dt.timedelta(days=day) for day in range(60, 120) if day % 7 < 5]
    (record,) = flight_numbers(flown("199", winter + summer), 15)
    assert record.times == (*("09:35",) * 5, None, None)
    assert (record.first, record.flights, record.delayed) == (
        "2017-07-03",
        len(winter + summer),
        len(winter + summer),
    )


def test_what_is_rare_or_long_ago_has_no_record() -> None:
    daily = [START + dt.timedelta(days=day) for day in range(DAYS + 30)]
    frame = pl.concat(
        [
            flown("1", daily),
            flown("2", daily[:20]),
            flown("3", daily[-MIN_DEPARTURES + 1 :]),
            flown("0", daily),
        ]
    )
    numbers = {record.number: record.flights for record in flight_numbers(frame, 15)}
    assert numbers == {"1": DAYS}
    assert not flight_numbers(frame.with_columns(flight_number=pl.lit(None, pl.String)), 15)
