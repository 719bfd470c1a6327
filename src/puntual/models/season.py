"""A season that was never seen is read as the last one that was (docs/decisions/0006-second-model.md)."""

from __future__ import annotations

import numpy as np

from puntual.arrays import FloatArray
from puntual.inference.season_rules import nearest_days
from puntual.models.boosting import FEATURE_NAMES

SEASON, NEW = FEATURE_NAMES.index("day_of_year"), FEATURE_NAMES.index("new_season")


def mask_unseen(matrix: FloatArray, learned: FloatArray) -> FloatArray:
    """Rows as an artifact would encode them that learned from others only (`season_rules.nearest_days`).

    Parameters
    ----------
    matrix, learned : shape (n, features) and (m, features), the second in time order

    Examples
    --------
    >>> rows = np.zeros((3, len(FEATURE_NAMES)))
    >>> rows[:, SEASON] = [31, 41, 42]
    >>> mask_unseen(rows[1:], learned=rows[:1])[:, [SEASON, NEW]].tolist()
    [[31.0, 0.0], [31.0, 1.0]]
    """
    near = nearest_days(learned[:, SEASON].tolist())
    days, place = np.unique(matrix[:, SEASON], return_inverse=True)
    read = np.array([near.get(day, np.nan) for day in days.tolist()])[place]
    asked = matrix.copy()
    asked[:, NEW] = np.isnan(read)
    asked[:, SEASON] = np.where(np.isnan(read), learned[-1, SEASON], read)
    return asked
