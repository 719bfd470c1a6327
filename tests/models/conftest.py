"""A year of flights."""

from __future__ import annotations

import numpy as np
import pytest

from puntual.metrics.arrays import FloatArray
from puntual.models.boosting import DAY_OF_YEAR
from tests.flights import random_rows


@pytest.fixture(scope="module")
def year() -> FloatArray:
    """Flights of 200 days in time order; none of a season that is new to all of them."""
    rows = random_rows(2000, 1)
    rows[:, DAY_OF_YEAR] = np.arange(len(rows)) // 10 + 1
    return rows
