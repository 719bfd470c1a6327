"""Sentences that the numbers bear: each with its flights, its interval and its chart, and none by chance."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import polars as pl

from puntual.exploration.chance import false_discoveries, two_sided
from puntual.exploration.delays import WORST_SHARE, Delays
from puntual.exploration.traffic import Traffic

Groups = tuple[tuple[str, str], ...]
"""Dimensions and values of them; empty: all flights."""

PAIRS = (("airline", "destination"), ("month", "hour"))
"""Dimensions whose cells are compared with what their parts make one expect."""

FALSE_DISCOVERIES = 0.01
"""Share of false ones allowed among all groups that are said to differ."""

MIN_RATIO = 1.2
"""Groups that are late less than this much more, or less, often than the average are not worth a sentence."""

_MIN_LOSS = 0.001
_MIN_MONTHS = 3


class Finding(NamedTuple):
    """One thing that the data bear.

    Attributes
    ----------
    kind : key of its sentence among the messages, and after a colon that of a second one
    chart : name of the chart that shows it
    flights : how many it touches
    group : what it is about
    numbers : that the sentence names, by its placeholders
    """

    kind: str
    chart: str
    flights: int
    group: Groups
    numbers: dict[str, object]


def find_pairs_apart(pairs: pl.DataFrame) -> list[Finding]:
    """Cells whose rate is not what their parts make one expect.

    Parameters
    ----------
    pairs : from `puntual.exploration.pairs.find_pairs`
    """
    apart = pairs.filter(pl.col("false_discovery") < FALSE_DISCOVERIES, pl.col("expected") > 0)
    findings = []
    for row in apart.iter_rows(named=True):
        ratio = row["rate"] / row["expected"]
        if max(ratio, 1 / max(ratio, 1e-9)) < MIN_RATIO:
            continue
        group = ((row["first"], row["first_value"]), (row["second"], row["second_value"]))
        numbers = {"rate": row["rate"], "expected": row["expected"], "ratio": ratio}
        findings.append(
            Finding("unlike_parts", f"pair_{row['first']}_{row['second']}", row["flights"], group, numbers)
        )
    return findings


def find_all_flights(traffic: Traffic, delays: Delays, departed: int, threshold: int) -> list[Finding]:
    """What is told of all flights: how many were late, and how few days hold how much of it."""
    late = delays.ladder.row(by_predicate=pl.col("minutes") == threshold, named=True)
    findings = [
        Finding("overall" if late["low"] is not None else "overall_few", "ladder", departed, (), late),
        Finding(
            "usual",
            "cumulative",
            departed,
            (),
            {
                share: delays.quantiles.filter(pl.col("share") == at)["minutes"].item()
                for share, at in (("quarter", 0.25), ("median", 0.5), ("three_quarters", 0.75))
            },
        ),
    ]
    expected, most = delays.worst_expected
    if delays.worst_share > most and delays.worst_share >= MIN_RATIO * expected:
        daily = delays.daily.sort("late_minutes", descending=True)
        worst = daily.head(max(1, round(daily.height * WORST_SHARE)))
        numbers = {
            "share": delays.worst_share,
            "expected": expected,
            "days": worst.height,
            "worst": worst["day"][0],
        }
        findings.append(Finding("worst_days", "worst_days", int(worst["flights"].sum()), (), numbers))
    if traffic.cancelled:
        share = traffic.cancelled / traffic.flights
        findings.append(Finding("cancelled", "flights", traffic.cancelled, (), {"share": share}))
    return findings


def find_variables(importance: pl.DataFrame, departed: int) -> list[Finding]:
    """Variables without which a model is worse, by more than its months and its days may differ by chance.

    Parameters
    ----------
    importance : from `puntual.training.importance.weigh_variables`
    """
    weighed = importance.group_by("variable").agg(
        mean=pl.col("lost").mean(),
        between=pl.col("lost").std() / pl.len().sqrt(),
        within=pl.col("error").pow(2).sum().sqrt() / pl.len(),
        months=pl.len(),
        blocks=pl.col("blocks").sum(),
        low=pl.col("lost").min(),
        high=pl.col("lost").max(),
    )
    weighed = weighed.filter(pl.col("months") >= _MIN_MONTHS).sort("mean", "variable", descending=True)
    if weighed.is_empty():
        return []
    score = weighed.select(pl.col("mean") / pl.max_horizontal("between", "within")).to_series().to_numpy()
    false = false_discoveries(two_sided(score, weighed["blocks"].to_numpy()))
    borne = weighed.filter(pl.col("mean") >= _MIN_LOSS, pl.Series(false < FALSE_DISCOVERIES))
    return [
        Finding(
            "variable",
            "importance",
            departed,
            (),
            {
                "variable": row["variable"],
                "lost": row["mean"],
                "lost_low": row["low"],
                "lost_high": row["high"],
            },
        )
        for row in borne.iter_rows(named=True)
    ]


def find_oddities(traffic: Traffic) -> list[Finding]:
    """What looks wrong about the file."""
    return [
        Finding(
            f"odd_{oddity.kind}", _ODD_CHARTS.get(oddity.kind, "flights"), oddity.flights, (), oddity.values
        )
        for oddity in traffic.oddities
    ]


_ODD_CHARTS = {
    "days_without": "calendar",
    "thin_days": "calendar",
    "cut_low": "histogram",
    "cut_high": "histogram",
    "long_delays": "histogram",
    "few_airline": "rates_airline",
    "few_destination": "rates_destination",
}


def ranked(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that touch most flights first."""
    return sorted(findings, key=lambda finding: -finding.flights)
