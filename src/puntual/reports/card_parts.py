"""What a model card is made of: sections of sentences, charts and tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from puntual.reports.page import Figure


class Table(NamedTuple):
    """Rows whose first cell names them.

    Attributes
    ----------
    folded : whether it has to be opened
    """

    title: str
    heads: Sequence[str]
    rows: Sequence[tuple[str, ...]]
    folded: bool = False


class Section(NamedTuple):
    """One of the card.

    Attributes
    ----------
    notes : paragraphs; points : sentences, one below the other; more : further ones, folded away
    """

    name: str
    title: str
    notes: Sequence[str] = ()
    points: Sequence[str] = ()
    more: Sequence[str] = ()
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()
    notice: str = ""
