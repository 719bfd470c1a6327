"""A folder of partitions answered some at a time, so that memory does not grow with their number."""

from __future__ import annotations

import io
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import polars as pl

from puntual.batch import predict
from puntual.data.partitions import Group, Partition, group_partitions, partition_path, read_group
from puntual.data.places import write_bytes
from puntual.inference.artifact import Artifact
from puntual.processors import count_processors
from puntual.types import Progress, no_progress

Answer = Callable[[pl.DataFrame], pl.DataFrame]
"""Canonical flights -> ``row`` and the answer of each, in their order."""


class Answered(NamedTuple):
    """What was answered.

    Attributes
    ----------
    flights, cancelled : how many, and how many of them are marked as cancelled
    unknown : of how many flights the model never saw a field, ``season`` or ``date``
    """

    flights: int
    cancelled: int
    unknown: Counter[str]


class Question(NamedTuple):
    """How flights are asked about, as in `puntual.batch.predict`.

    Attributes
    ----------
    alone : without the timetable of their days
    """

    alone: bool = False
    detail: bool = False
    language: str | None = None
    decision_threshold: float | None = None


def answer(artifact: Artifact, question: Question, flights: pl.DataFrame) -> pl.DataFrame:
    """The answers to flights, which are the timetable of their days."""
    return predict(
        artifact,
        flights,
        None if question.alone else flights,
        detail=question.detail,
        language=question.language,
        decision_threshold=question.decision_threshold,
    )


def answer_group(parts: Sequence[Partition], answer: Answer) -> pl.DataFrame:
    """The flights of some partitions with their answers; a pure function of them.

    Returns
    -------
    canonical columns without ``row``, the answers, and ``problem``, null: every flight is answered
    """
    frame = read_group(parts)
    answers = answer(frame).drop("row")
    kept = frame.drop("row", *answers.columns, strict=False)
    return kept.hstack(answers).with_columns(problem=pl.lit(None, pl.String))


def answer_partitions(
    parts: Sequence[Partition],
    answer: Answer,
    output: str | Pieces,
    progress: Progress = no_progress,
) -> Answered:
    """Answer all flights of partitions and write them, a group on each core at a time.

    Parameters
    ----------
    output : folder or address for a file of each airport and month; or pieces, in the order of the partitions
    """
    groups = group_partitions(parts)
    targets = [output.add() if isinstance(output, Pieces) else output for _ in groups]

    def answered(group: Group, target: str | Path) -> Answered:
        table = answer_group(group, answer)
        write_answers(table, target)
        return count_answered(table)

    found = []
    with ThreadPoolExecutor(count_processors()) as threads:
        for one in threads.map(answered, groups, targets):
            found.append(one)
            progress("answering", len(groups))
    return add_answered(found)


def count_answered(table: pl.DataFrame) -> Answered:
    """Count what `answer_group` gave."""
    unknown = Counter[str]()
    for fields, count in table["unknown"].value_counts().filter(pl.col("unknown") != "").iter_rows():
        unknown.update(dict.fromkeys(fields.split(" "), count))
    return Answered(table.height, int(table["cancelled"].sum()), unknown)


def add_answered(groups: Iterable[Answered]) -> Answered:
    """The counts of all groups."""
    flights, cancelled, unknown = 0, 0, Counter[str]()
    for one in groups:
        flights, cancelled = flights + one.flights, cancelled + one.cancelled
        unknown.update(one.unknown)
    return Answered(flights, cancelled, unknown)


def write_answers(table: pl.DataFrame, target: str | Path) -> None:
    """Write what `answer_group` gave.

    Parameters
    ----------
    target : folder or address for a file of each airport and month; or the path of one of `Pieces`
    """
    if isinstance(target, Path):
        table.write_ipc(target, compression="lz4")
        return
    when, origin = pl.col("scheduled_departure").dt, pl.col("origin")
    month = when.year() * 12 + when.month()
    begins = table.select((origin != origin.shift()) | (month != month.shift())).to_series()
    starts = begins.fill_null(True).arg_true().to_list()
    for start, end in itertools.pairwise([*starts, table.height]):
        own, buffer = table[start:end], io.BytesIO()
        own.write_parquet(buffer)
        place = partition_path(target, own["origin"][0], f"{own['scheduled_departure'][0]:%Y-%m}")
        write_bytes(place, buffer.getvalue(), durable=False)


class Pieces:
    """Tables that wait on disk to become one file.

    Parameters
    ----------
    folder : where they wait
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._files = folder, list[Path]()

    def add(self) -> Path:
        """The path of one more table, which `write_answers` writes to it."""
        self._files.append(self._folder / f"{len(self._files)}.arrow")
        return self._files[-1]

    def rows(self) -> pl.LazyFrame:
        """All of them, in their order."""
        return pl.scan_ipc(self._files)
