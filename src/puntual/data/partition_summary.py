"""Count and summarise a folder of partitions by map and reduce: no step holds more than a group of them.

The pure functions are those of `puntual.data.profile`: `count_flights` of each partition, `merge_counts` of
what these give, then `select_first_days` of the first ones. What runs them may be this process or a cluster.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Protocol, TypeVar

import polars as pl

from puntual.data.partitions import Partition, partitions, read_manifest, read_partition
from puntual.data.profile import Counts, count_flights, last_compared_day, merge_counts, select_first_days
from puntual.data.summary import Summary, summarise_counts
from puntual.types import Progress, no_progress

MERGED_AT_ONCE = 50
"""Counts that are added up together."""

Result = TypeVar("Result")


class Map(Protocol):
    """Runs a function on each of some partitions, in whatever process."""

    def __call__(
        self, work: Callable[[Partition], Result], parts: Sequence[Partition], /
    ) -> Iterable[Result]:
        """What the function gives, in the order of the partitions; of one that is left out, nothing."""


def count_partition(partition: Partition) -> Counts:
    """Count the flights of a partition."""
    return count_flights(read_partition(partition))


def read_first_days(partition: Partition, last: dt.date) -> pl.DataFrame:
    """As `select_first_days`, of a partition."""
    return select_first_days(read_partition(partition), last)


def reduce_counts(counted: Iterable[Counts]) -> Counts:
    """Add up counts as they come, so that few are held at a time; at least one."""
    held = list[Counts]()
    for one in counted:
        held.append(one)
        if len(held) >= MERGED_AT_ONCE:
            held = [merge_counts(held)]
    return merge_counts(held)


def summarise_partitions(where: str, *, run: Map = map, progress: Progress = no_progress) -> Summary:
    """Summarise a folder of partitions: what `summarise` gives of all its flights at once.

    Parameters
    ----------
    where : path or address of the folder, or of a folder in it as ``flights/origin=JFK``
    run : what runs the map; this process unless another is given

    Raises
    ------
    DataError : no such folder, or a damaged file
    """
    manifest, parts = read_manifest(where), partitions(where)

    def counted() -> Iterator[Counts]:
        for one in run(count_partition, parts):
            yield one
            progress("counting", len(parts))

    counts = reduce_counts(counted())
    last = last_compared_day(counts)
    early = partitions(where, until=last + dt.timedelta(days=1))
    first_days = pl.concat(run(partial(read_first_days, last=last), early))
    return summarise_counts(where, manifest, counts, first_days)
