"""A season that was never seen: read as the last one that was, its level drawn back towards the base rate.

With less than a year of flights, the days to come lie outside everything learned, but for the first ten.
Trees give them what they learned of the last days, which tells best who is late when, but not how often
flights are late at all: the share moves from month to month by more than a model could know, or than the
months before could tell. So they are given the middle between the level of the last days and that of all
flights (docs/decisions/0006-second-model.md).
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from puntual.calendar import nearest_days
from puntual.models.boosting import FEATURE_NAMES, Booster
from puntual.reliability import level_shift

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

SEASON, NEW = FEATURE_NAMES.index("day_of_year"), FEATURE_NAMES.index("new_season")
DRAWN_BACK = 0.5
"""Of the way from the level of the last days to the base rate."""
_SAMPLE = 10_000


def as_asked(matrix: FloatArray, learned: FloatArray) -> FloatArray:
    """Rows as an artifact would encode them that learned from others only (`puntual.calendar.nearest_days`).

    Parameters
    ----------
    matrix, learned : shape (n, features) and (m, features), the second in time order

    Examples
    --------
    >>> rows = np.zeros((3, len(FEATURE_NAMES)))
    >>> rows[:, SEASON] = [31, 41, 42]
    >>> as_asked(rows[1:], learned=rows[:1])[:, [SEASON, NEW]].tolist()
    [[31.0, 0.0], [31.0, 1.0]]
    """
    near = nearest_days(learned[:, SEASON].tolist())
    days, place = np.unique(matrix[:, SEASON], return_inverse=True)
    read = np.array([near.get(day, np.nan) for day in days.tolist()])[place]
    asked = matrix.copy()
    asked[:, NEW] = np.isnan(read)
    asked[:, SEASON] = np.where(np.isnan(read), learned[-1, SEASON], read)
    return asked


def in_new_season(learned: FloatArray) -> FloatArray:
    """The rows learned from, some of them where there are many, as if all of a season never seen.

    Parameters
    ----------
    learned : shape (n, features), in time order
    """
    asked = learned[some(len(learned))].copy()
    asked[:, SEASON], asked[:, NEW] = learned[-1, SEASON], 1.0
    return asked


def some(flights: int) -> slice:
    """Evenly spaced flights that stand for all."""
    return slice(None, None, max(1, flights // _SAMPLE))


def way_back(booster: Booster, learned: FloatArray, delayed: BoolArray) -> float:
    """Log-odds from the level that trees give to a season never seen, back to that of all flights.

    Parameters
    ----------
    learned : shape (n, features), in time order; delayed : shape (n,)
    """
    return level_shift(booster.raw(in_new_season(learned)), delayed[some(len(delayed))])


def drawn_back(booster: Booster, learned: FloatArray, delayed: BoolArray) -> Booster:
    """The same trees, a season never seen drawn back by `DRAWN_BACK`; parameters as in `way_back`."""
    return add_to_new_season(booster, DRAWN_BACK * way_back(booster, learned, delayed))


def add_to_new_season(booster: Booster, log_odds: float) -> Booster:
    """The same trees and one more, which adds some log-odds in a season that was never seen.

    Examples
    --------
    >>> from puntual.models.boosting import fit_booster
    >>> rows = np.zeros((400, len(FEATURE_NAMES)))
    >>> rows[:, FEATURE_NAMES.index("minute_of_day")] = np.arange(400)
    >>> booster = fit_booster((rows, np.arange(400) > 200), trees=3, seed=1)
    >>> rows[1:, NEW] = 1
    >>> (add_to_new_season(booster, 0.25).raw(rows) - booster.raw(rows))[:2].round(9).tolist()
    [0.0, 0.25]
    """
    if not log_odds:
        return booster
    head, trees, tail = re.split(r"(?<=\n)(?=Tree=0\n)|(?=end of trees\n)", booster.text)
    sizes = re.search(r"^tree_sizes=(.*)$", head, re.MULTILINE)
    number = len(sizes[1].split()) if sizes else 0
    tree = _TREE.format(number=number, feature=NEW, log_odds=repr(log_odds))
    head = re.sub(r"^(tree_sizes=.*)$", rf"\1 {len(tree)}", head, flags=re.MULTILINE)
    return Booster(head + trees + tree + tail)


# LightGBM's own text of one split. No flight learned from lies on its right side; contributions divide by the
# share of each side, so that one in a thousand million is said to.
_TREE = """\
Tree={number}
num_leaves=2
num_cat=0
split_feature={feature}
split_gain=0
threshold=0.5
decision_type=2
left_child=-1
right_child=-2
leaf_value=0 {log_odds}
leaf_weight=1000000000 1
leaf_count=1000000000 1
internal_value=0
internal_weight=1000000001
internal_count=1000000001
is_linear=0
shrinkage=1


"""
