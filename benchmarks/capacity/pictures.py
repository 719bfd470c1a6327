"""The charts of `docs/capacity.md`."""

from __future__ import annotations

from pathlib import Path

import altair as alt

from benchmarks.capacity.manifests import gke
from benchmarks.capacity.records import Measured, ScaleOut
from benchmarks.capacity.scenarios import Curve, Simulated
from puntual.charts.lines import Line, draw_lines, linear_x, linear_y, logarithmic_y
from puntual.charts.pictures import draw_svg, specify

BLUE, ORANGE, GREEN, GREY = "#1f6feb", "#d1570a", "#2a8c4a", "#59626c"


def pictures(measured: Measured, real: ScaleOut, simulated: Simulated) -> dict[str, str]:
    """SVG by file name."""
    curves = simulated.curves
    held = measured.of(gke().request_cpus).held_per_s
    burst, spikes = (
        {name: each for name, each in curves.items() if name.startswith(start)}
        for start in ("burst", "spike")
    )
    rerun = curves["rerun"]
    whole = real.seconds[: int(real.duration_s)]
    seconds = [index + 0.5 for index in range(len(whole))]
    return {
        "capacity-burst.svg": _latencies(
            "99th percentile", burst, ("once", "ten times", "a hundred times", "the same, all pods there")
        ),
        "capacity-day.svg": _load("A day", curves["day"], held, 3600, "hour"),
        "capacity-spike.svg": _load("A tenfold spike", curves["spike"], held, 1, "s"),
        "capacity-spike-p99.svg": _latencies(
            "99th percentile", spikes, ("room for pods", "new machines first", "CPU is lent")
        ),
        "capacity-scaleout-p99.svg": _draw(
            "99th percentile",
            [
                Line("measured", list(zip(seconds, [each.p99 for each in whole], strict=True)), BLUE),
                Line("simulated", _points(rerun, rerun.p99), ORANGE, dashed=True),
            ],
            linear_x("s", real.duration_s),
            logarithmic_y("ms"),
        ),
        "capacity-scaleout-answers.svg": _draw(
            "Answers a second",
            [
                Line(
                    "measured",
                    list(zip(seconds, [float(each.answered) for each in whole], strict=True)),
                    BLUE,
                ),
                Line("simulated", _answered(rerun), ORANGE, dashed=True),
            ],
            linear_x("s", real.duration_s),
            linear_y("/s"),
        ),
    }


def write(folder: Path, drawn: dict[str, str]) -> None:
    """Put them into a folder."""
    for name, svg in drawn.items():
        (folder / name).write_text(f"{svg}\n", "utf-8")


def _latencies(title: str, curves: dict[str, Curve], names: tuple[str, ...]) -> str:
    lines = [
        Line(name, _points(each, each.p99), colour, dashed=index == 3)
        for index, (name, each, colour) in enumerate(
            zip(names, curves.values(), (BLUE, ORANGE, GREEN, GREY), strict=False)
        )
    ]
    longest = max(each.bin_s * len(each.p99) for each in curves.values())
    return _draw(title, lines, linear_x("s", longest), logarithmic_y("ms"))


def _load(title: str, each: Curve, held: float, unit_s: float, unit: str) -> str:
    holds = [float(serving * held) for serving in each.serving]
    lines = [
        Line("the pods hold", _points(each, holds, unit_s), GREEN, dashed=True),
        Line("offered", _points(each, [float(value) for value in each.offered], unit_s), BLUE),
    ]
    if each.total_refused:
        lines.append(Line("answered", _answered(each, unit_s), ORANGE))
    x = linear_x(unit, each.bin_s * len(each.offered) / unit_s)
    return _draw(f"{title}: requests a second", lines, x, linear_y("/s"))


def _answered(each: Curve, unit_s: float = 1) -> list[tuple[float, float | None]]:
    return _points(each, [float(value) for value in each.answered], unit_s)


def _points(
    each: Curve, values: list[float] | list[float | None], unit_s: float = 1
) -> list[tuple[float, float | None]]:
    return [((index + 0.5) * each.bin_s / unit_s, value) for index, value in enumerate(values)]


def _draw(title: str, lines: list[Line], x: alt.X, y: alt.Y) -> str:
    return draw_svg(specify(draw_lines(lines, title, x, y, pointed_at=False)), "en")
