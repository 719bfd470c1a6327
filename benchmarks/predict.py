"""`puntual predict`, Parquet to Parquet, on a million flights.

    python -m benchmarks.predict --model nyc.puntual [--flights 1000000] [--rounds 3]

The flights are those of `nyc` repeated over the years that follow, each year complete.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

import polars as pl

from benchmarks.timing import measure_puntual
from puntual.data import read_flights

COLUMNS = ("year", "month", "day", "sched_dep_time", "carrier", "flight", "origin", "dest")


def write_schedule(path: Path, flights: int) -> None:
    """Write a schedule of that many flights, without actual times."""
    year = read_flights("nyc").raw.select(COLUMNS)
    years = -(-flights // year.height)
    repeated = pl.concat(
        year.with_columns((pl.col("year").cast(pl.Int64) + later).cast(pl.String)) for later in range(years)
    )
    numbers = ("year", "month", "day", "sched_dep_time", "flight")
    repeated.head(flights).with_columns(pl.col(numbers).cast(pl.Int64)).write_parquet(path)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--flights", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        schedule, answers = Path(folder) / "schedule.parquet", Path(folder) / "answers.parquet"
        write_schedule(schedule, arguments.flights)
        command = ("predict", arguments.model, str(schedule), "-o", str(answers))
        median = statistics.median(measure_puntual(*command).seconds for _ in range(arguments.rounds))
        assert pl.scan_parquet(answers).select(pl.len()).collect().item() == arguments.flights
    print(f"{arguments.flights:,} flights in {median:.2f} s (median of {arguments.rounds}): ", end="")
    print(f"{arguments.flights / median:,.0f} flights/s")


if __name__ == "__main__":
    main()
