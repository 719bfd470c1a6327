"""Flights -> numbers that describe them, their delays and what explains these; no text, no charts."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import polars as pl

from puntual.data import Flights
from puntual.data.airports import build_tables
from puntual.exploration.delays import Delays, describe_delays
from puntual.exploration.finding import Finding
from puntual.exploration.findings import find_all_flights, find_interactions, find_variables
from puntual.exploration.groups import find_groups
from puntual.exploration.history_counts import HistoryCounts, count_history
from puntual.exploration.traffic import Traffic, describe_columns, describe_traffic
from puntual.inference.tables import Tables
from puntual.statistics.rates import add_groups, counted_rates, with_outcomes
from puntual.types import Progress, no_progress

THRESHOLD_MINUTES = 15


class Explanation(NamedTuple):
    """What explains the delays, by models.

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
    """A description of a file's flights.

    Attributes
    ----------
    flights : the file; of a folder of partitions, without its rows
    tables : names and places
    threshold : minutes; a flight is delayed when it leaves more than this late
    quick : made without models
    departed : how many flights have an actual departure; 0 for a schedule
    base_rate : share of them that were delayed; None if none departed
    delays, rates : None if no flight departed
    explained : None if `quick`, or if all flights were delayed, or none
    findings : those that concern most flights first
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
    progress: Progress = no_progress,
) -> Study:
    """Describe the flights, their delays, what explains these, and which findings stand out.

    Parameters
    ----------
    flights : a history; of a schedule only the flights are described
    threshold : minutes; a flight is delayed when it leaves more than this late
    explain : `puntual.exploration.explanation.explain`; None: quick, without models and their libraries
    progress : called after each step

    Examples
    --------
    >>> from puntual.data import read_flights
    >>> study = explore(read_flights("nyc"))
    >>> study.departed, round(study.base_rate, 3), study.findings[0].kind
    (328521, 0.215, 'overall')
    """
    ordered = flights.frame.sort("scheduled_departure", "row")
    tables = build_tables(ordered, flights.airline_names, flights.city_names)
    counts = count_history(ordered, tables, threshold)
    progress("flights", 1)

    def explained() -> Explanation | None:
        if explain is None:
            return None
        departed = with_outcomes(ordered, threshold)
        return explain(departed, add_groups(departed, tables), tables, flights, progress)

    return describe(
        flights,
        tables,
        counts,
        columns=describe_columns(flights),
        threshold=threshold,
        explained_by=explained,
        quick=explain is None,
        progress=progress,
    )


def describe(
    flights: Flights,
    tables: Tables,
    counts: HistoryCounts,
    *,
    columns: pl.DataFrame,
    threshold: int,
    quick: bool,
    explained_by: Callable[[], Explanation | None] = lambda: None,
    progress: Progress = no_progress,
) -> Study:
    """Describe flights by what is counted of them; all else as in `explore`.

    Parameters
    ----------
    flights : what is said of the file; its frame is not read
    columns : of the file, as in `puntual.exploration.traffic.Traffic`
    explained_by : makes what explains the delays
    """
    traffic, departed = describe_traffic(flights, counts, columns), counts.departed
    if not departed.flights:
        findings = _rank(traffic.oddities)
        return Study(flights, tables, threshold, quick, 0, None, traffic, None, None, None, findings)
    delays = describe_delays(departed, tables, threshold)
    progress("delays", 1)
    explained = explained_by() if 0 < departed.delayed < departed.flights else None
    rates = counted_rates(departed, explained.adjusted if explained else None)
    progress("rates", 1)
    findings = [
        *find_all_flights(traffic, delays, departed.flights, threshold),
        *traffic.oddities,
        *find_groups(departed, rates),
        *(find_interactions(explained.pairs) if explained else ()),
        *(find_variables(explained.importance, departed.flights) if explained else ()),
    ]
    progress("findings", 1)
    return Study(
        flights=flights,
        tables=tables,
        threshold=threshold,
        quick=quick,
        departed=departed.flights,
        base_rate=departed.delayed / departed.flights,
        traffic=traffic,
        delays=delays,
        rates=rates,
        explained=explained,
        findings=_rank(findings),
    )


def _rank(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: -finding.flights)
