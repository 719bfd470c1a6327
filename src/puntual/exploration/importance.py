"""Which variables should matter: each alone, and what a model loses without it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.optimize import brentq
from scipy.special import expit, log_expit, logit
from sklearn.metrics import mutual_info_score

from puntual.evaluation import auc
from puntual.inference.catalogue import COUNTED
from puntual.models.boosting import FEATURE_NAMES, fit_quickly
from puntual.models.rolling import rolling_folds
from puntual.models.season import as_asked
from puntual.processors import count_processors
from puntual.rates import group_codes

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

MOST_LEARNED = 40_000
MOST_MEASURED = 10_000
MOST_VALUES = 144
"""A number with more values is taken by quantiles; so a minute of the day is a slot of about ten minutes."""
_SHUFFLES = 10
_PRIOR_FLIGHTS = 50
_SEED = 11
_EARLIER = tuple(name for name in COUNTED if name.endswith("_earlier"))
"""How much has left since midnight tells the hour, too."""


class Variable(NamedTuple):
    """Something that is known of a flight days ahead.

    Attributes
    ----------
    alone : the feature whose values are taken alone
    features : those that the model does without
    """

    alone: str
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
    dates: npt.NDArray[np.datetime64],
    report: Callable[[str, int], None] = lambda stage, steps: None,
) -> pl.DataFrame:
    """Weigh each variable, alone and by what is lost without it, on months that were not learned from.

    Each of the last months is predicted from those before it; of many flights some are taken, evenly
    spaced. "Without" a variable, a model is fitted anew on flights among which its values were dealt out at
    random: so both models have as much to choose from, and a variable of noise gains nothing.

    Parameters
    ----------
    features : from `puntual.features.compute_features`, in time order
    delayed, dates : shape (n,), of the same flights
    report : called after each step with the stage that it belongs to and how many that has

    Returns
    -------
    `variable`, `repeat` (from 1: the month), `auc` of the variable alone, its rates learned from the past,
    `lost` (log loss of the model without it, less that of the whole model) and its standard `error`, a day
    being a cluster; and `information`: mutual information with the delay, of all flights, as a share of what
    there is to know (its entropy), less what chance gives. A variable with one value is left out

    References
    ----------
    Hooker, Mentch and Zhou (2021), Unrestricted permutation forces extrapolation, Statistics and Computing
    31(82): permute and relearn.
    """
    values = {name: _values(features[variable.alone]) for name, variable in VARIABLES.items()}
    kept = {name: codes for name, codes in values.items() if np.ptp(codes) > 0}
    informed = {name: _information(codes, delayed) for name, codes in kept.items()}
    folds = [fold for fold in rolling_folds(dates) if all(_both(delayed[part]) for part in fold)]
    matrix = features.select(FEATURE_NAMES).to_numpy()
    rows = []
    for repeat, (learned, measured) in enumerate(folds, 1):
        past, later = _spaced(learned, MOST_LEARNED), _spaced(measured, MOST_MEASURED)
        month = _Month(matrix[past], delayed[past], as_asked(matrix[later], matrix[past]), delayed[later])
        dealt = [(), *(VARIABLES[name].features for name in kept)]
        losses = []
        # Each core fits a model of its own, which is quicker than all of them one model together.
        with ThreadPoolExecutor(count_processors()) as threads:
            for loss in threads.map(month.losses, dealt):
                losses.append(loss)
                report("variables", len(folds) * len(dealt))
        for (name, codes), loss in zip(kept.items(), losses[1:], strict=True):
            lost = loss - losses[0]
            alone = auc(_past_rates(codes, learned, delayed)[codes[measured]], delayed[measured])
            error = _clustered_error(lost, group_codes(pl.Series(dates[later])))
            rows.append((name, repeat, alone, lost.mean(), error, informed[name]))
    names = ("variable", "repeat", "auc", "lost", "error", "information")
    types = (pl.String, pl.Int64, *[pl.Float64] * 4)
    return pl.DataFrame(rows, schema=dict(zip(names, types, strict=True)), orient="row")


class _Month(NamedTuple):
    """What came before a month, and the month: features and outcomes."""

    past: FloatArray
    past_delayed: BoolArray
    later: FloatArray
    later_delayed: BoolArray

    def losses(self, dealt: tuple[str, ...]) -> FloatArray:
        """Log loss of each flight of the month, the values of some features dealt out at random."""
        columns = [FEATURE_NAMES.index(name) for name in dealt if name in FEATURE_NAMES]
        past, later = (_deal(part, columns) for part in (self.past, self.later))
        raw = logit(fit_quickly(past, self.past_delayed, FEATURE_NAMES, seed=_SEED)(later))
        rate = self.later_delayed.mean()
        # No variable tells a coming month's own level, so both models are given it.
        level = brentq(lambda added: expit(raw + added).mean() - rate, -20, 20)
        return np.asarray(-log_expit(np.where(self.later_delayed, raw + level, -raw - level)))


def _deal(matrix: FloatArray, columns: list[int]) -> FloatArray:
    """The same rows, those of some columns in another order; together, as they belong to each other."""
    dealt = matrix.copy()
    dealt[:, columns] = matrix[np.random.default_rng(_SEED).permutation(len(matrix))][:, columns]
    return dealt


def _clustered_error(values: FloatArray, days: IntArray) -> float:
    surprises = np.bincount(days, values - values.mean())
    return float(np.sqrt(np.sum(surprises**2)) / len(values))


def _values(feature: pl.Series) -> IntArray:
    """Codes of the values of a feature; a missing one is a value too."""
    filled = feature.fill_nan(None)
    if filled.n_unique() <= MOST_VALUES:
        return group_codes(filled)
    values = feature.to_numpy()
    edges = np.unique(np.nanquantile(values, np.linspace(0, 1, MOST_VALUES)))
    return np.searchsorted(edges, values)


def _both(delayed: BoolArray) -> bool:
    return bool(delayed.any() and not delayed.all())


def _spaced(part: BoolArray, most: int) -> IntArray:
    at = np.flatnonzero(part)
    return at[:: max(1, -(-len(at) // most))]


def _past_rates(codes: IntArray, learned: BoolArray, delayed: BoolArray) -> FloatArray:
    """Rate of each value among the flights learned from, drawn to their mean as if by some flights more."""
    mean = delayed[learned].mean()
    flights = np.bincount(codes[learned], minlength=codes.max() + 1)
    late = np.bincount(codes[learned], delayed[learned], minlength=codes.max() + 1)
    return np.asarray((late + _PRIOR_FLIGHTS * mean) / (flights + _PRIOR_FLIGHTS))


def _information(codes: IntArray, delayed: BoolArray) -> float:
    draw = np.random.default_rng(_SEED)
    by_chance = [mutual_info_score(codes, draw.permutation(delayed)) for _ in range(_SHUFFLES)]
    entropy = mutual_info_score(delayed, delayed)
    return float(max(0.0, mutual_info_score(codes, delayed) - np.mean(by_chance)) / entropy)
