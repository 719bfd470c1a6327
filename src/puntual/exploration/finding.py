"""What a finding is: one thing that the data show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

Groups = tuple[tuple[str, str], ...]
"""Groups, each a dimension and a value; empty: all flights."""


class Finding(NamedTuple):
    """One thing that the data show.

    Attributes
    ----------
    kind : key of its sentence among the messages; after a colon, key of a second one
    chart : name of the chart that shows it
    flights : how many it concerns
    group : the groups that it is about
    numbers : values of the sentence's placeholders
    """

    kind: str
    chart: str
    flights: int
    group: Groups
    numbers: Mapping[str, object]
