"""What a source of flights declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import polars as pl


def no_names(raw: pl.LazyFrame) -> dict[str, str]:  # noqa: ARG001
    """Give no names, for a source whose files have none."""
    return {}


class Source(NamedTuple):
    """A layout of flight tables, recognised by its header.

    Attributes
    ----------
    schedule_columns : columns that every file needs
    outcome_columns : further columns that a history needs
    optional_columns : columns that are read if the file has them, and null otherwise
    read : a file's own columns (text; in Parquet also other types) and ``row`` -> the columns of
        `puntual.data.schema.COLUMNS` in any order, and ``problem``: why the row is bad, or null;
        ``codeshare_of``: the designator of the flight that it is, or null; ``diverted``; and
        ``assumed_cancelled``: it counts as cancelled only because nothing says that it has left
    airline_names, city_names : a file's own columns -> names of the airlines, and of the airports' cities, by
        code
    known_afterwards : the file's own columns that are known only once a flight has left
    statuses : by a column of states, the words for those that a mapping gives a meaning
    labels : for messages, the file's own column of a canonical one where it has another name
    """

    name: str
    schedule_columns: tuple[str, ...]
    outcome_columns: tuple[str, ...]
    optional_columns: tuple[str, ...]
    read: Callable[[pl.LazyFrame], pl.LazyFrame]
    airline_names: Callable[[pl.LazyFrame], dict[str, str]] = no_names
    city_names: Callable[[pl.LazyFrame], dict[str, str]] = no_names
    known_afterwards: tuple[str, ...] = ()
    labels: Mapping[str, str] = MappingProxyType({})
    statuses: Mapping[str, tuple[str, ...]] = MappingProxyType({})

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that `read` may look at."""
        return self.schedule_columns + self.outcome_columns + self.optional_columns
