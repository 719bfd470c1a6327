"""Which rows are the same flight, and which codes are the same airline or airport."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from puntual.data.cells import shown
from puntual.data.code_tables import Period
from puntual.data.codes import Resolution, resolve_airlines, resolve_airports
from puntual.data.delimited import ROW
from puntual.data.schema import COLUMNS
from puntual.formats import CODE

HASH = "hash"
"""Of all of a row's own columns."""

_CODE = re.compile(CODE)
_AIRLINES = ("airline", "operator")
_AIRPORTS = ("origin", "destination")
RESOLVED = ("airline", "origin", "destination", "operator")
"""Columns whose values become codes once all rows are read."""
CODESHARE_KEYS = ("codeshare_of", "aircraft")
"""Columns by which a row is another row's flight; the first one that has values counts."""
_PAIRS = {ROW: pl.UInt32, "first_row": pl.UInt32}


class Codes(NamedTuple):
    """What became of the codes of a file, as in `puntual.data.flights.Flights`.

    Attributes
    ----------
    refused : ``row`` and ``reason`` of rows whose airline or airport is none
    """

    refused: pl.DataFrame
    unknown: tuple[str, ...]
    joined: dict[str, tuple[str, ...]]
    cities: tuple[str, ...]


def resolve_codes(read: pl.DataFrame, labels: Mapping[str, str]) -> tuple[pl.DataFrame, Codes]:
    """Give each airline and airport one code, and find those that are none.

    Parameters
    ----------
    read : canonical columns, with the values of the file in those of codes
    labels : the file's own columns of these, for messages
    """
    day = pl.col("scheduled_departure").dt.date()
    period = read.select(first=day.min(), last=day.max()).row(0) if len(read) else None
    counts = {name: dict(read[name].drop_nulls().value_counts().iter_rows()) for name in RESOLVED}
    found = find_codes(counts, period)
    read, refused = apply_codes(read, found, labels)
    return read, summarise_codes(found, refused)


def find_codes(counts: Mapping[str, Mapping[str, int]], period: Period | None) -> dict[str, Resolution]:
    """How the values of each of `RESOLVED` become codes.

    Parameters
    ----------
    counts : by column, how many rows have each value
    period : first and last day of the flights
    """
    found: dict[str, Resolution] = {}
    for columns, resolve in ((_AIRLINES, resolve_airlines), (_AIRPORTS, resolve_airports)):
        both = sum((Counter(counts[column]) for column in columns), Counter[str]())
        found |= dict.fromkeys(columns, _without_no_codes(resolve(both, period)))
    return found


