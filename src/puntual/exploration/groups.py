"""Groups that are late more, or less, often than the average by more than chance: alone, and two by two."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
import polars as pl

from puntual.exploration.chance import false_discoveries, two_sided
from puntual.exploration.findings import FALSE_DISCOVERIES, MIN_RATIO, Finding, Groups
from puntual.metrics.bootstrap import Blocks, blocks_of, count_by_day, stretch
from puntual.statistics.rates import telling

MIN_FLIGHTS = 200
"""Groups of fewer flights, or of less than a thousandth of all, are passed over; so are those whose days form
too few blocks (`puntual.metrics.bootstrap.MIN_BLOCKS`), as may those of one month."""

EXPLAINED = 0.1
"""A group whose adjusted rate is this near to the average is explained by the rest of its flights."""

COMBINED = (
    ("airline", "period"),
    ("airline", "destination"),
    ("destination", "period"),
    ("weekday", "period"),
)


class _Candidate(NamedTuple):
    """A group, its rate, the ratio of that to the rate of all flights, and the chance of such a ratio."""

    group: Groups
    flights: int
    rate: float
    ratio: float
    low: float
    high: float
    chance: float


def find_groups(told: pl.DataFrame, rates: pl.DataFrame) -> list[Finding]:
    """Groups that are late more, or less, often than the average, alone and two by two.

    A pair is told only where it goes beyond both of its parts.

    Parameters
    ----------
    told : `puntual.statistics.rates.group` of `puntual.statistics.rates.with_outcomes`
    rates : from `puntual.statistics.rates.delay_rates`
    """
    blocks = blocks_of(told)
    alone = telling(rates)
    keys = [*((name,) for name in alone), *(pair for pair in COMBINED if set(pair) <= set(alone))]
    candidates = [one for key in keys for one in _candidates(told, key, blocks)]
    if not candidates:
        return []
    false = false_discoveries(np.array([one.chance for one in candidates]))
    borne = {
        one.group: one
        for one, share in zip(candidates, false, strict=True)
        if share < FALSE_DISCOVERIES and max(one.ratio, 1 / one.ratio) >= MIN_RATIO
    }
    findings = []
    for group, one in borne.items():
        parts = [borne.get((part,)) for part in group] if len(group) > 1 else []
        if all(part is None or _beyond(one, part) for part in parts):
            findings.append(_group_finding(one, rates))
    return findings


def _candidates(told: pl.DataFrame, key: tuple[str, ...], blocks: Blocks) -> list[_Candidate]:
    counts = count_by_day(told, pl.concat_str(key, separator="\0"))
    number = blocks.effective(counts.flights)
    wider = stretch(number)
    enough = counts.flights.sum(axis=0) >= max(MIN_FLIGHTS, told.height // 1000)
    enough &= (counts.delayed.sum(axis=0) > 0) & ~np.isnan(wider)
    values = list(itertools.compress(counts.values, enough))
    all_flights, all_delayed = counts.flights.sum(axis=1), counts.delayed.sum(axis=1)
    by_day, late_by_day = counts.flights[:, enough], counts.delayed[:, enough]
    number, wider = number[enough], wider[enough]
    flights, delayed = by_day.sum(axis=0), late_by_day.sum(axis=0)
    everyone = told["delayed"].mean()
    with np.errstate(divide="ignore", invalid="ignore"):
        base = (blocks.drawn @ all_delayed) / (blocks.drawn @ all_flights)
        log_ratios = np.log((blocks.drawn @ late_by_day) / (blocks.drawn @ by_day) / base[:, None])
    log_ratios[~np.isfinite(log_ratios)] = np.nan
    rate = delayed / flights
    centre = np.log(rate / everyone)
    spread = np.maximum(np.nanstd(log_ratios, axis=0), np.sqrt((1 - rate) / delayed))
    score = np.divide(centre, spread, out=np.zeros(len(centre)), where=spread > 0)
    chance = two_sided(score, number)
    low, high = (np.exp(centre + end * wider * 1.959964 * spread) for end in (-1, 1))
    return [
        _Candidate(
            tuple(zip(key, value.split("\0"), strict=True)),
            int(flights[at]),
            float(rate[at]),
            float(np.exp(centre[at])),
            float(low[at]),
            float(high[at]),
            float(chance[at]),
        )
        for at, value in enumerate(values)
    ]


def _beyond(one: _Candidate, part: _Candidate) -> bool:
    """Whether a pair is further from the average than one of its parts, by more than chance."""
    if (one.ratio > 1) != (part.ratio > 1):
        return True
    return one.low > part.high if one.ratio > 1 else one.high < part.low


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
        same = (pl.col("dimension") == dimension) & (pl.col("value") == value)
        told = rates.row(by_predicate=same, named=True)
        base = one.rate / one.ratio
        adjusted = told["adjusted"]
        if adjusted is not None:
            numbers |= {"adjusted": adjusted, "adjusted_low": told["adjusted_low"]}
            numbers |= {"adjusted_high": told["adjusted_high"], "base": base}
            kind = f"{kind}:{_reading(one.rate, base, told)}"
        elif told["confounder"] is not None:
            numbers |= {"confounder": told["confounder"], "confounder_value": told["confounder_value"]}
            kind = f"{kind}:confounded"
    return Finding(kind, chart, one.flights, one.group, numbers)


def _reading(rate: float, base: float, told: dict[str, float]) -> str:
    """What the adjusted rate makes of the raw one; key of a sentence among the messages."""
    within = told["adjusted_low"] <= base <= told["adjusted_high"]
    if within and abs(told["adjusted"] / base - 1) < EXPLAINED:
        return "explained"
    return "reversed" if not within and (told["adjusted"] > base) != (rate > base) else "adjusted"
