"""The result of a run: a table in Markdown, and every figure as JSON."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks.serving.contenders import Served
from benchmarks.serving.environments import pinned
from benchmarks.serving.load import Measured
from deploy.tables import markdown_table
from puntual.loadtest.machine import Machine


class Pair(NamedTuple):
    """A measurement of a server, and the one of Puntual right before it."""

    puntual: Measured
    own: Measured


class Outcome(NamedTuple):
    """What was measured of one server.

    Attributes
    ----------
    pairs : in the order in which they ran
    memory_mib : of all its processes, after the load; what they share counts once
    worker_mib : of the largest of them, with all that it shares
    """

    served: Served
    pairs: Sequence[Pair]
    memory_mib: float
    worker_mib: float

    def median(self, figure: str) -> float:
        """Of a figure of `Measured`."""
        return float(statistics.median(getattr(pair.own, figure) for pair in self.pairs))

    def slower(self) -> list[float]:
        """How many times as many answers Puntual gave, pair by pair."""
        return [pair.puntual.answers_per_s / max(pair.own.answers_per_s, 1e-9) for pair in self.pairs]


def write_table(outcomes: Sequence[Outcome]) -> str:
    """A row for each server, the fastest first."""
    speed = ("answers/s", "times slower", "p50, ms", "p99, ms", "CPU, µs an answer", "errors")
    heads = ("server", "LightGBM's call", *speed, "memory, MiB", "start, s", "versions")
    ranked = sorted(outcomes, key=lambda outcome: -outcome.median("answers_per_s"))
    return markdown_table(heads, map(_cells, ranked), texts=2)


def to_json(
    outcomes: Sequence[Outcome], machine: Machine, load: Mapping[str, Any], left_out: Mapping[str, str]
) -> dict[str, Any]:
    """Every figure of each measurement, for JSON."""
    return {
        "machine": machine,
        "load": dict(load),
        "servers": [
            {
                "server": outcome.served.contender.rival.title,
                "call": outcome.served.contender.call,
                "versions": pinned(outcome.served.contender.rival),
                "measured": [pair.own._asdict() for pair in outcome.pairs],
                "puntual_before": [pair.puntual._asdict() for pair in outcome.pairs],
                "times_slower": outcome.slower(),
                "memory_mib": outcome.memory_mib,
                "worker_mib": outcome.worker_mib,
                "start_s": outcome.served.start_s,
            }
            for outcome in outcomes
        ],
        "left_out": dict(left_out),
    }


def _cells(outcome: Outcome) -> tuple[str, ...]:
    contender, ratios = outcome.served.contender, outcome.slower()
    least, median, most = map(_short, (min(ratios), statistics.median(ratios), max(ratios)))
    return (
        contender.rival.title,
        contender.call,
        f"{outcome.median('answers_per_s'):,.0f}",
        "1" if {*ratios} == {1} else f"{median} ({least} to {most})",
        f"{outcome.median('p50_ms'):.1f}",
        f"{outcome.median('p99_ms'):.1f}",
        f"{outcome.median('cpu_us'):,.0f}",
        f"{sum(pair.own.errors for pair in outcome.pairs):,}",
        f"{outcome.memory_mib:,.0f}",
        f"{outcome.served.start_s:.1f}",
        ", ".join(f"{name} {version}" for name, version in pinned(contender.rival).items()),
    )


def _short(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio < 2 else f"{ratio:.1f}"
