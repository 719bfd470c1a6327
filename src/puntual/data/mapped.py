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
    implausible_delay,
    missing_value,
    parse_aircraft,
    parse_code,
    parse_flight_number,
    wrong_value,
)
from puntual.data.declaration import Source
from puntual.data.frames import WHERE
from puntual.data.mapping import REQUIRED, Codes, Columns, Mapping
from puntual.data.outcomes import (
    ACTUAL,
    AMBIGUOUS,
    ASSUMED,
    CANCELLED,
    CANCELLED_AT,
    DISAGREES,
    NO_DEPARTURE,
    OFFSETS,
    SCHEDULED,
    VALUE,
    WRITTEN,
    add_times,
)
from puntual.data.schema import COLUMNS, FLOWN
from puntual.data.zones import to_utc
from puntual.errors import DataError
from puntual.formats import CANCELLED as TRUE
from puntual.formats import YEARS
from puntual.types import KnownAt

_OUTCOMES = ("actual_departure", "delay")
_MAPPED, _CODES = Columns.__struct_fields__, Codes.__struct_fields__
_PLANNED = tuple(
    name
    for name in _MAPPED
    if name in ("airline_name", "codeshare_of")
    or (name in COLUMNS and name not in FLOWN and COLUMNS[name].known_at is KnownAt.SCHEDULE)
)
_AFTERWARDS = tuple(name for name in _MAPPED if name not in _PLANNED)
RESOLVED = ("airline", "operator", "origin", "destination")
"""Columns whose values become codes once all rows are read (`puntual.data.joining`)."""
_NUMBERS = ("flight_number", "operated_flight_number")
_FIRST_OF_LIST = r"^\[\s*['\"]?([^'\",\]]+)"
_DESIGNATOR = r"^([A-Z]{3}|[A-Z][A-Z0-9]|[0-9][A-Z])\s*-?\s*\d{1,4}[A-Z]?$"


def mapped_source(mapping: Mapping, checked_codes: Collection[str] = _CODES, name: str = "mapped") -> Source:
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
        name=name,
        schedule_columns=schedule,
        outcome_columns=outcome,
        optional_columns=_except(
            (*_own_columns(mapping, _MAPPED), *mapping.rows, *mapping.fill_down), schedule + outcome
        ),
        read=partial(_read, mapping, checked_codes),
        airline_names=partial(_airline_names, mapping),
        known_afterwards=afterwards,
        labels={name: label for name in RESOLVED if (label := mapping.label(name))},
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
    needed = {f"columns.{name}": mapping.own_columns(name) for name in _MAPPED}
    needed |= {f"rows.{name}": (name,) for name in mapping.rows} | {"fill_down": mapping.fill_down}
    for key, own in needed.items():
        absent = [name for name in own if name not in columns]
        if absent and (history or key.removeprefix("columns.") not in _AFTERWARDS):
            whose = "frame" if where == WHERE else "file"
            wanted = f"one of the {whose}'s: {', '.join(map(repr, columns))}"
            raise DataError(f"{place}: {key}", f"{where} has no column {absent[0]!r}", wanted=wanted)
    if history and not any(map(mapping.own_columns, _OUTCOMES)):
        raise DataError(place, "no actual times", wanted="columns.actual_departure or columns.delay")


def status_words(mapping: Mapping) -> dict[str, tuple[str, ...]]:
    """By column, the words that the mapping gives for cancelled flights or diverted ones."""
    named = {name: mapping.own_columns(name) for name in ("cancelled", "diverted")}
    words = {own[0]: getattr(mapping, name) or () for name, own in named.items() if len(own) == 1}
    return {column: said for column, said in words.items() if not {*said} <= {*TRUE}}


