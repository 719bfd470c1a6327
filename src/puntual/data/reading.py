"""Read a file of flights, or embedded ones, into canonical flights; say which rows are left out, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from puntual.data.blocks import Block, Data, Opened, SourceLike, open_flights, read_blocks
from puntual.data.dates import DateLike, parse_date, select_dates
from puntual.data.delimited import ROW
from puntual.data.flights import Flights
from puntual.data.frames import row_name
from puntual.data.joining import find_codeshares, find_duplicates, follow, resolve_codes
from puntual.data.partitioned import check_canonical, find_folder, read_folder
from puntual.data.schema import COLUMNS
from puntual.data.unmatched_statuses import find_unmatched_statuses
from puntual.errors import DataError

__all__ = ["Data", "SourceLike", "read_flights"]


def read_flights(
    data: Data,
    *,
    source: SourceLike = None,
    history: bool = True,
    since: DateLike = None,
    until: DateLike = None,
    constants: Mapping[str, str] | None = None,
    sheet: str | None = None,
    keep_rows: bool = True,
) -> Flights:
    """Read flights from files or a data frame of any source.

    Parameters
    ----------
    data : a file, several, a folder, a pattern as ``2023/*.csv``, ``-`` for standard input, a name of
        `EMBEDDED`, or a data frame of pandas, polars, pyarrow or another library that narwhals knows; files
        and folders may be addresses as ``s3://bucket/2023/*.csv``, and a folder one of `puntual convert`
    source : a name of a source, or a mapping: the path of a TOML file, or a dictionary of the same content;
        None: recognised by the header and the values
    history : require actual times; otherwise a schedule is enough
    since, until : first local scheduled date of `Flights.frame`, and the first one after it; a date, or text
        as ``2017-09-01``
    constants : what the file does not hold, such as ``{"origin": "JFK"}``
    sheet : of a workbook
    keep_rows : keep the file's own columns, which `Flights.join_rows` needs

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
    folder = find_folder(data)
    if folder is not None:
        check_canonical(source=source, constants=constants, sheet=sheet)
        if history and not folder.complete:
            raise no_actual_times(str(data))
        return read_folder(data, folder, first, end, keep_rows=keep_rows)
    opened = open_flights(data, source=source, history=history, constants=constants, sheet=sheet)
    starts: dict[int, str] = {}
    flights = _combine(read_blocks(opened, starts, keep_rows=keep_rows), opened)._replace(starts=starts)
    if history and not flights.complete:
        raise no_actual_times(opened.where)
    if opened.embedded:
        flights = flights._replace(airline_names=opened.embedded.airline_names())
    return flights._replace(frame=select_dates(flights.frame, first, end, flights.where))


def no_actual_times(where: str) -> DataError:
    """What is wrong with a schedule where a history is wanted."""
    return DataError(where, "no flight has an actual time", wanted="a history of flights that have left")


def _combine(blocks: Iterator[Block], opened: Opened) -> Flights:
    source, where = opened.source, opened.where
    parts = list(blocks)
    read = pl.concat([part.read for part in parts])
    ragged = pl.concat([part.ragged for part in parts])
    problems = read.filter(pl.col("problem").is_not_null()).select(ROW, reason="problem")
    rejected = pl.concat([ragged, drop_rows(problems, ragged)])
    good, codes = resolve_codes(drop_rows(read, rejected), source.labels)
    rejected = pl.concat([rejected, codes.refused]).sort(ROW)
    check_rejected(rejected, len(rejected), len(read), where)
    good = drop_rows(good, codes.refused)
    duplicates = find_duplicates(good)
    good = drop_rows(good, duplicates)
    joined = find_codeshares(good)
    good = drop_rows(good, joined)
    frame = good.select(*COLUMNS)
    complete = not frame["actual_departure"].is_null().all()
    if not complete and frame["cancelled"].all():
        # A schedule, before any flight has left.
        no_time = pl.lit(None, frame.schema["cancelled_at"])
        frame = frame.with_columns(cancelled=pl.lit(value=False), cancelled_at=no_time)
    open_ended = frame.select(pl.col("actual_departure").is_null() & ~pl.col("cancelled")).to_series()
    unmatched = find_unmatched_statuses(source.statuses, (part.statuses for part in parts))
    return Flights(
        source=source.name,
        where=where,
        frame=frame,
        rejected=rejected,
        duplicates=follow(duplicates, joined),
        joined=joined,
        outside=pl.concat([part.outside for part in parts]),
        rows=len(read),
        raw=pl.concat([part.raw for part in parts]),
        blank=pl.concat([part.blank for part in parts]),
        airline_names=merge_names(part.airline_names for part in parts),
        city_names=merge_names(part.city_names for part in parts),
        complete=complete,
        known_afterwards=source.known_afterwards,
        diverted=int(good["diverted"].sum()),
        not_reported=int(open_ended.sum()) if complete else 0,
        unknown_codes=codes.unknown,
        joined_codes=codes.joined,
        city_codes=codes.cities,
        read_as=opened.read_as,
        unmatched_statuses=unmatched if complete else (),
        assumed_cancelled=good.filter("assumed_cancelled").select(ROW),
    )


def merge_names(names: Iterable[dict[str, str]]) -> dict[str, str]:
    """Names by code; of several, the first."""
    merged: dict[str, str] = {}
    for some in names:
        merged = some | merged
    return merged


def check_rejected(rejected: pl.DataFrame, count: int, rows: int, where: str) -> None:
    """Check that there are rows, and that at least half of them are good.

    Parameters
    ----------
    rejected : the first ``row`` that is bad, and its ``reason``
    count : how many are bad, of all `rows`

    Raises
    ------
    DataError : there are no rows, or too few are good
    """
    if not rows:
        raise DataError(where, "no row is a departure", wanted="a list of departures")
    if 2 * count > rows:
        row, reason = rejected.row(0)
        found = f"{count:,} of {rows:,} rows cannot be used"
        first = f"the first is {row_name(where, row)}: {reason}"
        raise DataError(where, f"{found}; {first}", wanted="at least half of the rows good")


def drop_rows(frame: pl.DataFrame, dropped: pl.DataFrame) -> pl.DataFrame:
    """The rows of a frame whose number is not among those dropped."""
    if dropped.is_empty():
        return frame
    return frame.join(dropped.select(ROW), on=ROW, how="anti", maintain_order="left")
