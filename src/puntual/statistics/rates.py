"""The delay rate of each group of flights."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import polars as pl

from puntual.data.schema import DELAY
from puntual.features.challenge import high_season, period_of_day
from puntual.features.place import flight_type
from puntual.inference.tables import Tables
from puntual.metrics.arrays import FloatArray, IntArray
from puntual.metrics.bootstrap import Blocks, rate_interval, rate_variance
from puntual.statistics.outcome_counts import OutcomeCounts, count_outcomes, mean_of, quantile_of

MIN_GROUP_SIZE = 50
"""Groups of fewer flights are marked as small: their rate says little."""

_WHEN = pl.col("scheduled_departure")
_ROUTE = pl.concat_str("origin", "destination", separator="-")


class Dimension(NamedTuple):
    """One way to group flights.

    Attributes
    ----------
    group : tables -> an expression over canonical frames that names each flight's group; null: no group
    overlaps : the variables that it repeats more coarsely or more finely; its rates are not adjusted for them
    ordered : its groups have an order of their own; the groups of other dimensions are ranked by rate
    """

    group: Callable[[Tables], pl.Expr]
    overlaps: tuple[str, ...]
    ordered: bool = False


_PERIODS = {"mañana": "0", "tarde": "1", "noche": "2"}
"""In the order of the day."""

DIMENSIONS: dict[str, Dimension] = {
    "airline": Dimension(lambda _: pl.col("airline"), ("airline",)),
    "destination": Dimension(lambda _: pl.col("destination"), ("destination",)),
    "origin": Dimension(lambda _: pl.col("origin"), ("origin",)),
    "route": Dimension(lambda _: _ROUTE, ("origin", "destination")),
    "operator": Dimension(lambda _: pl.coalesce("operator", "operated_by"), ("airline",)),
    "flight_type": Dimension(flight_type, ("destination",)),
    "season": Dimension(lambda _: high_season().cast(pl.Int8).cast(pl.String), ("month",), ordered=True),
    "month": Dimension(lambda _: _WHEN.dt.month().cast(pl.String), ("month",), ordered=True),
    "weekday": Dimension(lambda _: _WHEN.dt.weekday().cast(pl.String), ("weekday",), ordered=True),
    "hour": Dimension(lambda _: _WHEN.dt.hour().cast(pl.String), ("hour",), ordered=True),
    "period": Dimension(lambda _: period_of_day(), ("hour",), ordered=True),
}
"""By name. ``season`` is 1 in the challenge's high season, else 0; ``month`` counts from January and
``weekday`` from Monday, both from 1; ``period`` is the challenge's period of the day."""

ADJUSTED = {
    "dimension": pl.String,
    "value": pl.String,
    "adjusted": pl.Float64,
    "adjusted_low": pl.Float64,
    "adjusted_high": pl.Float64,
    "confounder": pl.String,
    "confounder_value": pl.String,
}
"""Columns of `puntual.statistics.adjusted_rates.adjusted_rates`."""


def with_outcomes(flights: pl.DataFrame, threshold: int) -> pl.DataFrame:
    """The flights that departed, with their `delay` (minutes) and whether they were `delayed`.

    Parameters
    ----------
    flights : canonical frame
    threshold : minutes; a flight is delayed when it leaves more than this late
    """
    departed = flights.filter(pl.col("actual_departure").is_not_null())
    return departed.with_columns(delay=DELAY, delayed=DELAY > threshold)


