"""Read a file of flights, or embedded ones, into canonical flights; say which rows are left out, and why."""

from __future__ import annotations

import datetime as dt
import html
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from puntual.data.content import PARQUET, first_bytes, read_text
from puntual.data.delimited import ROW, Table, read_delimited
from puntual.data.embedded import EMBEDDED
from puntual.data.frames import WHERE, read_frame
from puntual.data.mapped import check_columns, mapped_source
from puntual.data.mapping import Mapping, as_mapping
from puntual.data.parquet import read_parquet
from puntual.data.recognition import detect_source
from puntual.data.schema import COLUMNS
from puntual.errors import DataError, SettingError

Data = str | PathLike[str] | Any
"""A path, the name of embedded flights, or a data frame."""
SourceLike = str | PathLike[str] | dict[str, Any] | None
"""A source's name, or a mapping: its path, or its content."""
DateLike = dt.date | str | None

_FIRST, _ADDED = "\0first", "\0added"  # not a name that a file's own column has


class Flights(NamedTuple):
    """The flights of a file.

    Attributes
    ----------
    source : name of the source
    where : the path or embedded name, as given
    frame : the good rows once each, with `puntual.data.schema.COLUMNS`, in the file's order
    rejected : ``row`` and ``reason`` of the bad rows
    duplicates : ``row`` of each row that equals an earlier one in every column, and that ``first_row``
    rows : how many the file has, without blank ones
    raw : the same rows with the file's own columns (text; in Parquet also other types) and ``row``
    blank : ``row`` of the rows that consist of separators
    airline_names, city_names : by code of the airline and the airport, if the source has them
    complete : a history with actual times; otherwise a schedule
    known_afterwards : the file's own columns that are known only once a flight has left
    """

    source: str
    where: str
    frame: pl.DataFrame
    rejected: pl.DataFrame
    duplicates: pl.DataFrame
    rows: int
    raw: pl.DataFrame
    blank: pl.DataFrame
    airline_names: dict[str, str]
    complete: bool
    known_afterwards: tuple[str, ...] = ()
    city_names: dict[str, str] = {}  # noqa: RUF012

    def __repr__(self) -> str:
        days = self.frame["scheduled_departure"].dt.date()
        period = f" from {days.min()!s} to {days.max()!s}" if len(days) else ""
        left_out = f", {self.rejected.height:,} rows left out" if self.rejected.height else ""
        return f"<Flights {self.where}: {len(days):,} flights{period}{left_out}>"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(repr(self))}</p>{self.frame.head()._repr_html_()}"

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
        problems = self.rejected.select(ROW, problem="reason")
        rows = self._joined(added).drop("problem", strict=False)
        rows = rows.join(problems, ROW, "left", maintain_order="left")
        outside = pl.when(pl.col(_ADDED).is_null()).then(pl.lit("its date is not among those selected"))
        explained = rows.with_columns(pl.coalesce("problem", outside)).drop(_ADDED)
        blank = self.blank.with_columns(problem=pl.lit("a blank row"))
        return pl.concat([explained, blank], how="diagonal").sort(ROW).drop(ROW)

    def _joined(self, added: pl.DataFrame) -> pl.DataFrame:
        own = self.raw.drop(*added.columns, strict=False).with_columns(self.raw[ROW])
        first = self.duplicates.select(ROW, pl.col("first_row").alias(_FIRST))
        numbered = own.join(first, ROW, "left", maintain_order="left")
        numbered = numbered.with_columns(pl.coalesce(_FIRST, ROW).alias(_FIRST))
        marked = added.rename({ROW: _FIRST}).with_columns(pl.lit(True).alias(_ADDED))
        return numbered.join(marked, _FIRST, "left", maintain_order="left").drop(_FIRST)


