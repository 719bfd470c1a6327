"""What was measured of a model beyond its metrics: cut, ladder, importance, weak places, other families."""

from __future__ import annotations

from puntual.charts import card_charts
from puntual.inference.card import ModelCard, WeakSlice
from puntual.inference.reliability import Group
from puntual.reports.card_parts import Section, Table
from puntual.reports.card_truth import furthest
from puntual.reports.card_words import CardWords
from puntual.reports.page import Figure

SHOWN = 8
"""Weak slices that are told at once; the others are folded away."""

_DIMENSIONS = ("airline", "destination")
_TOLD_CUTS = 5
"""Every so many of the operating points stand in the table."""


def cut_section(card: ModelCard, told: CardWords) -> Section:
    """From which probability a flight is called delayed, and what that meant."""
    measured = card.evaluation_results
    cost = measured.cost_of_a_missed_delay
    cut = told.percent(card.decision_threshold)
    if cost is None:
        chosen = [told.text("card.cut.prevalence", cut=cut)]
    else:
        chosen = [told.text("card.cut.cost", cut=cut, cost=f"{cost:g}")]
    usual = card.training.base_rate
    if card.decision_threshold < usual:
        chosen.append(told.text("card.cut.below", rate=told.percent(usual)))
    first = measured.evaluations[0]
    found = first.with_timetable
    meant = told.text(
        "card.cut.meant",
        precision=told.metric("precision", found["precision"]),
        recall=told.metric("recall", found["recall"]),
    )
    called = told.text(
        "card.cut.called", called=told.metric("called", found["called"]), late=told.percent(first.base_rate)
    )
    rows = [
        (
            told.percent(one.decision_threshold, 0),
            told.percent(one.called),
            "–" if one.precision is None else told.percent(one.precision),
            told.percent(one.recall),
        )
        for one in measured.operating_points
        if round(100 * one.decision_threshold) % _TOLD_CUTS == 0
    ]
    heads = [told.text(f"card.head.{name}") for name in ("cut", "called", "precision", "recall")]
    return Section(
        "cut",
        told.text("card.cut"),
        [" ".join(chosen), f"{called} {meant}"],
        figures=[
            Figure(
                "cuts",
                "cut",
                card_charts.cuts(
                    measured.operating_points, first.flights, card.decision_threshold, told.words
                ),
                told.text("card.alt.cuts", cut=cut),
            )
        ],
        tables=[Table(told.text("card.cuts"), heads, rows, folded=True)],
    )


def ladder_section(card: ModelCard, told: CardWords) -> Section:
    """How each rung and the delay in minutes held."""
    measured, delay = card.evaluation_results, card.evaluation_results.delay
    rows = [
        (
            told.text("more_than", minutes=rung.minutes),
            told.percent(rung.base_rate),
            told.number(rung.log_loss, 3),
            told.number(rung.plain_log_loss, 3),
            "–" if rung.auc is None else told.number(rung.auc, 3),
            told.number(rung.calibration_error, 3),
        )
        for rung in measured.exceedance
    ]
    heads = [
        told.text(f"card.head.{name}")
        for name in ("delay", "rate", "loss", "plain_loss", "auc", "calibration_error")
    ]
    return Section(
        "ladder",
        told.text("card.ladder"),
        [told.text("card.ladder.note")],
        points=[
            told.text(
                "card.ladder.expected",
                expected=told.number(delay.mean_expected, 1),
                observed=told.number(delay.mean_observed, 1),
            ),
            told.text(
                "card.ladder.median",
                error=told.number(delay.median_error, 1),
                plain=told.number(delay.plain_median_error, 1),
            ),
            told.text("card.ladder.bound", share=told.percent(delay.within_bound_90)),
        ],
        tables=[Table(told.text("card.ladder"), heads, rows)],
    )


