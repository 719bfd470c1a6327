"""A load test as one offline HTML page."""

from __future__ import annotations

from importlib import resources
from typing import NamedTuple

import jinja2

from puntual.loadtest.curves import Axis, Line, draw, linear, logarithmic, percentiles
from puntual.loadtest.result import Result
from puntual.loadtest.summary import PERCENTILES, cells, heads, rows_of, settings_of
from puntual.loadtest.texts import ENGLISH, LoadTestTexts

BLUE, ORANGE, RED, GREY = "#1f5f99", "#b45f06", "#a61c3c", "#59626c"


class Compared(NamedTuple):
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
    words = LoadTestTexts(language)
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.from_string(_part("report.html.j2")).render(
        result=result,
        earlier=earlier,
        language=language,
        text=words.text,
        number=words.number,
        heads=heads(words),
        rows=[cells(row, words) for row in rows_of(result, earlier, words)],
        original=result.profile == "original",
        compared=compare(result, earlier, words),
        charts=_charts(result, earlier, words),
        settings=settings_of(result, words),
        earlier_settings=settings_of(earlier, words) if earlier else [],
        style=_part("report.css"),
    )


def compare(result: Result, earlier: Result | None = None, words: LoadTestTexts = ENGLISH) -> list[Compared]:
    """The figures of a test, beside those of an earlier one if there is one."""
    before = dict(_figures(earlier, words)) if earlier else {}
    return [
        Compared(
            name, words.number(now), words.number(before.get(name)), _change(now, before.get(name), words)
        )
        for name, now in _figures(result, words)
    ]


def _figures(result: Result, words: LoadTestTexts) -> list[tuple[str, float | None]]:
    latency = result.latency_ms
    figures: dict[str, float | None] = {
        "requests": result.requests,
        "answered": result.answered,
        "errors": result.errors,
        "seconds": result.duration_s,
        "rate": result.answered_per_s,
        "mean": latency.mean,
    }
    return [
        *((words.text(f"figure.{name}"), value) for name, value in figures.items()),
        *(
            (words.text("figure.percentile", name=words.localize(head)), getattr(latency, name))
            for name, head in PERCENTILES.items()
        ),
        (words.text("figure.worst"), latency.max),
    ]


def _change(now: float | None, before: float | None, words: LoadTestTexts) -> str:
    return words.localize(f"× {now / before:.2f}") if now is not None and before else ""


Tests = list[tuple[Result, bool]]


def _charts(result: Result, earlier: Result | None, words: LoadTestTexts) -> list[tuple[str, str]]:
    tests = [(result, False)] + ([(earlier, True)] if earlier else [])
    drawn = {"latency": _latency_over_time, "throughput": _throughput, "percentiles": _percentiles}
    return [(words.text(f"chart.{name}"), draw_it(tests, words)) for name, draw_it in drawn.items()]


def _name(name: str, before: bool, words: LoadTestTexts) -> str:
    told = words.text(f"line.{name}")
    return words.text("line.before", name=told) if before else told


def _latency_over_time(tests: Tests, words: LoadTestTexts) -> str:
    lines = [
        Line(
            _name(name, before, words),
            [(second.end_s, getattr(second, name)) for second in test.seconds],
            colour,
            dashed=before,
        )
        for test, before in tests
        for name, colour in (("p50", BLUE), ("p99", ORANGE), ("max", RED))
    ]
    values = [value for line in lines for _, value in line.points if value is not None] or [1.0]
    y = logarithmic(min(values), max(values), "ms")
    return draw(words.text("chart.latency"), lines, _time(tests, words), y, words.localize)


def _throughput(tests: Tests, words: LoadTestTexts) -> str:
    lines = [
        Line(_name(name, before, words), _per_second(test, name), colour, dashed=before)
        for test, before in tests
        for name, colour in (("answered", BLUE), ("errors", RED))
    ]
    most = max((value or 0 for line in lines for _, value in line.points), default=1.0)
    y = linear(most, "/s")
    return draw(words.text("chart.throughput"), lines, _time(tests, words), y, words.localize)


def _per_second(test: Result, name: str) -> list[tuple[float, float | None]]:
    """Counts over how long each stretch was; a last one of less than a tenth is left out."""
    points: list[tuple[float, float | None]] = []
    begin = 0.0
    for second in test.seconds:
        length = second.end_s - begin
        if length >= 0.1:
            points.append((second.end_s, getattr(second, name) / length))
        begin = second.end_s
    return points


def _percentiles(tests: Tests, words: LoadTestTexts) -> str:
    most = 99.999 if max(test.answered for test, _ in tests) >= 100_000 else 99.99
    lines: list[Line] = []
    for test, before in tests:
        shown: list[tuple[float, float | None]] = [
            (percent, value) for percent, value in test.latency_curve if percent <= most
        ]
        lines.append(Line(_name("latency", before, words), shown, GREY if before else BLUE, dashed=before))
    values = [value for line in lines for _, value in line.points if value is not None] or [1.0]
    y = logarithmic(min(values), max(values), "ms")
    x = percentiles(most, words.text("axis.faster"))
    return draw(words.text("chart.by_percentile"), lines, x, y, words.localize)


def _time(tests: Tests, words: LoadTestTexts) -> Axis:
    return linear(max(test.duration_s for test, _ in tests), words.text("axis.seconds"), exact=True)


def _part(name: str) -> str:
    return resources.files("puntual.loadtest").joinpath("template", name).read_text("utf-8")
