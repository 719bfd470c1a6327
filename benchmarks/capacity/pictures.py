"""The charts of `docs/capacity.md`."""

from __future__ import annotations

from collections.abc import Iterable

import altair as alt
import polars as pl

from benchmarks.capacity.manifests import gke
from benchmarks.capacity.records import Measured, ScaleOut
from benchmarks.capacity.scenarios import Curve
from puntual.charts.marks import BLUE, GREY, ORANGE, finish
from puntual.charts.pictures import Drawing

_LOGARITHMIC = alt.Y(
    "value:Q",
    title=None,
    scale=alt.Scale(type="log"),
    axis=alt.Axis(values=[10**power for power in range(-1, 6)]),
)
COLOURS = (BLUE, ORANGE, "#2a8c4a", GREY)


def pictures(measured: Measured, real: ScaleOut, curves: dict[str, Curve]) -> dict[str, str]:
    """SVG by file name.

    Parameters
    ----------
    curves : of every scenario and of the real run (`rerun`), by name
    """
    held = measured.of(gke().request_cpus).capacity_per_s
    bursts = {
        "once": "burst",
        "ten times": "burst10",
        "a hundred times": "burst100",
        "the same, all pods there": "burst100ready",
    }
    spikes = {"room for pods": "spike", "new machines first": "spikenodes", "CPU is lent": "spikelent"}
    rerun, seconds = curves["rerun"], real.seconds
    spike = _load(curves["spike"], held) | {"answered": curves["spike"].answered}
    answers = {"measured": seconds.answered, "simulated": rerun.answered}
    charts = {
        "burst": _latency({name: curves[key].p99 for name, key in bursts.items()}, 1),
        "day": _draw(
            "A day: requests a second", _load(curves["day"], held), curves["day"].bin_s / 3600, "hour"
        ),
        "spike": _draw("A tenfold spike: requests a second", spike, curves["spike"].bin_s),
        "spike-p99": _latency({name: curves[key].p99 for name, key in spikes.items()}, curves["spike"].bin_s),
        "scaleout-p99": _latency({"measured": seconds.p99, "simulated": rerun.p99}, 1),
        "scaleout-answers": _draw("Answers a second", answers, 1),
    }
    return {f"capacity-{name}.svg": svg for name, svg in charts.items()}


def _load(curve: Curve, held: float) -> dict[str, Iterable[float | None]]:
    return {"the pods hold": [serving * held for serving in curve.serving], "offered": curve.offered}


def _latency(lines: dict[str, list[float | None]], bin_s: float) -> str:
    return _draw("99th percentile, ms", lines, bin_s, logarithmic=True)


def _draw(
    title: str,
    lines: dict[str, Iterable[float | None]] | dict[str, list[float | None]] | dict[str, list[int]],
    step: float,
    unit: str = "s",
    *,
    logarithmic: bool = False,
) -> str:
    """Draw lines, each with a value every `step`; a null is a gap."""
    rows = [
        {"line": name, unit: (index + 0.5) * step, "value": None if value is None else float(value)}
        for name, values in lines.items()
        for index, value in enumerate(values)
    ]
    colour = alt.Color("line:N", title=None, sort=None, legend=alt.Legend(orient="top"))
    chart = (
        alt.Chart(pl.DataFrame(rows))
        .mark_line()
        .encode(
            alt.X(f"{unit}:Q"),
            _LOGARITHMIC if logarithmic else alt.Y("value:Q", title=None),
            colour.scale(range=COLOURS[: len(lines)]),
        )
    )
    return Drawing(finish(chart, title), "en")._repr_svg_()
