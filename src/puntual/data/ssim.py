"""Schedules in the fixed columns of IATA's Standard Schedules Information Manual, chapter 7.

Each record of a leg gives a period, weekdays and a time; every day of it becomes a flight.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import polars as pl

from puntual.data.delimited import ROW, Table
from puntual.errors import DataError

MAGIC = "1AIRLINE STANDARD SCHEDULE DATA SET"
"""How such a file begins."""
COLUMNS = (
    *("passenger_std", "airline_designator", "departure_station", "arrival_station", "flight_number"),
    *("aircraft_type", "service_type", "operated_as"),
)

_FAR_AHEAD = dt.timedelta(days=400)
_OPERATED_AS = "050"  # the data element that names the leg which a codeshare is flown as
_OPEN_END = "00XXX00"


class _Leg(NamedTuple):
    key: str
    first: dt.date
    last: dt.date
    weekdays: frozenset[int]
    every: int
    departure: dt.timedelta
    values: tuple[str, ...]


def read_ssim(lines: Iterable[str], where: str) -> Table:
    """Read a schedule; its flights are numbered from 1, in the file's order.

    Parameters
    ----------
    lines : of the file, without their ends
    where : the file's path, for messages

    Raises
    ------
    DataError : no leg, or one that cannot be read

    Examples
    --------
    >>> carrier = "2LIB  0008S24 31MAR2426OCT2413OCT23"
    >>> leg = "3 IB 31660101J01APR2407APR24 2      MAD06550655+0200  LHR08150815+0100  320"
    >>> read_ssim([MAGIC, carrier, leg], "s24.txt").frame.row(0)[:5]
    ('2024-04-02T06:55:00', 'IB', 'MAD', 'LHR', '3166')
    """
    legs, codeshares = [], dict[str, str]()
    in_utc = False
    for number, line in enumerate(lines, 1):
        kind = line[:1]
        if kind == "2":
            in_utc = line[1:2] == "U"
        elif kind == "3":
            try:
                legs.append(_read_leg(line, in_utc=in_utc))
            except ValueError as error:
                raise DataError(f"{where}, line {number}", f"a leg that cannot be read: {error}") from None
        elif kind == "4" and line[30:33] == _OPERATED_AS:
            codeshares[line[2:14]] = "".join(line[39:].split()[:2])[:8]
    if not legs:
        raise DataError(where, "no legs", wanted="records of type 3, as in SSIM chapter 7")
    rows = [row for leg in legs for row in _flights(leg, codeshares.get(leg.key, ""), where)]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")
    numbered = frame.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).alias(ROW))
    none = pl.DataFrame(schema={ROW: pl.UInt32, "reason": pl.String})
    return Table(numbered, none, none.select(ROW))


def _read_leg(line: str, *, in_utc: bool) -> _Leg:
    airline, number = line[2:5].strip(), line[5:9].strip().lstrip("0") or "0"
    first = _date(line[14:21])
    last = first + _FAR_AHEAD if line[21:28] == _OPEN_END else _date(line[21:28])
    offset = _offset(line[47:52]) if in_utc else dt.timedelta()
    days = frozenset(int(day) for day in line[28:35] if day.strip())
    return _Leg(
        key=line[2:14],
        first=first,
        last=last,
        weekdays=days,
        every=2 if line[35:36] == "2" else 1,
        departure=_clock(line[39:43]) + offset,
        values=(airline, line[36:39], line[54:57], number, line[72:75].strip(), line[13:14]),
    )


def _flights(leg: _Leg, codeshare_of: str, where: str) -> Iterator[tuple[str, ...]]:
    days = (leg.last - leg.first).days + 1
    if days > _FAR_AHEAD.days * 3:
        raise DataError(where, f"a leg of {days:,} days", wanted="periods of a season")
    for later in range(days):
        day = leg.first + dt.timedelta(days=later)
        if day.isoweekday() in leg.weekdays and (later // 7) % leg.every == 0:
            moment = dt.datetime.combine(day, dt.time()) + leg.departure
            yield (moment.isoformat(), *leg.values, codeshare_of)


def _date(text: str) -> dt.date:
    return dt.datetime.strptime(text, "%d%b%y").date()


def _clock(text: str) -> dt.timedelta:
    hours, minutes = int(text[:2]), int(text[2:])
    if hours > 24 or minutes > 59:
        raise ValueError(f"the time {text!r}")
    return dt.timedelta(hours=hours, minutes=minutes)


def _offset(text: str) -> dt.timedelta:
    size = _clock(text[1:])
    return -size if text[0] == "-" else size
