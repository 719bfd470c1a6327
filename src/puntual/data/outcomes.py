"""What became of a flight: when it left, and whether it was cancelled or diverted."""

from __future__ import annotations

import re
from collections.abc import Collection

import polars as pl

from puntual.data.cells import (
    clean_text,
    has_offset,
    parse_delay,
    parse_iso_utc,
    time_of_day,
    within_half_a_day,
)
from puntual.data.mapping import Mapping
from puntual.data.times import Written, read_time
from puntual.data.zones import to_local, to_utc
from puntual.formats import CANCELLED as TRUE

VALUE = "\0"
"""Before the names of canonical values, since the file's own columns may have the same."""
WRITTEN = VALUE + "as written"
"""The scheduled time in the file's zone."""
SCHEDULED, ACTUAL, CANCELLED, CANCELLED_AT = (
    VALUE + name for name in ("scheduled_departure", "actual_departure", "cancelled", "cancelled_at")
)
ASSUMED = VALUE + "assumed cancelled"
"""Whether a flight counts as cancelled only because nothing says that it has left."""
OFFSETS = {
    name: f"{VALUE}offset of {name}" for name in ("scheduled_departure", "actual_departure", "cancelled_at")
}
"""By column, the name of the column that says whether a row's time has an offset."""
NO_DEPARTURE = VALUE + "no departure"
"""Whether a scheduled time is the actual one less the delay, and its row lacks them."""
DISAGREES = VALUE + "disagrees"
"""Whether a row's actual time is not the scheduled one plus its delay."""

AMBIGUOUS = VALUE + "ambiguous"
"""Whether a clock alone leaves open if a flight left far too early or half a day late."""

_EARLIEST = -2 * 3_600_000_000
_TOLERATED = 90_000_000  # µs: both are rounded to the minute
_CLOCK_CHANGE = 3_600_000_000
_DELAY = VALUE + "delay"


def add_times(mapping: Mapping, flights: pl.LazyFrame, types: pl.Schema) -> pl.LazyFrame:
    """Add the times at the origin, whether a flight was cancelled or diverted, and what disagrees.

    The actual time is the scheduled one plus the time elapsed, so that a change of clocks makes no delay.

    Parameters
    ----------
    flights : cleaned rows with the canonical codes under `VALUE`
    types : of the file's own columns
    """
    flights = flights.with_columns(
        _has_offset(mapping, name, types).alias(own) for name, own in OFFSETS.items()
    )
    # Looking for offsets in every cell takes as long as reading them, so files without any are spared.
    any_scheduled, any_actual, any_cancelled_at = (
        flights.select(pl.col(*OFFSETS.values()).any()).collect().row(0)
    )
    delay = _read_delay(mapping)
    actual = _read(mapping, "actual_departure", types, offsets=any_actual)
    planned = _read(mapping, "scheduled_departure", types, offsets=any_scheduled)
    flights = flights.with_columns(
        _scheduled(planned, actual, delay).alias(WRITTEN),
        _unknown_schedule(planned, actual, delay).alias(NO_DEPARTURE),
        delay.alias(_DELAY),
    )
    scheduled, cancelled_at = (
        pl.col(WRITTEN),
        _read(mapping, "cancelled_at", types, offsets=any_cancelled_at).moment(),
    )
    if any_scheduled or any_cancelled_at or mapping.time_zone is not None:
        origins = flights.select(pl.col(VALUE + "origin").drop_nulls().unique()).collect().to_series()
        scheduled = _at_origin(mapping, scheduled, "scheduled_departure", origins)
        cancelled_at = _at_origin(mapping, cancelled_at, "cancelled_at", origins)
    outcome = _Outcome(mapping, actual)
    return (
        flights.with_columns(scheduled.alias(SCHEDULED), cancelled_at.alias(CANCELLED_AT))
        .with_columns(
            outcome.elapsed().alias(ACTUAL),
            outcome.contradicts().alias(DISAGREES),
            outcome.ambiguous().alias(AMBIGUOUS),
        )
        .with_columns(
            pl.when(~pl.col(DISAGREES), ~pl.col(AMBIGUOUS))
            .then(pl.col(SCHEDULED) + pl.col(ACTUAL))
            .alias(ACTUAL),
            outcome.missing().alias(VALUE + "without outcome"),
        )
        .with_columns(
            _cancelled(mapping).alias(CANCELLED),
            (_unsaid(mapping) & pl.col(CANCELLED_AT).is_null()).alias(ASSUMED),
            _declared(mapping, "diverted").alias(VALUE + "diverted"),
        )
        .with_columns(
            pl.when(~pl.col(CANCELLED)).then(ACTUAL).alias(ACTUAL),
            pl.when(pl.col(CANCELLED)).then(CANCELLED_AT).alias(CANCELLED_AT),
            pl.col(ASSUMED) & pl.col(CANCELLED),
        )
    )


