"""The charts of `docs/capacity.md`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt

from benchmarks.capacity.manifests import gke
from benchmarks.capacity.records import Measured, ScaleOut
from benchmarks.capacity.scenarios import Curve
from puntual.charts.lines import Line, draw_lines, linear_x, linear_y, logarithmic_y
from puntual.charts.marks import BLUE, GREY, ORANGE
from puntual.charts.pictures import draw_svg, specify

COLOURS = (BLUE, ORANGE, "#2a8c4a", GREY)
BURSTS = {
    "once": "burst",
    "ten times": "burst10",
    "a hundred times": "burst100",
    "the same, all pods there": "burst100ready",
}
SPIKES = {"room for pods": "spike", "new machines first": "spikenodes", "CPU is lent": "spikelent"}
"""Name of a line -> name of a scenario."""

Values = Sequence[float | None]


def pictures(measured: Measured, real: ScaleOut, curves: dict[str, Curve]) -> dict[str, str]:
    """SVG by file name.

    Parameters
    ----------
    curves : of every scenario and of the real run (`rerun`), by name
    """
    held = measured.of(gke().request_cpus).capacity_per_s
    rerun, seconds, day, spike = curves["rerun"], real.seconds, curves["day"], curves["spike"]
    answers = {"measured": seconds.answered, "simulated": rerun.answered}
    spike_load = _load(spike, held) | {"answered": spike.answered}
    charts = {
        "burst": _latency({name: curves[key].p99 for name, key in BURSTS.items()}),
        "day": _draw("A day: requests a second", _load(day, held), day.bin_s / 3600, linear_y("/s"), "hour"),
        "spike": _draw("A tenfold spike: requests a second", spike_load, spike.bin_s, linear_y("/s")),
        "spike-p99": _latency({name: curves[key].p99 for name, key in SPIKES.items()}, spike.bin_s),
        "scaleout-p99": _latency({"measured": seconds.p99, "simulated": rerun.p99}),
        "scaleout-answers": _draw("Answers a second", answers, 1, linear_y("/s")),
    }
    return {f"capacity-{name}.svg": svg for name, svg in charts.items()}


def _load(curve: Curve, held: float) -> dict[str, Values]:
    return {"the pods hold": [serving * held for serving in curve.serving], "offered": curve.offered}


def _latency(lines: Mapping[str, Values], step: float = 1) -> str:
    return _draw("99th percentile", lines, step, logarithmic_y("ms"))


def _draw(title: str, lines: Mapping[str, Values], step: float, y: alt.Y, unit: str = "s") -> str:
    """Draw lines, each with a value every `step`; None is a gap."""
    drawn = [
        Line(name, [((index + 0.5) * step, value) for index, value in enumerate(values)], colour)
        for (name, values), colour in zip(lines.items(), COLOURS, strict=False)
    ]
    end = max(len(values) for values in lines.values()) * step
    return draw_svg(specify(draw_lines(drawn, title, linear_x(unit, end), y, pointed_at=False)), "en")
