"""Past delay rates of a flight's airline, route and hour, combined on the log-odds scale.

An airline's rate is shrunk towards the mean, a route's (airline, origin and destination) towards its
airline's, an hour's towards the mean. The route's log-odds and what the hour adds to the mean's are summed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit

from puntual.metrics.arrays import BoolArray, FloatArray, IntArray
from puntual.models.boosting import FEATURE_NAMES, Rows
from puntual.models.estimators import within_limits

_AIRLINE, _ORIGIN, _DESTINATION = (FEATURE_NAMES.index(name) for name in ("airline", "origin", "destination"))
_MINUTE = FEATURE_NAMES.index("minute_of_day")
_MAX_CODES = 2**20
HOURS = 24


class History(NamedTuple):
    """A fitted model; `fit` makes it.

    Attributes
    ----------
    base : share of delayed flights
    airline, hour : shrunk rates, shape (airlines,) and (24,)
    routes : keys of the routes that were seen, ascending
    route : their shrunk rates
    """

    base: FloatArray
    airline: FloatArray
    hour: FloatArray
    routes: IntArray
    route: FloatArray

    def probability(self, matrix: FloatArray) -> FloatArray:
        """Of a delay, for each row; the airline's where the route is new, the mean's where that is."""
        rate = _look_up(self.airline, _codes_of(matrix[:, _AIRLINE]), self.base)
        keys = _route_keys(matrix)
        at = np.minimum(np.searchsorted(self.routes, keys), len(self.routes) - 1)
        rate = np.where(self.routes[at] == keys, self.route[at], rate)
        hour = _look_up(self.hour, _hours_of(matrix), self.base)
        return within_limits(expit(logit(rate) + logit(hour) - logit(self.base)))


def fit(rows: Rows, setting: Mapping[str, float], seed: int) -> History:  # noqa: ARG001
    """Count; nothing is at random.

    Parameters
    ----------
    setting : ``strength``: how many flights of its parent's rate are added to a group's own

    Examples
    --------
    >>> matrix = np.full((200, len(FEATURE_NAMES)), np.nan)
    >>> matrix[:, FEATURE_NAMES.index("airline")] = np.repeat([0, 1], 100)
    >>> late = (np.arange(200) % 10 == 0) | (np.arange(200) >= 150)
    >>> fit((matrix, late), {"strength": 10}, seed=1).probability(matrix[[0, 199]]).round(2).tolist()
    [0.1, 0.55]
    """
    matrix, delayed = rows
    strength = setting["strength"]
    base = within_limits(np.array(delayed.mean()))
    airlines = _codes_of(matrix[:, _AIRLINE])
    airline = _shrunk(airlines, delayed, int(airlines.max(initial=-1)) + 1, base, strength)
    routes, first, route = np.unique(_route_keys(matrix), return_index=True, return_inverse=True)
    parent = _look_up(airline, airlines[first], base)
    hour = _shrunk(_hours_of(matrix), delayed, HOURS, base, strength)
    return History(base, airline, hour, routes, _shrunk(route, delayed, len(routes), parent, strength))


def _shrunk(
    group: IntArray, delayed: BoolArray, groups: int, parent: FloatArray, strength: float
) -> FloatArray:
    seen = group >= 0
    flights = np.bincount(group[seen], minlength=groups)
    late = np.bincount(group[seen], delayed[seen], minlength=groups)
    return within_limits((late + strength * parent) / (flights + strength))


def _look_up(rates: FloatArray, group: IntArray, other: FloatArray) -> FloatArray:
    padded = np.append(rates, other)
    return padded[np.where((group >= 0) & (group < len(rates)), group, len(rates))]


def _route_keys(matrix: FloatArray) -> IntArray:
    airline, origin, destination = (
        _codes_of(matrix[:, column]) + 1 for column in (_AIRLINE, _ORIGIN, _DESTINATION)
    )
    return (airline * _MAX_CODES + origin) * _MAX_CODES + destination


def _codes_of(column: FloatArray) -> IntArray:
    """Codes of a category as whole numbers; -1 where missing."""
    return np.nan_to_num(column, nan=-1.0).astype(np.int64)


def _hours_of(matrix: FloatArray) -> IntArray:
    """Local hour of each row, 0 to 23; -1 where missing."""
    return _codes_of(matrix[:, _MINUTE] // 60)