def read_flights(
    data: Data,
    *,
    source: SourceLike = None,
    history: bool = True,
    since: DateLike = None,
    until: DateLike = None,
) -> Flights:
    """Read flights from a file or a data frame of any source.

    Parameters
    ----------
    data : path of a CSV (plain, gzip or zip) or Parquet file, a name of `EMBEDDED`, or a data frame of
        pandas, polars, pyarrow or another library that narwhals knows
    source : a name of `SOURCES`, or a mapping: the path of a TOML file, or a dictionary of the same content;
        None: detected from the header
    history : require actual times; otherwise a schedule is enough
    since, until : first local scheduled date of `Flights.frame`, and the first one after it; a date, or text
        as ``2017-09-01``

    Raises
    ------
    DataError : no file of flights, a mapping that does not fit it, more than half of the rows bad, or none
        left
    MissingDependencyError : the package of the embedded flights is not installed

    Examples
    --------
    >>> flights = read_flights("nyc")
    >>> flights.rows, flights.complete, flights.frame["airline"][0]
    (336776, True, 'UA')
    """
    first, end = parse_date("since", since), parse_date("until", until)
    is_path = isinstance(data, str | PathLike)
    where = str(data) if is_path else WHERE
    embedded = EMBEDDED.get(where) if is_path else None
    named = embedded.source if embedded else source
    mapping = as_mapping(named)
    if is_path:
        path = embedded.path(embedded.flights) if embedded else Path(where)
        table = _read_table(path, where, mapping)
    else:
        table = read_frame(data)
    own = [name for name in table.frame.columns if name != ROW]
    if mapping is None:
        declared = detect_source(own, where, source=None if named is None else str(named), history=history)
    else:
        place = "the mapping" if isinstance(named, dict) else str(named)
        check_columns(mapping, own, place=place, where=where, history=history)
        declared = mapped_source(mapping)
    absent = [pl.lit(None, pl.String).alias(name) for name in declared.columns if name not in own]
    raw = table.frame.lazy().with_columns(absent)
    # By sharing subexpressions, polars would also format the values shown in problems for every good row.
    read = declared.read(raw).collect(optimizations=pl.QueryOptFlags(comm_subexpr_elim=False))
    rejected = _rejected(read, table, where)
    duplicates = _duplicates(_drop_rows(table.frame, rejected))
    frame = _drop_rows(_drop_rows(read.select(*COLUMNS), rejected), duplicates)
    complete = not frame["actual_departure"].is_null().all()
    if history and not complete:
        raise DataError(where, "no flight has an actual time", wanted="a history of flights that have left")
    return Flights(
        source=declared.name,
        where=where,
        frame=_select_dates(frame, first, end, where),
        rejected=rejected,
        duplicates=duplicates,
        rows=len(read),
        raw=table.frame,
        blank=table.blank,
        airline_names=embedded.airline_names() if embedded else declared.airline_names(raw),
        complete=complete,
        known_afterwards=declared.known_afterwards,
        city_names=declared.city_names(raw),
    )


def parse_date(name: str, date: DateLike) -> dt.date | None:
    """A date that may be given as text.

    Raises
    ------
    SettingError : text that is no ISO 8601 date

    Examples
    --------
    >>> parse_date("since", "2017-09-01")
    datetime.date(2017, 9, 1)
    """
    if isinstance(date, dt.datetime):
        return date.date()
    try:
        return dt.date.fromisoformat(date) if isinstance(date, str) else date
    except ValueError:
        raise SettingError(f"{name}: {date!r}; wanted: a date as 2017-09-01") from None


def _read_table(path: Path, where: str, mapping: Mapping | None) -> Table:
    if first_bytes(path, where).startswith(PARQUET):
        return read_parquet(path, where)
    if mapping is None:
        return read_delimited(read_text(path, where), where)
    return read_delimited(read_text(path, where, mapping.encoding), where, mapping.separator)


def _rejected(read: pl.DataFrame, table: Table, where: str) -> pl.DataFrame:
    problems = read.filter(pl.col("problem").is_not_null()).select(ROW, reason="problem")
    rejected = pl.concat([table.ragged, _drop_rows(problems, table.ragged)]).sort(ROW)
    if 2 * len(rejected) > len(read):
        row, reason = rejected.row(0)
        found = f"{len(rejected):,} of {len(read):,} rows cannot be used; the first is row {row}: {reason}"
        raise DataError(where, found, wanted="at least half of the rows good")
    return rejected


def _duplicates(raw: pl.DataFrame) -> pl.DataFrame:
    own = [name for name in raw.columns if name != ROW]
    # Rows with the same hash may still differ, so the few candidates are compared column by column.
    alike = raw.filter(raw.select(own).hash_rows().is_duplicated())
    first = alike.select(ROW, first_row=pl.col(ROW).min().over(own))
    return first.filter(pl.col(ROW) != pl.col("first_row"))


def _drop_rows(frame: pl.DataFrame, dropped: pl.DataFrame) -> pl.DataFrame:
    if dropped.is_empty():
        return frame
    return frame.join(dropped.select(ROW), on=ROW, how="anti", maintain_order="left")


def _select_dates(
    frame: pl.DataFrame, since: dt.date | None, until: dt.date | None, where: str
) -> pl.DataFrame:
    day = pl.col("scheduled_departure").dt.date()
    selected = frame.filter(day >= (since or dt.date.min), day < (until or dt.date.max))
    if selected.is_empty():
        first, last = frame.select(first=day.min(), last=day.max()).row(0)
        found = f"no flight from {since or first} until {until or last}"
        raise DataError(where, found, wanted=f"dates between {first} and {last}, the days of the file")
    return selected
