"""Scores the flights of partitions on the workers of a cluster, to be measured here."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from distributed import Client

from puntual.cluster.answering import unpack_once
from puntual.cluster.partition_map import name_parts, reachable
from puntual.cluster.tasks import run_tasks
from puntual.data.partitions import Group, Partition, group_partitions, read_partition
from puntual.training.evaluation import ScoredFlights, add_scored, score_flights
from puntual.types import Progress, no_progress


def score_on_cluster(
    client: Client, model: bytes, parts: Sequence[Partition], progress: Progress = no_progress
) -> ScoredFlights:
    """As `score_flights`, of all partitions; about 30 bytes a flight come back.

    Parameters
    ----------
    model : the bytes of its file, which is checked already
    parts : at least one

    Raises
    ------
    DataError : a partition cannot be read
    ClusterError : the scheduler is lost
    """
    sent = client.scatter(model, broadcast=True, hash=False)
    tasks = {name_parts(group): (sent, tuple(map(reachable, group))) for group in group_partitions(parts)}
    outcome = run_tasks(client, _score_group, tasks, stage="scoring", progress=progress, strict=True)
    return add_scored(list(outcome.results.values()))


def _score_group(model: bytes, parts: Group) -> ScoredFlights:
    return score_flights(unpack_once(model), pl.concat(map(read_partition, parts)))