def _own_columns(mapping: Mapping, names: Collection[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(own for name in names for own in mapping.own_columns(name)))


def _except(columns: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in columns if name not in others)


def _read(mapping: Mapping, checked_codes: Collection[str], raw: pl.LazyFrame) -> pl.LazyFrame:
    types = raw.collect_schema()
    values = {VALUE + name: _value(mapping, name) for name in (*_CODES, *_NUMBERS)}
    values[VALUE + "aircraft"] = _aircraft(mapping)
    flights = add_times(mapping, _clean(mapping, raw).with_columns(**values), types)
    canonical = [pl.col(VALUE + name).alias(name) for name in COLUMNS if name != "row"]
    return flights.select(
        "row",
        *canonical,
        _codeshare_of(mapping),
        pl.col(VALUE + "diverted").alias("diverted"),
        pl.col(ASSUMED).alias("assumed_cancelled"),
        first_problem(*_problems(mapping, checked_codes)),
    )


def _clean(mapping: Mapping, raw: pl.LazyFrame) -> pl.LazyFrame:
    """Rows that are flights, with clean cells, and with joined columns and constants under their labels."""
    types, missing = raw.collect_schema(), [value.strip() for value in mapping.missing]
    if mapping.fill_down:
        raw = raw.with_columns(clean_text(own).forward_fill() for own in mapping.fill_down)
    for own, values in mapping.rows.items():
        wanted = [values] if isinstance(values, str) else values
        value = clean_text(own).str.to_lowercase().fill_null("")
        raw = raw.filter(value.is_in([one.strip().lower() for one in wanted]))
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
        return _flight_number(mapping, name, label)
    value, code = clean_text(label), parse_code(label)
    if name == "airline" and mapping.formats.airline == "designator":
        value = code = code.str.extract(_DESIGNATOR, 1)
    codes: dict[str, str] = getattr(mapping.codes, name)
    known = {key.strip().upper(): upper.upper() for key, upper in codes.items()}
    if name not in RESOLVED:
        return code.replace(known)
    value = pl.when(value.str.starts_with("[")).then(value.str.extract(_FIRST_OF_LIST)).otherwise(value)
    return pl.when(code.is_in(list(known))).then(code.replace(known)).otherwise(value) if known else value


def _flight_number(mapping: Mapping, name: str, label: str) -> pl.Expr:
    """The number without its airline's code, which stands in a column of its own."""
    number = parse_flight_number(label)
    if name == "flight_number" and mapping.own_columns("airline"):
        airline = _value(mapping, "airline").fill_null("")
        return pl.coalesce(number.str.strip_prefix(airline).replace("", None), number)
    return number


def _aircraft(mapping: Mapping) -> pl.Expr:
    label = mapping.label("aircraft")
    return pl.lit(None, pl.String) if label is None else parse_aircraft(label)


def _codeshare_of(mapping: Mapping) -> pl.Expr:
    """The designator of the flight that a row is a codeshare of; null for the flight itself."""
    label = mapping.label("codeshare_of")
    if label is None:
        return pl.lit(None, pl.String).alias("codeshare_of")
    own = pl.concat_str(VALUE + "airline", VALUE + "flight_number", ignore_nulls=True)
    main = parse_code(label).str.replace_all(r"\s", "")
    return pl.when(main != own).then(main).alias("codeshare_of")


def _problems(mapping: Mapping, checked_codes: Collection[str]) -> list[pl.Expr]:
    label, origin = mapping.label("scheduled_departure") or "", mapping.label("origin") or ""
    written, scheduled, zone = pl.col(WRITTEN), pl.col(SCHEDULED), mapping.time_zone
    wanted = _wanted_time(mapping, "scheduled_departure")
    if not label:
        label, wanted = str(mapping.label("actual_departure")), "a time whose delay is known"
    problems = [
        *(missing_value(own, pl.col(own)) for own in mapping.own_columns("scheduled_departure")),
        pl.when(pl.col(NO_DEPARTURE)).then(pl.lit("no scheduled time: the file has only the actual one")),
        wrong_value(label, written.is_null(), wanted),
        wrong_value(label, ~written.dt.year().is_between(*YEARS), "of a year from {} to {}".format(*YEARS)),
        *(
            missing_value(label_of, pl.col(VALUE + name))
            for name in REQUIRED[1:]
            if (label_of := mapping.label(name))
        ),
    ]
    if zone is not None:
        skipped = ~pl.col(OFFSETS["scheduled_departure"]) & to_utc(written, zone).is_null()
        problems.append(wrong_value(label, skipped, f"a time that the clocks of {zone} showed"))
    problems.append(wrong_value(origin, scheduled.is_null(), _KNOWN_ZONE))
    for name in checked_codes:
        own = mapping.label(name)
        if own and name == "flight_type":
            problems.append(wrong_value(own, ~pl.col(VALUE + name).is_in(["N", "I"]), "N or I"))
        elif own and name not in RESOLVED:
            problems.append(bad_code(own, VALUE + name, required=False))
    return problems + _outcome_problems(mapping)


def _outcome_problems(mapping: Mapping) -> list[pl.Expr]:
    own, actual = mapping.label("actual_departure") or mapping.label("delay"), pl.col(ACTUAL)
    problems = []
    if when := mapping.label("cancelled_at"):
        unread = pl.col(CANCELLED) & pl.col(CANCELLED_AT).is_null() & pl.col(when).is_not_null()
        problems.append(wrong_value(when, unread, _wanted_time(mapping, "cancelled_at")))
    if own is None:
        return problems
    unread = actual.is_null() & ~pl.col(CANCELLED) & ~pl.col(VALUE + "without outcome")
    delay = implausible_delay(own, actual - pl.col(SCHEDULED))
    if not mapping.label("actual_departure"):
        return [*problems, wrong_value(own, unread, f"a number of {mapping.formats.delay}"), delay]
    problems += [
        wrong_value(own, pl.col(DISAGREES), f"the scheduled time plus '{mapping.label('delay')}'"),
        wrong_value(
            own, pl.col(AMBIGUOUS), "within 2 hours before the scheduled time, and its day is unknown"
        ),
        wrong_value(own, unread, _wanted_time(mapping, "actual_departure")),
        delay,
    ]
    if mapping.time_zone is not None:
        return problems
    offset = pl.col(OFFSETS["scheduled_departure"])
    mixed = unread & (offset != pl.col(OFFSETS["actual_departure"]))
    return [
        wrong_value(own, mixed & offset, "a time with an offset, as the scheduled one is"),
        wrong_value(own, mixed & ~offset, "a time without an offset, as the scheduled one is"),
        *problems,
    ]


_KNOWN_ZONE = "an airport whose time zone is known (wanted: its IATA or ICAO code, or times local there)"


def _wanted_time(mapping: Mapping, name: str) -> str:
    formats: str | tuple[str, ...] | None = getattr(mapping.formats, name)
    if formats is None:
        return f"a time written 2017-01-31T18:05:00 (a mapping says another form in formats.{name})"
    return f"a time written {formats if isinstance(formats, str) else ' '.join(formats)}"


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


MAPPED = mapped_source(
    Mapping(
        columns=Columns(**{name: name for name in COLUMNS if name != "row"}),
        no_outcome="cancelled",
    )
)
