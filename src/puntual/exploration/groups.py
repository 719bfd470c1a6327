"""Groups, and pairs of groups, whose delay rate differs from the average by more than chance."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
import polars as pl

from puntual.exploration.finding import Finding, Groups
from puntual.exploration.findings import FALSE_DISCOVERIES, MIN_RATIO
from puntual.exploration.history_counts import COMBINED
from puntual.exploration.significance import false_discovery_rates, p_values
from puntual.metrics.bootstrap import Z_95, Blocks, interval_widening
from puntual.statistics.outcome_counts import SEPARATOR, Key, OutcomeCounts
from puntual.statistics.rates import informative_dimensions

MIN_FLIGHTS = 200
"""Groups of fewer flights, or of less than a thousandth of all, are skipped; so are groups whose days form
too few blocks (`puntual.metrics.bootstrap.MIN_BLOCKS`), such as those of a single month."""

MAX_EXPLAINED_GAP = 0.1
"""If a group's adjusted rate is this near to the average, the rest of its flights explains its rate."""


class _Candidate(NamedTuple):
    """A group, its rate, the ratio of that to the rate of all flights with its interval, and the p-value."""

    group: Groups
    flights: int
    rate: float
    ratio: float
    low: float
    high: float
    p: float


def find_groups(departed: OutcomeCounts, rates: pl.DataFrame) -> list[Finding]:
    """The groups, and pairs of groups, that are late more or less often than the average.

    A pair is a finding only if it differs more than each of its two groups.

    Parameters
    ----------
    departed : flights, by all dimensions and the pairs of `COMBINED`
    rates : from `puntual.statistics.rates.delay_rates`
    """
    blocks = departed.blocks()
    singles = informative_dimensions(rates)
    keys = [*((name,) for name in singles), *(pair for pair in COMBINED if set(pair) <= set(singles))]
    candidates = [one for key in keys for one in _candidates(departed, key, blocks)]
    if not candidates:
        return []
    false = false_discovery_rates(np.array([one.p for one in candidates]))
    significant = {
        one.group: one
        for one, rate in zip(candidates, false, strict=True)
        if rate < FALSE_DISCOVERIES and max(one.ratio, 1 / one.ratio) >= MIN_RATIO
    }
    findings = []
    for group, one in significant.items():
        parts = [significant.get((part,)) for part in group] if len(group) > 1 else []
        if all(part is None or _differs_more(one, part) for part in parts):
            findings.append(_group_finding(one, rates))
    return findings


def _candidates(departed: OutcomeCounts, key: Key, blocks: Blocks) -> list[_Candidate]:
    counts = departed.count_by_day(key)
    effective_blocks = blocks.effective(counts.flights)
    widening = interval_widening(effective_blocks)
    enough = counts.flights.sum(axis=0) >= max(MIN_FLIGHTS, departed.flights // 1000)
    enough &= (counts.delayed.sum(axis=0) > 0) & ~np.isnan(widening)
    values = list(itertools.compress(counts.values, enough))
    all_flights, all_delayed = counts.flights.sum(axis=1), counts.delayed.sum(axis=1)
    by_day, late_by_day = counts.flights[:, enough], counts.delayed[:, enough]
    flights, delayed = by_day.sum(axis=0), late_by_day.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        base = (blocks.drawn @ all_delayed) / (blocks.drawn @ all_flights)
        log_ratios = np.log((blocks.drawn @ late_by_day) / (blocks.drawn @ by_day) / base[:, None])
    log_ratios[~np.isfinite(log_ratios)] = np.nan
    rate = delayed / flights
    centre = np.log(rate / (departed.delayed / departed.flights))
    error = np.maximum(np.nanstd(log_ratios, axis=0), np.sqrt((1 - rate) / delayed))
    score = np.divide(centre, error, out=np.zeros(len(centre)), where=error > 0)
    p = p_values(score, effective_blocks[enough])
    low, high = (np.exp(centre + sign * widening[enough] * Z_95 * error) for sign in (-1, 1))
    numbers = (rate, np.exp(centre), low, high, p)
    return [
        _Candidate(
            tuple(zip(key, value.split(SEPARATOR), strict=True)),
            int(flights[at]),
            *(float(one[at]) for one in numbers),
        )
        for at, value in enumerate(values)
    ]


def _differs_more(pair: _Candidate, part: _Candidate) -> bool:
    """Whether a pair is further from the average than one of its groups, by more than chance."""
    if (pair.ratio > 1) != (part.ratio > 1):
        return True
    return pair.low > part.high if pair.ratio > 1 else pair.high < part.low


def _group_finding(one: _Candidate, rates: pl.DataFrame) -> Finding:
    numbers: dict[str, object] = {
        "rate": one.rate,
        "ratio": one.ratio,
        "ratio_low": one.low,
        "ratio_high": one.high,
    }
    kind, chart = "more_often" if one.ratio > 1 else "less_often", f"rates_{one.group[0][0]}"
    if len(one.group) == 1:
        ((dimension, value),) = one.group
        row = rates.row(
            by_predicate=(pl.col("dimension") == dimension) & (pl.col("value") == value), named=True
        )
        if row["adjusted"] is not None:
            base = one.rate / one.ratio
            numbers |= {name: row[name] for name in ("adjusted", "adjusted_low", "adjusted_high")}
            numbers["base"] = base
            kind = f"{kind}:{_compare_adjusted(one.rate, base, row)}"
        elif row["confounder"] is not None:
            numbers |= {name: row[name] for name in ("confounder", "confounder_value")}
            kind = f"{kind}:confounded"
    return Finding(kind, chart, one.flights, one.group, numbers)


def _compare_adjusted(rate: float, base: float, row: dict[str, float]) -> str:
    """How the adjusted rate changes the raw one: key of a sentence among the messages."""
    within = row["adjusted_low"] <= base <= row["adjusted_high"]
    if within and abs(row["adjusted"] / base - 1) < MAX_EXPLAINED_GAP:
        return "explained"
    return "reversed" if not within and (row["adjusted"] > base) != (rate > base) else "adjusted"
