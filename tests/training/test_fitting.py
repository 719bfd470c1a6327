"""From which probability on an answer says that a flight is delayed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logit

from puntual.models.calibration import CalibrationResult, uncalibrated
from puntual.training.cross_validation import TuningResult
from puntual.training.fitting import TuningResults, tune_decision_threshold


@pytest.fixture(scope="module")
def tuned() -> TuningResult:
    """Probabilities that hold."""
    draw = np.random.default_rng(1)
    told = draw.beta(2, 6, 20_000)
    delayed = draw.random(len(told)) < told
    return TuningResult(50, 0.5, CalibrationResult("none", uncalibrated([]), {}, told), logit(told), delayed)


@pytest.mark.parametrize(("cost", "cut"), [(0, 1), (1, 0.5), (3, 0.25), (9, 0.1)])
def test_a_cost_decides_it(tuned: TuningResult, cost: float, cut: float) -> None:
    assert tune_decision_threshold(TuningResults(tuned, tuned), cost, 0.25) == cut


@pytest.mark.parametrize("cost", [1, 3, 9])
def test_no_other_cut_would_cost_less(tuned: TuningResult, cost: float) -> None:
    """Where probabilities hold; the outcomes leave some play around the least."""

    def paid(cut: float) -> float:
        called = tuned.calibration.probability >= cut
        return float((called & ~tuned.delayed).sum() + cost * (~called & tuned.delayed).sum())

    least = min(paid(cut) for cut in np.linspace(0.02, 0.98, 49).tolist())
    assert paid(tune_decision_threshold(TuningResults(tuned, tuned), cost, 0.25)) <= least * 1.01


def test_without_a_cost_as_many_are_called_as_are_late(tuned: TuningResult) -> None:
    """Then precision and recall are equal."""
    called = tuned.calibration.probability >= tune_decision_threshold(TuningResults(tuned, tuned), None, 0.25)
    assert called.sum() == tuned.delayed.sum()
    assert tuned.delayed[called].mean() == called[tuned.delayed].mean()


def test_without_a_cost_it_is_never_below_the_base_rate(tuned: TuningResult) -> None:
    assert tune_decision_threshold(TuningResults(tuned, tuned), None, 0.45) == 0.45
    assert tune_decision_threshold(TuningResults(tuned, tuned), 9, 0.45) == 0.1