def add_groups(flights: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """Add the group that each flight belongs to, a text column for each of `DIMENSIONS`.

    Parameters
    ----------
    flights : canonical frame, usually from `with_outcomes`; its columns of the same names are replaced
    tables : with the airports' countries, by which flights are domestic or international
    """
    groups = {name: dimension.group(tables) for name, dimension in DIMENSIONS.items()}
    others = pl.col([name for name in flights.columns if name not in groups])
    return flights.select(others, **groups)


def delay_rates(grouped: pl.DataFrame, adjusted: pl.DataFrame | None = None) -> pl.DataFrame:
    """The delay rate of every group of every dimension, as counted and adjusted.

    Parameters
    ----------
    grouped : from `add_groups`
    adjusted : from `puntual.statistics.adjusted_rates.adjusted_rates`; None: those columns are null

    Returns
    -------
    The fields of `puntual.inference.rates.Rate`, dimension after dimension. Groups come in their own order,
    or ranked by `shrunk`, highest first and small groups last. A dimension that is null for all flights is
    left out
    """
    return counted_rates(count_outcomes(grouped, DIMENSIONS), adjusted)


def counted_rates(outcomes: OutcomeCounts, adjusted: pl.DataFrame | None = None) -> pl.DataFrame:
    """As `delay_rates`, of flights that are counted by all `DIMENSIONS`."""
    blocks = outcomes.blocks()
    known = [name for name in DIMENSIONS if outcomes.by_day[name,].height]
    counted = pl.concat([_rates_by(outcomes, name, blocks) for name in known])
    added = pl.DataFrame(schema=ADJUSTED) if adjusted is None else adjusted
    return counted.join(added, on=["dimension", "value"], how="left", maintain_order="left")


def informative_dimensions(rates: pl.DataFrame) -> list[str]:
    """The dimensions that have several groups, and other groups than another dimension.

    The routes of a single origin are its destinations, and airlines that fly all their own flights are their
    operators.

    Parameters
    ----------
    rates : from `delay_rates`
    """
    groups = {name: part.height for (name,), part in rates.group_by("dimension")}
    same = {"route": "destination", "operator": "airline"}
    several = [name for name in DIMENSIONS if groups.get(name, 0) > 1]
    return [name for name in several if groups[name] != groups.get(same.get(name, ""))]


def shrink(rates: FloatArray, variances: FloatArray) -> FloatArray:
    """Shrink the rates of groups towards their mean, each by as much as chance may have moved it.

    Each becomes mean + between / (between + its variance) (rate - mean), where `between` is the variance of
    the true rates, so that a group of three flights, all late, does not rank above a large one.

    Parameters
    ----------
    rates, variances : shape (groups,); each rate's sampling variance, 0 if its flights are all late or all
        on time

    Examples
    --------
    >>> shrink(np.array([0.2, 0.3, 1.0]), np.array([0.0001, 0.0001, 0.08])).round(2).tolist()
    [0.2, 0.3, 0.32]

    References
    ----------
    Efron and Morris (1975), Data analysis using Stein's estimator, JASA 70(350). `between` is estimated as
    by DerSimonian and Laird (1986), Controlled Clinical Trials 7(3).
    """
    if not variances.all():
        return rates
    weights = 1 / variances
    mean = np.average(rates, weights=weights)
    excess = np.sum(weights * (rates - mean) ** 2) - (len(rates) - 1)
    scale = weights.sum() - (weights**2).sum() / weights.sum()
    between = max(0.0, excess / scale) if scale > 0 else 0.0
    mean = np.average(rates, weights=1 / (between + variances))
    return np.asarray(mean + between / (between + variances) * (rates - mean))


def _rates_by(outcomes: OutcomeCounts, name: str, blocks: Blocks) -> pl.DataFrame:
    counts = outcomes.count_by_day((name,))
    groups = (
        outcomes.by_delay[name,]
        .group_by("value", maintain_order=True)
        .agg(
            pl.col("flights").sum(),
            mean_delay=mean_of("delay"),
            median_delay=quantile_of(0.5),
            p90_delay=quantile_of(0.9),
        )
        .with_columns(delayed=pl.Series(counts.delayed.sum(axis=0)).cast(pl.Int64))
    )
    rate = (groups["delayed"] / groups["flights"]).to_numpy()
    interval = rate_interval(counts, blocks)
    rated = groups.select(
        pl.lit(name).alias("dimension"),
        *("value", "flights", "delayed"),
        rate=rate,
        low=pl.Series(interval.low).fill_nan(None),
        high=pl.Series(interval.high).fill_nan(None),
        shrunk=shrink(rate, rate_variance(counts, blocks)),
        small=pl.col("flights") < MIN_GROUP_SIZE,
        **{column: column for column in ("mean_delay", "median_delay", "p90_delay")},
    )
    if DIMENSIONS[name].ordered:
        return rated.sort(pl.col("value").replace(_PERIODS).cast(pl.Int64))
    return rated.sort("small", "shrunk", "flights", "value", descending=[False, True, True, False])


def group_codes(values: pl.Series) -> IntArray:
    """Numbers from 0 in the order of the values; null comes first.

    Examples
    --------
    >>> group_codes(pl.Series(["LAN", None, "ACA", "LAN"])).tolist()
    [2, 0, 1, 2]
    """
    distinct = values.unique().sort().alias("value").to_frame().with_row_index("code")
    # Joining takes a sixth of the time of ranking.
    coded = (
        values.alias("value")
        .to_frame()
        .join(distinct, "value", "left", nulls_equal=True, maintain_order="left")
    )
    return coded["code"].cast(pl.Int64).to_numpy()
