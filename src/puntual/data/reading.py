"""A path, or the name of embedded flights -> canonical flights, and what was left out and why."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import NamedTuple

import polars as pl

from puntual.data.content import PARQUET, first_bytes, read_text
from puntual.data.delimited import ROW, Table, read_delimited
from puntual.data.embedded import EMBEDDED
from puntual.data.mapped import check_columns, mapped
from puntual.data.mapping import Mapping, read_mapping
from puntual.data.parquet import read_parquet
from puntual.data.recognition import recognise
from puntual.data.schema import COLUMNS
from puntual.errors import DataError

_FIRST, _ADDED = "\0first", "\0added"  # not a name that a file's own column has


class Flights(NamedTuple):
    """The flights of a file.

    Attributes
    ----------
    source : name of the source
    where : the path or embedded name, as given
    frame : `puntual.data.schema.COLUMNS`, in the file's order; neither bad rows nor duplicates
    rejected : ``row`` and ``reason`` of the bad rows
    duplicates : ``row`` of each row that equals an earlier one in every column, and that ``first_row``
    rows : how many the file has, blank ones aside
    raw : the file's own columns as they are (text; in Parquet also its own types) and ``row``; all rows
        but blank ones
    blank : ``row`` of those of nothing but separators
    airline_names, city_names : by code of the airline and the airport, where the source tells them
    complete : a history, with actual times; otherwise a schedule only
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

    def beside(self, added: pl.DataFrame) -> pl.DataFrame:
        """Give the file's own rows and columns, in its order, with others beside them.

        A duplicate has what its first row has; a row that is not added to is left out. A column of the file
        that is added anew gives way.

        Parameters
        ----------
        added : ``row``, and the columns to add
        """
        return self._joined(added).filter(pl.col(_ADDED)).drop(ROW, _ADDED)

    def every_row(self, added: pl.DataFrame) -> pl.DataFrame:
        """Give all of the file's rows, each in its place: what is added, and why nothing is.

        Rows and columns as in `beside`, but that a row which is not added to stays, with nulls, and that
        ``problem`` comes last: null, or the reason.

        Parameters
        ----------
        added : ``row`` of each of `frame`, and the columns to add
        """
        rejected = self.rejected.select(ROW, problem="reason")
        rows = (
            self._joined(added)
            .drop("problem", strict=False)
            .join(rejected, ROW, "left", maintain_order="left")
        )
        outside = pl.when(pl.col(_ADDED).is_null()).then(pl.lit("its date was not asked about"))
        told = rows.with_columns(pl.coalesce("problem", outside)).drop(_ADDED)
        blank = self.blank.with_columns(problem=pl.lit("a blank row"))
        return pl.concat([told, blank], how="diagonal").sort(ROW).drop(ROW)

    def _joined(self, added: pl.DataFrame) -> pl.DataFrame:
        own = self.raw.drop(*added.columns, strict=False).with_columns(self.raw[ROW])
        first = self.duplicates.select(ROW, pl.col("first_row").alias(_FIRST))
        numbered = own.join(first, ROW, "left", maintain_order="left").with_columns(
            pl.coalesce(_FIRST, ROW).alias(_FIRST)
        )
        marked = added.rename({ROW: _FIRST}).with_columns(pl.lit(True).alias(_ADDED))
        return numbered.join(marked, _FIRST, "left", maintain_order="left").drop(_FIRST)


def read_flights(
    data: str,
    *,
    source: str | None = None,
    history: bool = True,
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> Flights:
    """Read flights from a file of any source.

    Parameters
    ----------
    data : path of a CSV (plain, gzip or zip) or Parquet file, or a name of `EMBEDDED`
    source : a name of `SOURCES`, or the path of a mapping (``.toml``); None: recognised from the header
    history : actual times are needed; otherwise a schedule is enough
    since, until : local scheduled dates that narrow `Flights.frame`; the end is not included

    Raises
    ------
    DataError : no file of flights, more than half of its rows bad, or none left; a mapping that does not fit
    MissingDependencyError : embedded flights whose package is not installed
    """
    embedded = EMBEDDED.get(data)
    named = embedded.source if embedded else source
    mapping = read_mapping(Path(named)) if named is not None and named.endswith(".toml") else None
    table = _read_table(embedded.path(embedded.flights) if embedded else Path(data), data, mapping)
    own = [name for name in table.frame.columns if name != ROW]
    if mapping is None:
        declared = recognise(own, data, source=named, history=history)
    else:
        check_columns(mapping, own, place=str(named), where=data, history=history)
        declared = mapped(mapping)
    absent = [pl.lit(None, pl.String).alias(name) for name in declared.columns if name not in own]
    raw = table.frame.lazy().with_columns(absent)
    # Sharing subexpressions, polars would write out the values that problems show for every good row too.
    read = declared.read(raw).collect(optimizations=pl.QueryOptFlags(comm_subexpr_elim=False))
    rejected = _rejected(read, table, data)
    duplicates = _duplicates(_without(table.frame, rejected))
    frame = _without(_without(read.select(*COLUMNS), rejected), duplicates)
    complete = not frame["actual_departure"].is_null().all()
    if history and not complete:
        raise DataError(data, "no flight has an actual time", wanted="a history of flights that have left")
    return Flights(
        source=declared.name,
        where=data,
        frame=_narrowed(frame, since, until, data),
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


def _read_table(path: Path, where: str, mapping: Mapping | None) -> Table:
    if first_bytes(path, where).startswith(PARQUET):
        return read_parquet(path, where)
    if mapping is None:
        return read_delimited(read_text(path, where), where)
    return read_delimited(read_text(path, where, mapping.encoding), where, mapping.separator)


def _rejected(read: pl.DataFrame, table: Table, where: str) -> pl.DataFrame:
    problems = read.filter(pl.col("problem").is_not_null()).select(ROW, reason="problem")
    rejected = pl.concat([table.ragged, _without(problems, table.ragged)]).sort(ROW)
    if 2 * len(rejected) > len(read):
        row, reason = rejected.row(0)
        found = f"{len(rejected):,} of {len(read):,} rows cannot be used; the first is row {row}: {reason}"
        raise DataError(where, found, wanted="at least half of the rows good")
    return rejected


def _duplicates(raw: pl.DataFrame) -> pl.DataFrame:
    own = [name for name in raw.columns if name != ROW]
    # Rows of one hash may still differ; few have to be compared column by column.
    alike = raw.filter(raw.select(own).hash_rows().is_duplicated())
    first = alike.select(ROW, first_row=pl.col(ROW).min().over(own))
    return first.filter(pl.col(ROW) != pl.col("first_row"))


def _without(frame: pl.DataFrame, left_out: pl.DataFrame) -> pl.DataFrame:
    if left_out.is_empty():
        return frame
    return frame.join(left_out.select(ROW), on=ROW, how="anti", maintain_order="left")


def _narrowed(frame: pl.DataFrame, since: dt.date | None, until: dt.date | None, where: str) -> pl.DataFrame:
    day = pl.col("scheduled_departure").dt.date()
    narrowed = frame
    if since is not None:
        narrowed = narrowed.filter(day >= since)
    if until is not None:
        narrowed = narrowed.filter(day < until)
    if narrowed.is_empty():
        first, last = frame.select(first=day.min(), last=day.max()).row(0)
        found = f"no flight from {since or first} until {until or last}"
        raise DataError(where, found, wanted=f"dates between {first} and {last}, the days of the file")
    return narrowed
