"""Lines over a numeric axis: load tests, and whatever else is measured over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import altair as alt

from puntual.charts.marks import Picture, finish

_DASHES = {False: [1, 0], True: [5, 4]}
_NINES = (0.0, 50.0, 90.0, 99.0, 99.9, 99.99, 99.999)


class Line(NamedTuple):
    """One line; a point without a y is a gap.

    Attributes
    ----------
    color : as CSS has it
    """

    name: str
    points: Sequence[tuple[float, float | None]]
    color: str
    dashed: bool = False


def linear_x(title: str, end: float | None = None) -> alt.X:
    """A horizontal axis from 0; to `end` itself, if given."""
    scale = alt.Undefined if end is None else alt.Scale(domain=[0, end])
    return alt.X("x:Q", title=title, scale=scale, axis=alt.Axis(grid=False, tickCount=8))


def percentiles_x(title: str, end: float) -> alt.X:
    """A horizontal axis of percentiles on which each nine takes as much room as the one before.

    Parameters
    ----------
    end : the largest that is shown, below 100
    """
    ticks = [1 - percentile / 100 for percentile in _NINES if percentile <= end]
    axis = alt.Axis(values=ticks, labelExpr="format(1 - datum.value, '.5~p')", grid=False)
    scale = alt.Scale(type="log", domain=[1 - end / 100, 1], nice=False, reverse=True)
    return alt.X("x:Q", title=title, scale=scale, axis=axis)


def linear_y(title: str) -> alt.Y:
    """A vertical axis from 0."""
    return alt.Y("y:Q", title=title, scale=alt.Scale(zero=True), axis=alt.Axis(format=",~r", tickCount=5))


def logarithmic_y(title: str) -> alt.Y:
    """A vertical axis on which a tenfold takes the same room everywhere."""
    axis = alt.Axis(format=",~r", tickCount=6)
    return alt.Y("y:Q", title=title, scale=alt.Scale(type="log", nice=True), axis=axis)


def percentile_points(curve: Sequence[tuple[float, float]], end: float) -> list[tuple[float, float | None]]:
    """Percentiles and their values up to `end`, as points over `percentiles_x`."""
    return [(1 - percentile / 100, value) for percentile, value in curve if percentile <= end]


def draw_lines(lines: Sequence[Line], title: str, x: alt.X, y: alt.Y, *, pointed_at: bool = True) -> Picture:
    """Draw lines over two axes of this module.

    Parameters
    ----------
    pointed_at : whether a point answers to a pointer; a picture of many points is smaller without
    """
    values = [{"series": line.name, "x": at, "y": value} for line in lines for at, value in line.points]
    names = [line.name for line in lines]
    colors = alt.Scale(domain=names, range=[line.color for line in lines])
    dashes = alt.Scale(domain=names, range=[_DASHES[line.dashed] for line in lines])
    legend = alt.Legend(orient="top", labelLimit=0, symbolType="stroke", columns=2 if len(lines) == 4 else 3)
    points = alt.OverlayMarkDef(size=40, opacity=0) if pointed_at else alt.Undefined
    chart = (
        alt.Chart(alt.InlineData(values=values))
        .mark_line(point=points)
        .encode(
            x=x,
            y=y,
            color=alt.Color("series:N", title=None, scale=colors, legend=legend),
            strokeDash=alt.StrokeDash("series:N", title=None, scale=dashes),
            tooltip=[
                alt.Tooltip("series:N", title=" "),
                alt.Tooltip("y:Q", title=y["title"], format=",.4~r"),
            ],
        )
    )
    return finish(chart, title)
