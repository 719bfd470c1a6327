"""A load test as one offline HTML page."""

from __future__ import annotations

from importlib import resources
from typing import NamedTuple

import jinja2

from puntual.stress.curves import Axis, Line, draw, linear, logarithmic, percentiles
from puntual.stress.result import Result
from puntual.stress.summary import HEADS, PERCENTILES, cells, number, rows_of, settings_of

BLUE, ORANGE, RED, GREY = "#1f5f99", "#b45f06", "#a61c3c", "#59626c"


class Compared(NamedTuple):
    """A figure of a test and of an earlier one; `change` is their ratio, or empty."""

    name: str
    now: str
    before: str
    change: str


def render(result: Result, earlier: Result | None = None) -> str:
    """Write the page.

    Parameters
    ----------
    earlier : a test that stands beside it

    Returns
    -------
    HTML that asks for nothing from any host
    """
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.from_string(_part("report.html.j2")).render(
        result=result,
        earlier=earlier,
        number=number,
        heads=list(HEADS.values()),
        rows=[cells(row) for row in rows_of(result, earlier)],
        original=result.profile == "original",
        compared=compare(result, earlier),
        charts=_charts(result, earlier),
        settings=settings_of(result),
        earlier_settings=settings_of(earlier) if earlier else [],
        style=_part("report.css"),
    )


def compare(result: Result, earlier: Result | None = None) -> list[Compared]:
    """The figures of a test, beside those of an earlier one if there is one."""
    return [
        Compared(name, number(now), number(before), _change(now, before))
        for (name, now), (_, before) in zip(
            _figures(result), _figures(earlier) if earlier else [("", None)] * 20, strict=False
        )
    ]


def _figures(result: Result) -> list[tuple[str, float | None]]:
    latency = result.latency_ms
    return [
        ("requests", result.requests),
        ("answered", result.answered),
        ("errors", result.errors),
        ("seconds", result.duration_s),
        ("answered a second", result.answered_per_s),
        ("mean latency, ms", latency.mean),
        *((f"{head}, ms", getattr(latency, name)) for name, head in PERCENTILES.items()),
        ("worst, ms", latency.max),
    ]


def _change(now: float | None, before: float | None) -> str:
    return f"× {now / before:.2f}" if now is not None and before else ""


def _charts(result: Result, earlier: Result | None) -> list[tuple[str, str]]:
    tests = [(result, "")] + ([(earlier, ", before")] if earlier else [])
    return [
        ("Latency over time", _latency_over_time(tests)),
        ("Answers and errors a second", _throughput(tests)),
        ("How many answers are faster than", _percentiles(tests)),
    ]


def _latency_over_time(tests: list[tuple[Result, str]]) -> str:
    lines = [
        Line(
            f"{name}{suffix}",
            [(second.end_s, getattr(second, name)) for second in test.seconds],
            colour,
            dashed=bool(suffix),
        )
        for test, suffix in tests
        for name, colour in (("p50", BLUE), ("p99", ORANGE), ("max", RED))
    ]
    values = [value for line in lines for _, value in line.points if value is not None] or [1.0]
    y = logarithmic(min(values), max(values), "ms")
    return draw("Latency over time", lines, _time(tests), y)


def _throughput(tests: list[tuple[Result, str]]) -> str:
    lines = [
        Line(f"{name}{suffix}", _per_second(test, name), colour, dashed=bool(suffix))
        for test, suffix in tests
        for name, colour in (("answered", BLUE), ("errors", RED))
    ]
    most = max((value or 0 for line in lines for _, value in line.points), default=1.0)
    return draw("Answers and errors a second", lines, _time(tests), linear(most, "/s"))


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


def _percentiles(tests: list[tuple[Result, str]]) -> str:
    most = 99.999 if max(test.answered for test, _ in tests) >= 100_000 else 99.99
    lines: list[Line] = []
    for test, suffix in tests:
        shown: list[tuple[float, float | None]] = [
            (percent, value) for percent, value in test.latency_curve if percent <= most
        ]
        lines.append(Line(f"latency{suffix}", shown, GREY if suffix else BLUE, dashed=bool(suffix)))
    values = [value for line in lines for _, value in line.points if value is not None] or [1.0]
    y = logarithmic(min(values), max(values), "ms")
    return draw("Latency by percentile", lines, percentiles(most), y)


def _time(tests: list[tuple[Result, str]]) -> Axis:
    return linear(max(test.duration_s for test, _ in tests), "seconds", exact=True)


def _part(name: str) -> str:
    return resources.files("puntual.stress").joinpath("template", name).read_text("utf-8")
