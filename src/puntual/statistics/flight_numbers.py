"""Where each flight number goes, when, and how late it was."""

from __future__ import annotations

import msgspec
import polars as pl

from puntual.inference.flight_numbers import FlightNumber
from puntual.statistics.rates import with_outcomes

DAYS = 400
"""Before the last day: a number of long ago may be another flight today."""
MIN_DEPARTURES = 5
RECENT = 5
TIME_DAYS = 56
"""Before a number's last departure, of which its times of departure are taken."""

_KEY = ("airline", "number", "origin", "destination")
_WHEN = pl.col("scheduled_departure")
_DAY = _WHEN.dt.date()


def flight_numbers(flights: pl.DataFrame, threshold: int) -> tuple[FlightNumber, ...]:
    """The record of each flight number on each of its routes.

    Parameters
    ----------
    flights : canonical frame; flights without an airline or a number are left out, as are numbers of fewer
        than `MIN_DEPARTURES` departures in the last `DAYS` days
    threshold : minutes; a flight is delayed when it leaves more than this late

    Examples
    --------
    >>> import datetime as dt
    >>> days = [dt.datetime(2017, 7, day, 18, 35) for day in range(3, 9)]
    >>> rows = {"airline": "LAN", "flight_number": "0199", "origin": "SCEL", "destination": "SCFA"}
    >>> frame = pl.DataFrame({**rows, "scheduled_departure": days}).with_columns(
    ...     actual_departure=_WHEN + pl.duration(minutes=_WHEN.dt.day() * 4)
    ... )
    >>> (record,) = flight_numbers(frame, 15)
    >>> record.number, record.flights, record.delayed, record.median_delay, record.times[5:]
    ('199', 6, 5, 22.0, ('18:35', None))
    >>> record.recent[0]
    PastDeparture(date='2017-07-08', delay=32.0)
    """
    departed = with_outcomes(flights, threshold).drop_nulls(["airline", "flight_number"])
    known = (
        departed.filter(_DAY > _DAY.max() - pl.duration(days=DAYS))
        .with_columns(
            number=pl.col("flight_number").str.to_uppercase().str.strip_chars_start("0"),
            date=_DAY.dt.to_string("iso"),
            delay=pl.col("delay").round(1),
        )
        .sort("scheduled_departure", "delay")
    )
    lately = _DAY > _DAY.max() - pl.duration(days=TIME_DAYS)
    times = [
        _WHEN.filter(lately & (_WHEN.dt.weekday() == weekday)).last().dt.strftime("%H:%M")
        for weekday in range(1, 8)
    ]
    records = (
        known.group_by(_KEY)
        .agg(
            times=pl.concat_list(times),
            first=pl.col("date").first(),
            last=pl.col("date").last(),
            flights=pl.len(),
            delayed=pl.col("delayed").sum(),
            median_delay=pl.col("delay").median(),
            p90_delay=pl.col("delay").quantile(0.9, "linear").round(1),
            recent=pl.struct("date", "delay").tail(RECENT).reverse(),
        )
        .filter((pl.col("flights") >= MIN_DEPARTURES) & (pl.col("number") != ""))
        .sort(_KEY)
    )
    return tuple(msgspec.convert(row, FlightNumber) for row in records.iter_rows(named=True))
