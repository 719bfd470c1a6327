"""Gradient-boosted trees: LightGBM through its native API, exported as its own text format."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence

import lightgbm
import numpy as np

from puntual.inference.catalogue import CATALOGUE, FEATURES
from puntual.metrics.arrays import BoolArray, FloatArray

Parameters = Mapping[str, float | str | bool]

PARAMETERS: Parameters = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 31,
    "min_data_in_leaf": 100,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "cat_smooth": 20.0,
    "cat_l2": 20.0,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}

QUICK_TREES = 40
QUICK: Parameters = {
    "learning_rate": 0.12,
    "num_leaves": 15,
    "max_bin": 63,
    "feature_fraction": 1.0,
    "bagging_freq": 0,
}

LEFT_OUT = {"month", "new_season"}
"""With the day of the year, the month makes predictions worse (docs/decisions/0003-schedule-model.md); the
season of every flight learned from was seen."""
LEARNED = [feature for feature in CATALOGUE if feature.name not in LEFT_OUT]
FEATURE_NAMES = [feature.name for feature in LEARNED]
DAY_OF_YEAR = FEATURE_NAMES.index("day_of_year")
CATEGORICAL = [feature.name for feature in LEARNED if feature.categorical]

OnTree = Callable[[], None]
Rows = tuple[FloatArray, BoolArray]


class Booster:
    """Trees that are fitted, ready to score matrices or to be exported.

    Attributes
    ----------
    text : LightGBM's text format
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._booster = lightgbm.Booster(model_str=text)

    def raw(self, matrix: FloatArray) -> FloatArray:
        """Log-odds of each row.

        Parameters
        ----------
        matrix : shape (n, features); NaN where missing
        """
        return np.asarray(self._booster.predict(matrix, raw_score=True, num_threads=1))

    def curve(self, matrix: FloatArray, trees: Sequence[int]) -> Iterator[FloatArray]:
        """Log-odds of each row by the first trees, for ascending numbers of them.

        Examples
        --------
        >>> rows = np.zeros((400, len(FEATURE_NAMES)))
        >>> rows[:, FEATURE_NAMES.index("minute_of_day")] = np.arange(400)
        >>> booster = fit_booster((rows, np.arange(400) > 200), trees=10, seed=1)
        >>> [raw[0].round(2).item() for raw in booster.curve(rows, [1, 10])]
        [-0.1, -0.76]
        """
        raw = np.zeros(len(matrix))
        for start, end in itertools.pairwise((0, *trees)):
            raw = raw + self._booster.predict(
                matrix, raw_score=True, start_iteration=start, num_iteration=end - start, num_threads=1
            )
            yield raw


def fit_booster(
    learned: Rows,
    *,
    trees: int,
    seed: int,
    names: Sequence[str] = FEATURE_NAMES,
    parameters: Parameters = PARAMETERS,
    on_tree: OnTree = lambda: None,
) -> Booster:
    """Fit a number of trees; categories that they never saw are read as missing.

    Parameters
    ----------
    learned : matrix of shape (n, features), NaN where missing; and whether each flight was delayed
    names : of the features
    parameters : LightGBM's own
    on_tree : called after each tree, for progress

    Examples
    --------
    >>> rows = np.zeros((400, len(FEATURE_NAMES)))
    >>> rows[:, FEATURE_NAMES.index("minute_of_day")] = np.arange(400)
    >>> raw = fit_booster((rows, np.arange(400) > 200), trees=10, seed=1).raw(rows)
    >>> bool(raw[0] < raw[-1])
    True
    """
    matrix, delayed = learned
    data = lightgbm.Dataset(
        matrix,
        delayed.astype(np.float64),
        feature_name=[*names],
        categorical_feature=[name for name in CATEGORICAL if name in names],
        params={"verbosity": -1},
    )
    fitted = lightgbm.train(
        {**parameters, "seed": seed}, data, num_boost_round=trees, callbacks=[lambda _: on_tree()]
    )
    return Booster(fitted.model_to_string())


def fit_quickly(
    matrix: FloatArray, delayed: BoolArray, names: list[str], *, seed: int
) -> Callable[[FloatArray], FloatArray]:
    """Fit few trees quickly on one core, to compare features; returns a function that predicts probabilities.

    Parameters
    ----------
    matrix : shape (n, features); NaN where missing
    delayed : shape (n,)
    names : of the catalogue, one a column
    """
    data = lightgbm.Dataset(
        matrix,
        delayed.astype(np.float64),
        feature_name=names,
        categorical_feature=[name for name in names if FEATURES[name].categorical],
        params={"verbosity": -1, "max_bin": QUICK["max_bin"]},
    )
    booster = lightgbm.train({**PARAMETERS, **QUICK, "seed": seed}, data, num_boost_round=QUICK_TREES)
    return lambda rows: np.asarray(booster.predict(rows, num_threads=1))
