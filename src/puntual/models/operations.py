"""The boosters of the operations horizon: one for the last hours before a flight, one for before that.

They do not read the day of the year: how late the last days ran says more of the level
(docs/decisions/0014-operations.md).
"""

from __future__ import annotations

import numpy as np

from puntual.inference.operations import AIRCRAFT, ANSWERED_WITHIN, LEAD, OPERATIONS, SCOPES, WEATHER
from puntual.metrics.arrays import FloatArray, IntArray
from puntual.models.boosting import FEATURE_NAMES, LEARNED, PARAMETERS, Parameters

LEFT_OUT = {"day_of_year"}
SCHEDULE_NAMES = [name for name in FEATURE_NAMES if name not in LEFT_OUT]
OPERATIONS_NAMES = (*SCHEDULE_NAMES, *OPERATIONS)

OPERATIONS_PARAMETERS: Parameters = {**PARAMETERS, "feature_fraction": 0.25, "min_data_in_leaf": 300}
"""Many features say nearly the same, and the flights of a day share most of them."""

NEAR_MINUTES = 360
"""Up to this lead time the booster of the last hours answers."""
NEAR, FAR = (15, NEAR_MINUTES), (NEAR_MINUTES, ANSWERED_WITHIN)
RANGES = [NEAR, FAR]
"""The lead times, minutes, between which each booster learns."""
DUE_SHARE, DUE_MINUTES = 0.1, (-15, 15)
"""Of the near one's rows, those about flights that are due or overdue, and between which lead times."""

HIDDEN_SHARE = 0.1
"""Of the rows learned from, those in which something that may be missing when a flight is asked about is."""
_NETWORK = [name for scope in SCOPES if scope.group == "inbound" for name in scope.names]
MAY_BE_MISSING = (
    [feature.name for feature in LEARNED if feature.counted],
    [*AIRCRAFT],
    [*WEATHER],
    _NETWORK,
)
"""Groups of features that come together or not at all."""
LEAD_COLUMN = OPERATIONS_NAMES.index(LEAD)


def draw_leads(flights: int, between: tuple[int, int], seed: int) -> IntArray:
    """A lead time for each flight, minutes, drawn evenly on a logarithmic scale; some of the near are due.

    Examples
    --------
    >>> leads = draw_leads(1000, NEAR, seed=1)
    >>> int(leads.min()) >= -15, int(leads.max()) <= 360, 50 < int(np.median(leads)) < 90
    (True, True, True)
    """
    rng = np.random.default_rng(seed)
    low, high = np.log(between)
    leads: IntArray = np.exp(rng.uniform(low, high, flights)).astype(np.int64)
    if between != NEAR:
        return leads
    return np.where(rng.random(flights) < DUE_SHARE, rng.integers(*DUE_MINUTES, flights), leads)


def hide_some(matrix: FloatArray, seed: int) -> FloatArray:
    """Make what `MAY_BE_MISSING` names missing in a share of the rows, in place, each group by itself."""
    rng = np.random.default_rng(seed)
    for names in MAY_BE_MISSING:
        columns = [OPERATIONS_NAMES.index(name) for name in names]
        hidden = np.flatnonzero(rng.random(len(matrix)) < HIDDEN_SHARE)
        matrix[hidden[:, None], columns] = np.nan
    return matrix
