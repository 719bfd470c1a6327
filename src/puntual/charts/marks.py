"""What all charts share: axes, colours, tooltips, and how a chart is finished."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import altair as alt

from puntual.charts.texts import ReportTexts

Picture = alt.Chart | alt.LayerChart | alt.FacetChart | alt.HConcatChart

BLUE, ORANGE, GREY, INK, LINE = "#1f5f99", "#c8501e", "#8a929b", "#22272d", "#e6e9ec"
OBSERVED, ADJUSTED = ORANGE, BLUE
"""Of rates, as on the page."""
RED, GREEN = "#a61c3c", "#2a8c4a"
Scheme = Literal["oranges", "blues"]
HEAT: Scheme = "oranges"
FLIGHTS: Scheme = "blues"
HEIGHT = 230
ROW_HEIGHT = 20
_AXIS = {"labelColor": INK, "titleColor": INK, "gridColor": LINE, "domainColor": GREY}
_LOOK = {
    "font": "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
    "background": "white",
    "view": {"strokeWidth": 0},
    "axis": _AXIS | {"titleFontWeight": "normal"},
    "title": {"anchor": "start", "fontSize": 14, "color": INK, "offset": 12},
    "legend": {"titleFontWeight": "normal", "titleColor": INK, "labelColor": INK},
}
_LONGEST_LABEL = 190


def columns(field: str, texts: ReportTexts, order: list[str] | None = None) -> alt.X:
    """Encode a field as columns, in the order given, all named; else in its own, named as they fit."""
    axis = alt.Axis(labelAngle=-60 if order else 0, labelOverlap=order is None, ticks=False, domain=False)
    return alt.X(f"{field}:O", title=texts.text(f"axis.{field}"), sort=order or "ascending", axis=axis)


def rows(
    field: str, order: list[str] | None = None, *, grid: bool = False, as_they_come: bool = False
) -> alt.Y:
    """Encode a field as rows, one below the other, in the order given, in the data's, or else in its own."""
    axis = alt.Axis(labelLimit=_LONGEST_LABEL, grid=grid, ticks=False, domain=False)
    return alt.Y(f"{field}:O", title=None, sort=None if as_they_come else order or "ascending", axis=axis)


def percent_x(field: str, title: str, form: str = ".0%") -> alt.X:
    """Encode a field as a percentage along the foot of a chart."""
    return alt.X(f"{field}:Q", title=title, axis=alt.Axis(format=form, tickCount=5))


def heat(field: str, texts: ReportTexts, scheme: Scheme, form: str) -> alt.Color:
    """Encode a number as the shade of a cell, its legend above the chart."""
    legend = alt.Legend(orient="top", format=form, gradientLength=180, gradientThickness=10)
    title = texts.text(f"axis.{field}")
    return alt.Color(f"{field}:Q", title=title, scale=alt.Scale(scheme=scheme), legend=legend)


KNOWN = "isValid(datum.low)"
"""Which rows have an interval."""


def interval(base: alt.Chart, **mark: Any) -> alt.Chart:
    """The intervals of rows, where they are known; `mark` is the look of their rules."""
    rule: alt.Chart = base.transform_filter(KNOWN).mark_rule(**mark).encode(x="low:Q", x2="high:Q")
    return rule


def tooltips(texts: ReportTexts, **forms: str) -> list[alt.Tooltip]:
    """The fields that a mark shows when it is pointed at.

    Parameters
    ----------
    forms : by field, its format, empty for text; the title is the message `axis.FIELD`
    """
    return [
        alt.Tooltip(field, title=texts.text(f"axis.{field}"), format=form or alt.Undefined)
        for field, form in forms.items()
    ]


def series_scales(
    names: list[str], *, columns: int = 0, palette: Sequence[str] = (BLUE, ORANGE, GREY)
) -> tuple[alt.Color, alt.Shape]:
    """Encode up to three series as colours and as shapes, their legend above the chart.

    Parameters
    ----------
    columns : of the legend; 0: as many as fit
    palette : colours of the series
    """
    few = len(names)
    legend = alt.Legend(orient="top", symbolOpacity=1, labelLimit=0, columns=columns or alt.Undefined)
    colors = alt.Scale(domain=names, range=list(palette[:few]))
    shapes = alt.Scale(domain=names, range=["circle", "diamond", "square"][:few])
    return (
        alt.Color("series:N", title=None, scale=colors, legend=legend),
        alt.Shape("series:N", title=None, scale=shapes),
    )


def finish(chart: Picture, title: str, *, count: int = 0) -> Picture:
    """Give a chart its title, its look and its size: as wide as its place.

    Parameters
    ----------
    count : of its rows, which are all of one height; 0: the chart has no rows, and the usual height
    """
    look: dict[str, Any] = {"title": title, "config": _LOOK}
    if not isinstance(chart, alt.HConcatChart):
        look |= {"width": "container", "height": ROW_HEIGHT * count or HEIGHT}
    return chart.properties(**look)
