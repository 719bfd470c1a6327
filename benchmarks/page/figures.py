"""A measured time, in rounds: its median, its range, and its bar."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import NamedTuple

from deploy.tables import markdown_table

HEADS = ("what", "median, ms", "least", "most", "rounds", "bar, ms", "held")


class Figure(NamedTuple):
    """Times of one thing, each of its own round.

    Attributes
    ----------
    bar_ms : the median is to be within it

    Examples
    --------
    >>> Figure("a view", [3.0, 1.0, 2.0], 2).cells
    ('a view', '2', '1', '3', '3', '2', 'yes')
    """

    name: str
    milliseconds: Sequence[float]
    bar_ms: float

    @property
    def held(self) -> bool:
        """Whether the median is within the bar."""
        return statistics.median(self.milliseconds) <= self.bar_ms

    @property
    def cells(self) -> tuple[str, ...]:
        """A row under `HEADS`."""
        times = (statistics.median(self.milliseconds), min(self.milliseconds), max(self.milliseconds))
        numbers = (*times, len(self.milliseconds), self.bar_ms)
        return self.name, *(f"{value:,.0f}" for value in numbers), "yes" if self.held else "no"


def table(figures: Sequence[Figure]) -> str:
    """The figures in Markdown."""
    return markdown_table(HEADS, [figure.cells for figure in figures])
