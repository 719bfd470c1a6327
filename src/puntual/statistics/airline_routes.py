"""Which airline flies where, and at what hours."""

from __future__ import annotations

import polars as pl

_ROUTE = ("airline", "origin", "destination")
_HOURS = 24


def airline_routes(flights: pl.DataFrame) -> pl.DataFrame:
    """The flights of each airline on each of its routes.

    Parameters
    ----------
    flights : the canonical frame of departed flights, with `delayed`; those without an airline are left out

    Returns
    -------
    The fields of `puntual.inference.rates.AirlineRoute`, the most flown first

    Examples
    --------
    >>> import datetime as dt
    >>> rows = [("LAN", "SCEL", "SCFA", dt.datetime(2017, 1, 1, hour), hour > 7) for hour in (6, 7, 7, 23)]
    >>> names = ("airline", "origin", "destination", "scheduled_departure", "delayed")
    >>> route = airline_routes(pl.DataFrame(rows, schema=names, orient="row")).row(0, named=True)
    >>> route["flights"], route["delayed"], route["hours"][6:8]
    (4, 1, [1, 2])
    """
    hour = pl.col("scheduled_departure").dt.hour()
    return (
        flights.drop_nulls("airline")
        .group_by(_ROUTE)
        .agg(
            flights=pl.len(),
            delayed=pl.col("delayed").sum(),
            hours=pl.concat_list((hour == value).sum() for value in range(_HOURS)),
        )
        .sort("flights", *_ROUTE, descending=[True, False, False, False])
    )
