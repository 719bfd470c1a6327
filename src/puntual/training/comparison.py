"""Every family of models on the same flights: chosen alike, measured alike, with intervals."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from puntual.inference.evaluation_results import FamilyResult
from puntual.metrics.arrays import FloatArray
from puntual.metrics.intervals import Days, losses
from puntual.metrics.scores import choose_decision_threshold
from puntual.models.settings import changed_settings
from puntual.training.cross_validation import FULL, TuningResult
from puntual.training.families import FAMILIES, Family, Model, Setting, choose
from puntual.training.splits import Part, Parts
from puntual.types import Progress, no_progress

BUDGET_SECONDS = 20.0
CHAMPION = "boosting"
"""The family that an artifact holds; its settings and probabilities are those of the artifact."""


class _Answers(NamedTuple):
    """A family's predictions of the test part, and how it came to them.

    Attributes
    ----------
    probability : shape (n, seeds)
    """

    probability: FloatArray
    setting: dict[str, float]
    tried: int
    decision_threshold: float
    seconds: float


def compare(
    parts: Parts,
    champion: TuningResult,
    probability: FloatArray,
    decision_threshold: float,
    seconds: float = BUDGET_SECONDS,
    *,
    cost_of_a_missed_delay: float | None = None,
    seeds: Sequence[int],
    progress: Progress = no_progress,
) -> tuple[FamilyResult, ...]:
    """Fit every family on the training part, and measure it on the test part with the timetable.

    Settings and decision thresholds are chosen inside the training part only, with the first seed, and by the
    same rule for all families. Each family has the same time to try settings, so how many it tries depends on
    the machine. Metrics are means over all seeds.

    Parameters
    ----------
    champion : what was chosen for the model that is served
    probability : shape (n, seeds), what that model says of the test part
    decision_threshold : probability from which it predicts a delay
    seconds : for the settings of each family; at least one is tried
    cost_of_a_missed_delay : that decided `decision_threshold`; it decides the other families' too
    progress : called after each step with the stage that it belongs to and how many that has

    Returns
    -------
    The least log loss first
    """
    answers = {}
    for name, family in FAMILIES.items():
        # One more step than settings: the last fits.
        step = partial(progress, f"comparing: {name}", len(family.settings) + 1)
        if name == CHAMPION:
            setting = {"trees": float(champion.trees)} | changed_settings(champion.parameters)
            _, fit_seconds = _fit(family, parts.learned, setting, seeds[0])
            answers[name] = _Answers(probability, setting, FULL.steps, decision_threshold, fit_seconds)
            left = len(family.settings) + 1
        else:
            answers[name], left = _answers(
                family, parts, seconds, cost_of_a_missed_delay, seeds=seeds, progress=step
            )
        for _ in range(left):
            step()
    return _measured(answers, parts)


def _answers(
    family: Family,
    parts: Parts,
    seconds: float,
    cost: float | None,
    *,
    seeds: Sequence[int],
    progress: Callable[[], None],
) -> tuple[_Answers, int]:
    """What a family says of the test part; and how many steps were not reported."""
    learned = parts.learned
    choice = choose(
        family, learned.rows, parts.folds(seeds[0]), budget=seconds, seed=seeds[0], progress=progress
    )
    fitted = [_fit(family, learned, choice.setting, seed) for seed in (seeds if family.seeded else seeds[:1])]
    probability = np.column_stack([model.probability(parts.test.matrix) for model, _ in fitted])
    threshold = choose_decision_threshold(
        choice.probability, choice.delayed, float(learned.delayed.mean()), cost
    )
    left = len(family.settings) + 1 - choice.tried
    return _Answers(probability, dict(choice.setting), choice.tried, threshold, fitted[0][1]), left


def _fit(family: Family, learned: Part, setting: Setting, seed: int) -> tuple[Model, float]:
    start = time.perf_counter()
    model = family.fit(learned.rows, setting, seed)
    return model, time.perf_counter() - start


def _measured(answers: dict[str, _Answers], parts: Parts) -> tuple[FamilyResult, ...]:
    delayed, usual = parts.test.delayed, float(parts.learned.delayed.mean())
    days = Days(parts.test.dates, delayed)
    loss = {name: losses(one.probability, delayed[:, None]) for name, one in answers.items()}
    order = sorted(answers, key=lambda name: float(loss[name].mean()))
    return tuple(
        FamilyResult(
            family=name,
            servable=FAMILIES[name].servable,
            note=FAMILIES[name].note,
            setting=answers[name].setting,
            tried=answers[name].tried,
            fit_seconds=answers[name].seconds,
            decision_threshold=answers[name].decision_threshold,
            metrics=days.mean_metrics(
                answers[name].probability, delayed, answers[name].decision_threshold, usual
            ),
            difference=days.mean(loss[name] - loss[order[0]]),
        )
        for name in order
    )
