"""What is told of a measured time: its median, its range, and the bar."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import NamedTuple

HEADS = ("what", "median, ms", "least", "most", "rounds", "bar, ms", "held")


class Figure(NamedTuple):
    """Times of one thing, each of its own round.

    Attributes
    ----------
    bar_ms : what the median is to be within

    Examples
    --------
    >>> Figure("a view", [3.0, 1.0, 2.0], 2).cells
    ('a view', '2', '1', '3', '3', '2', 'yes')
    """

    name: str
    milliseconds: Sequence[float]
    bar_ms: float

    @property
    def median(self) -> float:
        """Of the rounds, milliseconds."""
        return statistics.median(self.milliseconds)

    @property
    def held(self) -> bool:
        """Whether the median is within the bar."""
        return self.median <= self.bar_ms

    @property
    def cells(self) -> tuple[str, ...]:
        """As a row under `HEADS`."""
        times = [f"{value:,.0f}" for value in (self.median, min(self.milliseconds), max(self.milliseconds))]
        rounds, bar = str(len(self.milliseconds)), f"{self.bar_ms:,.0f}"
        return self.name, *times, rounds, bar, "yes" if self.held else "no"


def table(figures: Sequence[Figure]) -> str:
    """The figures in Markdown."""
    rows = [HEADS, ("---", *["--:"] * (len(HEADS) - 2), "---"), *(figure.cells for figure in figures)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
