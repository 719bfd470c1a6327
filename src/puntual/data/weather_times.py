"""The times of weather tables, and the zone that they are written in."""

from __future__ import annotations

import re
from contextlib import suppress
from zoneinfo import ZoneInfo

import polars as pl

from puntual.data.cells import clean_text, has_offset, parse_datetime, parse_iso_utc
from puntual.data.part import Part
from puntual.data.weather_rows import UTC
from puntual.errors import DataError

ZONE_COLUMNS = ("tz", "timezone")
"""Columns that say the zone of each row's time."""

_VALID = re.compile(r"valid\s*\(\s*(?P<zone>\S+?)(?:\s+timezone)?\s*\)", re.IGNORECASE)
_COMMENT = re.compile(r"#\s*DEBUG:\s*Time Zone\s*->\s*(?P<zone>\S+)", re.IGNORECASE)


def plain_name(name: str) -> str:
    """A column's name in lower case, without the zone that old files write behind ``valid``.

    Examples
    --------
    >>> plain_name("valid (GMT timezone)"), plain_name(" tmpf")
    ('valid', 'tmpf')
    """
    text = name.strip().lower()
    return "valid" if _VALID.fullmatch(text) else text


def find_zone(part: Part) -> str:
    """The zone of a file's times: of their column's name, or of a comment above the header; else UTC.

    Raises
    ------
    DataError : a zone that does not exist
    """
    named = (_VALID.fullmatch(name.strip()) for name in part.names)
    found = next((one for one in (*named, *map(_COMMENT.search, part.skipped)) if one), None)
    return _check(found["zone"], part.where) if found else UTC


def _check(zone: str, where: str) -> str:
    with suppress(KeyError, ValueError, OSError):
        return ZoneInfo(zone).key
    raise DataError(where, f"the time zone {zone[:40]!r}", wanted="one as UTC or America/Santiago")


def times_in_utc(rows: pl.DataFrame, column: str, zone: str, where: str) -> pl.Expr:
    """Times in UTC; null if they are none.

    Of two moments that a clock shows alike it is the later one, since at the earlier one the observation
    might not have been made.

    Parameters
    ----------
    zone : of times without an offset, where no column of the file says it

    Raises
    ------
    DataError : a zone that does not exist

    Examples
    --------
    >>> rows = pl.DataFrame({"valid": ["2017-11-05 01:51", "2017-11-05T01:51Z", "M"]})
    >>> utc = rows.select(times_in_utc(rows, "valid", "America/New_York", "f.csv").dt.to_string("%H:%M"))
    >>> utc.to_series().to_list()
    ['06:51', '01:51', None]
    """
    local = parse_datetime(clean_text(column), None)
    of_row = next((name for name in ZONE_COLUMNS if name in rows.columns), None)
    if of_row is None:
        times = _convert(local, zone)
    else:
        zones = clean_text(of_row).fill_null(zone)
        every = rows.select(zones.unique(maintain_order=True)).to_series()
        cases = (pl.when(zones == one).then(_convert(local, _check(one, where))) for one in every)
        times = pl.coalesce(*cases)
    utc = parse_iso_utc(column).dt.replace_time_zone(UTC)
    return pl.when(has_offset(column)).then(utc).otherwise(times)


def _convert(local: pl.Expr, zone: str) -> pl.Expr:
    known = local.dt.replace_time_zone(zone, ambiguous="latest", non_existent="null")
    return known.dt.convert_time_zone(UTC)
