"""Flights in a folder of partitions, ``origin=JFK/month=2013-01/part-0.parquet``, and its manifest.

`puntual convert` writes them (`puntual.data.conversion`). A partition holds the departures of one airport in
one month, in canonical columns; the manifest says what there is, so that no folder has to be listed.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
import polars as pl

from puntual.data.dates import DateLike, parse_date
from puntual.data.flights import RowsRead
from puntual.data.places import Where, is_address, join, read_bytes
from puntual.data.schema import COLUMNS
from puntual.data.unmatched_statuses import UnmatchedStatus
from puntual.errors import DataError
from puntual.formats import CODE

MANIFEST = "_puntual.json"
"""Name of the manifest, which is written last: a folder without it is not whole."""
FORMAT = 1
ROWS_AT_ONCE = 100_000
"""Flights that are read together, unless one airport has more in a month."""
ASSUMED = "assumed_cancelled"
"""Column of the files beside the canonical ones: nothing says that the flight left."""

_PART = "part-0.parquet"
_WITHIN = re.compile(r"(?:origin|month)=[^/*?\[]+")
_WANTED = "a folder that puntual convert wrote"

Origin = Annotated[str, msgspec.Meta(pattern=CODE)]
Month = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder of partitions holds, and how its files were read.

    Attributes
    ----------
    format : version of the layout
    source : name of the source of the files
    columns : canonical ones of every partition
    complete : a history with actual times; otherwise a schedule
    flights : usable ones, which the partitions hold
    first, last : local scheduled dates
    rows : of the files, without blank ones; each is a usable flight, rejected, a duplicate, a codeshare of a
        flight, or filtered
    rejected, duplicates, codeshares, filtered : how many rows are none of the flights
    diverted, not_reported, assumed_cancelled : flights, as in `puntual.data.flights.Flights`
    unknown_codes, city_codes, joined_codes, unmatched_statuses, airline_names, city_names, read_as : as there
    partitions : number of flights by origin and month
    """

    format: int = FORMAT
    source: str
    columns: tuple[str, ...]
    complete: bool
    flights: int
    first: dt.date
    last: dt.date
    rows: int
    rejected: int = 0
    duplicates: int = 0
    codeshares: int = 0
    filtered: int = 0
    diverted: int = 0
    not_reported: int = 0
    assumed_cancelled: int = 0
    unknown_codes: tuple[str, ...] = ()
    city_codes: tuple[str, ...] = ()
    joined_codes: dict[str, tuple[str, ...]] = {}
    unmatched_statuses: tuple[UnmatchedStatus, ...] = ()
    airline_names: dict[str, str] = {}
    city_names: dict[str, str] = {}
    read_as: tuple[str, ...] = ()
    partitions: dict[Origin, dict[Month, int]]

    @property
    def rows_read(self) -> RowsRead:
        """What became of the rows of the files."""
        return RowsRead(
            self.rows, self.duplicates, self.unknown_codes, self.city_codes, self.unmatched_statuses
        )


class Partition(NamedTuple):
    """The departures of one airport in one month.

    Attributes
    ----------
    month : as ``2013-01``
    path : or address, of its file
    rows : how many flights it has
    since, until : only flights from this local date on, and before this one; None: all
    """

    origin: str
    month: str
    path: str
    rows: int
    since: dt.date | None = None
    until: dt.date | None = None


Group = tuple[Partition, ...]
"""Partitions that are read together."""


def group_partitions(parts: Sequence[Partition], rows: int | None = None) -> list[Group]:
    """Partitions that are read together, in their order; one group holds an airport's month whole.

    Parameters
    ----------
    rows : most flights of a group of several; None: `ROWS_AT_ONCE`

    Examples
    --------
    >>> parts = [Partition("JFK", f"2013-0{month}", "", 90) for month in (1, 2, 3)]
    >>> [len(group) for group in group_partitions(parts, 200)]
    [2, 1]
    """
    most, groups, held = rows or ROWS_AT_ONCE, list[list[Partition]](), 0
    for part in parts:
        if not groups or held + part.rows > most:
            groups.append([])
            held = 0
        groups[-1].append(part)
        held += part.rows
    return [tuple(group) for group in groups]


def partition_path(where: Where, origin: str, month: str) -> str:
    """Path or address of a partition's file.

    Examples
    --------
    >>> partition_path("gs://bucket/flights", "JFK", "2013-01")
    'gs://bucket/flights/origin=JFK/month=2013-01/part-0.parquet'
    """
    return join(where, f"origin={origin}", f"month={month}", _PART)


def read_manifest(where: Where) -> Manifest:
    """Read what a folder of partitions holds.

    Parameters
    ----------
    where : path or address of the folder, or of a folder in it as ``flights/origin=JFK``

    Raises
    ------
    DataError : no such folder, or its manifest is damaged or of another version
    """
    found = find_manifest(where)
    if found is None:
        raise DataError(str(where), f"no {MANIFEST}", wanted=_WANTED)
    return found


