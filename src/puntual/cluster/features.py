"""Features of one airport a task: rows to learn from, spread over buckets, and a sample of the flights."""

from __future__ import annotations

import datetime as dt
import io
from functools import lru_cache

import msgspec
import numpy as np
import polars as pl

from puntual.data.partitions import Partition, read_partition
from puntual.data.places import join, read_bytes, write_bytes
from puntual.data.schema import COLUMNS, FLIGHT_COLUMNS
from puntual.errors import DataError
from puntual.inference.tables import Tables
from puntual.metrics.arrays import IntArray
from puntual.models.boosting import CATEGORICAL, FEATURE_NAMES
from puntual.training.splits import Part, find_tested, take_part

TABLES = "tables.json"
LEARNED, TESTED = "learned", "tested"
CANCELLED_LEARNED, CANCELLED_TESTED = "cancelled-learned", "cancelled-tested"
DELAYED, MINUTES = "\0delayed", "\0minutes"
"""Columns beside the features: not names of features."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What every task of a training agrees on.

    Attributes
    ----------
    work : path or address of the folder that all machines reach
    split_date : flights before it are learned from
    buckets : over which the rows to learn from are spread
    learned_stride, tested_stride : every how manieth flight the sample has
    """

    work: str
    delay_minutes: int
    split_date: dt.date
    buckets: int
    learned_stride: int
    tested_stride: int


class OriginRows(msgspec.Struct, frozen=True, kw_only=True):
    """What a task has written of one airport.

    Attributes
    ----------
    learned : rows in each bucket; none has a file where it is 0
    delayed : of all of these
    sampled : rows of the sample, by its parts
    categories : by feature, the number of rows to learn from of each category
    """

    learned: tuple[int, ...]
    delayed: int
    sampled: dict[str, int]
    categories: dict[str, dict[int, int]]


def bucket_file(work: str, bucket: int, origin: str) -> str:
    """Where the rows of an airport in a bucket are."""
    return join(work, f"bucket={bucket}", f"{origin}.parquet")


def sample_file(work: str, part: str, origin: str) -> str:
    """Where the sample of an airport is, learned or tested."""
    return join(work, f"sample={part}", f"{origin}.parquet")


def write_features(plan: Plan, origin: str, number: int, partitions: list[Partition]) -> OriginRows:
    """Compute the features of an airport's flights and write them, unless that is done already.

    A task that runs again writes the same files again.

    Parameters
    ----------
    number : of the airport, by which the rows of small ones do not all go to the same bucket
    partitions : all of the airport; its flights are the timetable of their days
    """
    done = join(plan.work, "done", f"{origin}.json")
    written = read_bytes(done)
    if written is not None:
        return msgspec.json.decode(written, type=OriginRows)
    timetable = pl.concat(map(read_partition, partitions))
    departed = timetable.filter(pl.col("actual_departure").is_not_null())
    cancelled = timetable.filter(pl.col("cancelled") & pl.col("actual_departure").is_null())
    tables = read_tables(join(plan.work, TABLES))

    def divided(flights: pl.DataFrame) -> tuple[Part, Part]:
        tested = find_tested(flights, plan.split_date)
        learned, test = (
            take_part(flights.filter(which), timetable, tables, plan.delay_minutes)
            for which in (~tested, tested)
        )
        return learned, test

    (learned, test), of_cancelled = divided(departed), divided(cancelled)
    bucket_of = (np.arange(len(learned.delayed)) + number) % plan.buckets
    features = with_outcomes(learned)
    for bucket in range(plan.buckets):
        rows = features.filter(bucket_of == bucket)
        if rows.height:
            _write(rows, bucket_file(plan.work, bucket, origin))
    sampled = {
        name: _write_sample(plan.work, name, origin, part, stride_of(len(part.delayed), number, stride))
        for name, part, stride in (
            (LEARNED, learned, plan.learned_stride),
            (TESTED, test, plan.tested_stride),
            (CANCELLED_LEARNED, of_cancelled[0], plan.learned_stride),
            (CANCELLED_TESTED, of_cancelled[1], plan.tested_stride),
        )
    }
    written_rows = OriginRows(
        learned=tuple(np.bincount(bucket_of, minlength=plan.buckets).tolist()),
        delayed=int(learned.delayed.sum()),
        sampled=sampled,
        categories=count_categories(learned),
    )
    write_bytes(done, msgspec.json.encode(written_rows))
    return written_rows


def count_categories(part: Part) -> dict[str, dict[int, int]]:
    """The number of rows of each category, by feature."""
    counted = {}
    for name in CATEGORICAL:
        column = part.matrix[:, FEATURE_NAMES.index(name)]
        values, counts = np.unique(column[~np.isnan(column)].astype(int), return_counts=True)
        counted[name] = dict(zip(values.tolist(), counts.tolist(), strict=True))
    return counted


def with_outcomes(part: Part) -> pl.DataFrame:
    """The features of a part, and its outcomes."""
    return pl.DataFrame(part.matrix, schema=FEATURE_NAMES).with_columns(
        pl.Series(DELAYED, part.delayed), pl.Series(MINUTES, part.minutes)
    )


def stride_of(rows: int, number: int, stride: int) -> IntArray:
    """Every so manieth of some rows, from another one on for each airport.

    Examples
    --------
    >>> stride_of(6, 1, 4).tolist()
    [3]
    """
    return np.flatnonzero((np.arange(rows) + number) % stride == 0)


def read_rows(path: str) -> pl.DataFrame:
    """Read what a task has written.

    Raises
    ------
    DataError : it is not there
    """
    content = read_bytes(path)
    if content is None:
        raise DataError(path, "no such file", wanted="a folder for --work that every machine reaches")
    return pl.read_parquet(io.BytesIO(content))


@lru_cache(2)
def read_tables(path: str) -> Tables:
    """Read the tables of a training, once a process."""
    content = read_bytes(path)
    if content is None:
        raise DataError(path, "no such file", wanted="a folder for --work that every machine reaches")
    return msgspec.json.decode(content, type=Tables)


def read_sample(work: str, part: str, origins: list[str]) -> Part:
    """The sampled flights of some airports as a part, earliest first."""
    rows = pl.concat(read_rows(sample_file(work, part, origin)) for origin in origins)
    rows = rows.sort("scheduled_departure", *FLIGHT_COLUMNS, nulls_last=True)
    minutes = rows[MINUTES].to_numpy()
    matrix = rows.select(_feature(name) for name in FEATURE_NAMES).to_numpy()
    return Part(rows.select(*COLUMNS), matrix, minutes, rows[DELAYED].to_numpy())


def _write_sample(work: str, name: str, origin: str, part: Part, rows: IntArray) -> int:
    if len(rows):
        features = with_outcomes(part)[rows].rename({name: _feature(name) for name in FEATURE_NAMES})
        _write(part.frame.select(*COLUMNS)[rows].hstack(features), sample_file(work, name, origin))
    return len(rows)


def _feature(name: str) -> str:
    """A feature's column beside the canonical ones, which share names with some."""
    return f"\0{name}"


def _write(rows: pl.DataFrame, path: str) -> None:
    buffer = io.BytesIO()
    rows.write_parquet(buffer)
    write_bytes(path, buffer.getvalue())
