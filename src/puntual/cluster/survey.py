"""What the flights of a network are, counted by partition, as far as a model's tables need it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import polars as pl

from puntual.data.airports import build_tables
from puntual.data.partitions import Group, read_partition
from puntual.data.schema import DELAY
from puntual.inference.tables import Tables

NAMED = ("airline", "operator", "destination", "origin")
_DAY = pl.col("scheduled_departure").dt.date().alias("day")
_DEPARTED = pl.col("actual_departure").is_not_null()


class Survey(NamedTuple):
    """What some flights are; of several partitions, the surveys are added up.

    Attributes
    ----------
    values : ``field``, ``value`` and the first ``day`` on which a flight with it departed
    days : ``day``, and how many flights are ``scheduled``, ``cancelled``, ``departed`` and ``delayed`` on it
    """

    values: pl.DataFrame
    days: pl.DataFrame

    def before(self, day: dt.date | None) -> pl.DataFrame:
        """The days before another one, or from it on; None: all."""
        return self.days if day is None else self.days.filter(pl.col("day") < day)

    def flights(self, day: dt.date | None, column: str) -> int:
        """How many flights of `days` there are before a day; None: of all days."""
        return int(self.before(day)[column].sum())


def survey_group(parts: Group, delay_minutes: int) -> Survey:
    """Count what the flights of some partitions are; a flight is delayed beyond the minutes."""
    frame = pl.concat(map(read_partition, parts))
    departed = frame.filter(_DEPARTED)
    values = [
        departed.filter(pl.col(name).is_not_null())
        .group_by(pl.col(name).alias("value"))
        .agg(_DAY.min())
        .select(pl.lit(name).alias("field"), "value", "day")
        for name in NAMED
    ]
    days = frame.group_by(_DAY).agg(
        scheduled=pl.len(),
        cancelled=pl.col("cancelled").sum().cast(pl.UInt32),
        departed=_DEPARTED.sum().cast(pl.UInt32),
        delayed=(_DEPARTED & (DELAY > delay_minutes)).sum().cast(pl.UInt32),
    )
    return Survey(pl.concat(values), days)


def add_surveys(surveys: Iterable[Survey]) -> Survey:
    """The survey of all partitions, ordered by field and value, and by day."""
    parts = list(surveys)
    values = pl.concat(one.values for one in parts).group_by("field", "value").agg(pl.col("day").min())
    days = pl.concat(one.days for one in parts).group_by("day").sum()
    return Survey(values.sort("field", "value"), days.sort("day"))


def build_network_tables(
    survey: Survey,
    split_date: dt.date | None,
    airline_names: Mapping[str, str],
    city_names: Mapping[str, str],
) -> Tables:
    """The tables that `build_tables` gives for the flights that departed before a day.

    Parameters
    ----------
    split_date : None: all flights
    """
    values = survey.values if split_date is None else survey.values.filter(pl.col("day") < split_date)
    days = survey.before(split_date).filter(pl.col("departed") > 0)["day"].cast(pl.Datetime("us"))
    # `build_tables` asks which values and days there are: as many rows as there are of the most show it.
    columns = {name: values.filter(pl.col("field") == name)["value"] for name in NAMED}
    rows = max(len(days), *map(len, columns.values()))
    witnesses = pl.DataFrame(
        {name: column.extend_constant(None, rows - len(column)) for name, column in columns.items()}
    ).with_columns(scheduled_departure=days.extend_constant(days[-1], rows - len(days)))
    return build_tables(witnesses, airline_names, city_names)
