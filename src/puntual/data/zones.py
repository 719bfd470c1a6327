"""Polars expressions that convert times between a zone, UTC and each flight's origin."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Literal

import airportsdata
import polars as pl

from puntual.data.code_tables import airports_by_code

_CODES: tuple[Literal["IATA", "ICAO"], ...] = ("IATA", "ICAO")


def to_utc(times: pl.Expr, zone: str) -> pl.Expr:
    """Local times of a zone in UTC; null if its clocks skipped the time, the first if they showed it twice.

    Examples
    --------
    >>> import datetime as dt
    >>> times = pl.Series([dt.datetime(2017, 3, 26, hour, 30) for hour in (1, 2, 3)])
    >>> pl.select(to_utc(pl.lit(times), "Europe/Madrid").dt.hour()).to_series().to_list()
    [0, None, 1]
    """
    known = times.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return known.dt.convert_time_zone("UTC")


def to_local(utc: pl.Expr, origin: pl.Expr, origins: Iterable[str]) -> pl.Expr:
    """Times in UTC as local times at the flight's origin; null if its zone is unknown.

    Parameters
    ----------
    origin : IATA or ICAO code
    origins : every value of `origin`

    Examples
    --------
    >>> import datetime as dt
    >>> utc = pl.lit(dt.datetime(2017, 7, 1, 23, 30)).dt.replace_time_zone("UTC")
    >>> pl.select(to_local(utc, pl.lit("MAD"), ["MAD", "XQZ"])).item()
    datetime.datetime(2017, 7, 2, 1, 30)
    """
    zones: dict[str, list[str]] = {}
    for code in origins:
        if zone := _zones().get(code):
            zones.setdefault(zone, []).append(code)
    shown = (
        pl.when(origin.is_in(codes)).then(utc.dt.convert_time_zone(zone).dt.replace_time_zone(None))
        for zone, codes in zones.items()
    )
    return pl.coalesce(*shown, pl.lit(None, pl.Datetime("us")))


def airport_zones(codes: Iterable[str]) -> dict[str, str]:
    """The time zone of each airport whose zone is known.

    Examples
    --------
    >>> airport_zones(["JFK", "SCEL", "XQZ"])
    {'JFK': 'America/New_York', 'SCEL': 'America/Santiago'}
    """
    zones = _zones()
    return {code: zones[code] for code in codes if code in zones}


@cache
def _zones() -> dict[str, str]:
    """Zones by airport code, also of closed airports and codes given up.

    `puntual.data.airports` would also load the holidays, which takes long.
    """
    closed = {code: held[0].zone for code, held in airports_by_code().items() if held[0].zone}
    open_ = {code: airport["tz"] for kind in _CODES for code, airport in airportsdata.load(kind).items()}
    return closed | open_
