"""What a source of flights declares, and nothing more."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import polars as pl


def no_names(raw: pl.LazyFrame) -> dict[str, str]:  # noqa: ARG001
    """Tell no name: for a source whose files hold none."""
    return {}


class Source(NamedTuple):
    """One way of writing flights into a table; a file is recognised by its header.

    Attributes
    ----------
    schedule_columns : columns without which there is no schedule
    outcome_columns : columns that a history needs besides
    optional_columns : columns that are read where they are there; otherwise null
    read : a file's own columns (text; in Parquet also its own types) and ``row`` -> the columns of
        `puntual.data.schema.COLUMNS` in any order, and ``problem``: why the row is bad, or null
    airline_names, city_names : a file's own columns -> name of each airline, and of the city of each airport,
        by code
    known_afterwards : the file's own columns that are known only once a flight has left
    """

    name: str
    schedule_columns: tuple[str, ...]
    outcome_columns: tuple[str, ...]
    optional_columns: tuple[str, ...]
    read: Callable[[pl.LazyFrame], pl.LazyFrame]
    airline_names: Callable[[pl.LazyFrame], dict[str, str]] = no_names
    city_names: Callable[[pl.LazyFrame], dict[str, str]] = no_names
    known_afterwards: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that `read` may look at."""
        return self.schedule_columns + self.outcome_columns + self.optional_columns
