"""The challenge's own four columns, over canonical frames, with its Spanish names."""

from __future__ import annotations

import polars as pl

from puntual.data import Flights
from puntual.data.schema import DELAY
from puntual.inference.season_rules import HIGH_SEASON, PERIODS

DELAYED_MINUTES = 15
"""`atraso_15`: a flight is delayed when it leaves later than this."""

COLUMNS = ("temporada_alta", "dif_min", "atraso_15", "periodo_dia")

_SCHEDULED = pl.col("scheduled_departure")


def add_challenge_columns(flights: pl.DataFrame) -> pl.DataFrame:
    """Put the challenge's columns behind those of a canonical frame.

    Parameters
    ----------
    flights : with `scheduled_departure` and `actual_departure`

    Returns
    -------
    ``temporada_alta`` (0 or 1), ``dif_min`` (minutes, null for a flight that never departed), ``atraso_15``
    (0 or 1, null likewise), ``periodo_dia`` (``mañana``, ``tarde``, ``noche``)

    Examples
    --------
    >>> import datetime as dt
    >>> scheduled = [dt.datetime(2017, 3, 3, 4, 59), dt.datetime(2017, 3, 4, 5, 0)]
    >>> actual = [dt.datetime(2017, 3, 3, 5, 15), None]
    >>> flights = pl.DataFrame({"scheduled_departure": scheduled, "actual_departure": actual})
    >>> add_challenge_columns(flights).select(COLUMNS).rows()
    [(1, 16.0, 1, 'noche'), (0, None, None, 'mañana')]
    """
    return flights.with_columns(
        temporada_alta=high_season().cast(pl.Int8),
        dif_min=DELAY,
        atraso_15=(DELAY > DELAYED_MINUTES).cast(pl.Int8),
        periodo_dia=period_of_day(),
    )


def beside_rows(flights: Flights) -> pl.DataFrame:
    """A file's own columns, in its row order and duplicates included, then the challenge's four."""
    return flights.beside(add_challenge_columns(flights.frame).select("row", *COLUMNS))


def in_words(table: pl.DataFrame) -> pl.DataFrame:
    """The same table as a CSV shows it: whole minutes without a point."""
    minutes = pl.col("dif_min")
    whole = minutes.cast(pl.Int64)
    return table.with_columns(
        pl.when(minutes == whole).then(whole.cast(pl.String)).otherwise(minutes.cast(pl.String)),
    )


def high_season() -> pl.Expr:
    """Whether `scheduled_departure` lies in the challenge's high season."""
    day = _SCHEDULED.dt.month().cast(pl.Int32) * 100 + _SCHEDULED.dt.day()
    seasons = []
    for (first_month, first_day), (last_month, last_day) in HIGH_SEASON:
        begun, not_over = day >= first_month * 100 + first_day, day <= last_month * 100 + last_day
        within_a_year = (first_month, first_day) <= (last_month, last_day)
        seasons.append(begun & not_over if within_a_year else begun | not_over)
    return pl.any_horizontal(seasons)


def period_of_day() -> pl.Expr:
    """Name of the challenge's period of the day that `scheduled_departure` lies in."""
    hour = _SCHEDULED.dt.hour()
    names = []
    for name, first, end in PERIODS:
        begun, not_over = hour >= first, hour < end
        names.append(pl.when(begun & not_over if first < end else begun | not_over).then(pl.lit(name)))
    return pl.coalesce(names)
