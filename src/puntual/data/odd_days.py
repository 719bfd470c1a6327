"""Days on which a whole file of flights has none, or few."""

from __future__ import annotations

import datetime as dt

import polars as pl

from puntual.data.flights import RowsRead
from puntual.data.oddity import Found
from puntual.data.profile import Profile

_AROUND = 28
"""Days before and after a gap by which the flights that it lacks are reckoned."""
_MIN_LACKING = 20
_SHOWN = 3
_SEVERAL = 5
"""Destinations from which on a holiday does not empty a day."""
_WHOLE = "add the file that has them, or give a period without them (--since, --until)"
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def missing_months(profile: Profile, _: RowsRead) -> Found | None:
    """Whole months without a flight between others."""
    months = sorted({month for first, last in _gaps(profile) for month in _whole_months(first, last)})
    if not months:
        return None
    found = f"no flights in {_listed([f'{month:%Y-%m}' for month in months])}, but before and after"
    return Found(found, "a month's file is probably missing", _WHOLE, profile.flights)


def missing_days(profile: Profile, _: RowsRead) -> Found | None:
    """Days without a flight, fewer than a month, between days with many."""
    gaps = [(first, last) for first, last in _gaps(profile) if not _whole_months(first, last)]
    if not gaps:
        return None
    shown = [f"{first}" if first == last else f"{first} to {last}" for first, last in gaps]
    found = f"no flights on {_listed(shown)}, but many before and after"
    why = "unless the airport was closed, rows are missing"
    return Found(found, why, _WHOLE, profile.flights)


def thin_days(profile: Profile, _: RowsRead) -> Found | None:
    """Days with far fewer flights than the same weekday of the weeks before and after."""
    if profile.destinations.height < _SEVERAL:
        return None
    thin = _calendar(profile).filter(pl.col("flights") > 0)
    flights, weekday = pl.col("flights"), pl.col("day").dt.weekday()
    usual = pl.coalesce(
        flights.rolling_median(9, center=True, min_samples=4).over(weekday),
        flights.rolling_median(15, center=True, min_samples=5),
    )
    lacking = usual - pl.col("flights")
    few = 0.3 if profile.airlines.height >= 3 else 0.2
    thin = thin.with_columns(usual=usual).filter(
        pl.col("flights") < few * pl.col("usual"), lacking > 4 * pl.col("usual").sqrt()
    )
    if thin.is_empty():
        return None
    shown = [f"{day} ({count:,} instead of about {usual:,.0f})" for day, count, usual in thin.iter_rows()]
    found = f"far fewer flights than usual on {_listed(shown)}"
    why = "the file was probably cut off there, and these days' timetables are not whole"
    return Found(found, why, _WHOLE, profile.flights)


def missing_weekday(profile: Profile, _: RowsRead) -> Found | None:
    """An airport rests on no weekday."""
    span = (profile.days["day"][-1] - profile.days["day"][0]).days + 1
    if span < 28 or profile.airlines.height < 2 or profile.destinations.height < 5:
        return None
    weekdays = profile.days.group_by(weekday=pl.col("day").dt.weekday()).agg(pl.col("flights").sum())
    missing = {*range(1, 8)} - {*weekdays["weekday"]}
    if len(missing) != 1 or min(weekdays["flights"]) < _MIN_LACKING:
        return None
    found = f"no flight on any {_WEEKDAYS[missing.pop() - 1]} of {span} days"
    why = "an airport rests on no weekday, so dates were probably read wrongly, or rows were left out"
    return Found(found, why, "compare dates with the file, and give their form in a mapping", profile.flights)


def days_never_above_12(profile: Profile, _: RowsRead) -> Found | None:
    """With day and month swapped, no date is later than the 12th."""
    days = profile.days["day"]
    latest = max(days.dt.day())
    if latest > 12 or days.len() < 12 or (days[-1] - days[0]).days < 60:
        return None
    found = f"no date of {days.len()} from {days[0]} to {days[-1]} is later than the {latest}th of its month"
    why = "day and month were probably swapped"
    return Found(found, why, "give the form of the dates in a mapping, as in '%d/%m/%Y'", profile.flights)


def in_the_future(profile: Profile, _: RowsRead) -> Found | None:
    """What has left, left before today."""
    if not profile.future:
        return None
    found = f"{profile.future:,} flights have left after today"
    why = "their dates were read wrongly, or these are no actual times"
    return Found(found, why, "give the form of the dates in a mapping", profile.delays.flights)


def _calendar(profile: Profile) -> pl.DataFrame:
    """Every day from the first to the last, and its flights."""
    days = profile.days.select("day", "flights")
    every = pl.date_range(days["day"][0], days["day"][-1], eager=True).alias("day").to_frame()
    return every.join(days, "day", "left", maintain_order="left").fill_null(0)


def _gaps(profile: Profile) -> list[tuple[dt.date, dt.date]]:
    """First and last day of each time without flights in which the days around it would have had many.

    A single destination may have a season, and an airline does more often than an airport.
    """
    if profile.destinations.height == 1:
        return []
    days = profile.days.select("day", "flights")
    before = pl.col("flights").rolling_sum_by("day", f"{_AROUND}d")
    backwards = (
        days.reverse()
        .with_columns(day=-pl.col("day").cast(pl.Int32))
        .select(after=pl.col("flights").rolling_sum_by("day", f"{_AROUND}i"))
    )
    around = days.with_columns(before=before, after=backwards["after"].reverse()).with_columns(
        next=pl.col("day").shift(-1), after=pl.col("after").shift(-1)
    )
    gap = (pl.col("next") - pl.col("day")).dt.total_days() - 1
    usual = pl.min_horizontal("before", "after") / _AROUND
    wanted = _MIN_LACKING if profile.airlines.height > 1 else 3 * _MIN_LACKING
    found = around.filter(gap > 0, gap * usual >= wanted)
    day = dt.timedelta(days=1)
    return [(last + day, first - day) for last, first in found.select("day", "next").iter_rows()]


def _whole_months(first: dt.date, last: dt.date) -> list[dt.date]:
    """First days of the months that lie within."""
    months = pl.date_range(first, last, eager=True).dt.month_start().unique().sort()
    inside = months.to_frame("month").filter(pl.col("month") >= first, pl.col("month").dt.month_end() <= last)
    return inside["month"].to_list()


def _listed(texts: list[str]) -> str:
    shown = ", ".join(texts[:_SHOWN])
    more = len(texts) - _SHOWN
    return f"{shown} and {more:,} more" if more > 0 else shown
