"""`python -m puntual.data.workbook_csv` reads a workbook on its standard input and writes its table as CSV.

A server runs it for its page in a process of its own: whatever a workbook does harms no other process, and
nothing of it stays in memory or on the disk. What is wrong with a workbook is said in one line on standard
error, with exit status 2.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys
from pathlib import Path

import polars as pl

from puntual.data.layout import ROW
from puntual.data.workbooks import read_sheet
from puntual.errors import DataError, PuntualError

MAX_UNPACKED_BYTES = 64 * 2**20
MAX_ROWS = 200_000
MAX_MEMORY_BYTES = 3 * 2**30
"""Of addresses, of which a process uses a part."""
_NAME = "the workbook"


def write_sheet(content: bytes) -> bytes:
    """The first table of a workbook as CSV in UTF-8, each row on the line that has its number in the sheet.

    Dates and times are written as ISO 8601 has them; dates at midnight throughout a column, as dates.

    Raises
    ------
    DataError : no workbook, no table, or too large
    """
    sheet = read_sheet(content, _NAME, _ignore, max_unpacked=MAX_UNPACKED_BYTES)
    frame, first = sheet.table.frame, sheet.layout.row
    last = int(frame[ROW][-1]) if len(frame) else first
    if last > MAX_ROWS:
        raise DataError(_NAME, f"{last} rows", wanted=f"at most {MAX_ROWS}")
    rows = pl.DataFrame({ROW: pl.int_range(first, last + 1, dtype=pl.UInt32, eager=True)})
    table = pl.DataFrame([_plain(column) for column in frame])
    lines = rows.join(table, on=ROW, how="left", maintain_order="left").drop(ROW)
    csv = lines.write_csv(datetime_format="%Y-%m-%dT%H:%M:%S", time_format="%H:%M:%S")
    return ("\n" * (first - 2) + csv).encode()


def _plain(column: pl.Series) -> pl.Series:
    if column.dtype == pl.Datetime and (column.dt.time().drop_nulls().cast(pl.Int64) == 0).all():
        return column.dt.date()
    return column.str.replace_all(r"\s+", " ") if column.dtype == pl.String else column


def _ignore(_message: str) -> None:
    """What is said about a workbook is not for a program."""


def main() -> None:
    """Read standard input and write standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    with contextlib.suppress(OSError):  # if the memory of its group is short, it goes before the server
        Path("/proc/self/oom_score_adj").write_text("1000")
    os.nice(10)  # answers go first
    try:
        table = write_sheet(sys.stdin.buffer.read())
    except PuntualError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    sys.stdout.buffer.write(table)


if __name__ == "__main__":
    main()
