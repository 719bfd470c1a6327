"""The simulation beside the real run: latency and requests, in all and while so many replicas served."""

from __future__ import annotations

import statistics
from typing import NamedTuple

from benchmarks.capacity.records import ScaleOut
from benchmarks.capacity.scenarios import Curve

BAR_PERCENT = 25
"""How far the simulated 99th percentile may be from the measured one."""


class Line(NamedTuple):
    """One figure of both."""

    what: str
    measured: float
    simulated: float
    digits: int = 0

    @property
    def ratio(self) -> float:
        """Simulated by measured."""
        return self.simulated / self.measured if self.measured else float(self.simulated == 0)


class Check(NamedTuple):
    """All of them, and that of the bar."""

    p99_ratio: float
    lines: list[Line]


def check(real: ScaleOut, simulated: Curve) -> Check:
    """Put them side by side; a phase's percentile is the median of its seconds'."""
    lines = [
        Line("99 % within, ms", real.p99_ms, simulated.p99_ms, 1),
        Line("50 % within, ms", real.p50_ms, simulated.p50_ms, 1),
        Line("answered", real.answered, simulated.total_answered),
        Line("refused (503)", real.refused, simulated.total_refused),
    ]
    for count in sorted({second.replicas for second in real.seconds} | set(simulated.serving)):
        measured = [
            second.p99 for second in real.seconds[1:] if second.replicas == count and second.p99 is not None
        ]
        told = [
            p99
            for p99, serving in list(zip(simulated.p99, simulated.serving, strict=True))[1:]
            if serving == count and p99 is not None
        ]
        if measured and told:
            what = f"99 % within, {count} serving ({len(measured)} s measured, {len(told)} s simulated), ms"
            lines.append(Line(what, statistics.median(measured), statistics.median(told), 1))
    return Check(lines[0].ratio, lines)
