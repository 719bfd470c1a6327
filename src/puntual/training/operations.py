"""Fits the boosters of the operations horizon, which know what has happened by the moment of asking."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.special import expit

from puntual.data.schema import GONE
from puntual.features.moments import to_minutes
from puntual.features.operations import History
from puntual.inference.artifact import Trees
from puntual.metrics.arrays import BoolArray, DateArray, FloatArray, IntArray
from puntual.metrics.calibration_curve import level_shift
from puntual.metrics.scores import log_loss
from puntual.models.boosting import FEATURE_NAMES, Booster, Parameters, fit_booster
from puntual.models.calibration import CalibrationResult, Month, choose_calibration
from puntual.models.cores import on_each_core
from puntual.models.ensemble import MEMBERS, Ensemble, member_seeds
from puntual.models.operations import (
    LEFT_OUT,
    OPERATIONS_NAMES,
    OPERATIONS_PARAMETERS,
    RANGES,
    draw_leads,
    hide_some,
)
from puntual.training.cross_validation import FULL, TOLERANCE, Budget, Fold, rolling_folds
from puntual.training.scheduled import Scheduled
from puntual.training.splits import Part
from puntual.types import Progress, no_progress

MIN_DAYS, MIN_FLIGHTS = 56, 5_000
"""Fewer days or flights to learn from are too few to learn how a day develops."""
DRAWS = 2
"""How often each member learns from a flight, at other lead times."""
FOLDS = 2
"""Months at the end of the training part on which trees and calibration are chosen."""
CALIBRATIONS = "none", "platt"
"""Few months give a slope, not the shape of a curve."""
TREES = (50, 75, 100, 150, 200, 300)

_SCHEDULE = [position for position, name in enumerate(FEATURE_NAMES) if name not in LEFT_OUT]


class Sample(NamedTuple):
    """Flights at moments before their departure.

    Attributes
    ----------
    matrix : shape (n, features), in the order of `OPERATIONS_NAMES`
    minutes : shape (n,), delay; infinite where cancelled
    dates : local days, shape (n,)
    """

    matrix: FloatArray
    minutes: FloatArray
    dates: DateArray

    def where(self, rows: BoolArray) -> Sample:
        """Some of the rows."""
        return Sample(self.matrix[rows], self.minutes[rows], self.dates[rows])


class Tuned(NamedTuple):
    """What was chosen for one booster.

    Attributes
    ----------
    months : the flights that it was chosen by, as the booster with so many trees predicts them
    dates : local days of those flights
    """

    trees: int
    calibration: CalibrationResult
    months: list[Month]
    dates: DateArray


def can_learn_operations(learned: Part) -> bool:
    """Whether a training part has days and flights enough."""
    return len(learned.delayed) >= MIN_FLIGHTS and len(np.unique(learned.dates)) >= MIN_DAYS


def operations_matrix(flights: Part | Scheduled, history: History, leads: IntArray) -> FloatArray:
    """What the model reads of each flight so many minutes before it; shape (n, `OPERATIONS_NAMES`)."""
    matrix = np.empty((len(leads), len(OPERATIONS_NAMES)))
    matrix[:, : len(_SCHEDULE)] = flights.matrix[:, _SCHEDULE]
    history.values(flights.frame, leads, into=matrix[:, len(_SCHEDULE) :])
    return matrix


def choose_operations(
    learned: Part,
    history: History,
    delay_minutes: int,
    *,
    budget: Budget = FULL,
    seed: int,
    progress: Progress = no_progress,
) -> tuple[Tuned, Tuned]:
    """Choose trees and calibration of both boosters, on the last months of the training part.

    If the budget leaves only one of each, nothing is tried.

    Parameters
    ----------
    learned : the training part
    history : its flights, and any others: only what was known at each moment is read
    delay_minutes : a flight is delayed when it leaves more than this late
    budget : the most trees and rows, and the calibrations that are tried
    progress : called after each step with the stage that it belongs to and how many that has
    """
    on_step = partial(progress, "choosing for the day of the flight", len(RANGES) * FOLDS)

    only = without_choice(budget)
    if only:
        return only, only

    many = len(learned.delayed) > budget.rows
    max_rows = budget.sampled_rows if many else budget.operations_rows

    def chosen(between: tuple[int, int]) -> Tuned:
        sample = draw_sample(learned, history, between, seed, max_rows=max_rows)
        return choose_trees(sample, sample.minutes > delay_minutes, budget=budget, seed=seed, on_step=on_step)

    near, far = map(chosen, RANGES)
    return near, far


def fit_operations(
    learned: Part,
    history: History,
    delay_minutes: int,
    tuned: tuple[Tuned, Tuned],
    *,
    budget: Budget = FULL,
    seed: int,
    progress: Progress = no_progress,
) -> tuple[Trees, Trees]:
    """Fit both boosters with what was chosen; parameters as in `choose_operations`."""
    on_step = partial(progress, "fitting for the day of the flight", len(RANGES) * MEMBERS)

    def fitted(of_range: tuple[tuple[int, int], Tuned]) -> Trees:
        between, chosen = of_range

        def member(of_member: int) -> Booster:
            # Its sample is gone when the next one's is drawn.
            sample = draw_sample(learned, history, between, of_member, max_rows=budget.operations_rows)
            outcome = sample.minutes > delay_minutes
            booster = fit_day(sample.matrix, outcome, trees=chosen.trees, seed=of_member)
            on_step()
            return booster

        members = tuple(map(member, member_seeds(seed)))
        base_rate = float(learned.delayed.mean())
        return Trees(Ensemble(members).merged().text, chosen.calibration.anchored_at(base_rate))

    near, far = on_each_core(fitted, [*zip(RANGES, tuned, strict=True)])
    return near, far


def draw_sample(
    flights: Part | Scheduled,
    history: History,
    between: tuple[int, int],
    seed: int,
    *,
    draws: int = DRAWS,
    max_rows: int,
) -> Sample:
    """Each flight at several moments, in time order; none that has left or is known to be cancelled then.

    Parameters
    ----------
    between : lead times, minutes
    draws : how often each flight is taken
    max_rows : of more, so many are drawn
    """
    rng = np.random.default_rng([seed, *between])
    rows = np.tile(np.arange(len(flights.minutes)), draws)
    leads = draw_leads(len(rows), between, int(rng.integers(2**32)))
    still_here = to_minutes(flights.frame.select(GONE).to_series())[rows] > -leads
    rows, leads = rows[still_here], leads[still_here]
    if len(rows) > max_rows:
        kept = rng.choice(len(rows), max_rows, replace=False)
        rows, leads = rows[kept], leads[kept]
    order = np.argsort(rows, kind="stable")
    rows, leads = rows[order], leads[order]
    drawn = Scheduled(flights.frame[rows], flights.matrix[rows], flights.minutes[rows])
    matrix = hide_some(operations_matrix(drawn, history, leads), int(rng.integers(2**32)))
    return Sample(matrix, drawn.minutes, drawn.dates)


def without_choice(budget: Budget) -> Tuned | None:
    """What is taken if the budget leaves one number of trees and one calibration; None if it leaves more."""
    numbers, methods = _to_try(budget)
    if len(numbers) == len(methods) == 1:
        return Tuned(numbers[0], choose_calibration([], methods), [], np.array([], "datetime64[D]"))
    return None


def choose_trees(
    sample: Sample,
    outcome: BoolArray,
    *,
    budget: Budget,
    seed: int,
    months: int = FOLDS,
    parameters: Parameters = OPERATIONS_PARAMETERS,
    on_step: Callable[[], None] = lambda: None,
) -> Tuned:
    """Choose the fewest trees, and a calibration, that predict the last months about as well as any.

    Parameters
    ----------
    outcome : shape (n,), what is predicted
    months : how many, up to those of `rolling_folds`
    on_step : called after each of them
    """
    numbers, methods = _to_try(budget)
    folds = rolling_folds(sample.dates)[-months:]

    def predict(fold: Fold) -> FloatArray:
        """Log-odds of a month's flights by ascending numbers of trees, shape (numbers, flights)."""
        earlier, month = fold
        booster = fit_day(
            sample.matrix[earlier], outcome[earlier], trees=numbers[-1], seed=seed, parameters=parameters
        )
        curve = np.array([*booster.curve(sample.matrix[month], numbers)])
        on_step()
        return curve

    raw = on_each_core(predict, folds)
    outcomes = [(outcome[month], float(outcome[earlier].mean())) for earlier, month in folds]
    levelled = [
        [_levelled_loss(one, delayed) for one in of_fold]
        for of_fold, (delayed, _) in zip(raw, outcomes, strict=True)
    ]
    losses = np.mean(levelled, axis=0)
    best = next(at for at, loss in enumerate(losses) if loss <= min(losses) + TOLERANCE)
    held_out = [Month(of_fold[best], *outcome) for of_fold, outcome in zip(raw, outcomes, strict=True)]
    dates = np.concatenate([sample.dates[month] for _, month in folds])
    return Tuned(numbers[best], _calibration(held_out, methods), held_out, dates)