def find_manifest(where: Where) -> Manifest | None:
    """As `read_manifest`; None where there is none.

    Raises
    ------
    DataError : the manifest is damaged or of another version
    """
    root, _, _ = split_folder(where)
    path = join(root, MANIFEST)
    text = read_bytes(path) if is_address(where) or _is_folder(where) else None
    if text is None:
        return None
    try:
        found = msgspec.json.decode(text, type=Manifest)
    except msgspec.DecodeError as error:
        raise DataError(path, f"damaged: {error}", wanted="the manifest that puntual convert wrote") from None
    if found.format != FORMAT:
        raise DataError(path, f"format {found.format}", wanted=f"format {FORMAT}; convert the files again")
    return found


def _is_folder(where: Where) -> bool:
    try:
        return Path(where).is_dir()
    except OSError:  # such as a name that is too long
        return False


def partitions(
    where: Where,
    since: DateLike = None,
    until: DateLike = None,
    *,
    origins: Collection[str] | None = None,
) -> list[Partition]:
    """The partitions of a folder that may have flights of some dates, in the order of origin and month.

    Parameters
    ----------
    where : path or address of the folder, or of a folder in it as ``flights/origin=JFK``
    since, until : first local scheduled date, and the first one after the last; None: all
    origins : codes of the airports; None: all

    Raises
    ------
    DataError : no folder of partitions
    """
    first, end = parse_date("since", since), parse_date("until", until)
    root, of_origin, of_month = split_folder(where)
    found = []
    for origin, months in sorted(read_manifest(where).partitions.items()):
        if of_origin not in (None, origin) or (origins is not None and origin not in origins):
            continue
        for month, rows in sorted(months.items()):
            start, after = month_bounds(month)
            if of_month not in (None, month) or (first and after <= first) or (end and start >= end):
                continue
            since_day = first if first and first > start else None
            until_day = end if end and end < after else None
            path = partition_path(root, origin, month)
            found.append(Partition(origin, month, path, rows, since_day, until_day))
    return found


def read_partition(partition: Partition) -> pl.DataFrame:
    """Read the flights of a partition: `puntual.data.schema.COLUMNS`, in the order of the files.

    Raises
    ------
    DataError : its file is missing or damaged
    """
    return read_marked(partition).select(*COLUMNS)


def read_group(parts: Sequence[Partition]) -> pl.DataFrame:
    """Read the flights of some partitions, as `read_partition` reads each; at least one.

    Raises
    ------
    DataError : a file is missing or damaged
    """
    if all(one.since is None and one.until is None for one in parts):
        contents = [content for one in parts if (content := read_bytes(one.path)) is not None]
        # All at once takes a quarter of the time of one by one, which tell what is wrong.
        with suppress(pl.exceptions.PolarsError):
            frame = pl.scan_parquet(contents).select(*COLUMNS).collect()
            if len(contents) == len(parts) and frame.height == sum(one.rows for one in parts):
                return frame
    return pl.concat(read_partition(one) for one in parts)


def read_marked(partition: Partition) -> pl.DataFrame:
    """As `read_partition`, with the column `ASSUMED`.

    Raises
    ------
    DataError : its file is missing or damaged
    """
    where = partition.path
    content = read_bytes(where)
    if content is None:
        raise DataError(where, "no such file", wanted=f"every file that {MANIFEST} names")
    try:
        frame = pl.read_parquet(io.BytesIO(content)).select(*COLUMNS, ASSUMED)
    except pl.exceptions.PolarsError as error:
        reason = str(error).partition("\n")[0]
        raise DataError(where, f"damaged: {reason}", wanted="the file that puntual convert wrote") from None
    if frame.height != partition.rows:
        found = f"{frame.height:,} flights instead of the {partition.rows:,} of {MANIFEST}"
        raise DataError(where, found, wanted="the file that puntual convert wrote")
    if partition.since is None and partition.until is None:
        return frame
    day = pl.col("scheduled_departure").dt.date()
    return frame.filter(day >= (partition.since or dt.date.min), day < (partition.until or dt.date.max))


def month_bounds(month: str) -> tuple[dt.date, dt.date]:
    """The first day of a month, and the first one after it.

    Examples
    --------
    >>> month_bounds("2013-12")
    (datetime.date(2013, 12, 1), datetime.date(2014, 1, 1))
    """
    first = dt.date.fromisoformat(f"{month}-01")
    return first, (first + dt.timedelta(days=31)).replace(day=1)


def split_folder(where: Where) -> tuple[str, str | None, str | None]:
    """The folder of all partitions, and the origin and the month of a folder in it.

    Examples
    --------
    >>> split_folder("flights/origin=JFK"), split_folder("s3://bucket/flights/")
    (('flights', 'JFK', None), ('s3://bucket/flights', None, None))
    """
    root, kept = str(where).rstrip("/") or str(where), {}
    while _WITHIN.fullmatch(root.rpartition("/")[2]):
        root, _, last = root.rpartition("/")
        name, _, value = last.partition("=")
        kept[name] = value
        root = root or "."
    return root, kept.get("origin"), kept.get("month")
