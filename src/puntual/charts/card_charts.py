"""The charts of a model card: what was told against what came, cuts, importance, months, families."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import polars as pl

from puntual.charts.marks import (
    BLUE,
    GREY,
    INK,
    KNOWN,
    ORANGE,
    Picture,
    columns,
    finish,
    rows,
    share,
    tips,
)
from puntual.charts.words import Words
from puntual.inference.evaluation_results import FamilyResult, Importance, OperatingPoint, RollingMonth
from puntual.inference.reliability import Group
from puntual.statistics.rates import MIN_GROUP_SIZE

_TALL = 360
_DASHES = [4, 3]


def truth(series: Mapping[str, Sequence[Group]], title: str, words: Words) -> Picture:
    """Bins of equally many flights: the probability told, and how many were late, with its interval.

    Parameters
    ----------
    series : by name, at most two
    """
    names = list(series)
    data = _with_ends(
        [
            {"series": name, "told": one.expected, "came": one.rate, "low": one.low, "high": one.high}
            | {"flights": one.flights}
            for name, bins in series.items()
            for one in bins
        ]
    )
    most = min(1.0, 1.05 * max(_highest(bins) for bins in series.values()))
    scale = alt.Scale(domain=[0, most], nice=False)
    colour, shape = _colours(names)
    base = alt.Chart(data).encode(
        x=alt.X(
            "told:Q", title=words.text("axis.told"), scale=scale, axis=alt.Axis(format=".0%", tickCount=6)
        ),
        color=colour,
        tooltip=tips(words, series="", told=".1%", came=".1%", low=".1%", high=".1%", flights=",.0f"),
    )
    across = alt.Y("came:Q", title=words.text("axis.came"), scale=scale, axis=alt.Axis(format=".0%"))
    points = base.mark_point(filled=True, size=60, opacity=1).encode(y=across, shape=shape)
    ends = base.transform_filter(KNOWN).mark_rule(opacity=0.7).encode(y="low:Q", y2="high:Q")
    exact = pl.DataFrame({"told": [0.0, most], "came": [0.0, most]})
    line = alt.Chart(exact).mark_line(color=GREY, strokeDash=_DASHES).encode(x="told:Q", y="came:Q")
    return finish(alt.layer(line, ends, points), title).properties(height=_TALL)


def held(groups: Sequence[Group], labels: Sequence[str], title: str, words: Words) -> Picture:
    """Groups of flights, a row each: how many were late, with its interval, and the mean probability told."""
    came, told = words.text("series.came"), words.text("series.told")
    row = words.text("axis.group")
    data = _with_ends(
        [
            {"group": label, "series": name, "share": value, "low": low, "high": high, "flights": one.flights}
            for label, one in zip(labels, groups, strict=True)
            for name, value, low, high in (
                (came, one.rate, one.low, one.high),
                (told, one.expected, None, None),
            )
        ]
    )
    most = min(1.0, 1.05 * _highest(groups))
    colour, shape = _colours([came, told])
    base = alt.Chart(data).encode(y=rows("group", list(labels), grid=True), color=colour)
    hints = [
        alt.Tooltip("group", title=row),
        *tips(words, series="", share=".1%", low=".1%", high=".1%", flights=",.0f"),
    ]
    across = share("share", words.text("axis.came")).scale(domain=[0, most], nice=False)
    points = base.mark_point(filled=True, size=50, opacity=1).encode(x=across, shape=shape, tooltip=hints)
    ends = base.transform_filter(KNOWN).mark_rule().encode(x="low:Q", x2="high:Q")
    return finish(alt.layer(ends, points), title, count=len(groups))


def cuts(points: Sequence[OperatingPoint], flights: int, cut: float, words: Words) -> Picture:
    """Precision, recall and the share called delayed over the cuts; the model's own is marked.

    Parameters
    ----------
    flights : how many there are; the precision of fewer than fifty that are called is left out
    """
    names = [words.text(f"series.{name}") for name in ("precision", "recall", "called")]
    data = pl.DataFrame(
        [
            {"cut": one.decision_threshold, "series": name, "share": value}
            for one in points
            for name, value in zip(names, (one.precision, one.recall, one.called), strict=True)
            if value is not None and (name != names[0] or one.called * flights >= MIN_GROUP_SIZE)
        ]
    )
    colour = alt.Color(
        "series:N",
        title=None,
        scale=alt.Scale(domain=names, range=[BLUE, ORANGE, GREY]),
        legend=alt.Legend(orient="top", columns=1, labelLimit=0),
    )
    dash = alt.StrokeDash(
        "series:N", title=None, scale=alt.Scale(domain=names, range=[[1, 0], [6, 3], [2, 2]])
    )
    line = (
        alt.Chart(data)
        .mark_line(point=alt.OverlayMarkDef(size=40, opacity=0))
        .encode(
            x=alt.X("cut:Q", title=words.text("axis.cut"), axis=alt.Axis(format=".0%", tickCount=10)),
            y=alt.Y("share:Q", title=words.text("axis.share"), axis=alt.Axis(format=".0%", tickCount=5)),
            color=colour,
            strokeDash=dash,
            tooltip=tips(words, series="", cut=".0%", share=".1%"),
        )
    )
    own = alt.Chart(pl.DataFrame({"cut": [cut]})).mark_rule(color=INK, strokeDash=_DASHES).encode(x="cut:Q")
    return finish(alt.layer(own, line), words.text("chart.cuts"))


def importance(told: Sequence[Importance], names: Sequence[str], words: Words) -> Picture:
    """What is lost without each group of features: its interval, and a tick a month."""
    whole = _with_ends(
        [
            {"variable": name, "lost": one.loss.value, "low": one.loss.low, "high": one.loss.high}
            for name, one in zip(names, told, strict=True)
        ]
    )
    months = pl.DataFrame(
        [
            {"variable": name, "lost": lost, "month": month}
            for name, one in zip(names, told, strict=True)
            for month, lost in one.months.items()
        ]
    )
    y, axis = rows("variable", list(names), grid=True), alt.Axis(format=".3f", tickCount=5)
    base = alt.Chart(whole).encode(y=y, tooltip=tips(words, variable="", lost=".4f", low=".4f", high=".4f"))
    bars = base.mark_bar(color=BLUE, height=10).encode(
        x=alt.X("lost:Q", title=words.text("axis.lost_shuffled"), axis=axis)
    )
    ends = base.transform_filter(KNOWN).mark_rule(color=INK).encode(x="low:Q", x2="high:Q")
    ticks = (
        alt.Chart(months)
        .mark_tick(color=ORANGE, thickness=2)
        .encode(x="lost:Q", y=y, tooltip=tips(words, variable="", month="", lost=".4f"))
    )
    return finish(alt.layer(bars, ends, ticks), words.text("chart.importance_shuffled"), count=len(names))


def rolling(months: Sequence[RollingMonth], words: Words) -> Picture:
    """Log loss of each month with its interval: with the timetable, alone, and always the base rate."""
    within, alone, plain = (words.text(f"series.{name}") for name in ("within", "alone", "plain"))
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
    marks = {"color": [BLUE, ORANGE, GREY], "shape": ["circle", "diamond", "square"]}
    scales = {channel: alt.Scale(domain=names, range=given) for channel, given in marks.items()}
    legend = alt.Legend(orient="top", columns=1, labelLimit=0, symbolOpacity=1)
    base = alt.Chart(data).encode(
        x=columns("month", words.text("axis.month"), [month.month for month in months]),
        xOffset=alt.XOffset("series:N", sort=names),
        color=alt.Color("series:N", title=None, scale=scales["color"], legend=legend),
        tooltip=tips(words, month="", series="", log_loss=".4f", low=".4f", high=".4f"),
    )
    across = alt.Y("log_loss:Q", title=words.text("axis.log_loss"), scale=alt.Scale(zero=False))
    shape = alt.Shape("series:N", title=None, scale=scales["shape"])
    points = base.mark_point(filled=True, size=40, opacity=1).encode(y=across, shape=shape)
    ends = (
        base.transform_filter(KNOWN)
        .mark_rule(opacity=0.7)
        .encode(y=alt.Y("low:Q", title=words.text("axis.log_loss"), axis=alt.Axis(format=".2f")), y2="high:Q")
    )
    return finish(alt.layer(ends, points), words.text("chart.rolling"))


def families(told: Sequence[FamilyResult], names: Sequence[str], words: Words) -> Picture:
    """Log loss of each family above the best one's, with its interval."""
    data = _with_ends(
        [
            {"family": name, "difference": one.difference.value}
            | {"low": one.difference.low, "high": one.difference.high}
            for name, one in zip(names, told, strict=True)
        ]
    )
    base = alt.Chart(data).encode(
        y=rows("family", list(names), grid=True),
        tooltip=tips(words, family="", difference=".4f", low=".4f", high=".4f"),
    )
    x = alt.X("difference:Q", title=words.text("axis.difference"), axis=alt.Axis(format=".3f", tickCount=5))
    points = base.mark_point(filled=True, size=60, color=BLUE, opacity=1).encode(x=x)
    ends = base.transform_filter(KNOWN).mark_rule(color=BLUE).encode(x="low:Q", x2="high:Q")
    return finish(alt.layer(ends, points), words.text("chart.families"), count=len(names))


def _with_ends(rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """Rows of numbers and intervals, of which all may be unknown."""
    return pl.DataFrame(rows, schema_overrides={"low": pl.Float64, "high": pl.Float64})


def _highest(groups: Sequence[Group]) -> float:
    return max(max(one.expected, one.rate, one.high or 0.0) for one in groups)


def _colours(names: list[str]) -> tuple[alt.Color, alt.Shape]:
    legend = alt.Legend(orient="top", symbolOpacity=1, labelLimit=0)
    few = len(names)
    return (
        alt.Color(
            "series:N", title=None, scale=alt.Scale(domain=names, range=[BLUE, ORANGE][:few]), legend=legend
        ),
        alt.Shape("series:N", title=None, scale=alt.Scale(domain=names, range=["circle", "diamond"][:few])),
    )
