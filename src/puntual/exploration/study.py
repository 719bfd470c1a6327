"""Flights -> everything that is told of them, as numbers; the words and pictures come after."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import polars as pl

from puntual.data import Flights
from puntual.data.airports import describe_world
from puntual.data.schema import DELAY
from puntual.exploration.delays import Delays, describe_delays
from puntual.exploration.findings import (
    Finding,
    find_all_flights,
    find_oddities,
    find_pairs_apart,
    find_variables,
    ranked,
)
from puntual.exploration.groups import find_groups
from puntual.exploration.traffic import Traffic, describe_traffic
from puntual.inference.tables import Tables
from puntual.statistics.rates import delay_rates, group, with_outcomes
from puntual.types import Progress

THRESHOLD_MINUTES = 15


class Explanation(NamedTuple):
    """What a model tells of the delays.

    Attributes
    ----------
    adjusted : from `puntual.statistics.adjusted_rates.adjusted_rates`
    pairs : from `puntual.exploration.pairs.find_pairs`
    importance : from `puntual.training.importance.weigh_variables`
    """

    adjusted: pl.DataFrame
    pairs: pl.DataFrame
    importance: pl.DataFrame


Explain = Callable[[pl.DataFrame, pl.DataFrame, Tables, Flights, Progress], Explanation]


class Study(NamedTuple):
    """What is told of a file's flights.

    Attributes
    ----------
    tables : names and places
    threshold : minutes; a flight is delayed when it leaves more than this late
    quick : made without the model's part
    departed : how many flights have an actual departure; 0: the file is a schedule only
    base_rate : share of those that were delayed; None: none departed
    delays, rates : None where no flight departed
    explained : None where `quick`, or where all flights are on one side of the threshold
    findings : those that touch most flights first
    """

    flights: Flights
    tables: Tables
    threshold: int
    quick: bool
    departed: int
    base_rate: float | None
    traffic: Traffic
    delays: Delays | None
    rates: pl.DataFrame | None
    explained: Explanation | None
    findings: list[Finding]


def explore(
    flights: Flights,
    *,
    threshold: int = THRESHOLD_MINUTES,
    explain: Explain | None = None,
    progress: Progress = lambda stage, steps: None,
) -> Study:
    """Describe the flights, their delays, what explains these, and what of it stands out.

    Parameters
    ----------
    flights : a history; of a schedule only the flights are described
    threshold : minutes; a flight is delayed when it leaves more than this late
    explain : `puntual.exploration.explanation.explain`; None: what needs a model is left out, and none of
        the libraries that it needs are loaded
    progress : called after each step with the stage that it belongs to and how many that has
    """
    ordered = flights.frame.sort("scheduled_departure", "row")
    tables = describe_world(ordered, flights.airline_names, flights.city_names)
    grouped = group(ordered.with_columns(delay=DELAY), tables)
    traffic = describe_traffic(flights, grouped)
    progress("flights", 1)
    departed = with_outcomes(ordered, threshold)
    if departed.is_empty():
        findings = ranked(find_oddities(traffic))
        quick = explain is None
        return Study(flights, tables, threshold, quick, 0, None, traffic, None, None, None, findings)
    told = group(departed, tables)
    late = int(told["delayed"].sum())
    delays = describe_delays(told, tables, threshold)
    progress("delays", 1)
    explained = None
    if explain is not None and 0 < late < told.height:
        explained = explain(departed, told, tables, flights, progress)
    rates = delay_rates(told, explained.adjusted if explained else None)
    progress("rates", 1)
    findings = [
        *find_all_flights(traffic, delays, told.height, threshold),
        *find_oddities(traffic),
        *find_groups(told, rates),
        *(find_pairs_apart(explained.pairs) if explained else ()),
        *(find_variables(explained.importance, told.height) if explained else ()),
    ]
    progress("findings", 1)
    return Study(
        flights=flights,
        tables=tables,
        threshold=threshold,
        quick=explain is None,
        departed=told.height,
        base_rate=late / told.height,
        traffic=traffic,
        delays=delays,
        rates=rates,
        explained=explained,
        findings=ranked(findings),
    )
