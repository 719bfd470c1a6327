"""The delays of each day."""

from __future__ import annotations

import polars as pl

from puntual.inference.tables import Tables
from puntual.statistics.outcome_counts import count_outcomes, mean_of


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
    return counted_days(count_outcomes(departed, ()).delays, tables)


def counted_days(delays: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """As `daily_delays`, of the `delays` of `puntual.statistics.outcome_counts.OutcomeCounts`."""
    holidays = {day for country in tables.holidays.values() for day in country}
    daily = (
        delays.with_columns(late=pl.col("delay").clip(lower_bound=0))
        .group_by("day", maintain_order=True)
        .agg(
            pl.col("flights", "delayed").sum(),
            rate=pl.col("delayed").sum() / pl.col("flights").sum(),
            mean_delay=mean_of("delay"),
            late_minutes=(pl.col("late") * pl.col("flights")).sum(),
        )
    )
    return daily.with_columns(
        share=pl.col("late_minutes") / max(1.0, float(daily["late_minutes"].sum())),
        holiday=pl.Series([day.toordinal() in holidays for day in daily["day"]], dtype=pl.Boolean),
    )
