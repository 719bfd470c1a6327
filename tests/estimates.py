"""Numbers with intervals, for tests: made up, and taken apart where they are known to be whole."""

from __future__ import annotations

from puntual.inference.estimates import Estimate
from puntual.inference.evaluation_results import Slice
from puntual.inference.reliability import Group
from puntual.metrics.intervals import METRICS


def estimates(value: float, low: float, high: float) -> dict[str, Estimate | None]:
    """Every metric alike; as measured, the calibration error has no interval."""
    made: dict[str, Estimate | None] = dict.fromkeys(METRICS, Estimate(value, low, high))
    return made | {"calibration_error": Estimate(value, None, None)}


def value(one: Estimate | None) -> float:
    assert one is not None
    return one.value


def ends(one: Estimate | Group | Slice | None) -> tuple[float, float]:
    assert one is not None
    assert one.low is not None
    assert one.high is not None
    return one.low, one.high
