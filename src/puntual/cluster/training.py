"""A network's partitions -> artifact: the schedule's boosters on the cluster, all else on a sample here."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import msgspec
import numpy as np
from distributed import Client

from puntual.cluster.boosting import Bucket, fit_network, keep_quiet
from puntual.cluster.connection import Say
from puntual.cluster.features import (
    CANCELLED_LEARNED,
    CANCELLED_TESTED,
    LEARNED,
    TABLES,
    TESTED,
    OriginRows,
    Plan,
    bucket_file,
    read_sample,
    write_features,
)
from puntual.cluster.partition_map import PartitionMap
from puntual.cluster.survey import Survey, add_surveys, build_network_tables, survey_group
from puntual.cluster.tasks import run_tasks
from puntual.data.partitions import Manifest, Partition, group_partitions
from puntual.data.places import join, read_bytes, write_bytes
from puntual.errors import DataError, SettingError
from puntual.inference.artifact import Trees
from puntual.inference.tables import Tables
from puntual.metrics.bootstrap import SEED
from puntual.models.modes import with_timetable, without_timetable
from puntual.training.cross_validation import FULL, Budget
from puntual.training.fitting import FittedModel, TuningResults, choose
from puntual.training.splits import MIN_FLIGHTS, TEST_SHARE, Part, Parts
from puntual.types import Progress, no_progress

SAMPLE_FLIGHTS = 60_000
"""Of each part: what is chosen and measured on this machine; all flights if there are no more."""
BUCKET_ROWS = 500_000
"""That are loaded at once."""
PLAN = "plan.json"


class Network(NamedTuple):
    """What the workers have made of a network's partitions.

    Attributes
    ----------
    parts : of the sample; `tables` know all flights that are learned from
    cancelled : flights of the sample that never left, learned and tested
    sampled : share of all flights that the sample of the learned and of the tested ones is
    """

    plan: Plan
    survey: Survey
    origins: dict[str, OriginRows]
    parts: Parts
    cancelled: tuple[Part, Part]
    sampled: tuple[float, float]

    @property
    def buckets(self) -> list[Bucket]:
        """The rows to learn from, as they are loaded."""
        found = []
        for bucket in range(self.plan.buckets):
            rows = {name: one.learned[bucket] for name, one in self.origins.items() if one.learned[bucket]}
            files = tuple(bucket_file(self.plan.work, bucket, name) for name in rows)
            found.append(Bucket(files, sum(rows.values())))
        return [one for one in found if one.rows]

    @property
    def base_rate(self) -> float:
        """Share of the flights learned from that were delayed."""
        learned = sum(sum(one.learned) for one in self.origins.values())
        return sum(one.delayed for one in self.origins.values()) / learned

    @property
    def categories(self) -> dict[str, dict[int, int]]:
        """By feature, the number of rows to learn from of each category."""
        total: dict[str, Counter[int]] = {}
        for one in self.origins.values():
            for name, counted in one.categories.items():
                total.setdefault(name, Counter()).update(counted)
        return {name: dict(counted) for name, counted in total.items()}


def compute_network(
    client: Client,
    manifest: Manifest,
    partitions: list[Partition],
    where: str,
    work: str,
    *,
    delay_minutes: int,
    split_date: dt.date | None = None,
    everything: bool = False,
    sample_flights: int = SAMPLE_FLIGHTS,
    strict: bool = False,
    resume: bool = False,
    say: Say,
    progress: Progress = no_progress,
) -> Network:
    """Compute the features of all flights on the workers, into a folder that all machines reach.

    Parameters
    ----------
    partitions : of a history
    where : name of the history, in messages
    work : path or address of the folder; with `resume`, what is written there is not computed again
    split_date : as in `puntual.training.splits.divide`
    everything : all flights are learned from, and none is measured
    sample_flights : that are taken of the learned and of the tested ones
    strict : a partition that cannot be read stops all; otherwise its flights are left out
    say : is told what is left out

    Raises
    ------
    DataError : too few flights to learn from or to measure on, or all alike; a bad partition, if `strict`
    SettingError : `work` is of another training
    """
    survey, readable = _survey(client, partitions, delay_minutes, strict=strict, say=say, progress=progress)
    if everything:
        day = _days(survey, where)[-1] + dt.timedelta(days=1)
    else:
        day = split_date or _usual_date(survey, where)
        _check(survey, where, day, delay_minutes)
    plan = _plan(survey, work, day, delay_minutes, workers=len(client.nthreads()), sample=sample_flights)
    tables = build_network_tables(survey, plan.split_date, manifest.airline_names, manifest.city_names)
    plan = _begin(plan, tables, resume=resume)
    by_origin: dict[str, list[Partition]] = {}
    for one in readable:
        by_origin.setdefault(one.origin, []).append(one)
    tasks = {
        origin: (plan, origin, number, own) for number, (origin, own) in enumerate(sorted(by_origin.items()))
    }
    outcome = run_tasks(client, write_features, tasks, stage="features", progress=progress, strict=strict)
    for origin, reason in outcome.failures.items():
        say(f"{origin} is left out: {reason}")
    origins = outcome.results
    if not any(one.sampled[LEARNED] for one in origins.values()):
        raise DataError(where, "no airport can be learned from", wanted=f"{MIN_FLIGHTS} flights or more")

    def sample(name: str) -> Part:
        found = [origin for origin, one in origins.items() if one.sampled[name]]
        return read_sample(work, name, found) if found else rows.where(np.zeros(len(rows.delayed), bool))

    rows = read_sample(work, LEARNED, [origin for origin, one in origins.items() if one.sampled[LEARNED]])
    test, cancelled = sample(TESTED), (sample(CANCELLED_LEARNED), sample(CANCELLED_TESTED))
    parts = Parts("time", plan.split_date, rows, test, tables)
    learned = sum(sum(one.learned) for one in origins.values())
    tested = survey.flights(None, "departed") - learned
    shares = len(parts.learned.delayed) / learned, len(parts.test.delayed) / max(tested, 1)
    return Network(plan, survey, origins, parts, cancelled, shares)


def fit_schedule(
    client: Client,
    network: Network,
    tuning: TuningResults,
    *,
    seed: int = SEED,
    stage: str = "fitting",
    say: Say,
    progress: Progress = no_progress,
) -> FittedModel:
    """Fit the boosters of both modes on the rows of all flights; `tuning` as from `choose`."""
    keep_quiet()
    fitted = []
    modes = ((with_timetable, "timetable"), (without_timetable, "alone"))
    for (view, mode), tuned in zip(modes, tuning, strict=True):
        ensemble = fit_network(
            client,
            network.buckets,
            view,
            trees=tuned.trees,
            seed=seed,
            parameters=tuned.parameters,
            categories=network.categories,
            work=network.plan.work,
            stage=f"{stage}, {mode}",
            say=say,
            progress=progress,
        )
        calibration = tuned.calibration.anchored_at(network.base_rate)
        fitted.append(Trees(ensemble.merged().text, calibration))
    return FittedModel(fitted[0], fitted[1], network.base_rate)


def choose_on_sample(
    network: Network,
    *,
    trees: int | None,
    settings: Mapping[str, float] | None = None,
    budget: Budget = FULL,
    seed: int = SEED,
    progress: Progress = no_progress,
) -> TuningResults:
    """Choose the trees and the calibration on the sample; parameters as in `choose`."""
    return choose(network.parts, trees=trees, settings=settings, budget=budget, seed=seed, progress=progress)


def _survey(
    client: Client,
    partitions: list[Partition],
    delay_minutes: int,
    *,
    strict: bool,
    say: Say,
    progress: Progress,
) -> tuple[Survey, list[Partition]]:
    """Count the flights of all partitions; those that can be read."""
    run, groups = PartitionMap(client, say, strict=strict), group_partitions(partitions)
    surveys = []
    for one in run(partial(survey_group, delay_minutes=delay_minutes), groups):
        surveys.append(one)
        progress("reading", len(groups))
    return add_surveys(surveys), [one for one in partitions if one.path not in run.left_out]


def _check(survey: Survey, where: str, day: dt.date, delay_minutes: int) -> None:
    """Refuse parts from which nothing can be learned, or on which nothing can be measured."""
    learned, late = survey.flights(day, "departed"), survey.flights(day, "delayed")
    for count, of, purpose in (
        (learned, late, "to learn from"),
        (survey.flights(None, "departed") - learned, survey.flights(None, "delayed") - late, "to measure on"),
    ):
        if count < MIN_FLIGHTS:
            found = f"{count} departed flights {purpose} (split date {day})"
            raise DataError(where, found, wanted=f"{MIN_FLIGHTS} or more")
        if of in {0, count}:
            found = f"{of} of the {count} flights {purpose} left more than {delay_minutes} minutes late"
            raise DataError(where, found, wanted="some late and some not, or another threshold")


def _plan(survey: Survey, work: str, day: dt.date, delay_minutes: int, *, workers: int, sample: int) -> Plan:
    learned = survey.flights(day, "departed")
    tested = survey.flights(None, "departed") - learned
    return Plan(
        work=work,
        delay_minutes=delay_minutes,
        split_date=day,
        buckets=workers * math.ceil(learned / workers / BUCKET_ROWS),
        learned_stride=math.ceil(learned / sample),
        tested_stride=max(1, math.ceil(tested / sample)),
    )


def _usual_date(survey: Survey, where: str) -> dt.date:
    """From which on the last fifth of the period is measured, as `puntual.training.splits.divide` has it."""
    days = _days(survey, where)
    length = (days[-1] - days[0]).days + 1
    return days[0] + dt.timedelta(length - round(length * TEST_SHARE))


def _days(survey: Survey, where: str) -> list[dt.date]:
    """The days on which flights departed, in order; at least one."""
    days: list[dt.date] = survey.days.filter(survey.days["departed"] > 0)["day"].to_list()
    if not days:
        raise DataError(where, "no departed flights", wanted=f"{2 * MIN_FLIGHTS} or more")
    return days


def _begin(plan: Plan, tables: Tables, *, resume: bool) -> Plan:
    """Write what the tasks agree on; if a training is gone on with, give what they agreed on."""
    path = join(plan.work, PLAN)
    written = read_bytes(path)
    if written is None:
        write_bytes(join(plan.work, TABLES), msgspec.json.encode(tables))
        write_bytes(path, msgspec.json.encode(plan))
        return plan
    if not resume:
        raise SettingError(f"--work: {plan.work} holds a training; wanted: --resume, or another folder")
    before = msgspec.json.decode(written, type=Plan)
    # There may be other workers now, but the rows lie in buckets already.
    same = before == msgspec.structs.replace(plan, buckets=before.buckets)
    if not same or read_bytes(join(plan.work, TABLES)) != msgspec.json.encode(tables):
        found = f"{plan.work} is of another training"
        raise SettingError(f"--resume: {found}; wanted: the same options and files")
    return before
