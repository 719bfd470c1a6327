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

from puntual.data.partitioned import no_flights
from puntual.data.partitions import (
    Group,
    Partition,
    group_partitions,
    partitions,
    read_manifest,
    read_partition,
)
from puntual.data.profile import Counts, count_flights, last_compared_day, merge_counts, select_first_days
from puntual.data.summary import Summary, summarise_counts
from puntual.types import Progress, no_progress

MERGED_AT_ONCE = 50
"""Counts that are added up together."""

Item = TypeVar("Item", Partition, Group)
Result = TypeVar("Result")
Counted = TypeVar("Counted")


class Map(Protocol):
    """Runs a function on each of some partitions, or groups of them, in whatever process."""

    def __call__(self, work: Callable[[Item], Result], items: Sequence[Item], /) -> Iterable[Result]:
        """What the function gives for each, in any order; of a partition that is left out, nothing."""


def count_group(parts: Group) -> Counts:
    """Count the flights of some partitions."""
    return count_flights(pl.concat(map(read_partition, parts)))


def read_first_days(parts: Group, last: dt.date) -> pl.DataFrame:
    """As `select_first_days`, of some partitions."""
    return pl.concat(select_first_days(read_partition(one), last) for one in parts)


def reduce_counts(
    counted: Iterable[Counted], merge: Callable[[Sequence[Counted]], Counted]
) -> Counted | None:
    """Add up counts as they come, those of as many flights together, so that few are held at a time.

    Returns
    -------
    None if there are none

    Examples
    --------
    >>> reduce_counts(range(1_000), sum)
    499500
    """
    levels = [list[Counted]()]
    for one in counted:
        levels[0].append(one)
        for lower, held in enumerate(levels):
            if len(held) >= MERGED_AT_ONCE:
                if lower + 1 == len(levels):
                    levels.append([])
                levels[lower + 1].append(merge(held))
                held.clear()
    left = [one for level in levels for one in level]
    return merge(left) if left else None


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
    manifest, groups = read_manifest(where), group_partitions(partitions(where))

    def counted() -> Iterator[Counts]:
        for one in run(count_group, groups):
            yield one
            progress("counting", len(groups))

    counts = reduce_counts(counted(), merge_counts)
    if counts is None:
        raise no_flights(where, manifest, None, None)
    last = last_compared_day(counts)
    early = group_partitions(partitions(where, until=last + dt.timedelta(days=1)))
    first_days = pl.concat(run(partial(read_first_days, last=last), early))
    return summarise_counts(where, manifest, counts, first_days)