def fit_day(
    matrix: FloatArray,
    outcome: BoolArray,
    *,
    trees: int,
    seed: int,
    parameters: Parameters = OPERATIONS_PARAMETERS,
) -> Booster:
    """Fit one booster.

    Parameters
    ----------
    matrix : shape (n, features), in the order of `OPERATIONS_NAMES`
    outcome : shape (n,)
    """
    return fit_booster(
        (matrix, outcome), trees=trees, seed=seed, names=OPERATIONS_NAMES, parameters=parameters
    )


def _to_try(budget: Budget) -> tuple[list[int], tuple[str, ...]]:
    """The numbers of trees, and the methods of calibration."""
    numbers = [trees for trees in TREES if trees <= budget.max_trees] or [budget.max_trees]
    methods = tuple(name for name in CALIBRATIONS if name in budget.calibrations)
    return numbers, methods or CALIBRATIONS[:1]


def _levelled_loss(raw: FloatArray, delayed: BoolArray) -> float:
    """Log loss but for how late the month ran as a whole, which more trees do not learn."""
    return log_loss(expit(raw + level_shift(raw, delayed)), delayed)


def _calibration(months: list[Month], methods: tuple[str, ...]) -> CalibrationResult:
    """A slope if it helps months that it was not fitted on by more than another seed would change."""
    found = choose_calibration(months, methods)
    if "none" in found.losses and found.losses["none"] - found.losses[found.method] > TOLERANCE:
        return found
    return choose_calibration(months, CALIBRATIONS[:1])
