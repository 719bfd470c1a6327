"""How the delays of the flights learned from are composed, as an artifact carries it."""

from __future__ import annotations

from typing import TypedDict, TypeVar

import msgspec
import polars as pl

from puntual.inference.rates import AirlineRoute, Day, InteractionRate, Rate
from puntual.inference.tables import Tables
from puntual.statistics.adjusted_rates import adjusted_rates
from puntual.statistics.airline_routes import airline_routes
from puntual.statistics.days import daily_delays
from puntual.statistics.interactions import interaction_rates
from puntual.statistics.rates import add_groups, delay_rates, with_outcomes

T = TypeVar("T")


class Composition(TypedDict):
    """How the delays of the flights learned from are composed, as `Artifact` has it."""

    rates: tuple[Rate, ...]
    interactions: tuple[InteractionRate, ...]
    days: tuple[Day, ...]
    airline_routes: tuple[AirlineRoute, ...]


def compose(learned: pl.DataFrame, tables: Tables, delay_minutes: int) -> Composition:
    """How the delays of the flights learned from are composed.

    Parameters
    ----------
    learned : canonical frame of departed flights, some of them delayed and not all
    tables : of these flights
    delay_minutes : a flight is delayed when it leaves more than this late
    """
    outcomes = with_outcomes(learned, delay_minutes)
    grouped = add_groups(outcomes, tables)
    rates, interactions = delay_rates(grouped, adjusted_rates(grouped)), interaction_rates(grouped)
    days = daily_delays(grouped, tables).with_columns(pl.col("day").dt.to_string("iso"))
    return Composition(
        rates=_structs(rates, Rate),
        interactions=_structs(interactions, InteractionRate),
        days=_structs(days, Day),
        airline_routes=_structs(airline_routes(outcomes), AirlineRoute),
    )


def _structs(rows: pl.DataFrame, kind: type[T]) -> tuple[T, ...]:
    return tuple(msgspec.convert(row, kind) for row in rows.iter_rows(named=True))
