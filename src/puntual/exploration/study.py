"""Flights -> everything that is told of them, as numbers; the words and pictures come after."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import polars as pl

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
from puntual.exploration.importance import weigh_variables
from puntual.exploration.pairs import find_pairs
from puntual.exploration.traffic import Traffic, describe_traffic
from puntual.features import compute_features
from puntual.inference.tables import Tables
from puntual.rates import delay_rates, group, with_outcomes
from puntual.schema import DELAY
from puntual.sources import Flights
from puntual.training import describe_world

Report = Callable[[str, int], None]

THRESHOLD_MINUTES = 15


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
    pairs, importance : None where `quick`, or where all flights are on one side of the threshold
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
    pairs: pl.DataFrame | None
    importance: pl.DataFrame | None
    findings: list[Finding]


def explore(
    flights: Flights,
    *,
    threshold: int = THRESHOLD_MINUTES,
    quick: bool = False,
    report: Report = lambda stage, steps: None,
) -> Study:
    """Describe the flights, their delays, what explains these, and what of it stands out.

    Parameters
    ----------
    flights : a history; of a schedule only the flights are described
    threshold : minutes; a flight is delayed when it leaves more than this late
    quick : leave out what needs a model: adjusted rates, pairs, and the weight of the variables
    report : called after each step with the stage that it belongs to and how many that has
    """
    ordered = flights.frame.sort("scheduled_departure", "row")
    tables = describe_world(ordered, flights)
    grouped = group(ordered.with_columns(delay=DELAY), tables)
    traffic = describe_traffic(flights, grouped)
    report("flights", 1)
    departed = with_outcomes(ordered, threshold)
    if departed.is_empty():
        findings = ranked(find_oddities(traffic))
        return Study(flights, tables, threshold, quick, 0, None, traffic, None, None, None, None, findings)
    told = group(departed, tables)
    late = int(told["delayed"].sum())
    delays = describe_delays(told, tables, threshold)
    report("delays", 1)
    modelled = not quick and 0 < late < told.height
    rates = delay_rates(told, adjusted=modelled)
    report("rates", 1)
    pairs = find_pairs(told) if modelled else None
    importance = _importance(departed, tables, flights, report) if modelled else None
    findings = [
        *find_all_flights(traffic, delays, told.height, threshold),
        *find_oddities(traffic),
        *find_groups(told, rates),
        *(find_pairs_apart(pairs) if pairs is not None else ()),
        *(find_variables(importance, told.height) if importance is not None else ()),
    ]
    report("findings", 1)
    return Study(
        flights=flights,
        tables=tables,
        threshold=threshold,
        quick=quick,
        departed=told.height,
        base_rate=late / told.height,
        traffic=traffic,
        delays=delays,
        rates=rates,
        pairs=pairs,
        importance=importance,
        findings=ranked(findings),
    )


def _importance(departed: pl.DataFrame, tables: Tables, flights: Flights, report: Report) -> pl.DataFrame:
    features = compute_features(departed, tables, flights.frame)
    dates = departed["scheduled_departure"].dt.date().to_numpy()
    return weigh_variables(features, departed["delayed"].to_numpy(), dates, report)
