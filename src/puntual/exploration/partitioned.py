"""A quick study of a folder of partitions by map and reduce: no step holds the flights of a network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import polars as pl

from puntual.data.airports import build_tables, tables_of
from puntual.data.dates import DateLike
from puntual.data.partition_summary import Map, reduce_counts
from puntual.data.partitioned import flights_of_folder, no_flights
from puntual.data.partitions import (
    ASSUMED,
    Group,
    group_partitions,
    partitions,
    read_group,
    read_manifest,
)
from puntual.data.schema import COLUMNS
from puntual.exploration.history_counts import HistoryCounts, add_histories, count_history
from puntual.exploration.study import THRESHOLD_MINUTES, Study, describe
from puntual.exploration.traffic import columns_table, missing
from puntual.types import Progress, no_progress

_NAMED = ("airline", "operator", "destination", "origin")
_SHOWN = [name for name in COLUMNS if name != "row"]


class PartCounts(NamedTuple):
    """What is counted of some partitions.

    Attributes
    ----------
    missing : by column, how many flights have no value of it
    values : by column, the values that there are, each once
    """

    history: HistoryCounts
    missing: pl.DataFrame
    values: dict[str, pl.Series]


def count_group(parts: Group, threshold: int) -> PartCounts | None:
    """Count the flights of some partitions; None if they have none of the dates."""
    frame = read_group(parts)
    if frame.is_empty():
        return None
    # Which flights are international depends on nothing but the countries of their own airports.
    history = count_history(frame, build_tables(frame, {}), threshold)
    return PartCounts(history, frame.select(missing(_SHOWN)), {name: frame[name].unique() for name in _SHOWN})


def add_parts(counted: Sequence[PartCounts]) -> PartCounts:
    """What is counted of all of some partitions; at least one."""
    return PartCounts(
        add_histories([one.history for one in counted]),
        pl.concat(one.missing for one in counted).sum(),
        {name: pl.concat([one.values[name] for one in counted]).unique() for name in _SHOWN},
    )


def explore_partitions(
    where: str,
    since: DateLike = None,
    until: DateLike = None,
    *,
    threshold: int = THRESHOLD_MINUTES,
    run: Map = map,
    progress: Progress = no_progress,
) -> Study:
    """What `puntual.exploration.study.explore` gives of the flights of a folder, without models.

    Parameters
    ----------
    where : path or address of the folder, or of a folder in it as ``flights/origin=JFK``
    since, until : first local scheduled date, and the first one after the last; None: all
    threshold : minutes; a flight is delayed when it leaves more than this late
    run : what runs the map; this process unless another is given

    Raises
    ------
    DataError : no folder of partitions, no flight of these dates, or a damaged file
    """
    manifest = read_manifest(where)
    groups = group_partitions(partitions(where, since, until))

    def counted() -> Iterator[PartCounts]:
        for one in run(partial(count_group, threshold=threshold), groups):
            if one is not None:
                yield one
            progress("flights", len(groups))

    found = reduce_counts(counted(), add_parts)
    if found is None:
        raise no_flights(where, manifest, since, until)
    values = {name: found.values[name].drop_nulls().sort().to_list() for name in _NAMED}
    days = found.history.hours["day"].unique().sort().to_list()
    no_rows = pl.DataFrame(
        schema={name: column.dtype for name, column in COLUMNS.items()} | {ASSUMED: pl.Boolean}
    )
    flights = flights_of_folder(where, manifest, no_rows)
    columns = columns_table(
        _SHOWN,
        found.missing.row(0),
        [len(found.values[name]) for name in _SHOWN],
        flights.known_afterwards,
    )
    tables = tables_of(values, days, manifest.airline_names, manifest.city_names)
    return describe(
        flights,
        tables,
        found.history,
        columns=columns,
        threshold=threshold,
        quick=True,
        progress=progress,
    )
