"""The flights of a file, and how what is answered about them goes back to its rows."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from puntual.data.delimited import ROW
from puntual.data.frames import row_name
from puntual.data.unmatched_statuses import UnmatchedStatus

_FIRST, _ADDED = "\0first", "\0added"  # not a name that a file's own column has


class RowsRead(NamedTuple):
    """What became of the rows of a file, and what of its values.

    Attributes
    ----------
    rows : how many the file has, without blank ones
    duplicates : how many equal an earlier one
    unknown_codes, city_codes, unmatched_statuses : as in `Flights`
    """

    rows: int
    duplicates: int
    unknown_codes: tuple[str, ...] = ()
    city_codes: tuple[str, ...] = ()
    unmatched_statuses: tuple[UnmatchedStatus, ...] = ()


class Flights(NamedTuple):
    """The flights of a file.

    Attributes
    ----------
    source : name of the source
    where : the path or embedded name, as given
    frame : the good rows once each, with `puntual.data.schema.COLUMNS`, in the file's order
    rejected : ``row`` and ``reason`` of the bad rows
    duplicates : ``row`` of each row that equals an earlier one in every column, and that ``first_row``
    joined : ``row`` of each codeshare, and ``first_row``, the flight that it is
    outside : ``row`` of each row that is no departure, such as an arrival in a list of both
    rows : how many the file has, without blank ones
    raw : the same rows with the file's own columns (text; in typed files also other types) and ``row``; only
        ``row`` if they were not kept
    blank : ``row`` of the rows that consist of separators
    airline_names, city_names : by code of the airline and the airport, if the source has them
    complete : a history with actual times; otherwise a schedule
    known_afterwards : the file's own columns that are known only once a flight has left
    diverted : rows of flights that landed elsewhere; they departed
    not_reported : rows of a history with neither an actual time nor a cancellation; they stay in `frame`
    unknown_codes : codes that no table of airlines or airports has
    joined_codes : by code, the other codes of the same airline or airport that it replaces
    city_codes : codes of cities with several airports
    unmatched_statuses : columns of which a mapping's words for cancelled or diverted flights match no value
    assumed_cancelled : ``row`` of each flight that counts as cancelled only because nothing says that it left
    starts : of several files, the rows before each, and its name
    read_as : sentences about how the file was read: encoding, sheet, skipped lines, columns
    """

    source: str
    where: str
    frame: pl.DataFrame
    rejected: pl.DataFrame
    duplicates: pl.DataFrame
    joined: pl.DataFrame
    outside: pl.DataFrame
    rows: int
    raw: pl.DataFrame
    blank: pl.DataFrame
    airline_names: dict[str, str]
    complete: bool
    known_afterwards: tuple[str, ...] = ()
    city_names: dict[str, str] = {}  # noqa: RUF012
    diverted: int = 0
    not_reported: int = 0
    unknown_codes: tuple[str, ...] = ()
    joined_codes: dict[str, tuple[str, ...]] = {}  # noqa: RUF012
    city_codes: tuple[str, ...] = ()
    read_as: tuple[str, ...] = ()
    unmatched_statuses: tuple[UnmatchedStatus, ...] = ()
    assumed_cancelled: pl.DataFrame = pl.DataFrame(schema={ROW: pl.UInt32})
    starts: dict[int, str] = {}  # noqa: RUF012

    @property
    def rows_read(self) -> RowsRead:
        """What became of the rows, as numbers."""
        return RowsRead(
            self.rows, self.duplicates.height, self.unknown_codes, self.city_codes, self.unmatched_statuses
        )

    @property
    def codeshares(self) -> int:
        """How many rows are joined to the flight that they are."""
        return self.joined.height

    @property
    def filtered(self) -> int:
        """How many rows are no departures."""
        return self.outside.height

    def __repr__(self) -> str:
        days, cancelled = self.frame["scheduled_departure"].dt.date(), int(self.frame["cancelled"].sum())
        said = [
            _count(len(days), "flight") + (f" from {days.min()!s} to {days.max()!s}" if len(days) else "")
        ]
        if cancelled:
            said.append(f"{cancelled:,} of them cancelled")
        if self.rejected.height:
            said.append(f"{_count(self.rejected.height, 'row')} left out")
        return f"<Flights of {self.where}: {', '.join(said)}>"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(repr(self))}</p>{self.frame.head()._repr_html_()}"

    def name_row(self, row: int) -> str:
        """A row in messages: as its file shows it, with the file's name if there are several."""
        return name_row(self.where, self.starts, row)

    def join_rows(self, added: pl.DataFrame) -> pl.DataFrame:
        """Join columns to the file's own rows and columns, in their order.

        A duplicate gets the values of its first row; rows without values are left out. An added column
        replaces the file's column of the same name.

        Parameters
        ----------
        added : ``row``, and the columns to add
        """
        return self._joined(added).filter(pl.col(_ADDED)).drop(ROW, _ADDED)

    def join_all_rows(self, added: pl.DataFrame) -> pl.DataFrame:
        """Join columns to all of the file's rows, blank ones included, and say why some have no values.

        As `join_rows`, but rows without values stay, with nulls, and ``problem`` comes last: null, or the
        reason.

        Parameters
        ----------
        added : ``row`` of each row of `frame`, and the columns to add
        """
        no_departure = self.outside.select(ROW, problem=pl.lit("no departure, by the mapping's rows"))
        problems = pl.concat([self.rejected.select(ROW, problem="reason"), no_departure])
        rows = self._joined(added).drop("problem", strict=False)
        rows = rows.join(problems, ROW, "left", maintain_order="left")
        outside = pl.when(pl.col(_ADDED).is_null()).then(pl.lit("its date is not among those selected"))
        explained = rows.with_columns(pl.coalesce("problem", outside)).drop(_ADDED)
        blank = self.blank.with_columns(problem=pl.lit("a blank row"))
        return pl.concat([explained, blank], how="diagonal").sort(ROW).drop(ROW)

    def _joined(self, added: pl.DataFrame) -> pl.DataFrame:
        own = self.raw.drop(*added.columns, strict=False).with_columns(self.raw[ROW])
        same = pl.concat([self.duplicates, self.joined])
        first = same.select(ROW, pl.col("first_row").alias(_FIRST))
        numbered = own.join(first, ROW, "left", maintain_order="left")
        numbered = numbered.with_columns(pl.coalesce(_FIRST, ROW).alias(_FIRST))
        marked = added.rename({ROW: _FIRST}).with_columns(pl.lit(True).alias(_ADDED))
        return numbered.join(marked, _FIRST, "left", maintain_order="left").drop(_FIRST)


def name_row(where: str, starts: Mapping[int, str], row: int) -> str:
    """A row in messages.

    Parameters
    ----------
    where : name of the files
    starts : the rows before each, and its name

    Examples
    --------
    >>> name_row("flights.csv", {}, 7), name_row("2023/", {0: "1.csv", 90: "2.csv"}, 97)
    ('row 7', '2.csv, row 7')
    """
    if len(starts) < 2:
        return row_name(where, row)
    start = max(start for start in starts if start < row)
    return f"{starts[start]}, row {row - start}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
