"""Flights -> artifact: split, choose, fit, calibrate, measure."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import threading
from collections.abc import Mapping

import numpy as np
import polars as pl

from puntual.data import Flights
from puntual.data.airports import build_tables
from puntual.errors import DataError, SettingError
from puntual.features.operations import History
from puntual.inference.artifact import Artifact, Training, named
from puntual.inference.evaluation_results import (
    Card,
    Evaluation,
    FamilyResult,
    RollingMonth,
    Tuning,
)
from puntual.inference.tables import Tables
from puntual.metrics.bootstrap import SEED
from puntual.metrics.calibration_curve import reliability
from puntual.metrics.intervals import Days
from puntual.models.boosting import FEATURE_NAMES
from puntual.models.settings import settings_of
from puntual.statistics.flight_numbers import flight_numbers
from puntual.training.assessment import (
    measure_evaluation,
    measure_exceedance,
    measure_importance,
    measure_seeds,
    measure_slices,
    operating_points,
    predict_both,
)
from puntual.training.backtest import backtest
from puntual.training.cancellation import learn_cancellation
from puntual.training.comparison import compare
from puntual.training.composition import compose
from puntual.training.cross_validation import FULL, Budget, TuningResult
from puntual.training.day_of_flight import DayLearner, LearnedDay, learn_day
from puntual.training.fitting import (
    choose,
    choose_exceedance,
    fit,
    fit_conditions,
    fit_seeds,
    tune_decision_threshold,
)
from puntual.training.operations import MIN_DAYS, MIN_FLIGHTS, can_learn_operations
from puntual.training.splits import SPLITS, Part, Parts, Split, divide, take_part
from puntual.types import Progress, no_progress

DELAY_MINUTES = 15
SEEDS = 5
VERSIONED = ("airportsdata", "holidays", "lightgbm", "numpy", "polars", "puntual", "scikit-learn")


def train(
    flights: Flights,
    *,
    delay_minutes: int = DELAY_MINUTES,
    split: Split = "time",
    split_date: dt.date | None = None,
    final: bool = False,
    cost_of_a_missed_delay: float | None = None,
    comparison_seconds: float | None = None,
    rolling: bool = False,
    settings: Mapping[str, float] | None = None,
    trees: int | None = None,
    budget: Budget = FULL,
    operations: bool | None = None,
    weather: pl.DataFrame | None = None,
    seed: int = SEED,
    seeds: int | None = None,
    progress: Progress = no_progress,
) -> Artifact:
    """Fit, calibrate and measure a model.

    The same flights and seed give the same artifact, but for the seconds of a comparison. The order of the
    flights does not matter, except for the random split, which draws by position.

    Parameters
    ----------
    flights : a history; all its flights, cancelled ones too, are the timetable of their days
    delay_minutes : a flight is delayed when it leaves more than this late
    split, split_date : as in `puntual.training.splits.divide`
    final : after measuring, fit again on all flights
    cost_of_a_missed_delay : in false alarms, for the decision threshold; None: as many flights are predicted
        to be delayed as were
    comparison_seconds : for the settings of each family of models, which are then measured too, as is the
        other split by a model of its own; None: they are not
    rolling : measure each month too, by a model of the months before it (`puntual.training.backtest`)
    settings : of LightGBM (`puntual.models.settings`), instead of the default ones
    trees : of each booster; None: as many as help on months that were not learned from
    budget : how much is tried for the number of trees, the calibration and the importance of variables
    operations : also fit a model that knows what has happened by the moment of asking; None: if the history
        has days and flights enough, and is split by time
    weather : canonical weather frame (`puntual.data.weather`) for that model; None: without weather
    seed : of the model's random choices
    seeds : how many models are fitted that differ only in the seed, to measure how much depends on it; None:
        `SEEDS`, or one if the budget chooses on some of the flights only
    progress : called after each step with the stage that it belongs to and how many that has

    Raises
    ------
    DataError : too few flights to learn from or to measure on, or all late, or all punctual
    """
    progress = _one_at_a_time(progress)
    parts = divide(flights, delay_minutes, split, split_date)
    knows_days = _knows_days(flights.where, parts, operations)
    progress("features", 1)
    months: tuple[RollingMonth, ...] = ()
    if rolling:
        months = backtest(
            flights,
            delay_minutes,
            cost_of_a_missed_delay=cost_of_a_missed_delay,
            settings=settings,
            trees=trees,
            budget=budget,
            seed=seed,
            progress=progress,
        )
    learned, test = parts.learned, parts.test
    if seeds is None:
        seeds = SEEDS if len(learned.delayed) <= budget.rows else 1
    all_seeds = range(seed, seed + seeds)
    tuning = choose(parts, trees=trees, budget=budget, settings=settings, seed=seed, progress=progress)
    models = fit_seeds(learned, tuning, all_seeds, progress=progress)
    model = models[0]
    conditions = choose_exceedance(
        parts, delay_minutes, budget=budget, settings=settings, seed=seed, progress=progress
    )
    stage = "fitting P(delay > t)"
    exceedance = fit_conditions(learned, conditions, seed=seed, stage=stage, progress=progress)
    threshold = tune_decision_threshold(tuning, cost_of_a_missed_delay, model.base_rate)
    of_seeds = [predict_both(one, test) for one in models]
    known, unknown = of_seeds[0]
    exceedance_metrics, delay = measure_exceedance(exceedance, delay_minutes, parts, known)
    cancellation = learn_cancellation(flights, parts, budget=budget, seed=seed, progress=progress)
    evaluations = [measure_evaluation(parts, of_seeds[0], threshold)]
    families: tuple[FamilyResult, ...] = ()
    if comparison_seconds is not None:
        families = compare(
            parts,
            tuning.with_timetable,
            np.column_stack([one.with_timetable for one in of_seeds]),
            threshold,
            comparison_seconds,
            cost_of_a_missed_delay=cost_of_a_missed_delay,
            seeds=all_seeds,
            progress=progress,
        )
        evaluations += _evaluate_other_split(
            flights,
            delay_minutes,
            split,
            split_date,
            settings,
            cost=cost_of_a_missed_delay,
            budget=budget,
            seed=seed,
            progress=progress,
        )
    day: LearnedDay | None = None
    if knows_days:
        # Known by no name here: a history takes more memory than its flights.
        day = learn_day(
            DayLearner(
                learned,
                History(flights.frame, parts.tables, delay_minutes, weather),
                cancellation.learned,
                delay_minutes,
                seed,
                budget,
            ),
            test,
            schedule=known,
            decision_threshold=threshold,
            cancellation=cancellation,
            progress=progress,
        )
    card = Card(
        evaluations=tuple(evaluations),
        tuning=summarize_tuning(tuning.with_timetable),
        tuning_without_timetable=summarize_tuning(tuning.without_timetable),
        with_timetable=reliability(known, test.delayed, test.dates),
        without_timetable=reliability(unknown, test.delayed, test.dates),
        exceedance=exceedance_metrics,
        cancellation=cancellation.metrics,
        delay=delay,
        importance=measure_importance(learned, test, progress) if budget.importance else (),
        slices=measure_slices(test, known, model.base_rate),
        cost_of_a_missed_delay=cost_of_a_missed_delay,
        operating_points=operating_points(known, test.delayed),
        seeds=measure_seeds(of_seeds, test),
        families=families,
        rolling=months,
        leads=day.leads if day else (),
    )
    tables = parts.tables
    if final:
        learned, tables = _everything(flights, delay_minutes)
        model = fit(learned, tuning, seed=seed, stage="fitting on all flights", progress=progress)
        stage = "P(delay > t) on all flights"
        exceedance = fit_conditions(learned, conditions, seed=seed, stage=stage, progress=progress)
        cancellation = cancellation.refit(flights, learned, tables, seed=seed, progress=progress)
        if day:
            history = History(flights.frame, tables, delay_minutes, weather)
            learner = DayLearner(learned, history, cancellation.learned, delay_minutes, seed, budget)
            day = day._replace(model=learner.fit(day.chosen, progress=progress))
    artifact = Artifact(
        name="",
        threshold_minutes=delay_minutes,
        decision_threshold=threshold,
        features=tuple(FEATURE_NAMES),
        with_timetable=model.with_timetable,
        without_timetable=model.without_timetable,
        tables=tables,
        exceedance=exceedance,
        operations=day.model if day else None,
        cancellation=cancellation.model,
        card=card,
        training=Training(
            source=flights.source,
            first=learned.first,
            last=learned.last,
            flights=len(learned.delayed),
            base_rate=model.base_rate,
            block_days=Days(learned.dates, learned.delayed).blocks.length,
            digest=learned.digest,
            seed=seed,
            cancelled=float(flights.frame["cancelled"].to_numpy().mean()),
            refitted=final,
            versions={name: importlib.metadata.version(name) for name in VERSIONED},
        ),
        **compose(learned.frame, tables, delay_minutes),
        flight_numbers=flight_numbers(learned.frame, delay_minutes),
    )
    return named(artifact)


def _evaluate_other_split(
    flights: Flights,
    delay_minutes: int,
    split: Split,
    split_date: dt.date | None,
    settings: Mapping[str, float] | None,
    *,
    cost: float | None,
    budget: Budget,
    seed: int,
    progress: Progress,
) -> list[Evaluation]:
    """Evaluate a model that is tuned and fitted on the other split's training part; none if it is too small.

    Its decision threshold follows the same rule, so that precision and recall of both can be compared.
    """
    other = next(one for one in SPLITS if one != split)
    try:
        parts = divide(flights, delay_minutes, other, split_date)
    except DataError:
        return []
    tuning = choose(
        parts, budget=budget, settings=settings, seed=seed, stage=f"{other} split: ", progress=progress
    )
    model = fit(parts.learned, tuning, seed=seed, stage=f"{other} split: fitting", progress=progress)
    threshold = tune_decision_threshold(tuning, cost, model.base_rate)
    return [measure_evaluation(parts, predict_both(model, parts.test), threshold)]


def _one_at_a_time(progress: Progress) -> Progress:
    """The same callback, for steps that several threads report."""
    lock = threading.Lock()

    def step(stage: str, steps: int) -> None:
        with lock:
            progress(stage, steps)

    return step


def summarize_tuning(result: TuningResult) -> Tuning:
    """What a card says of a choice."""
    calibration = result.calibration
    return Tuning(result.trees, calibration.method, calibration.losses, settings_of(result.parameters))


def _knows_days(where: str, parts: Parts, wanted: bool | None) -> bool:
    """Whether to fit a model of the operations horizon.

    Raises
    ------
    DataError : it is wanted, and there is too little to learn it from
    SettingError : it is wanted of a random split
    """
    if parts.split == "random":
        if wanted:
            raise SettingError("operations: a random split; wanted: by time, as the day becomes known")
        return False
    if wanted is False or can_learn_operations(parts.learned):
        return wanted is not False
    if wanted:
        days = len(np.unique(parts.learned.dates))
        found = f"{len(parts.learned.delayed):,} flights of {days} days to learn the course of days from"
        raise DataError(where, found, wanted=f"{MIN_FLIGHTS:,} or more, of {MIN_DAYS} days or more")
    return False


def _everything(flights: Flights, delay_minutes: int) -> tuple[Part, Tables]:
    departed = flights.frame.filter(pl.col("actual_departure").is_not_null())
    tables = build_tables(departed, flights.airline_names, flights.city_names)
    return take_part(departed, flights.frame, tables, delay_minutes), tables
