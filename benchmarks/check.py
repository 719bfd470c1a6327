"""Flights a second and memory of `puntual check`, on files of twelve months of ever more years.

    python -m benchmarks.check [--years 2 18] [--rounds 3]

The files hold the embedded flights of New York, each year of them moved by whole years, in the same columns.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import polars as pl

from puntual.data.embedded import EMBEDDED

COLUMNS = (
    "year",
    "month",
    "day",
    "dep_time",
    "sched_dep_time",
    "dep_delay",
    "carrier",
    "flight",
    "origin",
    "dest",
)


def write_months(folder: Path, years: int) -> int:
    """Write a file a month; returns the number of flights."""
    nyc = EMBEDDED["nyc"]
    flights = pl.read_csv(_unpacked(nyc.path(nyc.flights)), infer_schema=False).select(COLUMNS)
    year = pl.col("year").cast(pl.Int64)
    for month in range(1, 13):
        own = flights.filter(pl.col("month") == str(month))
        parts = [own.with_columns((year + later).cast(pl.String)) for later in range(years)]
        pl.concat(parts).write_csv(folder / f"{month:02}.csv")
    return years * flights.height


def _unpacked(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(archive.namelist()[0])


def check(folder: Path) -> tuple[float, float]:
    """Seconds and GiB of one `puntual check`."""
    command = [sys.executable, "-m", "puntual", "check", str(folder), "--json"]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"check ended with {status}")
    return time.perf_counter() - start, usage.ru_maxrss / 2**20


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--years", type=int, nargs="+", default=[2, 18])
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    for years in arguments.years:
        with tempfile.TemporaryDirectory() as folder:
            flights = write_months(Path(folder), years)
            found = [check(Path(folder)) for _ in range(arguments.rounds)]
        seconds = statistics.median(second for second, _ in found)
        memory = max(gib for _, gib in found)
        print(
            f"{flights:,} flights in 12 files: {seconds:.1f} s, {flights / seconds:,.0f} flights/s, "
            f"{memory:.2f} GiB",
            flush=True,
        )


if __name__ == "__main__":
    main()
