"""Source ``mapped``: departures of any airport, in columns that a mapping describes, or in canonical ones."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

import msgspec
import polars as pl

from puntual.data.cells import (
    absurd,
    clock,
    code,
    first_problem,
    flight_number,
    has_offset,
    instant_of_iso,
    minutes,
    missing,
    moment,
    nearest,
    no_code,
    not_a_code,
    text,
    wrong,
)
from puntual.data.declaration import Source
from puntual.data.mapping import NEEDED, Codes, Columns, Mapping, is_clock
from puntual.data.schema import COLUMNS
from puntual.data.zones import instant, local
from puntual.errors import DataError
from puntual.formats import CANCELLED, YEARS
from puntual.types import KnownAt

_OUTCOME = ("actual_departure", "delay")
_PLANNED = tuple(
    name
    for name in Columns.__struct_fields__
    if name == "airline_name" or (name in COLUMNS and COLUMNS[name].known_at is KnownAt.SCHEDULE)
)
_AFTERWARDS = tuple(name for name in Columns.__struct_fields__ if name not in _PLANNED)
_NUMBERS = ("flight_number", "operated_flight_number")
_VALUE = "\0"  # before the names of canonical values: the file's own columns may have the same
_WRITTEN = _VALUE + "written"
_OFFSETS = {name: f"{_VALUE}offset of {name}" for name in ("scheduled_departure", "actual_departure")}
"""By column: whether a row's time tells its offset."""
_SCHEDULED, _ACTUAL, _CANCELLED = (
    _VALUE + name for name in ("scheduled_departure", "actual_departure", "cancelled")
)


def mapped(mapping: Mapping) -> Source:
    """The source of the files that a mapping describes.

    Examples
    --------
    >>> named = Columns(scheduled_departure=("Day", "Time"), airline="Line", destination="To", delay="Late")
    >>> source = mapped(Mapping(columns=named))
    >>> source.schedule_columns, source.outcome_columns
    (('Day', 'Time', 'Line', 'To'), ('Late',))
    """
    scheduled, outcome = _files(mapping, NEEDED), _files(mapping, _OUTCOME)
    afterwards = _without(_files(mapping, _AFTERWARDS), _files(mapping, _PLANNED))
    outcome = tuple(name for name in outcome if name in afterwards)
    every = _files(mapping, Columns.__struct_fields__)
    return Source(
        name="mapped",
        schedule_columns=scheduled,
        outcome_columns=outcome,
        optional_columns=_without(every, scheduled + outcome),
        read=partial(_read, mapping),
        airline_names=partial(_airline_names, mapping),
        known_afterwards=afterwards,
    )


def check_columns(
    mapping: Mapping, columns: Collection[str], *, place: str, where: str, history: bool
) -> None:
    """Hold that a file has the columns that a mapping names.

    Parameters
    ----------
    columns : names in the file's header
    place, where : path of the mapping and of the file, for messages
    history : those that are known only afterwards are needed too

    Raises
    ------
    DataError : the file has no such column, or a history is wanted and the mapping tells of no actual times
    """
    for name in Columns.__struct_fields__:
        absent = [file for file in mapping.files(name) if file not in columns]
        if absent and (history or name not in _AFTERWARDS):
            has = f"one of the file's: {', '.join(map(repr, columns))}"
            raise DataError(f"{place}: columns.{name}", f"{where} has no column {absent[0]!r}", wanted=has)
    if history and not mapping.files("actual_departure") and not mapping.files("delay"):
        raise DataError(place, "no actual times", wanted="columns.actual_departure or columns.delay")


