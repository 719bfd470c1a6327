"""Answers a folder of partitions on the workers of a cluster, which write what they answer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from distributed import Client

from puntual.batch.partitioned import (
    Answered,
    Pieces,
    Question,
    add_answered,
    answer,
    answer_group,
    count_answered,
    write_answers,
)
from puntual.cluster.partition_map import absolute, name_parts, reachable
from puntual.cluster.tasks import run_tasks
from puntual.data.partitions import Partition, group_partitions
from puntual.inference.artifact import Artifact, unpack_artifact
from puntual.types import Progress, no_progress


def answer_on_cluster(
    client: Client,
    model: bytes,
    question: Question,
    parts: Sequence[Partition],
    output: str | Pieces,
    *,
    progress: Progress = no_progress,
) -> Answered:
    """As `puntual.batch.partitioned.answer_partitions`, a group of partitions a task.

    Parameters
    ----------
    model : the bytes of its file, which is checked already
    output : folder of partitions that all machines reach, or pieces in such a folder

    Raises
    ------
    DataError : a partition cannot be read
    ClusterError : the scheduler is lost
    """
    sent = client.scatter(model, broadcast=True, hash=False)
    tasks = {}
    for group in group_partitions(parts):
        target = output.add().absolute() if isinstance(output, Pieces) else absolute(output)
        tasks[name_parts(group)] = sent, question, [reachable(one) for one in group], target
    outcome = run_tasks(client, _answer_task, tasks, stage="answering", progress=progress, strict=True)
    return add_answered(outcome.results.values())


def _answer_task(model: bytes, question: Question, group: list[Partition], output: str | Path) -> Answered:
    """Answer a group and write it; one that runs again writes the same files again."""
    artifact = unpack_once(model)
    table = answer_group(group, lambda flights: answer(artifact, question, flights))
    write_answers(table, output)
    return count_answered(table)


@lru_cache(1)
def unpack_once(model: bytes) -> Artifact:
    """The model of a file's bytes, which are checked once a process."""
    return unpack_artifact(model, "the model")
