"""The families of models that `puntual train --compare` fits, each with the settings it may choose among."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

import numpy as np
from scipy.special import expit

from puntual.metrics.arrays import BoolArray, FloatArray
from puntual.metrics.scores import log_loss
from puntual.models import estimators, history
from puntual.models.boosting import PARAMETERS, Booster, Rows
from puntual.models.ensemble import fit_ensemble
from puntual.models.estimators import within_limits
from puntual.training.cross_validation import Fold, map_unseen_days

Setting = Mapping[str, float]


class Model(Protocol):
    """What every family fits."""

    def probability(self, matrix: FloatArray) -> FloatArray:
        """Probability of a delay for each row of shape (n, features), NaN where missing; within (0, 1)."""


class Family(NamedTuple):
    """How a family of models is fitted.

    Attributes
    ----------
    settings : what may be chosen, the first a sound default
    fit : rows in time order, a setting and a seed -> a model; the same ones give the same model
    servable : whether an artifact can hold it
    seeded : whether another seed gives another model
    note : what a reader of the comparison should know
    """

    settings: tuple[Setting, ...]
    fit: Callable[[Rows, Setting, int], Model]
    servable: bool = False
    seeded: bool = False
    note: str = ""


class Boosting(NamedTuple):
    """The trees of `puntual.models.boosting`, as a family's model."""

    booster: Booster

    def probability(self, matrix: FloatArray) -> FloatArray:
        """Of a delay, for each row; shape (n,)."""
        return within_limits(expit(self.booster.raw(matrix)))


def _fit_boosting(rows: Rows, setting: Setting, seed: int) -> Boosting:
    others = {name: value for name, value in setting.items() if name != "trees"}
    parameters = {**PARAMETERS, **others}
    ensemble = fit_ensemble(rows, trees=int(setting["trees"]), seed=seed, parameters=parameters)
    return Boosting(ensemble.merged())


FAMILIES: dict[str, Family] = {
    "boosting": Family(
        ({"trees": 80}, {"trees": 50}, {"trees": 120}, {"trees": 180}, {"trees": 30}),
        _fit_boosting,
        servable=True,
        seeded=True,
        note="LightGBM",
    ),
    "forest": Family(
        (
            {"trees": 100, "depth": 12, "leaf": 40, "share": 0.4},
            {"trees": 100, "depth": 8, "leaf": 40, "share": 0.4},
            {"trees": 100, "depth": 16, "leaf": 20, "share": 0.25},
            {"trees": 100, "depth": 10, "leaf": 100, "share": 0.25},
        ),
        estimators.forest,
        seeded=True,
    ),
    "mlp": Family(
        (
            {"units": 16, "passes": 4, "ridge": 1.0},
            {"units": 16, "passes": 4, "ridge": 0.01},
            {"units": 32, "passes": 2, "ridge": 0.01},
            {"units": 32, "passes": 8, "ridge": 1.0},
            {"units": 8, "passes": 8, "ridge": 0.1},
        ),
        estimators.mlp,
        seeded=True,
        note="one hidden layer",
    ),
    "svm": Family(
        (
            {"centres": 300, "gamma": 0.02, "ridge": 1e-4},
            {"centres": 300, "gamma": 0.005, "ridge": 1e-4},
            {"centres": 300, "gamma": 0.05, "ridge": 1e-4},
            {"centres": 300, "gamma": 0.02, "ridge": 1e-5},
        ),
        estimators.svm,
        seeded=True,
        note="Gaussian kernel approximated by 300 rows, so that it finishes on all",
    ),
    "logistic": Family(
        ({"ridge": 10.0}, {"ridge": 1.0}, {"ridge": 100.0}, {"ridge": 1000.0}), estimators.logistic
    ),
    "linear": Family(
        ({"ridge": 1e-3}, {"ridge": 10.0}, {"ridge": 100.0}, {"ridge": 1000.0}),
        estimators.linear,
        note="the original's",
    ),
    "history": Family(
        ({"strength": 100}, {"strength": 30}, {"strength": 300}, {"strength": 10}, {"strength": 1000}),
        history.fit,
        note="past rates of airline, route and hour",
    ),
    "base_rate": Family(({},), estimators.base_rate, note="the same for every flight"),
}


class Choice(NamedTuple):
    """What the rolling months chose for a family.

    Attributes
    ----------
    tried : how many settings the budget allowed
    probability, delayed : of the flights of all rolling months, each predicted from what came before
    """

    setting: Setting
    tried: int
    probability: FloatArray
    delayed: BoolArray


def choose(
    family: Family,
    rows: Rows,
    folds: list[Fold],
    *,
    budget: float,
    seed: int,
    progress: Callable[[], None] = lambda: None,
) -> Choice:
    """Try a family's settings on the rolling months, and take the one of least log loss.

    Each fold's flights are predicted from those that it learns from, their timetable known.

    Parameters
    ----------
    rows : the training part in time order; and whether each flight was delayed
    folds : of the training part (`puntual.training.cross_validation`)
    budget : seconds; no setting is begun that would likely not end within it, save the first
    progress : called after each setting
    """
    matrix, delayed = rows
    outcomes = np.concatenate([delayed[held_out] for _, held_out in folds])
    choices: list[tuple[float, Setting, FloatArray]] = []
    start = time.perf_counter()
    for tried, setting in enumerate(family.settings):
        if tried and (time.perf_counter() - start) * (tried + 1) / tried > budget:
            break
        predicted = [
            family.fit((matrix[learned], delayed[learned]), setting, seed).probability(
                map_unseen_days(matrix[held_out], matrix[learned])
            )
            for learned, held_out in folds
        ]
        probability = np.concatenate(predicted)
        choices.append((log_loss(probability, outcomes), setting, probability))
        progress()
    _, setting, probability = min(choices, key=lambda choice: choice[0])
    return Choice(setting, len(choices), probability, outcomes)
