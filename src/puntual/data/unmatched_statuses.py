"""Columns of statuses, such as Operated and Cancelled, of which a mapping's words match no value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import polars as pl

from puntual.data.cells import clean_text
from puntual.data.outcomes import is_one_of

Words = Mapping[str, tuple[str, ...]]
"""By column, the words of a mapping for cancelled flights or diverted ones."""
Counts = Mapping[str, Counter[str]]
"""By column, how many rows have each value."""


class UnmatchedStatus(NamedTuple):
    """A column that has none of a mapping's words.

    Attributes
    ----------
    values : that it has, most frequent first
    """

    column: str
    words: tuple[str, ...]
    values: tuple[str, ...]


def count_values(frame: pl.DataFrame, words: Words) -> Counts:
    """How often each value stands in columns that are there."""
    return {
        column: Counter(
            dict(frame[[column]].select(clean_text(column)).drop_nulls()[column].value_counts().rows())
        )
        for column in words
        if column in frame.columns
    }


def find_unmatched_statuses(words: Words, counts: Iterable[Counts]) -> tuple[UnmatchedStatus, ...]:
    """The columns with values of which none is one of the words.

    Examples
    --------
    >>> find_unmatched_statuses({"Estado": ("CANCELADO",)}, [{"Estado": Counter(OPERADO=9, ANULADO=1)}])
    (UnmatchedStatus(column='Estado', words=('CANCELADO',), values=('OPERADO', 'ANULADO')),)
    """
    blocks, unmatched = list(counts), []
    for column, wanted in words.items():
        values = sum((block[column] for block in blocks if column in block), Counter[str]())
        frame = pl.DataFrame({column: [*values]}, schema={column: pl.String})
        if values and not frame.select(is_one_of(column, wanted).any()).item():
            unmatched.append(UnmatchedStatus(column, wanted, tuple(one for one, _ in values.most_common())))
    return tuple(unmatched)
