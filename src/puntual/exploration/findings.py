"""Findings that chance alone does not explain, each with its flights, its numbers and its chart."""

from __future__ import annotations

import polars as pl

from puntual.exploration.delays import WORST_DAYS, Delays
from puntual.exploration.finding import Finding
from puntual.exploration.significance import false_discovery_rates, p_values
from puntual.exploration.traffic import Traffic

PAIRS = (("airline", "destination"), ("month", "hour"))
"""Dimensions whose pairs of groups are compared with what the two groups make one expect."""

FALSE_DISCOVERIES = 0.01
"""Share of false discoveries that is allowed among the groups that are said to differ."""

MIN_RATIO = 1.2
"""A group whose rate differs from the average by a smaller factor is not a finding."""

_MIN_LOSS = 0.001
_MIN_MONTHS = 3


def find_interactions(pairs: pl.DataFrame) -> list[Finding]:
    """The pairs of groups whose rate differs from what their two groups make one expect.

    Parameters
    ----------
    pairs : from `puntual.exploration.pairs.find_pairs`
    """
    findings = []
    for row in pairs.filter(pl.col("false_discovery") < FALSE_DISCOVERIES, pl.col("expected") > 0).iter_rows(
        named=True
    ):
        ratio = row["rate"] / row["expected"]
        if max(ratio, 1 / max(ratio, 1e-9)) < MIN_RATIO:
            continue
        group = ((row["first"], row["first_value"]), (row["second"], row["second_value"]))
        numbers = {"rate": row["rate"], "expected": row["expected"], "ratio": ratio}
        chart = f"pair_{row['first']}_{row['second']}"
        findings.append(Finding("unlike_parts", chart, row["flights"], group, numbers))
    return findings


def find_all_flights(traffic: Traffic, delays: Delays, departed: int, threshold: int) -> list[Finding]:
    """The findings about all flights: how many were late, and how few days hold most of it."""
    late = delays.exceedance.row(by_predicate=pl.col("minutes") == threshold, named=True)
    quantiles = dict(delays.quantiles.iter_rows())
    quartiles = {"quarter": quantiles[0.25], "median": quantiles[0.5], "three_quarters": quantiles[0.75]}
    findings = [
        Finding("overall" if late["low"] is not None else "overall_few", "ladder", departed, (), late),
        Finding("usual", "cumulative", departed, (), quartiles),
    ]
    expected, most = delays.worst_expected
    if delays.worst_share > most and delays.worst_share >= MIN_RATIO * expected:
        daily = delays.daily.sort("late_minutes", descending=True)
        worst = daily.head(max(1, round(daily.height * WORST_DAYS)))
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
    """The variables without which a model predicts worse, by more than chance over its months and days.

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
        lost_low=pl.col("lost").min(),
        lost_high=pl.col("lost").max(),
    )
    weighed = weighed.filter(pl.col("months") >= _MIN_MONTHS).sort("mean", "variable", descending=True)
    if weighed.is_empty():
        return []
    score = weighed.select(pl.col("mean") / pl.max_horizontal("between", "within")).to_series().to_numpy()
    false = false_discovery_rates(p_values(score, weighed["blocks"].to_numpy()))
    significant = weighed.filter(pl.col("mean") >= _MIN_LOSS, pl.Series(false < FALSE_DISCOVERIES))
    numbers = significant.select("variable", pl.col("mean").alias("lost"), "lost_low", "lost_high")
    return [Finding("variable", "importance", departed, (), row) for row in numbers.iter_rows(named=True)]
