"""What was measured of a model beyond its metrics, from the decision threshold to the backtest."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

import msgspec

from puntual.charts import card_charts
from puntual.inference.card import ModelCard, WeakSlice
from puntual.inference.estimates import Estimate
from puntual.inference.evaluation_results import RollingMonth
from puntual.inference.risk import describe_scale, measured_thresholds, risk_scale
from puntual.reports.card_reliability import furthest
from puntual.reports.card_texts import CardTexts, Section, Table
from puntual.reports.page import Figure

SHOWN = 8
"""Weak slices that are shown at once; the others are folded away."""

_DIMENSIONS = ("airline", "destination")
_EVERY_PERCENT = 5
"""Of the decision thresholds, those that stand in the table."""
_MODES = ("within", "alone")
_BACKTEST_METRICS = ("log_loss", "auc", "calibration_error")


def threshold_section(card: ModelCard, texts: CardTexts) -> Section:
    """From which probability a flight is called delayed, and what that meant."""
    results, threshold, base_rate = card.evaluation_results, card.decision_threshold, card.training.base_rate
    cut, cost = texts.percent(threshold), results.cost_of_a_missed_delay
    if cost is None:
        chosen = texts.text("card.cut.prevalence", cut=cut)
    else:
        chosen = texts.text("card.cut.cost", cut=cut, cost=f"{cost:g}")
    if threshold < base_rate:
        chosen += " " + texts.text("card.cut.below", rate=texts.percent(base_rate))
    first = results.evaluations[0]
    metrics = {
        name: texts.metric(name, first.with_timetable[name]) for name in ("precision", "recall", "called")
    }
    called = texts.text("card.cut.called", called=metrics["called"], late=texts.percent(first.base_rate))
    meant = texts.text("card.cut.meant", precision=metrics["precision"], recall=metrics["recall"])
    high = _high_risk(card, texts)
    rows = [
        (
            texts.percent(one.decision_threshold, 0),
            texts.percent(one.called),
            "–" if one.precision is None else texts.percent(one.precision),
            texts.percent(one.recall),
        )
        for one in results.operating_points
        if round(100 * one.decision_threshold) % _EVERY_PERCENT == 0
    ]
    heads = texts.heads("cut", "called", "precision", "recall")
    chart = card_charts.thresholds(results.operating_points, first.flights, threshold, texts)
    return texts.section(
        "cut",
        [chosen, f"{called} {meant}", *([high] if high else [])],
        figures=[Figure("cuts", "cut", chart, texts.text("card.alt.cuts", cut=cut))],
        tables=[Table(texts.text("card.cuts"), heads, rows, folded=True)],
    )


def _high_risk(card: ModelCard, texts: CardTexts) -> str:
    """From which probability a risk is high, and what that meant; empty if no flight measured reached it."""
    results = card.evaluation_results
    scale = risk_scale(card.decision_threshold, card.training.base_rate, results.operating_points)
    levels = describe_scale(scale, measured_thresholds(results))
    if not levels or levels[-1].precision is None:
        return ""
    high = levels[-1]
    return texts.text(
        "card.cut.high",
        **{
            name: texts.percent(share)
            for name, share in msgspec.structs.asdict(high).items()
            if name != "risk"
        },
    )


def exceedance_section(card: ModelCard, texts: CardTexts) -> Section:
    """How good the probabilities of longer delays and the delay in minutes were."""
    results, delay = card.evaluation_results, card.evaluation_results.delay
    rows = [
        (
            texts.text("more_than", minutes=one.minutes),
            texts.percent(one.base_rate),
            texts.number(one.log_loss, 3),
            texts.number(one.plain_log_loss, 3),
            "–" if one.auc is None else texts.number(one.auc, 3),
            texts.number(one.calibration_error, 3),
        )
        for one in results.exceedance
    ]
    heads = texts.heads("delay", "rate", "loss", "plain_loss", "auc", "calibration_error")
    expected, observed = texts.number(delay.mean_expected, 1), texts.number(delay.mean_observed, 1)
    error, plain = texts.number(delay.median_error, 1), texts.number(delay.plain_median_error, 1)
    points = [
        texts.text("card.ladder.expected", expected=expected, observed=observed),
        texts.text("card.ladder.median", error=error, plain=plain),
        texts.text("card.ladder.bound", share=texts.percent(delay.within_bound_90)),
    ]
    table = Table(texts.text("card.ladder"), heads, rows)
    return texts.section("ladder", [texts.text("card.ladder.note")], points=points, tables=[table])


def importance_section(card: ModelCard, texts: CardTexts) -> Section | None:
    """The log loss by which a model is worse without each group of features; None: it was not measured."""
    importance = card.evaluation_results.importance
    if not importance:
        return None
    names = [texts.messages.get(f"variable.{one.group}", one.group) for one in importance]
    rows = [
        (
            name,
            texts.decimal(one.loss),
            texts.text(
                "card.span",
                low=texts.number(min(one.months.values()), 4),
                high=texts.number(max(one.months.values()), 4),
            ),
        )
        for name, one in zip(names, importance, strict=True)
    ]
    most = texts.text("card.alt.importance", name=names[0], lost=texts.decimal(importance[0].loss))
    chart = card_charts.importance(importance, names, texts)
    heads = texts.heads("variable", "lost", "months")
    return texts.section(
        "reads",
        [texts.text("card.reads.note")],
        figures=[Figure("importance", "reads", chart, most)],
        tables=[Table(texts.text("table.data"), heads, rows, folded=True)],
    )


def weak_section(card: ModelCard, texts: CardTexts) -> Section:
    """Airlines, destinations and months that were predicted badly, the worst first."""
    slices, weak = card.evaluation_results.slices, card.weak_slices
    figures = []
    for dimension in _DIMENSIONS:
        chosen = [one for one in slices if one.dimension == dimension]
        if chosen:
            labels = [texts.slice_name(one) for one in chosen]
            title = texts.text(f"chart.slices_{dimension}")
            chart = card_charts.reliability_by_group(chosen, labels, title, texts)
            figures.append(Figure(f"slices_{dimension}", "weak", chart, furthest(chosen, labels, texts)))
    rows = [
        (
            texts.slice_name(one),
            texts.number(one.flights),
            texts.percent(one.expected),
            texts.rate(one),
            texts.number(one.log_loss, 3),
            texts.number(one.plain_log_loss, 3),
        )
        for one in slices
    ]
    heads = texts.heads("group", "flights", "predicted", "observed", "loss", "plain_loss")
    off = sum(one.weakness != "no_better" for one in weak)
    summary = texts.text(
        "card.weak.note" if weak else "card.weak.none",
        weak=texts.number(len(weak)),
        off=texts.number(off),
        plain=texts.number(len(weak) - off),
        count=texts.number(len(slices)),
        chance=texts.number(0.05 * len(slices)),
    )
    points = [_weakness(one, texts) for one in weak]
    return texts.section(
        "weak",
        [summary],
        points=points[:SHOWN],
        more=points[SHOWN:],
        figures=figures,
        tables=[Table(texts.text("card.slices"), heads, rows, folded=True)],
    )


def _weakness(one: WeakSlice, texts: CardTexts) -> str:
    return texts.text(
        f"card.weak.{one.weakness}",
        group=texts.slice_flights(one),
        flights=texts.number(one.flights),
        expected=texts.percent(one.expected),
        rate=texts.rate(one),
        loss=texts.number(one.log_loss, 3),
        plain=texts.number(one.plain_log_loss, 3),
    )


def families_section(card: ModelCard, texts: CardTexts) -> Section | None:
    """Other families beside the model; None if none were compared."""
    compared = card.evaluation_results.families
    if not compared:
        return None
    names = [texts.named("family", one.family) for one in compared]
    rows = [
        (
            name,
            texts.metric("log_loss", one.metrics["log_loss"]),
            texts.decimal(one.difference),
            texts.metric("auc", one.metrics["auc"]),
            texts.metric("calibration_error", one.metrics["calibration_error"]),
            texts.number(one.fit_seconds, 1),
            texts.text("table.yes" if one.servable else "table.no"),
        )
        for name, one in zip(names, compared, strict=True)
    ]
    heads = texts.heads("family", "loss", "difference", "auc", "calibration_error", "seconds", "servable")
    best = texts.text("card.alt.families", name=names[0])
    return texts.section(
        "families",
        [texts.text("card.families.note")],
        figures=[Figure("families", "families", card_charts.families(compared, names, texts), best)],
        tables=[Table(texts.text("card.families"), heads, rows)],
    )


def backtest_section(card: ModelCard, texts: CardTexts) -> Section | None:
    """Each month predicted by a model trained on the months before it; None if there was no backtest."""
    months = card.evaluation_results.rolling
    if not months:
        return None
    within, alone, plain = (texts.number(mean, 3) for mean in _means(months)[:3])
    losses = [month.with_timetable["log_loss"] for month in months]
    known = [(loss.value, month) for loss, month in zip(losses, months, strict=True) if loss is not None]
    better = sum(month.plain_log_loss.value > loss for loss, month in known)
    hardest = max(known, key=lambda one: one[0])[1]
    title = texts.named("split", months[0].split)
    title = title[:1].upper() + title[1:]
    description = texts.text(
        "card.alt.rolling",
        month=texts.month_of(hardest.month),
        loss=texts.metric("log_loss", hardest.with_timetable["log_loss"]),
    )
    points = [
        texts.text("card.rolling.mean", within=within, alone=alone, plain=plain),
        texts.text("card.rolling.better", better=texts.number(better), count=texts.number(len(months))),
    ]
    return Section(
        "rolling",
        title,
        [texts.text("card.rolling.note")],
        points,
        figures=[Figure("rolling", "rolling", card_charts.rolling(months, texts), description)],
        tables=[_backtest_table(months, title, texts)],
    )


def _backtest_table(months: Sequence[RollingMonth], title: str, texts: CardTexts) -> Table:
    heads = [*texts.heads("month", "before", "flights"), texts.text("card.metric.base_rate")]
    for name in _BACKTEST_METRICS:
        heads += [f"{texts.text(f'card.metric.{name}')}, {texts.text(f'card.{mode}')}" for mode in _MODES]
        if name == "log_loss":
            heads.append(texts.text("card.head.plain_loss"))
    rows = [
        (
            texts.month_of(month.month),
            texts.number(month.learned_flights),
            texts.number(month.flights),
            texts.percent(month.base_rate),
            *(texts.metric("log_loss", one) for one in _estimates(month)),
        )
        for month in months
    ]
    means = [texts.number(mean, 3) for mean in _means(months)]
    rate = texts.percent(fmean(month.base_rate for month in months))
    return Table(title, heads, [*rows, (texts.text("card.rolling.means"), "–", "–", rate, *means)])


def _estimates(month: RollingMonth) -> list[Estimate | None]:
    """In the order of the table's columns."""
    modes = (month.with_timetable, month.without_timetable)
    both = [mode[name] for name in _BACKTEST_METRICS for mode in modes]
    return [*both[:2], month.plain_log_loss, *both[2:]]


def _means(months: Sequence[RollingMonth]) -> list[float]:
    """Over the months in which each is defined: those with a late flight and one on time."""
    columns = zip(*map(_estimates, months), strict=True)
    return [fmean(one.value for one in column if one is not None) for column in columns]
