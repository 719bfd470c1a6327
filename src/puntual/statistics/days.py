"""The delays of each day."""

from __future__ import annotations

import polars as pl

from puntual.inference.tables import Tables

_DELAY = pl.col("delay")


def daily_delays(departed: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """Each day's flights, delayed flights and minutes of delay.

    Parameters
    ----------
    departed : from `puntual.statistics.rates.with_outcomes`
    tables : with the holidays of the origins' countries

    Returns
    -------
    The fields of `puntual.inference.rates.Day`, ascending in `day`; days without flights are left out
    """
    holidays = {day for country in tables.holidays.values() for day in country}
    daily = (
        departed.group_by(day=pl.col("scheduled_departure").dt.date())
        .agg(
            flights=pl.len(),
            delayed=pl.col("delayed").sum(),
            rate=pl.col("delayed").mean(),
            mean_delay=_DELAY.mean(),
            late_minutes=_DELAY.clip(lower_bound=0).sum(),
        )
        .sort("day")
    )
    return daily.with_columns(
        share=pl.col("late_minutes") / max(1.0, float(daily["late_minutes"].sum())),
        holiday=pl.Series([day.toordinal() in holidays for day in daily["day"]], dtype=pl.Boolean),
    )
