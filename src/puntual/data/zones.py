"""Times that are written in one zone, as local times at each flight's origin: polars expressions."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Literal

import airportsdata
import polars as pl

_CODES: tuple[Literal["IATA", "ICAO"], ...] = ("IATA", "ICAO")


def instant(written: pl.Expr, zone: str) -> pl.Expr:
    """A time of a zone in UTC; null for one that its clocks passed over, the first of two that they showed.

    Examples
    --------
    >>> import datetime as dt
    >>> written = pl.Series([dt.datetime(2017, 3, 26, hour, 30) for hour in (1, 2, 3)])
    >>> pl.select(instant(pl.lit(written), "Europe/Madrid").dt.hour()).to_series().to_list()
    [0, None, 1]
    """
    known = written.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return known.dt.convert_time_zone("UTC")


def local(moment: pl.Expr, origin: pl.Expr, origins: Iterable[str]) -> pl.Expr:
    """An instant as the clocks of the flight's origin show it; null where its zone is not known.

    Parameters
    ----------
    origin : IATA or ICAO code
    origins : every value of it

    Examples
    --------
    >>> import datetime as dt
    >>> moment = pl.lit(dt.datetime(2017, 7, 1, 23, 30)).dt.replace_time_zone("UTC")
    >>> pl.select(local(moment, pl.lit("MAD"), ["MAD", "XQZ"])).item()
    datetime.datetime(2017, 7, 2, 1, 30)
    """
    zones: dict[str, list[str]] = {}
    for one in origins:
        zone = _zones().get(one)
        if zone:
            zones.setdefault(zone, []).append(one)
    shown = (
        pl.when(origin.is_in(codes)).then(moment.dt.convert_time_zone(zone).dt.replace_time_zone(None))
        for zone, codes in zones.items()
    )
    return pl.coalesce(*shown, pl.lit(None, pl.Datetime("us")))


@cache
def _zones() -> dict[str, str]:
    """By either code. `puntual.data.airports` would load the holidays besides, which takes long."""
    return {code: airport["tz"] for kind in _CODES for code, airport in airportsdata.load(kind).items()}
