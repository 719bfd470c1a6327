"""Fits the probability that a flight is cancelled (`puntual.inference.cancellation`).

Cancellations come in clusters: a storm or a strike takes most flights of a few days. Which days of the year
those are is chance, so the trees do not read what depends on it (docs/decisions/0013-cancellation.md).
"""

from __future__ import annotations

from scipy.special import logit

from puntual.inference.calibration import Platt
from puntual.inference.cancellation import Cancellation
from puntual.metrics.arrays import FloatArray
from puntual.models.boosting import FEATURE_NAMES, PARAMETERS, OnTree, Parameters, Rows
from puntual.models.calibration import Anchored
from puntual.models.ensemble import fit_ensemble
from puntual.models.modes import hide_timetables

CANCELLATION_PARAMETERS: Parameters = {**PARAMETERS, "learning_rate": 0.1, "num_leaves": 15}
"""Of LightGBM: trees that are few and small."""
OF_THE_DATE = ("day_of_year", "high_season", "days_to_holiday", "days_since_holiday")
"""Features that are not read."""


def hide_from_cancellation(matrix: FloatArray, seed: int, names: tuple[str, ...] = OF_THE_DATE) -> FloatArray:
    """The rows as they are learned from: half of them without the timetable, some features the same in all.

    Parameters
    ----------
    matrix : shape (n, features); NaN where missing
    names : of those features

    Examples
    --------
    >>> import numpy as np
    >>> rows = np.full((1, len(FEATURE_NAMES)), 7.0)
    >>> hide_from_cancellation(rows, seed=1)[0, FEATURE_NAMES.index("day_of_year")].item()
    0.0
    """
    hidden = hide_timetables(matrix, seed)
    hidden[:, [FEATURE_NAMES.index(name) for name in names]] = 0
    return hidden


def fit_cancellation(
    learned: Rows,
    *,
    trees: int,
    anchored_at: Anchored,
    hidden: tuple[str, ...] = OF_THE_DATE,
    seed: int,
    on_tree: OnTree = lambda: None,
) -> Cancellation:
    """Fit the trees, or without any take the base rate of the flights.

    Parameters
    ----------
    learned : matrix of shape (n, features), the timetable of all rows known; and whether each was cancelled
    trees : of each booster; 0: the base rate is the probability of every flight
    anchored_at : base rate -> the calibration of the trees
    hidden : features that are not read
    on_tree : called after each tree, for progress
    """
    matrix, cancelled = learned
    base_rate = float(cancelled.mean())
    if not trees:
        return Cancellation(None, Platt(slope=0.0, intercept=float(logit(base_rate))), base_rate)
    ensemble = fit_ensemble(
        (hide_from_cancellation(matrix, seed, hidden), cancelled),
        trees=trees,
        seed=seed,
        parameters=CANCELLATION_PARAMETERS,
        on_tree=on_tree,
    )
    return Cancellation(ensemble.merged().text, anchored_at(base_rate), base_rate)