def _has_offset(mapping: Mapping, name: str, types: pl.Schema) -> pl.Expr:
    """Whether a row's time has an offset, by the column's type, its format, or as ISO 8601."""
    own, formats = mapping.own_columns(name), getattr(mapping.formats, name)
    dtype = types[own[0]] if len(own) == 1 else pl.String()
    if not own or mapping.offsets == "ignored":
        return pl.lit(value=False)
    if dtype.is_temporal():
        return pl.lit(isinstance(dtype, pl.Datetime) and dtype.time_zone is not None)
    if formats is not None:
        return pl.lit("%z" in str(formats) or "epoch" in str(formats))
    return has_offset(str(mapping.label(name))).fill_null(value=False)


def _read(mapping: Mapping, name: str, types: pl.Schema, *, offsets: bool) -> Written:
    """The time as the file writes it, in UTC if it has an offset; `offsets` says whether any row has one."""
    own, formats = mapping.own_columns(name), getattr(mapping.formats, name)
    if not own:
        return Written(None, None)
    dtype = types[own[0]] if len(own) == 1 else pl.String()
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None and mapping.offsets == "read":
        utc = pl.col(own[0]).dt.convert_time_zone("UTC").dt.replace_time_zone(None).cast(pl.Datetime("us"))
        return Written(utc.dt.date(), time_of_day(utc))
    written = read_time(own, formats, types, ignore_offsets=mapping.offsets == "ignored")
    if formats is not None or not offsets:
        return written
    label, zoned = str(mapping.label(name)), pl.col(OFFSETS[name])
    moment = pl.when(zoned).then(parse_iso_utc(label)).otherwise(written.moment())
    return Written(moment.dt.date(), time_of_day(moment))


def _scheduled(planned: Written, actual: Written, delay: pl.Expr) -> pl.Expr:
    """The scheduled time; the actual one less the delay where the file has no other."""
    if planned.day is None:
        return actual.moment() - delay
    if planned.clock is None and actual.clock is not None:
        earlier = (actual.clock - delay).cast(pl.Int64) % 86_400_000_000
        return planned.day.cast(pl.Datetime("us")) + earlier.cast(pl.Duration("us"))
    return planned.moment()


def _unknown_schedule(planned: Written, actual: Written, delay: pl.Expr) -> pl.Expr:
    if planned.day is not None and planned.clock is not None:
        return pl.lit(value=False)
    return delay.is_null() | (pl.lit(value=True) if actual.clock is None else actual.clock.is_null())


def _read_delay(mapping: Mapping) -> pl.Expr:
    label = mapping.label("delay")
    if label is None:
        return pl.lit(None, pl.Duration("us"))
    return parse_delay(label, mapping.formats.delay, mapping.thousands)


def _in_utc(mapping: Mapping, written: pl.Expr, name: str) -> pl.Expr:
    """A time in UTC, by its own offset or else by the mapping's zone."""
    by_offset = to_utc(written, "UTC")
    if mapping.time_zone is None:
        return by_offset
    return pl.when(pl.col(OFFSETS[name])).then(by_offset).otherwise(to_utc(written, mapping.time_zone))


def _at_origin(mapping: Mapping, written: pl.Expr, name: str, origins: pl.Series) -> pl.Expr:
    """A time local at the origin, if it has an offset or the mapping names the zone of all."""
    moved = to_local(_in_utc(mapping, written, name), pl.col(VALUE + "origin"), origins)
    zoned = pl.col(OFFSETS[name]) if mapping.time_zone is None else True
    return pl.when(zoned).then(moved).otherwise(written)