def reads_section(card: ModelCard, told: CardWords) -> Section:
    """What is lost without each group of features."""
    weighed = card.evaluation_results.importance
    names = [told.group(one.group) for one in weighed]
    rows = [
        (
            name,
            told.loss(one.loss),
            told.text(
                "card.span",
                low=told.number(min(one.months.values()), 4),
                high=told.number(max(one.months.values()), 4),
            ),
        )
        for name, one in zip(names, weighed, strict=True)
    ]
    heads = [told.text(f"card.head.{name}") for name in ("variable", "lost", "months")]
    return Section(
        "reads",
        told.text("card.reads"),
        [told.text("card.reads.note")],
        figures=[
            Figure(
                "importance",
                "reads",
                card_charts.importance(weighed, names, told.words),
                told.text("card.alt.importance", name=names[0], lost=told.loss(weighed[0].loss)),
            )
        ],
        tables=[Table(told.text("table.data"), heads, rows, folded=True)],
    )


def weak_section(card: ModelCard, told: CardWords) -> Section:
    """Airlines, destinations and months that were told badly, the worst first."""
    slices, weak = card.evaluation_results.slices, card.weak_slices
    figures = []
    for dimension in _DIMENSIONS:
        chosen = [one for one in slices if one.dimension == dimension]
        if chosen:
            labels = [told.slice_name(one) for one in chosen]
            title = told.text(f"chart.slices_{dimension}")
            groups = [
                Group(one.value, one.flights, one.expected, one.rate, one.low, one.high) for one in chosen
            ]
            figures.append(
                Figure(
                    f"slices_{dimension}",
                    "weak",
                    card_charts.held(groups, labels, title, told.words),
                    furthest(groups, labels, told),
                )
            )
    rows = [
        (
            told.slice_name(one),
            told.number(one.flights),
            told.percent(one.expected),
            told.rate(one),
            told.number(one.log_loss, 3),
            told.number(one.plain_log_loss, 3),
        )
        for one in slices
    ]
    heads = [
        told.text(f"card.head.{name}") for name in ("group", "flights", "told", "came", "loss", "plain_loss")
    ]
    off = sum(one.weakness != "no_better" for one in weak)
    summary = told.text(
        "card.weak.note",
        weak=told.number(len(weak)),
        off=told.number(off),
        plain=told.number(len(weak) - off),
        count=told.number(len(slices)),
        chance=told.number(0.05 * len(slices)),
    )
    points = [_weakness(one, told) for one in weak]
    return Section(
        "weak",
        told.text("card.weak"),
        [summary if weak else told.text("card.weak.none", count=told.number(len(slices)))],
        points[:SHOWN],
        points[SHOWN:],
        figures,
        [Table(told.text("card.slices"), heads, rows, folded=True)],
    )


def _weakness(one: WeakSlice, told: CardWords) -> str:
    return told.text(
        f"card.weak.{one.weakness}",
        group=told.slice_flights(one),
        flights=told.number(one.flights),
        expected=told.percent(one.expected),
        rate=told.rate(one),
        loss=told.number(one.log_loss, 3),
        plain=told.number(one.plain_log_loss, 3),
    )


def families_section(card: ModelCard, told: CardWords) -> Section | None:
    """Other families beside the model; None where none were compared."""
    compared = card.evaluation_results.families
    if not compared:
        return None
    names = [told.named("family", one.family) for one in compared]
    rows = [
        (
            name,
            told.metric("log_loss", one.metrics["log_loss"]),
            told.loss(one.difference),
            told.metric("auc", one.metrics["auc"]),
            told.metric("calibration_error", one.metrics["calibration_error"]),
            told.number(one.fit_seconds, 1),
            told.text("table.yes") if one.servable else told.text("table.no"),
        )
        for name, one in zip(names, compared, strict=True)
    ]
    heads = [
        told.text(f"card.head.{name}")
        for name in ("family", "loss", "difference", "auc", "calibration_error", "seconds", "servable")
    ]
    return Section(
        "families",
        told.text("card.families"),
        [told.text("card.families.note")],
        figures=[
            Figure(
                "families",
                "families",
                card_charts.families(compared, names, told.words),
                told.text("card.alt.families", name=names[0]),
            )
        ],
        tables=[Table(told.text("card.families"), heads, rows)],
    )
