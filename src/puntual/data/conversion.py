"""Files of any source -> a folder of partitions, of which only some rows are in memory at a time."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple, cast

import msgspec
import polars as pl

from puntual.data.blocks import Block, Data, Opened, SourceLike, open_flights, read_blocks
from puntual.data.codes import Resolution
from puntual.data.delimited import ROW
from puntual.data.joining import (
    CODESHARE_KEYS,
    Codes,
    apply_codes,
    find_codeshares,
    find_duplicates,
    summarise_codes,
)
from puntual.data.oddities import find_oddities
from puntual.data.oddity import Oddity
from puntual.data.parquet import NO_ROWS
from puntual.data.partition_folder import PartitionFolder
from puntual.data.partitioned import find_folder
from puntual.data.partitions import ASSUMED, Manifest, partitions, read_partition
from puntual.data.places import Where
from puntual.data.profile import (
    Counts,
    count_flights,
    last_compared_day,
    merge_counts,
    profile_counts,
    select_first_days,
)
from puntual.data.reading import check_rejected, drop_rows, merge_names
from puntual.data.schema import COLUMNS
from puntual.data.spill import FirstRows, Spill
from puntual.data.unmatched_statuses import UnmatchedStatus, find_unmatched_statuses
from puntual.errors import DataError
from puntual.types import Progress, no_progress

SHOWN = 5
"""Bad rows of which the reason is kept."""


class Conversion(NamedTuple):
    """What became of files.

    Attributes
    ----------
    where : what the files are called in messages
    rejected : ``row`` and ``reason`` of the first `SHOWN` bad rows
    starts : rows before each file, and its name
    oddities : what looks wrong
    """

    where: str
    manifest: Manifest
    rejected: pl.DataFrame
    starts: dict[int, str]
    oddities: tuple[Oddity, ...]


class _Read(NamedTuple):
    """What was read of all files, their good rows aside.

    Attributes
    ----------
    rejected : rows that are bad whatever the codes of other rows
    """

    rows: int
    rejected: FirstRows
    outside: int
    starts: dict[int, str]
    airline_names: dict[str, str]
    city_names: dict[str, str]
    unmatched: tuple[UnmatchedStatus, ...]


class _Written(NamedTuple):
    """What was written of some rows, or of all."""

    rejected: FirstRows
    duplicates: int = 0
    codeshares: int = 0
    diverted: int = 0
    assumed: int = 0


class _Rules(NamedTuple):
    """What all rows together say of each.

    Attributes
    ----------
    key : column by which codeshares are found; None: there are none
    schedule : no flight has left yet, so that none counts as cancelled
    """

    codes: Mapping[str, Resolution]
    labels: Mapping[str, str]
    key: str | None
    schedule: bool


def convert(
    data: Data,
    output: Where,
    *,
    source: SourceLike = None,
    constants: Mapping[str, str] | None = None,
    sheet: str | None = None,
    replace: bool = False,
    progress: Progress = no_progress,
) -> Conversion:
    """Convert files into a folder of partitions, whose flights are those that `read_flights` gives.

    Rows are read once and wait on disk, so that memory does not grow with their number: at most a block of
    them, or the flights of a month (`puntual.data.spill.MAX_ROWS_AT_ONCE`), are held.

    Parameters
    ----------
    data, source, constants, sheet : as in `puntual.data.read_flights`
    output : folder to write, a path or an address; a folder of this machine appears whole or not at all, at
        an address the manifest comes last
    replace : the folder may hold partitions already
    progress : called after each file, and each batch of flights

    Raises
    ------
    DataError : no file of flights, more than half of the rows bad, or a folder that cannot be written
    """
    if find_folder(data) is not None:
        raise DataError(str(data), "partitions already", wanted="files of flights")
    folder = PartitionFolder(output, replace=replace)
    opened = open_flights(data, source=source, history=False, constants=constants, sheet=sheet)
    with folder.writing(), tempfile.TemporaryDirectory(dir=folder.beside, prefix=".puntual-") as waiting:
        spill = Spill(Path(waiting))
        read = _read(opened, spill, progress)
        written, counts = _write(folder, spill, opened, read.rejected, progress)
        rejected = written.rejected
        check_rejected(rejected.head, rejected.number, read.rows, opened.where)
        codes = summarise_codes(spill.find_codes(), NO_ROWS)
        manifest = _manifest(opened, read, written, counts, codes)
        manifest = msgspec.structs.replace(manifest, partitions=folder.partitions)
        folder.write_manifest(msgspec.json.format(msgspec.json.encode(manifest)))
        oddities = _find_oddities(folder.place, manifest, counts)
    return Conversion(opened.where, manifest, rejected.head, read.starts, oddities)


def _read(opened: Opened, spill: Spill, progress: Progress) -> _Read:
    rows = outside = 0
    rejected, starts = FirstRows(0, NO_ROWS), dict[int, str]()
    airlines, cities = dict[str, str](), dict[str, str]()
    statuses: dict[str, Counter[str]] = {}
    done = partial(progress, "reading", len(opened.parts))
    for block in read_blocks(opened, starts, keep_rows=False, done=done):
        bad = _find_bad(block)
        spill.add(drop_rows(block.read, bad).drop("problem"))
        rejected, rows = rejected.add(bad, SHOWN), rows + len(block.read)
        outside += len(block.outside)
        airlines = merge_names([airlines, block.airline_names])
        cities = merge_names([cities, block.city_names])
        for column, values in block.statuses.items():
            statuses.setdefault(column, Counter()).update(values)
    if opened.embedded:
        airlines = opened.embedded.airline_names()
    unmatched = find_unmatched_statuses(opened.source.statuses, [statuses])
    return _Read(rows, rejected, outside, starts, airlines, cities, unmatched)


def _find_bad(block: Block) -> pl.DataFrame:
    problems = block.read.filter(pl.col("problem").is_not_null()).select(ROW, reason="problem")
    return pl.concat([block.ragged, drop_rows(problems, block.ragged)])


def _write(
    folder: PartitionFolder, spill: Spill, opened: Opened, rejected: FirstRows, progress: Progress
) -> tuple[_Written, Counts]:
    """Write all partitions, batch by batch."""
    codes = spill.find_codes()
    flags = spill.flags(codes)
    rules = _Rules(
        codes,
        opened.source.labels,
        next((name for name in CODESHARE_KEYS if flags[name]), None),
        schedule=not flags["actual"] and not flags["not cancelled"],
    )
    batches = [*spill.batches(codes)]
    total, counts = _Written(rejected), list[Counts]()
    for batch in batches:
        frame, some = _flights_of(spill.read(batch), rules, total.rejected)
        total = _Written(some.rejected, *(one + more for one, more in zip(total[1:], some[1:], strict=True)))
        for (origin,), own in frame.partition_by("origin", as_dict=True, maintain_order=True).items():
            folder.write(str(origin), batch.month, own)
        if len(frame):
            counts = [merge_counts([*counts, count_flights(frame)])]
        progress("writing", len(batches))
    if not counts:
        check_rejected(total.rejected.head, total.rejected.number, 1, opened.where)
        raise DataError(opened.where, "no flight", wanted="a list of departures")
    return total, counts[0]


def _flights_of(rows: pl.DataFrame, rules: _Rules, rejected: FirstRows) -> tuple[pl.DataFrame, _Written]:
    """The flights of some rows, and what became of the others; as for all rows at once in `reading`."""
    good, refused = apply_codes(rows, rules.codes, rules.labels)
    good = drop_rows(good, refused)
    duplicates = find_duplicates(good)
    good = drop_rows(good, duplicates)
    joined = find_codeshares(good, rules.key)
    good = drop_rows(good, joined)
    frame = good.select(*COLUMNS, ASSUMED)
    if rules.schedule:
        no_time = pl.lit(None, frame.schema["cancelled_at"])
        frame = frame.with_columns(cancelled=pl.lit(value=False), cancelled_at=no_time)
    diverted, assumed = int(good["diverted"].sum()), int(good[ASSUMED].sum())
    counted = _Written(rejected.add(refused, SHOWN), len(duplicates), len(joined), diverted, assumed)
    return frame, counted


def _manifest(opened: Opened, read: _Read, written: _Written, counts: Counts, codes: Codes) -> Manifest:
    """What the folder holds, its partitions aside."""
    sums, days = counts.sums.row(0, named=True), counts.days["day"]
    complete = bool(counts.days["departed"].sum())
    return Manifest(
        source=opened.source.name,
        columns=tuple(COLUMNS),
        complete=complete,
        flights=sums["flights"],
        first=cast("dt.date", days.min()),
        last=cast("dt.date", days.max()),
        rows=read.rows,
        rejected=written.rejected.number,
        duplicates=written.duplicates,
        codeshares=written.codeshares,
        filtered=read.outside,
        diverted=written.diverted,
        not_reported=sums["not_reported"] if complete else 0,
        assumed_cancelled=written.assumed,
        unknown_codes=codes.unknown,
        city_codes=codes.cities,
        joined_codes=codes.joined,
        unmatched_statuses=read.unmatched if complete else (),
        airline_names=read.airline_names,
        city_names=read.city_names,
        read_as=opened.read_as,
        partitions={},
    )


def _find_oddities(where: Where, manifest: Manifest, counts: Counts) -> tuple[Oddity, ...]:
    last = last_compared_day(counts)
    first = pl.concat(
        select_first_days(read_partition(one), last)
        for one in partitions(where, until=last + dt.timedelta(days=1))
    )
    return find_oddities(profile_counts(counts, first, history=manifest.complete), manifest.rows_read)
