"""What is told of a run: a table in Markdown, and all of it as JSON."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks.serving.contenders import Served
from benchmarks.serving.load import Measured
from puntual.loadtest.machine import Machine

_HEADS = (
    "server",
    "LightGBM's call",
    "answers/s",
    "times slower",
    "p50, ms",
    "p99, ms",
    "CPU, µs an answer",
    "errors",
    "memory, MiB",
    "start, s",
    "versions",
)


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
    """The table, those that Puntual exceeds most last."""
    rows = (_cells(outcome) for outcome in sorted(outcomes, key=lambda one: -_rate(one)))
    lines = ("| " + " | ".join(cells) + " |" for cells in (_HEADS, _rule(), *rows))
    return "\n".join(lines)


def tell(
    outcomes: Sequence[Outcome],
    machine: Machine,
    load: Mapping[str, Any],
    left_out: Mapping[str, str],
) -> dict[str, Any]:
    """The same and the figures of each measurement, to be written as JSON."""
    return {
        "machine": machine,
        "load": dict(load),
        "servers": [
            {
                "server": outcome.served.contender.title,
                "call": outcome.served.contender.call,
                "versions": dict(outcome.served.contender.versions),
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


def _rate(outcome: Outcome) -> float:
    return outcome.median("answers_per_s")


def _rule() -> Iterator[str]:
    yield from ("---" if head in {"server", "LightGBM's call", "versions"} else "--:" for head in _HEADS)


def _cells(outcome: Outcome) -> Iterator[str]:
    contender, ratios = outcome.served.contender, outcome.slower()
    least, median, most = min(ratios), statistics.median(ratios), max(ratios)
    yield contender.title
    yield contender.call
    yield f"{_rate(outcome):,.0f}"
    yield "1" if least == most == 1 else f"{_short(median)} ({_short(least)} to {_short(most)})"
    yield f"{outcome.median('p50_ms'):.1f}"
    yield f"{outcome.median('p99_ms'):.1f}"
    yield f"{outcome.median('cpu_us'):,.0f}"
    yield f"{sum(pair.own.errors for pair in outcome.pairs):,}"
    yield f"{outcome.memory_mib:,.0f}"
    yield f"{outcome.served.start_s:.1f}"
    yield ", ".join(f"{name} {version}" for name, version in contender.versions.items())


def _short(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio < 2 else f"{ratio:.1f}"
