"""A network's artifact: boosters of all flights, all else from the sample."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Mapping

from distributed import Client

from puntual.cluster.connection import Say
from puntual.cluster.training import Network, choose_on_sample, fit_schedule
from puntual.inference.artifact import Artifact, Training, named
from puntual.inference.evaluation_results import Card
from puntual.metrics.bootstrap import SEED
from puntual.metrics.calibration_curve import reliability
from puntual.metrics.intervals import Days
from puntual.models.boosting import FEATURE_NAMES
from puntual.training.assessment import (
    measure_evaluation,
    measure_exceedance,
    measure_importance,
    measure_seeds,
    measure_slices,
    operating_points,
    predict_both,
)
from puntual.training.cancellation import learn_scheduled
from puntual.training.composition import compose
from puntual.training.cross_validation import FULL, Budget
from puntual.training.fitting import (
    choose_exceedance,
    fit_conditions,
    name_seeds,
    tune_decision_threshold,
)
from puntual.training.pipeline import VERSIONED, summarize_tuning
from puntual.training.scheduled import add_cancelled, join_cancelled
from puntual.types import Progress, no_progress


def train_network(
    client: Client,
    network: Network,
    source: str,
    *,
    everything: Callable[[], Network] | None = None,
    trees: int | None = None,
    cost_of_a_missed_delay: float | None = None,
    settings: Mapping[str, float] | None = None,
    budget: Budget = FULL,
    seed: int = SEED,
    seeds: int = 1,
    say: Say,
    progress: Progress = no_progress,
) -> Artifact:
    """Fit the boosters of the schedule on the cluster, and choose, fit and measure all else on the sample.

    The trees' number, the calibration, P(delay > t), the rates and the card are of the sample, which `say` is
    told. There is no model of the day of the flight.

    Parameters
    ----------
    network : of `compute_network`
    source : name of the source of the flights
    everything : gives the network of all flights, to fit again on after measuring; None: it is not
    others : as in `puntual.training.pipeline.train`
    """
    parts, minutes = network.parts, network.plan.delay_minutes
    learned, test = parts.learned, parts.test
    say(describe_sample(network))
    tuning = choose_on_sample(
        network, trees=trees, settings=settings, budget=budget, seed=seed, progress=progress
    )
    conditions = choose_exceedance(
        parts, minutes, budget=budget, settings=settings, seed=seed, progress=progress
    )
    exceedance = fit_conditions(
        learned, conditions, seed=seed, stage="fitting P(delay > t)", progress=progress
    )
    models = [
        fit_schedule(client, network, tuning, seed=one, stage=stage, say=say, progress=progress)
        for one, stage in name_seeds(range(seed, seed + seeds))
    ]
    model = models[0]
    scheduled = add_cancelled(parts, *network.cancelled, seed)
    cancellation = learn_scheduled(scheduled, budget=budget, seed=seed, progress=progress)
    threshold = tune_decision_threshold(tuning, cost_of_a_missed_delay, model.base_rate)
    of_seeds = [predict_both(one, test) for one in models]
    known, unknown = of_seeds[0]
    exceedance_metrics, delay = measure_exceedance(exceedance, minutes, parts, known)
    card = Card(
        evaluations=(measure_evaluation(parts, of_seeds[0], threshold),),
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
    )
    if everything is not None:
        network = everything()
        parts = network.parts
        learned, stage = parts.learned, "P(delay > t) on all flights"
        exceedance = fit_conditions(learned, conditions, seed=seed, stage=stage, progress=progress)
        cancellation = cancellation.refit_on(
            join_cancelled(learned, network.cancelled[0]), seed=seed, progress=progress
        )
        stage = "fitting on all flights"
        model = fit_schedule(client, network, tuning, seed=seed, stage=stage, say=say, progress=progress)
    flights = network.survey.flights(None, "scheduled")
    return named(
        Artifact(
            name="",
            threshold_minutes=minutes,
            decision_threshold=threshold,
            features=tuple(FEATURE_NAMES),
            with_timetable=model.with_timetable,
            without_timetable=model.without_timetable,
            tables=parts.tables,
            exceedance=exceedance,
            operations=None,
            cancellation=cancellation.model,
            card=card,
            training=Training(
                source=source,
                first=str(parts.tables.first_day),
                last=str(parts.tables.last_day),
                flights=sum(sum(one.learned) for one in network.origins.values()),
                base_rate=model.base_rate,
                block_days=Days(learned.dates, learned.delayed).blocks.length,
                digest=learned.digest,
                seed=seed,
                cancelled=network.survey.flights(None, "cancelled") / flights,
                refitted=everything is not None,
                versions={name: importlib.metadata.version(name) for name in VERSIONED},
            ),
            **compose(learned.frame, parts.tables, minutes),
        )
    )


def describe_sample(network: Network) -> str:
    """Say what was chosen and measured on which share of the flights."""
    learned, tested = (f"{100 * share:.3g} %" for share in network.sampled)
    counts = len(network.parts.learned.delayed), len(network.parts.test.delayed)
    return (
        f"the boosters learn from all flights; all else is chosen on {counts[0]:,} of them ({learned}) "
        f"and measured on {counts[1]:,} of the later ones ({tested})"
    )
