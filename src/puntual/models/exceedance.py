"""Fits the models that lead from the answer to P(delay > t) for other t (`puntual.inference.exceedance`)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.special import logit

from puntual.inference.calibration import Calibration, Platt
from puntual.inference.exceedance import EXCEEDANCE_MINUTES, QUANTILES, ConditionalModel, DelayBin, Exceedance
from puntual.metrics.arrays import BoolArray, FloatArray
from puntual.models.boosting import PARAMETERS, OnTree, Parameters, Rows
from puntual.models.cores import on_each_core
from puntual.models.ensemble import fit_ensemble
from puntual.models.modes import hide_timetables

FitTrees = Callable[[Rows, "Condition"], str]
"""What applies to a condition -> trees in LightGBM's text format."""


class Condition(NamedTuple):
    """P(delay > minutes), given on which side of `given_minutes` the delay lies, and how it is fitted.

    Attributes
    ----------
    trees : of each booster; 0: the probability is the same for every flight
    calibrate : share of flights beyond `minutes` among those learned from -> the calibration of the booster
    parameters : LightGBM's own
    """

    minutes: int
    given_minutes: int
    trees: int = 0
    calibrate: Callable[[float], Calibration] = lambda rate: Platt()
    parameters: Parameters = PARAMETERS

    def applies(self, minutes: FloatArray) -> BoolArray:
        """Which of some delays lie on the side that is given."""
        late = minutes > self.given_minutes
        return late if self.minutes > self.given_minutes else ~late


def conditional_chain(delay_minutes: int, parameters: Parameters = PARAMETERS) -> list[Condition]:
    """The conditions that lead from `delay_minutes` to every other t, first upwards and then downwards.

    Examples
    --------
    >>> [(one.minutes, one.given_minutes) for one in conditional_chain(15)]
    [(30, 15), (60, 30), (120, 60), (0, 15)]
    """
    minutes = sorted({*EXCEEDANCE_MINUTES, delay_minutes})
    at = minutes.index(delay_minutes)
    upwards = [Condition(high, low, parameters=parameters) for low, high in itertools.pairwise(minutes[at:])]
    downwards = [
        Condition(low, high, parameters=parameters) for low, high in itertools.pairwise(minutes[: at + 1])
    ]
    return [*upwards, *reversed(downwards)]


def fit_exceedance(
    matrix: FloatArray,
    minutes: FloatArray,
    conditions: Sequence[Condition],
    *,
    seed: int,
    on_tree: OnTree = lambda: None,
) -> Exceedance:
    """Fit the schedule's models for each condition, each the mean of two boosters.

    Parameters
    ----------
    matrix : shape (n, features), flights in time order, their timetable known
    minutes : shape (n,), delay
    conditions : of `conditional_chain`, with the number of trees and the calibration
    on_tree : called after each tree, by several cores
    """

    def fit_trees(rows: Rows, condition: Condition) -> str:
        ensemble = fit_ensemble(
            (hide_timetables(rows[0], seed), rows[1]),
            trees=condition.trees,
            seed=seed,
            parameters=condition.parameters,
            on_tree=on_tree,
        )
        return ensemble.merged().text

    return build_exceedance(matrix, minutes, conditions, fit_trees)


def build_exceedance(
    matrix: FloatArray, minutes: FloatArray, conditions: Sequence[Condition], fit_trees: FitTrees
) -> Exceedance:
    """Fit a model for each condition, and take the distribution of the delays between the t.

    Parameters
    ----------
    matrix : shape (n, features)
    minutes, conditions : as in `fit_exceedance`
    fit_trees : called for each condition that has trees, by several cores
    """
    models = on_each_core(partial(_fit, matrix=matrix, minutes=minutes, fit_trees=fit_trees), conditions)
    upwards = sum(one.minutes > one.given_minutes for one in conditions)
    edges = sorted({minute for one in conditions for minute in (one.minutes, one.given_minutes)})
    return Exceedance(tuple(models[:upwards]), tuple(models[upwards:]), _delay_bins(minutes, edges))


def _fit(
    condition: Condition, *, matrix: FloatArray, minutes: FloatArray, fit_trees: FitTrees
) -> ConditionalModel:
    applies = condition.applies(minutes)
    beyond = minutes[applies] > condition.minutes
    rate = float((beyond.sum() + 1) / (len(beyond) + 2))
    if not condition.trees:
        return ConditionalModel(condition.minutes, None, Platt(slope=0.0, intercept=float(logit(rate))))
    trees = fit_trees((matrix[applies], beyond), condition)
    return ConditionalModel(condition.minutes, trees, condition.calibrate(rate))


def _delay_bins(minutes: FloatArray, edges: list[int]) -> tuple[DelayBin, ...]:
    of_bin = np.searchsorted(edges, minutes, side="left")
    bins = []
    for position in range(len(edges) + 1):
        delays = minutes[of_bin == position]
        if not len(delays):
            delays = np.array([edges[min(position, len(edges) - 1)]], np.float64)
        quantiles = np.quantile(delays, np.linspace(0, 1, QUANTILES))
        bins.append(DelayBin(float(delays.mean()), tuple(quantiles.tolist())))
    return tuple(bins)
