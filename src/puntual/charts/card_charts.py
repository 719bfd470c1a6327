"""The charts of a model card: predicted and actual rates, thresholds, importance, months, lead times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import polars as pl

from puntual.charts.marks import (
    ADJUSTED,
    BLUE,
    GREY,
    INK,
    KNOWN,
    OBSERVED,
    ORANGE,
    Picture,
    columns,
    finish,
    interval,
    percent_x,
    rows,
    series_scales,
    tooltips,
)
from puntual.charts.texts import ReportTexts
from puntual.inference.estimates import Estimate
from puntual.inference.evaluation_results import FamilyResult, Importance, OperatingPoint, RollingMonth, Slice
from puntual.inference.lead_results import LeadMetrics
from puntual.inference.reliability import Group
from puntual.statistics.rates import MIN_GROUP_SIZE

_TALL = 360
_DASHES = [4, 3]


def reliability(series: Mapping[str, Sequence[Group]], title: str, texts: ReportTexts) -> Picture:
    """Bins of equally many flights: the mean probability, and how many were late, with its interval.

    Parameters
    ----------
    series : by name, at most two
    """
    data = _with_ends(
        [
            {
                "series": name,
                "predicted": one.expected,
                "observed": one.rate,
                "low": one.low,
                "high": one.high,
            }
            | {"flights": one.flights}
            for name, bins in series.items()
            for one in bins
        ]
    )
    end = min(1.0, 1.05 * max(_highest(bins) for bins in series.values()))
    scale = alt.Scale(domain=[0, end], nice=False)
    axis = alt.Axis(format=".0%", tickCount=6)
    color, shape = series_scales(list(series))
    base = alt.Chart(data).encode(
        x=alt.X("predicted:Q", title=texts.text("axis.predicted"), scale=scale, axis=axis),
        color=color,
        tooltip=tooltips(
            texts, series="", predicted=".1%", observed=".1%", low=".1%", high=".1%", flights=",.0f"
        ),
    )
    points = base.mark_point(filled=True, size=60, opacity=1).encode(
        y=alt.Y("observed:Q", title=texts.text("axis.observed"), scale=scale, axis=axis), shape=shape
    )
    ends = base.transform_filter(KNOWN).mark_rule(opacity=0.7).encode(y="low:Q", y2="high:Q")
    exact = pl.DataFrame({"predicted": [0.0, end], "observed": [0.0, end]})
    line = alt.Chart(exact).mark_line(color=GREY, strokeDash=_DASHES).encode(x="predicted:Q", y="observed:Q")
    return finish(alt.layer(line, ends, points), title).properties(height=_TALL)


def reliability_by_group(
    groups: Sequence[Group | Slice], labels: Sequence[str], title: str, texts: ReportTexts
) -> Picture:
    """Groups of flights, a row each: how many were late, with its interval, and the mean probability."""
    observed, predicted = texts.text("series.observed"), texts.text("series.predicted")
    data = _with_ends(
        [
            {"group": label, "series": name, "share": value, "low": low, "high": high, "flights": one.flights}
            for label, one in zip(labels, groups, strict=True)
            for name, value, low, high in (
                (observed, one.rate, one.low, one.high),
                (predicted, one.expected, None, None),
            )
        ]
    )
    color, shape = series_scales([observed, predicted])
    x = percent_x("share", texts.text("axis.observed")).scale(
        domain=[0, min(1.0, 1.05 * _highest(groups))], nice=False
    )
    base = alt.Chart(data).encode(y=rows("group", list(labels), grid=True), color=color)
    hints = tooltips(texts, group="", series="", share=".1%", low=".1%", high=".1%", flights=",.0f")
    points = base.mark_point(filled=True, size=50, opacity=1).encode(x=x, shape=shape, tooltip=hints)
    return finish(alt.layer(interval(base), points), title, count=len(groups))


def thresholds(
    points: Sequence[OperatingPoint], flights: int, threshold: float, texts: ReportTexts
) -> Picture:
    """Precision, recall and the share called delayed over the thresholds; the model's own is marked.

    Parameters
    ----------
    flights : how many there are; the precision of fewer than fifty that are called is left out
    """
    names = [texts.text(f"series.{name}") for name in ("precision", "recall", "called")]
    data = pl.DataFrame(
        [
            {"cut": one.decision_threshold, "series": name, "share": value}
            for one in points
            for name, value in zip(names, (one.precision, one.recall, one.called), strict=True)
            if value is not None and (name != names[0] or one.called * flights >= MIN_GROUP_SIZE)
        ]
    )
    color = series_scales(names)[0].legend(orient="top", columns=1, labelLimit=0, symbolType="stroke")
    dashes = alt.Scale(domain=names, range=[[1, 0], [6, 3], [2, 2]])
    line = (
        alt.Chart(data)
        .mark_line(point=alt.OverlayMarkDef(size=40, opacity=0))
        .encode(
            x=alt.X("cut:Q", title=texts.text("axis.cut"), axis=alt.Axis(format=".0%", tickCount=10)),
            y=alt.Y("share:Q", title=texts.text("axis.share"), axis=alt.Axis(format=".0%", tickCount=5)),
            color=color,
            strokeDash=alt.StrokeDash("series:N", title=None, scale=dashes),
            tooltip=tooltips(texts, series="", cut=".0%", share=".1%"),
        )
    )
    own = alt.Chart(pl.DataFrame({"cut": [threshold]})).mark_rule(color=INK, strokeDash=_DASHES)
    return finish(alt.layer(own.encode(x="cut:Q"), line), texts.text("chart.cuts"))


def importance(groups: Sequence[Importance], names: Sequence[str], texts: ReportTexts) -> Picture:
    """The log loss that is lost without each group of features: its interval, and a tick a month."""
    whole = _with_ends(
        [
            {"variable": name, "lost": one.loss.value, "low": one.loss.low, "high": one.loss.high}
            for name, one in zip(names, groups, strict=True)
        ]
    )
    months = pl.DataFrame(
        [
            {"variable": name, "lost": lost, "month": month}
            for name, one in zip(names, groups, strict=True)
            for month, lost in one.months.items()
        ]
    )
    y, axis = rows("variable", list(names), grid=True), alt.Axis(format=".3f", tickCount=5)
    base = alt.Chart(whole).encode(
        y=y, tooltip=tooltips(texts, variable="", lost=".4f", low=".4f", high=".4f")
    )
    bars = base.mark_bar(color=BLUE, height=10).encode(
        x=alt.X("lost:Q", title=texts.text("axis.lost_shuffled"), axis=axis)
    )
    ticks = (
        alt.Chart(months)
        .mark_tick(color=ORANGE, thickness=2)
        .encode(x="lost:Q", y=y, tooltip=tooltips(texts, variable="", month="", lost=".4f"))
    )
    layers = alt.layer(bars, interval(base, color=INK), ticks)
    return finish(layers, texts.text("chart.importance_shuffled"), count=len(names))


def rolling(months: Sequence[RollingMonth], texts: ReportTexts) -> Picture:
    """Log loss of each month with its interval: in both modes, and always the base rate."""
    within, alone, plain = (texts.text(f"series.{name}") for name in ("within", "alone", "plain"))
    data = _with_ends(
        [
            {"month": month.month, "series": name, "log_loss": one.value, "low": one.low, "high": one.high}
            for month in months
            for name, one in (
                (within, month.with_timetable["log_loss"]),
                (alone, month.without_timetable["log_loss"]),
                (plain, month.plain_log_loss),
            )
            if one is not None
        ]
    )
    names = [within, alone, plain]
    color, shape = series_scales(names, columns=1)
    base = alt.Chart(data).encode(
        x=columns("month", texts, [month.month for month in months]),
        xOffset=alt.XOffset("series:N", sort=names),
        color=color,
        tooltip=tooltips(texts, month="", series="", log_loss=".4f", low=".4f", high=".4f"),
    )
    title = texts.text("axis.log_loss")
    y = alt.Y("log_loss:Q", title=title, scale=alt.Scale(zero=False))
    points = base.mark_point(filled=True, size=40, opacity=1).encode(y=y, shape=shape)
    low = alt.Y("low:Q", title=title, axis=alt.Axis(format=".2f"))
    ends = base.transform_filter(KNOWN).mark_rule(opacity=0.7).encode(y=low, y2="high:Q")
    return finish(alt.layer(ends, points), texts.text("chart.rolling"))


def leads(measured: Sequence[LeadMetrics], schedule: float, texts: ReportTexts) -> Picture:
    """Gain over the base rate by lead time with its interval, beside that of the timetable's answers.

    Parameters
    ----------
    measured : the longest lead time first
    schedule : gain of the timetable's answers about the same flights
    """
    names = [texts.text(f"series.{name}") for name in ("operations", "schedule")]
    order = [texts.lead(one.lead_minutes) for one in measured]
    data = _with_ends(
        [
            {"lead": lead, "series": name, "gain": gain.value, "low": gain.low, "high": gain.high}
            for lead, one in zip(order, measured, strict=True)
            for name, gain in ((names[0], one.metrics["gain"]), (names[1], Estimate(schedule, None, None)))
            if gain is not None
        ]
    )
    color, shape = series_scales(names, columns=1, palette=(OBSERVED, ADJUSTED))
    axis = alt.Axis(labelAngle=0, ticks=False, domain=False)
    title = texts.text("axis.gain")
    base = alt.Chart(data).encode(
        x=alt.X("lead:O", title=texts.text("axis.lead"), sort=order, axis=axis),
        color=color,
        tooltip=tooltips(texts, lead="", series="", gain=".4f", low=".4f", high=".4f"),
    )
    y = alt.Y("gain:Q", title=title, axis=alt.Axis(format=".2f", tickCount=5))
    lines = base.mark_line(strokeWidth=1.5).encode(y=y)
    points = base.mark_point(filled=True, size=50, opacity=1).encode(y=y, shape=shape)
    low = alt.Y("low:Q", title=title)
    ends = base.transform_filter(KNOWN).mark_rule(opacity=0.7).encode(y=low, y2="high:Q")
    return finish(alt.layer(lines, ends, points), texts.text("chart.leads"))


def families(results: Sequence[FamilyResult], names: Sequence[str], texts: ReportTexts) -> Picture:
    """Log loss of each family above the best one's, with its interval."""
    data = _with_ends(
        [
            {"family": name, "difference": one.difference.value}
            | {"low": one.difference.low, "high": one.difference.high}
            for name, one in zip(names, results, strict=True)
        ]
    )
    base = alt.Chart(data).encode(
        y=rows("family", list(names), grid=True),
        tooltip=tooltips(texts, family="", difference=".4f", low=".4f", high=".4f"),
    )
    x = alt.X("difference:Q", title=texts.text("axis.difference"), axis=alt.Axis(format=".3f", tickCount=5))
    points = base.mark_point(filled=True, size=60, color=BLUE, opacity=1).encode(x=x)
    return finish(
        alt.layer(interval(base, color=BLUE), points), texts.text("chart.families"), count=len(names)
    )


def _with_ends(rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """Rows of numbers and intervals, of which all may be unknown."""
    return pl.DataFrame(rows, schema_overrides={"low": pl.Float64, "high": pl.Float64})


def _highest(groups: Sequence[Group | Slice]) -> float:
    return max(max(one.expected, one.rate, one.high or 0.0) for one in groups)
