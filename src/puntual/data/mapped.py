"""Source ``mapped``: departures in columns that a mapping describes, or in the canonical columns."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

import msgspec
import polars as pl

from puntual.data.cells import (
    bad_code,
    clean_text,
    first_problem,
    has_offset,
    implausible_delay,
    missing_value,
    nearest_delay,
    parse_code,
    parse_datetime,
    parse_flight_number,
    parse_iso_utc,
    parse_minutes,
    parse_time,
    wrong_value,
)
from puntual.data.declaration import Source
from puntual.data.mapping import REQUIRED, Codes, Columns, Mapping, is_time_of_day
from puntual.data.schema import COLUMNS
from puntual.data.zones import to_local, to_utc
from puntual.errors import DataError
from puntual.formats import CANCELLED, YEARS
from puntual.types import KnownAt

_OUTCOMES = ("actual_departure", "delay")
_MAPPED, _CODES = Columns.__struct_fields__, Codes.__struct_fields__
_PLANNED = tuple(
    name
    for name in _MAPPED
    if name == "airline_name" or (name in COLUMNS and COLUMNS[name].known_at is KnownAt.SCHEDULE)
)
_AFTERWARDS = tuple(name for name in _MAPPED if name not in _PLANNED)
_NUMBERS = ("flight_number", "operated_flight_number")
_VALUE = "\0"  # before the names of canonical values, since the file's own columns may have the same
_AS_WRITTEN = _VALUE + "as written"  # the scheduled time in the file's zone
_SCHEDULED, _ACTUAL, _CANCELLED = (
    _VALUE + name for name in ("scheduled_departure", "actual_departure", "cancelled")
)
_OFFSETS = {name: f"{_VALUE}offset of {name}" for name in ("scheduled_departure", "actual_departure")}
"""By column, the name of the column that says whether a row's time has an offset."""


def mapped_source(mapping: Mapping, checked_codes: Collection[str] = _CODES) -> Source:
    """The source of the files that a mapping describes.

    Parameters
    ----------
    checked_codes : of the optional codes, those without which a row is bad if they are no code

    Examples
    --------
    >>> named = Columns(scheduled_departure=("Day", "Time"), airline="Line", destination="To", delay="Late")
    >>> source = mapped_source(Mapping(columns=named))
    >>> source.schedule_columns, source.outcome_columns
    (('Day', 'Time', 'Line', 'To'), ('Late',))
    """
    schedule, afterwards = _own_columns(mapping, REQUIRED), _own_columns(mapping, _AFTERWARDS)
    afterwards = _except(afterwards, _own_columns(mapping, _PLANNED))
    outcome = tuple(name for name in _own_columns(mapping, _OUTCOMES) if name in afterwards)
    return Source(
        name="mapped",
        schedule_columns=schedule,
        outcome_columns=outcome,
        optional_columns=_except(_own_columns(mapping, _MAPPED), schedule + outcome),
        read=partial(_read, mapping, checked_codes),
        airline_names=partial(_airline_names, mapping),
        known_afterwards=afterwards,
    )


def check_columns(
    mapping: Mapping, columns: Collection[str], *, place: str, where: str, history: bool
) -> None:
    """Check that a file has the columns that a mapping names.

    Parameters
    ----------
    columns : names in the file's header
    place, where : paths of the mapping and of the file, for messages
    history : check the columns that are known only afterwards, too

    Raises
    ------
    DataError : the file lacks a column, or a history is wanted and the mapping has no actual times
    """
    for name in _MAPPED:
        absent = [own for own in mapping.own_columns(name) if own not in columns]
        if absent and (history or name not in _AFTERWARDS):
            wanted = f"one of the file's: {', '.join(map(repr, columns))}"
            raise DataError(f"{place}: columns.{name}", f"{where} has no column {absent[0]!r}", wanted=wanted)
    if history and not any(map(mapping.own_columns, _OUTCOMES)):
        raise DataError(place, "no actual times", wanted="columns.actual_departure or columns.delay")


