"""Count canonical flights once, by all that a summary shows and a check of their plausibility asks for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple, cast

import polars as pl

from puntual.data.flights import Flights
from puntual.data.zones import to_local

MAX_COMPARED = 300_000
"""Flights among which those of one departure, and repeated times, are looked for: the first days."""

_DEPARTURE = ("origin", "scheduled_departure", "destination")
_KEYS = ("minute", "day", "code", "origin", "hour", "delay")
_SERVICE = ("origin", "airline", "destination")


class Delays(NamedTuple):
    """The delays of the flights that departed.

    Attributes
    ----------
    counts : ``delay`` in minutes, each once in ascending order, and its ``flights``
    flights : that departed
    """

    counts: pl.DataFrame
    flights: int

    def quantile(self, share: float) -> float | None:
        """The least delay that this share of the flights does not exceed; None: no flight departed."""
        if not self.flights:
            return None
        reached = self.counts["flights"].cum_sum().search_sorted(max(1, share * self.flights))
        return float(self.counts["delay"][min(int(reached), self.counts.height - 1)])

    def count(self, wanted: pl.Expr) -> int:
        """Flights whose delay is as wanted, an expression of ``delay``."""
        return int(self.counts.filter(wanted)["flights"].sum())

    def share(self, wanted: pl.Expr) -> float:
        """Share of the flights whose delay is as wanted."""
        return self.count(wanted) / max(1, self.flights)


class Counts(NamedTuple):
    """What can be counted of some flights at a time and added up; the order of rows means nothing.

    Attributes
    ----------
    sums : one row, by the names of `Profile`
    minutes, days, airlines, origins, destinations, hours : as in `Profile`
    delays : ``delay`` in microseconds, ``flights``
    """

    sums: pl.DataFrame
    minutes: pl.DataFrame
    days: pl.DataFrame
    airlines: pl.DataFrame
    origins: pl.DataFrame
    destinations: pl.DataFrame
    hours: pl.DataFrame
    delays: pl.DataFrame


class Profile(NamedTuple):
    """Flights counted by what they have in common.

    Attributes
    ----------
    minutes : ``minute`` of the local day, ``flights``
    days : local ``day``, ``flights``, ``departed``, in order
    airlines, origins, destinations : ``code`` (null: not given), ``flights``, most first
    hours : ``origin``, local ``hour``, ``flights``
    delays : of those that departed
    with_seconds : scheduled at a time that is no whole minute
    to_itself : whose destination is their origin
    future : departed after ``today``
    with_aircraft : have a tail number
    compared : flights of the first days, of which
    shared : leave with another airline's at one minute for one place
    repeated : leave with another one of their airline and number at one minute for one place
    near, equal : pairs of flights of an airline for one place within the same ten minutes of the day, and at
        the same minute
    """

    flights: int
    history: bool
    cancelled: int
    not_reported: int
    minutes: pl.DataFrame
    days: pl.DataFrame
    airlines: pl.DataFrame
    origins: pl.DataFrame
    destinations: pl.DataFrame
    hours: pl.DataFrame
    delays: Delays
    with_seconds: int
    to_itself: int
    future: int
    with_aircraft: int
    compared: int
    shared: int
    repeated: int
    near: int
    equal: int

    def by_hour(self) -> list[int]:
        """Flights of each hour of the local day."""
        hours = self.minutes.group_by(hour=pl.col("minute") // 60).agg(pl.col("flights").sum())
        counts = dict(hours.iter_rows())
        return [counts.get(hour, 0) for hour in range(24)]


def profile_flights(flights: Flights, today: dt.date | None = None) -> Profile:
    """Count flights by all that they are judged by.

    Parameters
    ----------
    today : departures after the day that follows it are in the future; None: the machine's date

    Examples
    --------
    >>> from puntual.data import read_flights
    >>> profile = profile_flights(read_flights("nyc"))
    >>> profile.by_hour()[5:8], profile.delays.quantile(0.5), profile.airlines.row(0)
    ([1953, 25951, 22821], -2.0, ('UA', 58665))
    """
    counts = count_flights(flights.frame, today)
    first = select_first_days(flights.frame, last_compared_day(counts))
    return profile_counts(counts, first, history=flights.complete)


def count_flights(frame: pl.DataFrame, today: dt.date | None = None) -> Counts:
    """Count some flights, such as those of one partition, by all that can be added up.

    Parameters
    ----------
    frame : canonical
    today : as in `profile_flights`
    """
    scheduled = pl.col("scheduled_departure")
    actual, clock = pl.col("actual_departure"), scheduled.dt.timestamp("us") % 86_400_000_000
    base = frame.lazy().select(
        "airline",
        "origin",
        "destination",
        "cancelled",
        "aircraft",
        day=scheduled.dt.date(),
        minute=(clock // 60_000_000).cast(pl.Int16),
        seconds=clock % 60_000_000 != 0,
        delay=(actual - scheduled).dt.total_microseconds(),
        future=actual.dt.date() > (today or dt.datetime.now(dt.UTC).date()) + dt.timedelta(days=1),
    )
    departed = pl.col("delay").is_not_null()
    counted = pl.len().cast(pl.Int64).alias("flights")
    plans = [
        base.select(
            flights=pl.len(),
            cancelled=pl.col("cancelled").sum(),
            not_reported=(~departed & ~pl.col("cancelled")).sum(),
            with_seconds=pl.col("seconds").sum(),
            to_itself=(pl.col("origin") == pl.col("destination")).sum(),
            future=pl.col("future").sum(),
            with_aircraft=pl.col("aircraft").count(),
        ).cast(pl.Int64),
        base.group_by("minute").agg(counted),
        base.group_by("day").agg(counted, departed=departed.sum().cast(pl.Int64)),
        *(base.group_by(code=name).agg(counted) for name in ("airline", "origin", "destination")),
        base.group_by("origin", hour=pl.col("minute") // 60).agg(counted),
        base.filter(departed).group_by("delay").agg(counted),
    ]
    return Counts(*pl.collect_all(plans))


def merge_counts(parts: Iterable[Counts]) -> Counts:
    """The counts of all flights from those of some at a time; at least one."""
    several = list(parts)
    return Counts(*map(_add_up, zip(*several, strict=True)))


def _add_up(tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    joined = pl.concat(tables)
    keys = [name for name in joined.columns if name in _KEYS]
    return joined.group_by(keys).sum() if keys else joined.sum()


def last_compared_day(counts: Counts) -> dt.date:
    """The last of the first days, among which pairs of flights are looked for."""
    days = counts.days.sort("day")
    within = days.filter(pl.col("flights").cum_sum() <= max(MAX_COMPARED, int(days["flights"][0])))
    return cast("dt.date", within["day"].max())


def select_first_days(frame: pl.DataFrame, last: dt.date) -> pl.DataFrame:
    """What pairs are looked for by, of flights until a day.

    Parameters
    ----------
    frame : canonical
    last : of `last_compared_day`
    """
    return frame.filter(pl.col("scheduled_departure").dt.date() <= last).select(
        *_DEPARTURE, "airline", "flight_number"
    )


def profile_counts(counts: Counts, first_days: pl.DataFrame, *, history: bool) -> Profile:
    """The profile of flights that are counted.

    Parameters
    ----------
    counts : of all flights
    first_days : of `select_first_days`, of all flights
    history : the flights have actual times
    """
    by_code = [
        table.sort("flights", "code", descending=[True, False])
        for table in (counts.airlines, counts.origins, counts.destinations)
    ]
    delays = counts.delays.sort("delay").with_columns(pl.col("delay") / 60e6)
    return Profile(
        history=history,
        minutes=counts.minutes.sort("minute"),
        days=counts.days.sort("day"),
        airlines=by_code[0],
        origins=by_code[1],
        destinations=by_code[2],
        hours=counts.hours,
        delays=Delays(delays, int(delays["flights"].sum())),
        **counts.sums.row(0, named=True),
        **_compare(first_days),
    )


def _compare(first_days: pl.DataFrame) -> dict[str, int]:
    """What pairs of flights show, among the first days that together have `MAX_COMPARED`."""
    some = first_days.lazy()
    one = some.group_by(_DEPARTURE).agg(airlines=pl.col("airline").n_unique(), flights=pl.len())
    own = some.group_by(*_DEPARTURE, "airline", "flight_number").len()
    minute = pl.col("scheduled_departure").dt.timestamp("us") % 86_400_000_000 // 60_000_000
    times = some.group_by(*_SERVICE, minute=minute).agg(flights=pl.len().cast(pl.Int64))
    near = times.group_by(*_SERVICE, ten=pl.col("minute") // 10).agg(pl.col("flights").sum())
    pairs = (pl.col("flights") * (pl.col("flights") - 1) // 2).sum()
    counts = pl.collect_all(
        [
            some.select(pl.len()),
            one.filter(pl.col("airlines") > 1).select(pl.col("flights").sum()),
            own.filter(pl.col("len") > 1).select(pl.col("len").sum()),
            near.select(pairs),
            times.select(pairs),
        ]
    )
    names = ("compared", "shared", "repeated", "near", "equal")
    return dict(zip(names, (int(one.item()) for one in counts), strict=True))


def days_between(profile: Profile) -> list[dt.date]:
    """The days without a flight between the first and the last.

    Examples
    --------
    >>> from puntual.data import read_flights
    >>> days_between(profile_flights(read_flights("nyc")))
    []
    """
    days = profile.days["day"]
    every = pl.date_range(days[0], days[-1], eager=True)
    return every.filter(~every.is_in(days.implode())).to_list()


def clock_changes(profile: Profile) -> dict[dt.date, tuple[str, ...]]:
    """The flights' days on which clocks changed at their origins, and these; none where no zone is known.

    Examples
    --------
    >>> from puntual.data import read_flights
    >>> sorted(clock_changes(profile_flights(read_flights("nyc"))))
    [datetime.date(2013, 3, 10), datetime.date(2013, 11, 3)]
    """
    origins = profile.origins["code"].drop_nulls()
    places = profile.days.select("day").join(origins.to_frame("origin"), how="cross")
    midday = pl.col("day").cast(pl.Datetime("us")) + pl.duration(hours=12)
    # At midday clocks never change, so that the change shows between two middays.
    now, before = _offset(midday, origins), _offset(midday - pl.duration(days=1), origins)
    changed = places.filter(now != before).group_by("day").agg(pl.col("origin").sort()).sort("day")
    return {day: tuple(codes) for day, codes in changed.iter_rows()}


def _offset(utc: pl.Expr, origins: pl.Series) -> pl.Expr:
    """What the clocks of the flight's origin are ahead of UTC; null if its zone is unknown."""
    return to_local(utc.dt.replace_time_zone("UTC"), pl.col("origin"), origins) - utc