def apply_codes(
    read: pl.DataFrame, found: Mapping[str, Resolution], labels: Mapping[str, str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Replace values by codes; give also ``row`` and ``reason`` of rows whose airline or airport is none.

    Parameters
    ----------
    read : as in `resolve_codes`
    found : of `find_codes`
    """
    refused = [read.select(ROW, reason=pl.lit(None, pl.String)).clear()]
    for column in RESOLVED:
        if why := found[column].refused:
            bad = read.filter(pl.col(column).is_in(list(why)))
            reason = pl.col(column).replace_strict(why, return_dtype=pl.String)
            text = pl.format("{} '{}' {}", pl.lit(labels.get(column, column)), shown(column), reason)
            refused.append(bad.select(ROW, reason=text))
    for column in RESOLVED:
        if changed := {value: code for value, code in found[column].codes.items() if value != code}:
            read = read.with_columns(pl.col(column).replace(changed))
    return read, pl.concat(refused).unique(ROW, keep="first", maintain_order=True)


def _without_no_codes(found: Resolution) -> Resolution:
    """The same, with values refused that no table knows and that cannot be a code."""
    bad = {
        value: "is not a code of 2 to 8 letters and digits"
        for value, code in found.codes.items()
        if not _CODE.search(code)
    }
    return found._replace(
        codes={value: code for value, code in found.codes.items() if value not in bad},
        refused=found.refused | bad,
    )


def summarise_codes(found: Mapping[str, Resolution], refused: pl.DataFrame) -> Codes:
    """What became of all codes.

    Parameters
    ----------
    found : of `find_codes`
    refused : of `apply_codes`
    """
    both = [found["airline"], found["origin"]]
    return Codes(
        refused=refused,
        unknown=tuple(code for one in both for code in one.unknown),
        joined={kept: others for one in both for kept, others in one.joined.items()},
        cities=tuple(code for one in both for code in one.cities),
    )


def find_duplicates(read: pl.DataFrame) -> pl.DataFrame:
    """Rows that equal an earlier one in every column of the file: ``row``, ``first_row``.

    Examples
    --------
    >>> same = {name: ["x", "x"] for name in COLUMNS} | {"row": [2, 3], "hash": [7, 7]}
    >>> find_duplicates(pl.DataFrame(same)).rows()
    [(3, 2)]
    """
    alike = read.filter(pl.col(HASH).is_duplicated())
    # Two rows of one hash are all but certainly equal; what was read of them has to be, too.
    own = [name for name in COLUMNS if name != ROW]
    first = alike.select(ROW, first_row=pl.col(ROW).min().over(HASH, *own))
    return first.filter(pl.col(ROW) != pl.col("first_row")).cast(_PAIRS)  # type: ignore[arg-type]


def find_codeshares(read: pl.DataFrame, key: str | None = None) -> pl.DataFrame:
    """Rows that are another row's flight under another number: ``row``, ``first_row``.

    They are declared, or have the origin, minute, destination and aircraft of another row. The flight itself
    is the row that no column calls a codeshare, else the first.

    Parameters
    ----------
    key : the column that tells, one of `CODESHARE_KEYS`; None: the first one that has values

    Examples
    --------
    >>> import datetime as dt
    >>> rows = {"row": [2, 3], "airline": ["DL", "KL"], "flight_number": ["9101", "1101"]}
    >>> rows |= {"origin": ["AMS"] * 2, "destination": ["LHR"] * 2}
    >>> rows |= {"scheduled_departure": [dt.datetime(2024, 3, 1, 6)] * 2}
    >>> rows |= {"aircraft": [None] * 2, "codeshare_of": ["KL1101", None]}
    >>> find_codeshares(pl.DataFrame(rows, schema_overrides={"aircraft": pl.String})).rows()
    [(2, 3)]
    """
    place = ("origin", "scheduled_departure", "destination")
    own = pl.concat_str("airline", "flight_number", ignore_nulls=True)
    flight, declared = pl.coalesce("codeshare_of", own), pl.col("codeshare_of").is_not_null()
    key = key or next((name for name in CODESHARE_KEYS if not read[name].is_null().all()), None)
    if key == "codeshare_of":
        groups = read.select(ROW, *place, flight.alias("flight"), declared.alias("declared"))
    elif key == "aircraft":
        groups = read.filter(pl.col("aircraft").is_not_null()).select(
            ROW, *place, pl.col("aircraft").alias("flight"), declared.alias("declared")
        )
    else:
        return pl.DataFrame(schema=_PAIRS)
    first = pl.col(ROW).sort_by("declared", ROW).first().over(*place, "flight")
    pairs = groups.filter(pl.len().over(*place, "flight") > 1).select(ROW, first_row=first)
    return pairs.filter(pl.col(ROW) != pl.col("first_row")).cast(_PAIRS)  # type: ignore[arg-type]


def follow(duplicates: pl.DataFrame, joined: pl.DataFrame) -> pl.DataFrame:
    """Duplicates of a codeshare as duplicates of the flight that it is."""
    if duplicates.is_empty() or joined.is_empty():
        return duplicates
    onward = joined.rename({ROW: "first_row", "first_row": "flight"})
    followed = duplicates.join(onward, "first_row", "left", maintain_order="left")
    return followed.select(ROW, first_row=pl.coalesce("flight", "first_row"))