def _own_columns(mapping: Mapping, names: Collection[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(own for name in names for own in mapping.own_columns(name)))


def _except(columns: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in columns if name not in others)


def _read(mapping: Mapping, checked_codes: Collection[str], raw: pl.LazyFrame) -> pl.LazyFrame:
    types = raw.collect_schema()
    values = {_VALUE + name: _value(mapping, name) for name in (*_CODES, *_NUMBERS)}
    flights = _add_times(mapping, _clean(mapping, raw).with_columns(**values), types)
    canonical = [pl.col(_VALUE + name).alias(name) for name in COLUMNS if name != "row"]
    return flights.select("row", *canonical, first_problem(*_problems(mapping, checked_codes)))


def _clean(mapping: Mapping, raw: pl.LazyFrame) -> pl.LazyFrame:
    """Strip the cells, make missing ones null, and add joined columns and constants under their labels."""
    types, missing = raw.collect_schema(), [value.strip() for value in mapping.missing]
    texts = [clean_text(own) for own in _own_columns(mapping, _MAPPED) if not types[own].is_temporal()]
    joined = {
        ", ".join(several): pl.concat_str(several, separator=" ", ignore_nulls=True).replace("", None)
        for name in _MAPPED
        if len(several := mapping.own_columns(name)) > 1
    }
    constants = msgspec.structs.asdict(mapping.constants).items()
    literals = {f"constants.{name}": pl.lit(value) for name, value in constants if value is not None}
    return raw.with_columns(one.replace(missing, None) if missing else one for one in texts).with_columns(
        **joined, **literals
    )


def _value(mapping: Mapping, name: str) -> pl.Expr:
    label = mapping.label(name)
    if label is None:
        return pl.lit(None, pl.String)
    if name in _NUMBERS:
        return parse_flight_number(label)
    codes: dict[str, str] = getattr(mapping.codes, name)
    return parse_code(label).replace({key.strip().upper(): value.upper() for key, value in codes.items()})


def _add_times(mapping: Mapping, flights: pl.LazyFrame, types: pl.Schema) -> pl.LazyFrame:
    """Add the times at the origin, and whether a flight was cancelled.

    The actual time is the scheduled one plus the time elapsed, so that a change of clocks makes no delay.
    """
    flights = flights.with_columns(
        _has_offset(mapping, name, types).alias(own) for name, own in _OFFSETS.items()
    )
    # Looking for offsets in every cell takes as long as reading them, so files without any are spared.
    any_scheduled, any_actual = flights.select(pl.col(*_OFFSETS.values()).any()).collect().row(0)
    written = _datetime(mapping, "scheduled_departure", types, offsets=any_scheduled)
    flights = flights.with_columns(written.alias(_AS_WRITTEN))
    scheduled, origin = pl.col(_AS_WRITTEN), pl.col(_VALUE + "origin")
    if any_scheduled or mapping.time_zone is not None:
        origins = flights.select(origin.drop_nulls().unique()).collect().to_series()
        at_origin = to_local(_in_utc(mapping, scheduled, "scheduled_departure"), origin, origins)
        zoned = pl.col(_OFFSETS["scheduled_departure"]) if mapping.time_zone is None else True
        scheduled = pl.when(zoned).then(at_origin).otherwise(scheduled)
    actual = pl.col(_SCHEDULED) + _delay(mapping, types, offsets=any_actual)
    return (
        flights.with_columns(scheduled.alias(_SCHEDULED))
        .with_columns(actual.alias(_ACTUAL), _cancelled(mapping).alias(_CANCELLED))
        .with_columns(pl.when(~pl.col(_CANCELLED)).then(_ACTUAL).alias(_ACTUAL))
    )


def _has_offset(mapping: Mapping, name: str, types: pl.Schema) -> pl.Expr:
    """Whether a row's time has an offset, by the column's type, its format, or as ISO 8601."""
    label, time_format = mapping.label(name), getattr(mapping.formats, name)
    dtype = types.get(label or "", pl.String())
    if label is None or dtype.is_temporal():
        return pl.lit(isinstance(dtype, pl.Datetime) and dtype.time_zone is not None)
    if time_format is not None:
        return pl.lit("%z" in time_format)
    return has_offset(label).fill_null(value=False)


def _datetime(mapping: Mapping, name: str, types: pl.Schema, *, offsets: bool) -> pl.Expr:
    """The time as the file writes it, in UTC if it has an offset; `offsets` says whether any row has one."""
    label, time_format = mapping.label(name) or "", getattr(mapping.formats, name)
    dtype = types.get(label, pl.String())
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
        return pl.col(label).dt.convert_time_zone("UTC").dt.replace_time_zone(None).cast(pl.Datetime("us"))
    written = parse_datetime(label, dtype, time_format)
    if time_format is not None or not offsets:
        return written
    return pl.when(pl.col(_OFFSETS[name])).then(parse_iso_utc(label)).otherwise(written)


def _in_utc(mapping: Mapping, written: pl.Expr, name: str) -> pl.Expr:
    """A time in UTC, by its own offset or else by the mapping's zone."""
    by_offset = to_utc(written, "UTC")
    if mapping.time_zone is None:
        return by_offset
    return pl.when(pl.col(_OFFSETS[name])).then(by_offset).otherwise(to_utc(written, mapping.time_zone))


def _delay(mapping: Mapping, types: pl.Schema, *, offsets: bool) -> pl.Expr:
    """Time from scheduled to actual departure; null if only one of them has an offset."""
    if label := mapping.label("delay"):
        return parse_minutes(label)
    label = mapping.label("actual_departure")
    if label is None:
        return pl.lit(None, pl.Duration("us"))
    dtype, time_format = types.get(label, pl.String()), mapping.formats.actual_departure
    written = pl.col(_AS_WRITTEN)
    if dtype == pl.Time or is_time_of_day(time_format):
        delay = nearest_delay(parse_time(label, dtype, time_format or ""), written)
    else:
        actual = _datetime(mapping, "actual_departure", types, offsets=offsets)
        if mapping.time_zone is not None:
            scheduled = _in_utc(mapping, written, "scheduled_departure")
            return _in_utc(mapping, actual, "actual_departure") - scheduled
        delay = actual - written
    return pl.when(~_only_one_offset()).then(delay)


def _only_one_offset() -> pl.Expr:
    scheduled, actual = map(pl.col, _OFFSETS.values())
    return scheduled != actual


def _without_outcome(mapping: Mapping) -> pl.Expr:
    own = _own_columns(mapping, _OUTCOMES)
    own = _except(own, _own_columns(mapping, REQUIRED)) or own
    return pl.all_horizontal([pl.lit(True), *(pl.col(name).is_null() for name in own)])


def _cancelled(mapping: Mapping) -> pl.Expr:
    """Whether the mapping's column says so; without one, whether an actual time is missing and others not."""
    without_outcome = _without_outcome(mapping)
    inferred = without_outcome & ~without_outcome.all()
    label = mapping.label("cancelled")
    if label is None:
        return inferred
    values = [value.strip().lower() for value in mapping.cancelled or CANCELLED]
    declared = clean_text(label).str.to_lowercase().is_in(values).fill_null(value=False)
    return pl.when(pl.col(label).is_null().all()).then(inferred).otherwise(declared)


def _problems(mapping: Mapping, checked_codes: Collection[str]) -> list[pl.Expr]:
    label, origin = mapping.label("scheduled_departure") or "", mapping.label("origin") or ""
    written, scheduled, zone = pl.col(_AS_WRITTEN), pl.col(_SCHEDULED), mapping.time_zone
    problems = [
        *(missing_value(own, pl.col(own)) for own in mapping.own_columns("scheduled_departure")),
        wrong_value(label, written.is_null(), _wanted_time(mapping.formats.scheduled_departure)),
        wrong_value(label, ~written.dt.year().is_between(*YEARS), "of a year from {} to {}".format(*YEARS)),
        *(bad_code(mapping.label(name) or "", _VALUE + name) for name in REQUIRED[1:]),
    ]
    if zone is not None:
        skipped = ~pl.col(_OFFSETS["scheduled_departure"]) & to_utc(written, zone).is_null()
        problems.append(wrong_value(label, skipped, f"a time that the clocks of {zone} showed"))
    problems.append(wrong_value(origin, scheduled.is_null(), _KNOWN_ZONE))
    for name in checked_codes:
        own = mapping.label(name)
        if own and name == "flight_type":
            problems.append(wrong_value(own, ~pl.col(_VALUE + name).is_in(["N", "I"]), "N or I"))
        elif own and name not in REQUIRED:
            problems.append(bad_code(own, _VALUE + name, required=False))
    return problems + _outcome_problems(mapping)


def _outcome_problems(mapping: Mapping) -> list[pl.Expr]:
    own, actual = mapping.label("delay") or mapping.label("actual_departure"), pl.col(_ACTUAL)
    if own is None:
        return []
    unread = actual.is_null() & ~pl.col(_CANCELLED) & ~_without_outcome(mapping)
    delay = implausible_delay(own, actual - pl.col(_SCHEDULED))
    if mapping.label("delay"):
        return [wrong_value(own, unread, "a number of minutes"), delay]
    problems = [wrong_value(own, unread, _wanted_time(mapping.formats.actual_departure)), delay]
    if mapping.time_zone is not None:
        return problems
    offset, mixed = pl.col(_OFFSETS["scheduled_departure"]), unread & _only_one_offset()
    return [
        wrong_value(own, mixed & offset, "a time with an offset, as the scheduled one is"),
        wrong_value(own, mixed & ~offset, "a time without an offset, as the scheduled one is"),
        *problems,
    ]


_KNOWN_ZONE = "an airport whose time zone is known (wanted: its IATA or ICAO code, or times local there)"


def _wanted_time(time_format: str | None) -> str:
    return f"a time written {time_format or '2017-01-31T18:05:00'}"


def _airline_names(mapping: Mapping, raw: pl.LazyFrame) -> dict[str, str]:
    label = mapping.label("airline_name")
    if label is None:
        return {}
    return most_frequent_names(
        _clean(mapping, raw).select(code=_value(mapping, "airline"), name=clean_text(label))
    )


def most_frequent_names(named: pl.LazyFrame) -> dict[str, str]:
    """The name that most rows give each code; of equally frequent names, the first in the alphabet.

    Parameters
    ----------
    named : `code`, `name`; rows with a null are ignored
    """
    names = (
        named.drop_nulls()
        .group_by("code", "name")
        .len()
        .sort("code", "len", "name", descending=[False, True, False])
        .unique("code", keep="first", maintain_order=True)
        .collect()
    )
    return dict(zip(names["code"], names["name"], strict=True))


MAPPED = mapped_source(Mapping(columns=Columns(**{name: name for name in COLUMNS if name != "row"})))