class _Outcome:
    """The time from scheduled to actual departure, by the actual time, the delay, or both."""

    def __init__(self, mapping: Mapping, actual: Written) -> None:
        self.mapping, self.actual = mapping, actual
        self.delay, self.written = pl.col(_DELAY), pl.col(WRITTEN)
        self.has_delay = mapping.label("delay") is not None
        self.clock_only = actual.day is None and actual.clock is not None

    def by_actual(self) -> pl.Expr:
        """By the actual time alone; null if only one of both times has an offset."""
        if self.actual.clock is None:
            return pl.lit(None, pl.Duration("us"))
        if self.clock_only:
            apart = self.actual.clock - time_of_day(self.written)
            nearest = within_half_a_day(apart)
            if self.actual.later is None:
                return nearest
            return pl.coalesce(apart + self.actual.later * pl.duration(days=1), nearest)
        moment = self.actual.moment()
        if self.mapping.time_zone is not None:
            scheduled = _in_utc(self.mapping, self.written, "scheduled_departure")
            return _in_utc(self.mapping, moment, "actual_departure") - scheduled
        return pl.when(~_only_one_offset()).then(moment - self.written)

    def placeholder(self) -> pl.Expr:
        """Whether a clock of 00:00 and no delay stand for a flight that never left."""
        if not (self.clock_only and self.has_delay) or self.actual.clock is None:
            return pl.lit(value=False)
        at_zero = (self.actual.clock.cast(pl.Int64) == 0) & (self.delay.cast(pl.Int64) == 0)
        return (at_zero & (time_of_day(self.written).cast(pl.Int64) != 0)).fill_null(value=False)

    def elapsed(self) -> pl.Expr:
        """A delay counts more than a clock, whose day is unknown, and less than a date with a clock."""
        if not self.has_delay:
            return self.by_actual()
        if self.actual.clock is None:
            return self.delay
        first, then = (self.delay, self.by_actual()) if self.clock_only else (self.by_actual(), self.delay)
        return pl.when(~self.placeholder()).then(pl.coalesce(first, then))

    def ambiguous(self) -> pl.Expr:
        """Whether the nearest day of a clock makes the flight leave hours early, which none does."""
        if not self.clock_only:
            return pl.lit(value=False)
        early = self.by_actual().cast(pl.Int64) < _EARLIEST
        return (early & self.delay.is_null()).fill_null(value=False)

    def contradicts(self) -> pl.Expr:
        """Whether the actual time is another one than the delay says, by more than a change of clocks."""
        if not self.has_delay or self.actual.clock is None:
            return pl.lit(value=False)
        difference = (self.by_actual() - self.delay).cast(pl.Int64)
        if self.clock_only:
            difference = within_half_a_day(difference).cast(pl.Int64)
        apart = difference.abs()
        agrees = (apart <= _TOLERATED) | ((apart - _CLOCK_CHANGE).abs() <= _TOLERATED)
        return (~agrees & ~self.placeholder()).fill_null(value=False)

    def missing(self) -> pl.Expr:
        """Whether the row has neither an actual time nor a delay."""
        own = [one for name in ("actual_departure", "delay") for one in self.mapping.own_columns(name)]
        scheduled = self.mapping.own_columns("scheduled_departure")
        own = [one for one in own if one not in scheduled] or own
        return (
            pl.all_horizontal([pl.lit(value=True), *(pl.col(one).is_null() for one in own)])
            | self.placeholder()
        )


def _only_one_offset() -> pl.Expr:
    return pl.col(OFFSETS["scheduled_departure"]) != pl.col(OFFSETS["actual_departure"])


def _cancelled(mapping: Mapping) -> pl.Expr:
    """Whether a column says so; where it says nothing, what the mapping says of flights without outcome.

    A flight without outcome that has a time of its cancellation was cancelled.
    """
    without_outcome = pl.col(VALUE + "without outcome")
    every = pl.lit(mapping.no_outcome == "cancelled")
    inferred = without_outcome & (every | pl.col(CANCELLED_AT).is_not_null())
    return pl.when(_unsaid(mapping)).then(inferred).otherwise(_declared(mapping, "cancelled"))


def _unsaid(mapping: Mapping) -> pl.Expr:
    """Whether no column says if a flight was cancelled."""
    label = mapping.label("cancelled")
    return pl.lit(value=True) if label is None else pl.col(label).is_null()


def _declared(mapping: Mapping, name: str) -> pl.Expr:
    label, values = mapping.label(name), getattr(mapping, name)
    if label is None:
        return pl.lit(value=False)
    return is_one_of(label, values or TRUE)


def is_one_of(label: str, values: Collection[str]) -> pl.Expr:
    """Whether a cell is one of the values, in any case, or a list that has one; not if it is blank.

    Examples
    --------
    >>> cells = pl.DataFrame({"state": ["CNX", "1.0", "['DEL', 'CNX']", "DEP", None]})
    >>> cells.select(is_one_of("state", ["cnx", "1"])).to_series().to_list()
    [True, True, True, False, False]
    """
    wanted = [value.strip().lower() for value in values]
    text = clean_text(label).str.to_lowercase()
    plain = text.str.replace(r"^(\d+)\.0+$", "$1").is_in(wanted)
    listed = text.str.contains(rf"[\[,]\s*['\"]?(?:{'|'.join(map(re.escape, wanted))})['\"]?\s*[,\]]")
    return (plain | (text.str.starts_with("[") & listed)).fill_null(value=False)
