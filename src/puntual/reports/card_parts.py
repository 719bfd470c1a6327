"""What a model card is made of: sections of sentences, charts and tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from puntual.reports.gallery import Exhibit


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
    exhibits: Sequence[Exhibit] = ()
    tables: Sequence[Table] = ()
    notice: str = ""