def _files(mapping: Mapping, names: Collection[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(file for name in names for file in mapping.files(name)))


def _without(columns: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in columns if name not in others)


def _read(mapping: Mapping, raw: pl.LazyFrame) -> pl.LazyFrame:
    types = raw.collect_schema()
    cells = raw.with_columns(_cells(mapping, types)).with_columns(**_labelled(mapping))
    values = {_VALUE + name: _value(mapping, name) for name in (*Codes.__struct_fields__, *_NUMBERS)}
    flights = _with_times(mapping, cells.with_columns(**values), types)
    canonical = [pl.col(_VALUE + name).alias(name) for name in COLUMNS if name != "row"]
    return flights.select("row", *canonical, _problem(mapping))


def _cells(mapping: Mapping, types: pl.Schema) -> list[pl.Expr]:
    """The file's cells without outer spaces; null where they mean nothing."""
    files = [file for file in _files(mapping, Columns.__struct_fields__) if not types[file].is_temporal()]
    nothing = [value.strip() for value in mapping.missing]
    return [text(file).replace(nothing, None) if nothing else text(file) for file in files]


def _labelled(mapping: Mapping) -> dict[str, pl.Expr]:
    """Columns that are joined, and constants, under the names that messages call them."""
    several = {files for name in Columns.__struct_fields__ if len(files := mapping.files(name)) > 1}
    joined = {
        ", ".join(files): pl.concat_str(files, separator=" ", ignore_nulls=True).replace("", None)
        for files in several
    }
    told = msgspec.structs.asdict(mapping.constants).items()
    return joined | {f"constants.{name}": pl.lit(value) for name, value in told if value is not None}


def _value(mapping: Mapping, name: str) -> pl.Expr:
    label = mapping.label(name)
    if label is None:
        return pl.lit(None, pl.String)
    if name in _NUMBERS:
        return flight_number(label)
    codes: dict[str, str] = getattr(mapping.codes, name)
    return code(label).replace({key.strip().upper(): value.upper() for key, value in codes.items()})


def _with_times(mapping: Mapping, flights: pl.LazyFrame, types: pl.Schema) -> pl.LazyFrame:
    """Add times at the origin, and whether a flight was cancelled.

    The actual time is the scheduled one and the time between, so that a change of clocks makes no delay.
    """
    offsets = [_has_offset(mapping, name, types).alias(own) for name, own in _OFFSETS.items()]
    flights = flights.with_columns(offsets)
    # Of a file without any, no cell is read as a time with an offset, which takes as long as without.
    some, some_actual = flights.select(pl.col(*_OFFSETS.values()).any()).collect().row(0)
    written = _moment(mapping, "scheduled_departure", types, offsets=some)
    flights = flights.with_columns(written.alias(_WRITTEN))
    scheduled, origin = pl.col(_WRITTEN), pl.col(_VALUE + "origin")
    if some or mapping.time_zone is not None:
        origins = flights.select(origin.drop_nulls().unique()).collect().to_series()
        at_origin = local(_instant(mapping, scheduled, "scheduled_departure"), origin, origins)
        told = pl.col(_OFFSETS["scheduled_departure"]) if mapping.time_zone is None else True
        scheduled = pl.when(told).then(at_origin).otherwise(scheduled)
    actual = pl.col(_SCHEDULED) + _delay(mapping, types, offsets=some_actual)
    return (
        flights.with_columns(scheduled.alias(_SCHEDULED))
        .with_columns(actual.alias(_ACTUAL), _cancelled(mapping).alias(_CANCELLED))
        .with_columns(pl.when(~pl.col(_CANCELLED)).then(_ACTUAL).alias(_ACTUAL))
    )


def _has_offset(mapping: Mapping, name: str, types: pl.Schema) -> pl.Expr:
    """Whether a row's time tells its offset, by its type, its form, or as ISO 8601."""
    label, form = mapping.label(name), getattr(mapping.formats, name)
    dtype = types.get(label or "", pl.String())
    if label is None or dtype.is_temporal():
        return pl.lit(isinstance(dtype, pl.Datetime) and dtype.time_zone is not None)
    if form is not None:
        return pl.lit("%z" in form)
    return has_offset(label).fill_null(value=False)


def _moment(mapping: Mapping, name: str, types: pl.Schema, *, offsets: bool) -> pl.Expr:
    """The time as the file writes it; in UTC where it tells an offset.

    Parameters
    ----------
    offsets : some rows do
    """
    label, form = mapping.label(name) or "", getattr(mapping.formats, name)
    dtype = types.get(label, pl.String())
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
        return pl.col(label).dt.convert_time_zone("UTC").dt.replace_time_zone(None).cast(pl.Datetime("us"))
    written = moment(label, dtype, form)
    if form is not None or not offsets:
        return written
    return pl.when(pl.col(_OFFSETS[name])).then(instant_of_iso(label)).otherwise(written)


def _instant(mapping: Mapping, written: pl.Expr, name: str) -> pl.Expr:
    """A time in UTC, by its own offset or else by the mapping's zone."""
    by_offset = instant(written, "UTC")
    if mapping.time_zone is None:
        return by_offset
    return pl.when(pl.col(_OFFSETS[name])).then(by_offset).otherwise(instant(written, mapping.time_zone))


def _delay(mapping: Mapping, types: pl.Schema, *, offsets: bool) -> pl.Expr:
    """Time between scheduled and actual departure; null where only one of them is local.

    Parameters
    ----------
    offsets : some actual times tell one
    """
    if label := mapping.label("delay"):
        return minutes(label)
    label = mapping.label("actual_departure")
    if label is None:
        return pl.lit(None, pl.Duration("us"))
    dtype, form, written = types.get(label, pl.String()), mapping.formats.actual_departure, pl.col(_WRITTEN)
    if dtype == pl.Time or is_clock(form):
        between = nearest(clock(label, dtype, form or ""), written)
    else:
        actual = _moment(mapping, "actual_departure", types, offsets=offsets)
        if mapping.time_zone is not None:
            scheduled = _instant(mapping, written, "scheduled_departure")
            return _instant(mapping, actual, "actual_departure") - scheduled
        between = actual - written
    return pl.when(~_one_offset()).then(between)


def _one_offset() -> pl.Expr:
    """Whether one of scheduled and actual time tells an offset and the other none."""
    scheduled, actual = map(pl.col, _OFFSETS.values())
    return scheduled != actual


def _without_time(mapping: Mapping) -> pl.Expr:
    told = _files(mapping, _OUTCOME)
    own = _without(told, _files(mapping, NEEDED)) or told
    return pl.all_horizontal([pl.lit(True), *(pl.col(file).is_null() for file in own)])


def _cancelled(mapping: Mapping) -> pl.Expr:
    blank = _without_time(mapping)
    untold = blank & ~blank.all()
    label = mapping.label("cancelled")
    if label is None:
        return untold
    values = [value.strip().lower() for value in mapping.cancelled or CANCELLED]
    told = text(label).str.to_lowercase().is_in(values).fill_null(value=False)
    return pl.when(pl.col(label).is_null().all()).then(untold).otherwise(told)


def _problem(mapping: Mapping) -> pl.Expr:
    label = mapping.label("scheduled_departure") or ""
    written, scheduled, actual = pl.col(_WRITTEN), pl.col(_SCHEDULED), pl.col(_ACTUAL)
    offset, zone = pl.col(_OFFSETS["scheduled_departure"]), mapping.time_zone
    problems = [
        *(missing(file, pl.col(file)) for file in mapping.files("scheduled_departure")),
        wrong(label, written.is_null(), _wanted_time(mapping.formats.scheduled_departure)),
        wrong(label, ~written.dt.year().is_between(*YEARS), "of a year from {} to {}".format(*YEARS)),
        *(not_a_code(mapping.label(name) or "", _VALUE + name) for name in NEEDED[1:]),
    ]
    if zone is not None:
        passed_over = ~offset & instant(written, zone).is_null()
        problems.append(wrong(label, passed_over, f"a time that the clocks of {zone} showed"))
    problems.append(wrong(mapping.label("origin") or "", scheduled.is_null(), _KNOWN_ZONE))
    for name in Codes.__struct_fields__:
        own = mapping.label(name)
        if own and name == "flight_type":
            problems.append(wrong(own, ~pl.col(_VALUE + name).is_in(["N", "I"]), "N or I"))
        elif own and name not in NEEDED:
            problems.append(no_code(own, _VALUE + name))
    if own := mapping.label("delay") or mapping.label("actual_departure"):
        wanted = _wanted_time(mapping.formats.actual_departure)
        unread = actual.is_null() & ~pl.col(_CANCELLED) & ~_without_time(mapping)
        if zone is None and not mapping.files("delay"):
            mixed, as_scheduled = unread & _one_offset(), "an offset, as the scheduled one is"
            problems += [
                wrong(own, mixed & offset, f"a time with {as_scheduled}"),
                wrong(own, mixed & ~offset, f"a time without {as_scheduled}"),
            ]
        problems += [
            wrong(own, unread, "a number of minutes" if mapping.files("delay") else wanted),
            absurd(own, actual - scheduled),
        ]
    return first_problem(*problems)


_KNOWN_ZONE = "an airport whose time zone is known (wanted: its IATA or ICAO code, or times local there)"


def _wanted_time(form: str | None) -> str:
    return f"a time written {form or '2017-01-31T18:05:00'}"


def _airline_names(mapping: Mapping, raw: pl.LazyFrame) -> dict[str, str]:
    """Name each airline as most of its flights do."""
    label = mapping.label("airline_name")
    if label is None:
        return {}
    cells = raw.with_columns(_cells(mapping, raw.collect_schema())).with_columns(**_labelled(mapping))
    named = (
        cells.select(airline=_value(mapping, "airline"), name=text(label))
        .drop_nulls()
        .group_by("airline", "name")
        .len()
        .sort("airline", "len", "name", descending=[False, True, False])
        .unique("airline", keep="first", maintain_order=True)
        .collect()
    )
    return dict(zip(named["airline"], named["name"], strict=True))


_CANONICAL = Columns(**{name: name for name in COLUMNS if name != "row"})
MAPPED = mapped(Mapping(columns=_CANONICAL))
