"""Features of airline and airports: categories and distance."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import polars as pl

from puntual.inference.tables import Tables

_PAIR = pl.concat_str("origin", "destination", separator=">")


class _Same:
    """Tables that count as the same only if they are the same object: what is made of them takes a while."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def __hash__(self) -> int:
        return id(self.tables)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.tables is self.tables


def expressions(tables: Tables) -> dict[str, pl.Expr]:
    """The features of this module by name; null for values that are missing or were never seen."""
    return dict(_expressions(_Same(tables)))


@lru_cache(maxsize=1)
def _expressions(same: _Same) -> dict[str, pl.Expr]:
    tables = same.tables
    pairs = _pairs(tables)
    distances = {f"{a}>{b}": tables.distance_km(a, b) for a, b in pairs}
    numbers = {
        feature: {value: float(position) for position, value in enumerate(values)}
        for feature, values in tables.categories.items()
    }
    return {
        **{
            name: look_up(pl.col(name), numbers[name], pl.Float64())
            for name in ("airline", "operator", "destination", "origin")
        },
        "flight_type": look_up(flight_type(tables), numbers["flight_type"], pl.Float64()),
        "distance_km": look_up(_PAIR, distances, pl.Float64()),
    }


def flight_type(tables: Tables) -> pl.Expr:
    """``N`` or ``I`` from the source, else by the airports' countries; null if one is unknown."""
    kinds = {f"{a}>{b}": tables.flight_type(a, b) for a, b in _pairs(tables)}
    return pl.coalesce("flight_type", look_up(_PAIR, kinds, pl.String()))


def _pairs(tables: Tables) -> list[tuple[str, str]]:
    return [(a.code, b.code) for a in tables.airports for b in tables.airports]


def look_up(key: pl.Expr, table: Mapping[str, object], dtype: pl.DataType) -> pl.Expr:
    """The value that a table has for a text; null if it has none."""
    return key.replace_strict(
        pl.Series(list(table), dtype=pl.String),
        pl.Series(list(table.values()), dtype=dtype),
        default=None,
        return_dtype=dtype,
    )
