"""From which probability on an answer says that a flight is delayed."""

from __future__ import annotations

import numpy as np
import pytest

from puntual.fitting import Choices, choose_cut
from puntual.models.calibration import Chosen, uncalibrated
from puntual.models.rolling import Tuned


@pytest.fixture(scope="module")
def tuned() -> Tuned:
    """Probabilities that hold."""
    draw = np.random.default_rng(1)
    told = draw.beta(2, 6, 20_000)
    return Tuned(50, 0.5, Chosen("none", uncalibrated([]), {}, told), draw.random(len(told)) < told)


@pytest.mark.parametrize(("cost", "cut"), [(0, 1), (1, 0.5), (3, 0.25), (9, 0.1)])
def test_a_cost_decides_it(tuned: Tuned, cost: float, cut: float) -> None:
    assert choose_cut(Choices(tuned, tuned), cost) == cut


@pytest.mark.parametrize("cost", [1, 3, 9])
def test_no_other_cut_would_cost_less(tuned: Tuned, cost: float) -> None:
    """Where probabilities hold; the outcomes leave some play around the least."""

    def paid(cut: float) -> float:
        called = tuned.calibration.told >= cut
        return float((called & ~tuned.delayed).sum() + cost * (~called & tuned.delayed).sum())

    least = min(paid(cut) for cut in np.linspace(0.02, 0.98, 49).tolist())
    assert paid(choose_cut(Choices(tuned, tuned), cost)) <= least * 1.01


def test_without_a_cost_it_is_the_best_f1(tuned: Tuned) -> None:
    def f1(cut: float) -> float:
        called = tuned.calibration.told >= cut
        return float(2 * (called & tuned.delayed).sum() / (called.sum() + tuned.delayed.sum()))

    cut = choose_cut(Choices(tuned, tuned), None)
    assert f1(cut) >= max(f1(other) for other in np.linspace(0.02, 0.98, 97).tolist())
    assert 0.2 < cut < 0.4
