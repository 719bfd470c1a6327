"""A load test as one offline page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from puntual.charts.lines import (
    Line,
    draw_lines,
    linear_x,
    linear_y,
    logarithmic_y,
    percentile_points,
    percentiles_x,
)
from puntual.charts.marks import BLUE, GREY, ORANGE, RED
from puntual.loadtest.result import Result
from puntual.loadtest.summary import ENGLISH, PERCENTILES, LoadTestTexts, cells, heads, rows_of, settings_of
from puntual.reports.page import Figure, draw, render_page

MIN_LENGTH_S = 0.1
"""Of a second that is drawn: fewer answers say too little."""


class Comparison(NamedTuple):
    """A figure of a test and of an earlier one; `change` is their ratio, or empty."""

    name: str
    now: str
    before: str
    change: str


def render(result: Result, earlier: Result | None = None, language: str = "en") -> str:
    """Write the page.

    Parameters
    ----------
    earlier : a test that stands beside it

    Returns
    -------
    HTML that asks for nothing from any host
    """
    texts = LoadTestTexts(language)
    tests = [result] if earlier is None else [result, earlier]
    settings = zip(*(settings_of(test, texts) for test in tests), strict=True)
    return render_page(
        "load_test.html.j2",
        texts,
        result=result,
        earlier=earlier,
        figure_of=texts.figure,
        heads=heads(texts),
        rows=[cells(row, texts) for row in rows_of(result, earlier, texts)],
        compared=[figure[: 4 if earlier else 2] for figure in compare(result, earlier, texts)],
        errors=[(kind, texts.number(count)) for kind, count in result.errors_by_kind.items()],
        figures=[draw(figure, language) for figure in build_charts(tests, texts)],
        settings=[(columns[0][0], *(value for _, value in columns)) for columns in settings],
    )


def compare(
    result: Result, earlier: Result | None = None, texts: LoadTestTexts = ENGLISH
) -> list[Comparison]:
    """The figures of a test, beside those of an earlier one if there is one."""
    before = dict(_values(earlier, texts)) if earlier else {}
    return [
        Comparison(name, texts.figure(now), texts.figure(then := before.get(name)), _change(now, then, texts))
        for name, now in _values(result, texts)
    ]


def _values(result: Result, texts: LoadTestTexts) -> list[tuple[str, float | None]]:
    latency = result.latency_ms
    return [
        (texts.text("figure.requests"), result.requests),
        (texts.text("figure.answered"), result.answered),
        (texts.text("figure.errors"), result.errors),
        (texts.text("figure.seconds"), result.duration_s),
        (texts.text("figure.rate"), result.answered_per_s),
        (texts.text("figure.mean"), latency.mean),
        *(
            (texts.text("figure.percentile", name=texts.localize(head)), getattr(latency, name))
            for name, head in PERCENTILES.items()
        ),
        (texts.text("figure.worst"), latency.max),
    ]


def _change(now: float | None, before: float | None, texts: LoadTestTexts) -> str:
    return f"× {texts.number(now / before, 2)}" if now is not None and before else ""


def build_charts(tests: Sequence[Result], texts: LoadTestTexts) -> list[Figure]:
    """Make the charts of a test, or of a test beside an earlier one."""
    end = max(test.duration_s for test in tests)
    most = 99.999 if max(test.answered for test in tests) >= 100_000 else 99.99
    charts = {
        "latency": (
            _lines(tests, {"p50": BLUE, "p99": ORANGE, "max": RED}, texts),
            linear_x(texts.text("axis.seconds"), end),
            logarithmic_y("ms"),
        ),
        "throughput": (
            _lines(tests, {"answered": BLUE, "errors": RED}, texts),
            linear_x(texts.text("axis.seconds"), end),
            linear_y(texts.text("axis.per_second")),
        ),
        "percentiles": (
            [
                Line(
                    _name("latency", before, texts),
                    percentile_points(test.latency_curve, most),
                    GREY if before else BLUE,
                    before,
                )
                for before, test in zip((False, True), tests, strict=False)
            ],
            percentiles_x(texts.text("axis.faster"), most),
            logarithmic_y("ms"),
        ),
    }
    return [
        Figure(
            name, "charts", draw_lines(lines, texts.text(f"chart.{name}"), x, y), texts.text(f"alt.{name}")
        )
        for name, (lines, x, y) in charts.items()
        if any(value is not None for line in lines for _, value in line.points)
    ]


def _lines(tests: Sequence[Result], colors: Mapping[str, str], texts: LoadTestTexts) -> list[Line]:
    """A line over the seconds for each test and field of `Second` in `colors`."""
    return [
        Line(_name(field, before, texts), _points(test, field), color, before)
        for before, test in zip((False, True), tests, strict=False)
        for field, color in colors.items()
    ]


def _points(test: Result, field: str) -> list[tuple[float, float | None]]:
    """Latencies as they are, counts divided by how long a second was; a very short second is left out."""
    points: list[tuple[float, float | None]] = []
    start = 0.0
    for second in test.seconds:
        length = second.end_s - start
        if length >= MIN_LENGTH_S or not points:
            value = getattr(second, field)
            points.append((second.end_s, value / length if field in {"answered", "errors"} else value))
        start = second.end_s
    return points


def _name(name: str, before: bool, texts: LoadTestTexts) -> str:
    text = texts.text(f"line.{name}")
    return texts.text("line.before", name=text) if before else text
