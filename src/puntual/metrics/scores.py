"""Metrics of probabilities, decision thresholds and the random split: pure functions over arrays."""

from __future__ import annotations

import numpy as np
from sklearn import metrics
from sklearn.model_selection import train_test_split

from puntual.errors import ShapeError
from puntual.inference.estimates import Metrics
from puntual.metrics.arrays import BoolArray, FloatArray, IntArray
from puntual.metrics.bootstrap import SEED

CALIBRATION_BINS = 15
RANDOM_TEST_SHARE = 0.3


def measure(probability: FloatArray, delayed: BoolArray) -> Metrics:
    """Every metric of predictions.

    Parameters
    ----------
    probability : shape (n,), in [0, 1]
    delayed : shape (n,), no nulls

    Raises
    ------
    ShapeError : lengths differ, or n = 0

    Examples
    --------
    >>> found = measure(np.array([0.1, 0.9, 0.4]), np.array([False, True, False]))
    >>> found.flights, found.auc, found.accuracy
    (3, 1.0, 1.0)
    """
    return Metrics(
        flights=len(delayed),
        base_rate=float(delayed.mean()),
        log_loss=log_loss(probability, delayed),
        brier=brier_score(probability, delayed),
        auc=auc(probability, delayed),
        average_precision=average_precision(probability, delayed),
        accuracy=float(((probability >= 0.5) == delayed).mean()),
        calibration_error=calibration_error(probability, delayed),
    )


def log_loss(probability: FloatArray, delayed: BoolArray) -> float:
    """Mean negative log-likelihood, natural logarithm; lower is better.

    Parameters and errors as in `measure`.

    Examples
    --------
    >>> round(log_loss(np.array([0.5, 0.5]), np.array([False, True])), 4)
    0.6931
    """
    _check(probability, delayed)
    return float(metrics.log_loss(delayed, probability, labels=[False, True]))


def brier_score(probability: FloatArray, delayed: BoolArray) -> float:
    """Mean squared error of delay probabilities; lower is better.

    Parameters and errors as in `measure`.

    Examples
    --------
    >>> brier_score(np.array([0.5, 1.0]), np.array([False, True]))
    0.125

    References
    ----------
    Brier (1950), Monthly Weather Review 78(1).
    """
    _check(probability, delayed)
    return float(np.mean((probability - delayed) ** 2))


def auc(probability: FloatArray, delayed: BoolArray) -> float | None:
    """Area under the ROC curve; None if all flights were delayed, or none.

    Parameters and errors as in `measure`.

    Examples
    --------
    >>> auc(np.array([0.2, 0.3, 0.3]), np.array([False, False, True]))
    0.75

    References
    ----------
    Hanley and McNeil (1982), Radiology 143(1).
    """
    _check(probability, delayed)
    if delayed.all() or not delayed.any():
        return None
    return float(metrics.roc_auc_score(delayed, probability))


def average_precision(probability: FloatArray, delayed: BoolArray) -> float | None:
    """Precision averaged over the recall steps; None if no flight was delayed.

    Parameters and errors as in `measure`.

    Examples
    --------
    >>> average_precision(np.array([0.2, 0.8]), np.array([False, True]))
    1.0
    """
    _check(probability, delayed)
    if not delayed.any():
        return None
    return float(metrics.average_precision_score(delayed, probability))


def calibration_error(probability: FloatArray, delayed: BoolArray, bins: int = CALIBRATION_BINS) -> float:
    """Mean distance between the probability and the delayed share, over bins of equally many flights.

    Parameters and errors as in `measure`; bins as in `split_by_rank`.

    Examples
    --------
    >>> calibration_error(np.array([0.0, 0.0, 1.0, 1.0]), np.array([False, True, True, True]), bins=2)
    0.25

    References
    ----------
    Nguyen and O'Connor (2015), Posterior calibration and exploratory analysis for NLP models, section 3.
    """
    _check(probability, delayed)
    parts = split_by_rank(probability, bins)
    gaps = [abs(probability[part].mean() - delayed[part].mean()) * len(part) for part in parts]
    return float(sum(gaps) / len(probability))


def split_by_rank(values: FloatArray, bins: int) -> list[IntArray]:
    """The places of values in ascending bins of equally many; equal values fall in one bin.

    What is measured over the bins then does not depend on the order of the values. Bins differ by one value,
    and by more where values are equal: all of these are in the bin of their middle one.

    Parameters
    ----------
    values : shape (n,)
    bins : at most so many; a bin that would be empty is left out

    Examples
    --------
    >>> [part.tolist() for part in split_by_rank(np.array([0.3, 0.1, 0.3, 0.3, 0.2]), 2)]
    [[1, 4], [0, 2, 3]]
    """
    order = np.argsort(values, kind="stable")
    ranks = np.array_split(np.arange(len(order)), bins)
    of_rank = np.repeat(np.arange(bins), [len(part) for part in ranks])
    _, first, count = np.unique(values[order], return_index=True, return_counts=True)
    of_value = np.repeat(of_rank[first + (count - 1) // 2], count)
    return [part for part in np.split(order, np.flatnonzero(np.diff(of_value)) + 1) if len(part)]


def prevalence_threshold(probability: FloatArray, delayed: BoolArray, base_rate: float) -> float:
    """The threshold that predicts as many flights to be delayed as were, but at least the base rate.

    With such a threshold, precision and recall are equal. The nearest of the given probabilities is chosen.

    Parameters
    ----------
    base_rate : of the flights learned from; a lower probability is no reason to predict a delay

    Examples
    --------
    >>> prevalence_threshold(np.array([0.1, 0.4, 0.3, 0.2]), np.array([False, True, True, False]), 0.25)
    0.3

    References
    ----------
    Freeman and Moisen (2008), Ecological Modelling 217(1-2), "predicted prevalence = observed prevalence";
    the least is the prevalence approach of Liu, Berry, Dawson and Pearson (2005), Ecography 28(3).
    """
    values, flights = np.unique(probability, return_counts=True)
    called = np.cumsum(flights[::-1])[::-1]
    return max(float(values[np.argmin(np.abs(called - delayed.sum()))]), base_rate)


def choose_decision_threshold(
    probability: FloatArray, delayed: BoolArray, base_rate: float, cost_of_a_missed_delay: float | None
) -> float:
    """The probability from which a flight is predicted to be delayed.

    Parameters
    ----------
    probability, delayed : of flights that are neither learned from nor measured on
    base_rate : of the flights learned from; only a cost leads to a threshold below it
    cost_of_a_missed_delay : in false alarms; None: `prevalence_threshold` decides

    References
    ----------
    Elkan (2001), The foundations of cost-sensitive learning, IJCAI, equation 2.
    """
    if cost_of_a_missed_delay is None:
        return prevalence_threshold(probability, delayed, base_rate)
    return 1 / (1 + cost_of_a_missed_delay)


def random_split(flights: int) -> BoolArray:
    """Which flights are the test part of the original's random split: 30 %.

    Examples
    --------
    >>> int(random_split(1000).sum())
    300
    """
    rows = np.arange(flights)
    _, chosen = train_test_split(rows, test_size=RANDOM_TEST_SHARE, random_state=SEED)
    return np.isin(rows, chosen)


def _check(probability: FloatArray, delayed: BoolArray) -> None:
    if probability.shape != delayed.shape or probability.ndim != 1:
        raise ShapeError(f"shapes {probability.shape} and {delayed.shape}; wanted: two of one length")
    if not len(delayed):
        raise ShapeError("no flights; wanted: at least one")
