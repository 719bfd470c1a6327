"""A file's columns by role, and samples of their values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from puntual.data.time_formats import Kind, TimeFormat, detect_time_format, is_iso
from puntual.data.times import Written, date_parts, has_clock, read_time
from puntual.formats.headings import MISSING

MIN_SPARSE = 0.5
"""Share of blank cells of a column that is filled in only where it changes."""

_SAMPLED_ROWS = 5000
_SAMPLED_VALUES = 2000


class Times(NamedTuple):
    """Columns that together hold a time, each with its format; an ISO 8601 time has none.

    Attributes
    ----------
    ambiguous : no value shows which is the day and which the month
    mixed : some columns have types and others are text
    """

    columns: tuple[str, ...]
    formats: tuple[str, ...]
    ambiguous: bool = False
    mixed: bool = False

    @property
    def is_joined(self) -> bool:
        """Whether the columns can be joined with a blank and read with one format."""
        signs_only = not self.mixed and all("%" in one or not one for one in self.formats)
        return signs_only and not any(has_clock(one or None) for one in self.formats[:-1])

    @property
    def has_date(self) -> bool:
        """Whether they hold a whole date."""
        return date_parts(*(one or None for one in self.formats)) == 3

    @property
    def pattern(self) -> str:
        """The formats as one."""
        return " ".join(one or "%Y-%m-%d %H:%M:%S" for one in self.formats)


class File:
    """A file's columns by role, and samples of its values."""

    def __init__(self, frame: pl.DataFrame, roles: dict[str, list[str]]) -> None:
        self.frame, self.roles = frame, roles
        self.rows = frame.gather_every(max(1, len(frame) // _SAMPLED_ROWS)) if len(frame) else frame
        self._formats: dict[str, TimeFormat | None] = {}

    def columns(self, *roles: str) -> list[str]:
        """The columns of roles, in the file's order."""
        return [column for role in roles for column in self.roles.get(role, [])]

    def values(self, column: str) -> pl.Series:
        """Evenly spaced distinct values of a column, without blank ones."""
        cells = self.frame[column].drop_nulls()
        if not cells.dtype.is_temporal():
            cells = cells.cast(pl.String).str.strip_chars()
            cells = cells.filter(~cells.str.to_lowercase().is_in(["", *MISSING]))
        cells = cells.unique(maintain_order=True)
        return cells.gather_every(max(1, len(cells) // _SAMPLED_VALUES))

    def texts(self, column: str) -> list[str]:
        """The same as text."""
        return self.values(column).cast(pl.String).to_list()

    def matching_share(self, column: str, matches: pl.Expr) -> float:
        """Share of a column's values that match."""
        values = self.values(column).cast(pl.String).alias(column)
        return float(values.to_frame().select(matches.mean()).item() or 0)

    def time_format(self, column: str) -> TimeFormat | None:
        """How a column's times are written."""
        if column not in self._formats:
            self._formats[column] = detect_time_format(self.values(column))
        return self._formats[column]

    def is_sparse(self, column: str) -> bool:
        """Whether a column is blank in most rows, but not in the first."""
        blank = self.frame[column].cast(pl.String).str.strip_chars().fill_null("") == ""
        return bool(len(blank) and not blank[0] and blank.mean() > MIN_SPARSE)  # type: ignore[operator]

    def of_kind(self, columns: Sequence[str], kind: Kind) -> list[str]:
        """Those of the columns that hold dates, times of day, or both."""
        return [one for one in columns if (found := self.time_format(one)) and found.kind == kind]

    def read(self, times: Times) -> Written:
        """What the sampled rows hold of a time."""
        formats = tuple(one or "%Y-%m-%d %H:%M:%S" for one in times.formats)
        if len(formats) == 1 and is_iso(times.formats[0]) and "%z" not in times.formats[0]:
            return read_time(times.columns, None, self.rows.schema)
        return read_time(times.columns, formats, self.rows.schema)

    def select(self, **expressions: pl.Expr) -> pl.DataFrame:
        """Expressions over the sampled rows."""
        return self.rows.with_columns(pl.selectors.string().str.strip_chars()).select(**expressions)
