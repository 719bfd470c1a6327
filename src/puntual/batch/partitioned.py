"""A folder of partitions answered some at a time, so that memory does not grow with their number."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from puntual.batch import predict
from puntual.data.partitions import Partition, group_partitions, partition_path, read_partition
from puntual.data.places import write_bytes
from puntual.inference.artifact import Artifact
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
    frame = pl.concat(read_partition(one) for one in parts)
    answers = answer(frame).drop("row")
    kept = frame.drop("row", *answers.columns, strict=False)
    return kept.hstack(answers).with_columns(problem=pl.lit(None, pl.String))


def answer_partitions(
    parts: Sequence[Partition],
    answer: Answer,
    write: Callable[[pl.DataFrame], None],
    progress: Progress = no_progress,
) -> Answered:
    """Answer all flights of partitions, and give them to what writes them, a group at a time."""
    groups = group_partitions(parts)
    answered = []
    for group in groups:
        table = answer_group(group, answer)
        write(table)
        answered.append(count_answered(table))
        progress("answering", len(groups))
    return add_answered(answered)


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


def write_partitions(where: str) -> Callable[[pl.DataFrame], None]:
    """What writes answers to a folder, a file for each airport and month."""

    def write(table: pl.DataFrame) -> None:
        month = table["scheduled_departure"].dt.strftime("%Y-%m").alias("month")
        keyed = table.select("origin", month).to_struct("key")
        for own in table.with_columns(keyed).partition_by("key", maintain_order=True):
            key = own["key"][0]
            place = partition_path(where, key["origin"], key["month"])
            buffer = io.BytesIO()
            own.drop("key").write_parquet(buffer)
            write_bytes(place, buffer.getvalue(), durable=False)

    return write


class Pieces:
    """Tables that wait on disk to become one file.

    Parameters
    ----------
    folder : where they wait
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._files = folder, list[Path]()

    def write(self, table: pl.DataFrame) -> None:
        """Add a table."""
        write_piece(self.add(), table)

    def add(self) -> Path:
        """Add a table that another process writes to this path, by `write_piece`."""
        self._files.append(self._folder / f"{len(self._files)}.arrow")
        return self._files[-1]

    def rows(self) -> pl.LazyFrame:
        """All of them, in their order."""
        return pl.scan_ipc(self._files)


def write_piece(path: Path, table: pl.DataFrame) -> None:
    """Write a table of `Pieces`."""
    table.write_ipc(path, compression="lz4")
