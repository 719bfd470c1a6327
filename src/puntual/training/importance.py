"""The importance of each variable: how much worse a model does that is fitted without it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy.special import log_expit, logit
from sklearn.metrics import mutual_info_score

from puntual.inference.catalogue import COUNTED
from puntual.metrics.arrays import BoolArray, DateArray, FloatArray, IntArray
from puntual.metrics.bootstrap import SEED, blocks_of_dates
from puntual.metrics.calibration_curve import level_shift
from puntual.metrics.scores import auc
from puntual.models.boosting import FEATURE_NAMES, Rows, fit_quickly
from puntual.models.cores import on_each_core
from puntual.statistics.rates import group_codes
from puntual.training.cross_validation import map_unseen_days, rolling_folds
from puntual.types import Progress, no_progress

MAX_LEARNED = 40_000
MAX_MEASURED = 10_000
MAX_VALUES = 144
"""A number with more values is taken by quantiles; so a minute of the day is a slot of about ten minutes."""
_SHUFFLES = 10
_PRIOR_FLIGHTS = 50
SEEDS = 3
_EARLIER = tuple(name for name in COUNTED if name.endswith("_earlier"))
"""How much has left since midnight depends on the hour, too."""


class Variable(NamedTuple):
    """A property of a flight that is known days ahead.

    Attributes
    ----------
    feature : the one that is evaluated on its own
    features : those that the model does without
    """

    feature: str
    features: tuple[str, ...]


VARIABLES: dict[str, Variable] = {
    "airline": Variable("airline", ("airline",)),
    "operator": Variable("operator", ("operator",)),
    "destination": Variable("destination", ("destination", "distance_km")),
    "origin": Variable("origin", ("origin",)),
    "flight_type": Variable("flight_type", ("flight_type",)),
    "month": Variable("month", ("month", "day_of_year", "new_season")),
    "season": Variable("high_season", ("high_season",)),
    "holiday": Variable("days_to_holiday", ("days_to_holiday", "days_since_holiday")),
    "weekday": Variable("weekday", ("weekday", "minute_of_week")),
    "hour": Variable("minute_of_day", ("minute_of_day", "minute_of_hour", "minute_of_week", *_EARLIER)),
    "period": Variable("period_of_day", ("period_of_day",)),
    "congestion": Variable("departures_hour_before", COUNTED),
}
"""By name; together they hold every feature of the catalogue."""


def weigh_variables(
    features: pl.DataFrame,
    delayed: BoolArray,
    dates: DateArray,
    progress: Progress = no_progress,
) -> pl.DataFrame:
    """Weigh each variable, by itself and by the loss without it, on months that were not learned from.

    Each of the last months is predicted from those before it, as `weigh` does.

    Parameters
    ----------
    features : from `puntual.features.compute_features`, in time order
    delayed, dates : shape (n,), of the same flights
    progress : called after each step with the stage that it belongs to and how many that has

    Returns
    -------
    `variable`, `repeat` (number of the month, from 1), `auc` of the past delay rates of its values, `lost`
    (increase of the log loss without the variable), its standard `error` and the effective number of `blocks`
    of days; and `information`: mutual information of the variable and the delay over all flights, minus what
    chance gives, as a share of the delay's entropy. A variable with one value is left out
    """
    values = {name: _values(features[variable.feature]) for name, variable in VARIABLES.items()}
    kept = {name: codes for name, codes in values.items() if np.ptp(codes) > 0}
    informed = {name: _information(codes, delayed) for name, codes in kept.items()}
    folds = [fold for fold in rolling_folds(dates) if all(_both(delayed[part]) for part in fold)]
    matrix = features.select(FEATURE_NAMES).to_numpy()
    rows = []
    for repeat, (learned, measured) in enumerate(folds, 1):
        later = stride_sample(measured, MAX_MEASURED)
        lost_without = weigh(
            (matrix[learned], delayed[learned]),
            (map_unseen_days(matrix[later], matrix[learned]), delayed[later]),
            [*kept],
            on_step=partial(progress, "variables", len(folds) * (len(kept) + 1)),
        )
        for name, of_seeds in lost_without.items():
            codes, lost = kept[name], of_seeds.mean(axis=1)
            own_auc = auc(_past_rates(codes, learned, delayed)[codes[measured]], delayed[measured])
            of_days, blocks = _error(lost, dates[later], delayed[later])
            error = math.hypot(of_days, of_seeds.mean(axis=0).std(ddof=1) / math.sqrt(SEEDS))
            rows.append((name, repeat, own_auc, lost.mean(), error, blocks, informed[name]))
    names = ("variable", "repeat", "auc", "lost", "error", "blocks", "information")
    types = (pl.String, pl.Int64, *[pl.Float64] * 5)
    return pl.DataFrame(rows, schema=dict(zip(names, types, strict=True)), orient="row")


def weigh(
    past: Rows,
    later: Rows,
    names: Sequence[str],
    on_step: Callable[[], None] = lambda: None,
) -> dict[str, FloatArray]:
    """The increase of each flight's log loss if a model does without a variable.

    "Without" it, a model is fitted and evaluated on flights whose values of the variable are permuted. So
    both models have as many features, noise gains nothing, and no model is evaluated on combinations that it
    has never seen. What other variables know as well is not lost: the hour, for example, is in the counts of
    the timetable too. The models are small, and are shifted to the delay rate of the later flights, unless
    these were all late, or all punctual. At most 40,000 flights are learned from, evenly spaced.

    Parameters
    ----------
    past, later : features and outcomes of the flights learned from and of the m that are measured
    names : of `VARIABLES`
    on_step : called after the whole model and after each variable

    Returns
    -------
    By name, log loss without the variable less that of the whole model; shape (m, seeds)

    References
    ----------
    Hooker, Mentch and Zhou (2021), Unrestricted permutation forces extrapolation, Statistics and Computing
    31(82): permute and relearn.
    """
    matrix, delayed = past
    chosen = stride_sample(np.ones(len(delayed), dtype=bool), MAX_LEARNED)
    parts = _Parts((matrix[chosen], delayed[chosen]), later)
    permuted = [(), *(VARIABLES[name].features for name in names)]

    def losses(of_variable: tuple[str, ...]) -> FloatArray:
        lost = parts.losses(of_variable)
        on_step()
        return lost

    whole, *without = on_each_core(losses, permuted)
    return {name: loss - whole for name, loss in zip(names, without, strict=True)}


class _Parts(NamedTuple):
    """Flights learned from and measured: features and outcomes."""

    past: Rows
    later: Rows

    def losses(self, permuted: tuple[str, ...]) -> FloatArray:
        """Log loss of each later flight with some features permuted, shape (m, seeds)."""
        seeds = range(SEED, SEED + SEEDS)
        return np.column_stack([self._losses(permuted, seed) for seed in seeds])

    def _losses(self, permuted: tuple[str, ...], seed: int) -> FloatArray:
        columns = _columns(permuted)
        past, later = (_permute(matrix, columns, seed) for matrix, _ in (self.past, self.later))
        (_, learned), (_, delayed) = self.past, self.later
        raw = logit(fit_quickly(past, learned, FEATURE_NAMES, seed=seed)(later))
        if _both(delayed):
            raw = raw + level_shift(raw, delayed)
        return np.asarray(-log_expit(np.where(delayed, raw, -raw)))


def varying(matrix: FloatArray) -> list[str]:
    """The variables of which more than one value occurs in features, shape (n, features)."""
    return [
        name
        for name, variable in VARIABLES.items()
        if any(
            np.nanmin(column, initial=np.inf) < np.nanmax(column, initial=-np.inf)
            for column in matrix[:, _columns(variable.features)].T
        )
    ]


def _columns(features: Sequence[str]) -> list[int]:
    return [FEATURE_NAMES.index(name) for name in features if name in FEATURE_NAMES]


def _permute(matrix: FloatArray, columns: list[int], seed: int) -> FloatArray:
    """The same rows, with some columns permuted together."""
    permuted = matrix.copy()
    permuted[:, columns] = matrix[np.random.default_rng(seed).permutation(len(matrix))][:, columns]
    return permuted


def _error(values: FloatArray, dates: DateArray, delayed: BoolArray) -> tuple[float, float]:
    """Standard error of a mean, and of how many blocks of days."""
    blocks, day = blocks_of_dates(dates, delayed, repeats=1)
    flights, surprises = (
        np.bincount(day, weights)[:, None].astype(np.float64)
        for weights in (np.ones(len(day)), values - values.mean())
    )
    squares = np.sum(blocks.moving_sums(surprises) ** 2)
    return float(np.sqrt(squares) / len(values)), float(blocks.effective(flights)[0])


def _values(feature: pl.Series) -> IntArray:
    """Codes of the values of a feature; a missing one is a value too."""
    filled = feature.fill_nan(None)
    if filled.n_unique() <= MAX_VALUES:
        return group_codes(filled)
    values = feature.to_numpy()
    edges = np.unique(np.nanquantile(values, np.linspace(0, 1, MAX_VALUES)))
    return np.searchsorted(edges, values)


def _both(delayed: BoolArray) -> bool:
    return bool(delayed.any() and not delayed.all())


def stride_sample(part: BoolArray, most: int) -> IntArray:
    """Positions of at most some of the flights of a part, evenly stride_sample."""
    at = np.flatnonzero(part)
    return at[:: max(1, -(-len(at) // most))]


def _past_rates(codes: IntArray, learned: BoolArray, delayed: BoolArray) -> FloatArray:
    """Rate of each value among the flights learned from, shrunk to their mean."""
    mean = delayed[learned].mean()
    flights = np.bincount(codes[learned], minlength=codes.max() + 1)
    late = np.bincount(codes[learned], delayed[learned], minlength=codes.max() + 1)
    return np.asarray((late + _PRIOR_FLIGHTS * mean) / (flights + _PRIOR_FLIGHTS))


def _information(codes: IntArray, delayed: BoolArray) -> float:
    draw = np.random.default_rng(SEED)
    by_chance = [mutual_info_score(codes, draw.permutation(delayed)) for _ in range(_SHUFFLES)]
    entropy = mutual_info_score(delayed, delayed)
    return float(max(0.0, mutual_info_score(codes, delayed) - np.mean(by_chance)) / entropy)
