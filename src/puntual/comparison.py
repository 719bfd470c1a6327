"""Every family of models on the same flights: chosen alike, measured alike, with intervals."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from puntual.evaluation import decide_cut
from puntual.inference.measured import FamilyMeasured
from puntual.intervals import Days, losses
from puntual.models.boosting import MAX_TREES, FloatArray
from puntual.models.families import FAMILIES, Family, Model, Setting, choose
from puntual.models.rolling import Report, Tuned
from puntual.models.settings import changed_settings
from puntual.splits import Part, Parts

BUDGET_SECONDS = 20.0
CHAMPION = "boosting"
"""The family that an artifact holds; its settings and probabilities are those of the artifact."""


class _Answers(NamedTuple):
    """A family's predictions of the test part, and how it came to them."""

    probability: FloatArray
    setting: dict[str, float]
    tried: int
    cut: float
    seconds: float


def compare(
    parts: Parts,
    champion: Tuned,
    probability: FloatArray,
    cut: float,
    seconds: float = BUDGET_SECONDS,
    *,
    cost_of_a_missed_delay: float | None = None,
    seed: int,
    report: Report = lambda stage, steps: None,
) -> tuple[FamilyMeasured, ...]:
    """Fit every family on the training part, and measure it on the test part with the timetable.

    Settings and cuts are chosen inside the training part only, the cuts of all by one rule. How many
    settings are tried depends on the machine: all families have the same seconds.

    Parameters
    ----------
    champion : what was chosen for the model that is served
    probability : shape (n,), what that model says of the test part
    cut : from which it calls a flight delayed
    seconds : for the settings of each family; at least one is tried
    cost_of_a_missed_delay : that decided `cut`; it decides the other families' too
    report : called after each step with the stage that it belongs to and how many that has

    Returns
    -------
    The least log loss first
    """
    answers = {}
    for name, family in FAMILIES.items():
        # One more step than settings: the last fit.
        step = partial(report, f"comparing: {name}", len(family.settings) + 1)
        if name == CHAMPION:
            setting = {"trees": float(champion.trees)} | changed_settings(champion.parameters)
            _, fit_seconds = _fit(family, parts.learned, setting, seed)
            answers[name] = _Answers(probability, setting, MAX_TREES, cut, fit_seconds)
            left = len(family.settings) + 1
        else:
            answers[name], left = _answers(
                family, parts, seconds, cost_of_a_missed_delay, seed=seed, report=step
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
    seed: int,
    report: Callable[[], None],
) -> tuple[_Answers, int]:
    """What a family says of the test part; and how many steps were not reported."""
    learned = parts.learned
    choice = choose(family, learned.rows, parts.folds(seed), budget=seconds, seed=seed, report=report)
    model, fit_seconds = _fit(family, learned, choice.setting, seed)
    told = model.probability(parts.test.matrix)
    cut = decide_cut(choice.probability, choice.delayed, float(learned.delayed.mean()), cost)
    left = len(family.settings) + 1 - choice.tried
    return _Answers(told, dict(choice.setting), choice.tried, cut, fit_seconds), left


def _fit(family: Family, learned: Part, setting: Setting, seed: int) -> tuple[Model, float]:
    start = time.perf_counter()
    model = family.fit(learned.rows, setting, seed)
    return model, time.perf_counter() - start


def _measured(answers: dict[str, _Answers], parts: Parts) -> tuple[FamilyMeasured, ...]:
    days, delayed, usual = Days(parts.test.dates), parts.test.delayed, float(parts.learned.delayed.mean())
    loss = {name: losses(one.probability, delayed) for name, one in answers.items()}
    order = sorted(answers, key=lambda name: float(loss[name].mean()))
    return tuple(
        FamilyMeasured(
            family=name,
            servable=FAMILIES[name].servable,
            note=FAMILIES[name].note,
            setting=answers[name].setting,
            tried=answers[name].tried,
            fit_seconds=answers[name].seconds,
            cut=answers[name].cut,
            metrics=days.metrics(answers[name].probability, delayed, answers[name].cut, usual),
            difference=days.mean(loss[name] - loss[order[0]]),
        )
        for name in order
    )
