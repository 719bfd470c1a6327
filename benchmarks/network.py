"""`puntual convert` and `puntual predict` of a network, Parquet to Parquet, at several sizes.

    npm pack vega-datasets && tar xf vega-datasets-*.tgz
    python -m benchmarks.network package/data/flights-3m.parquet --model MODEL [--times 1 10] [--keep DIR]

The flights are the 3 million US departures of 2001 in `vega-datasets` (229 airports). More of them are the
same flights 364 days later, and again, each by up to 10 minutes earlier or later, so that weekdays stay and
no two years are alike. What is written is removed; `--keep` leaves it in a folder.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.timing import measure_puntual

MAPPING = """\
[columns]
scheduled_departure = "date"
origin = "origin"
destination = "destination"
delay = "delay"

[constants]
airline = "XX"
"""
NOISE_MINUTES = 10
YEAR_DAYS = 364


def write_years(source: Path, folder: Path, years: int) -> list[Path]:
    """Write a file a year: the first as it is, later ones shifted, with noise in the scheduled minute."""
    first, chance, files = pl.read_parquet(source), np.random.default_rng(1), list[Path]()
    for later in range(years):
        noise = chance.integers(-NOISE_MINUTES, NOISE_MINUTES + 1, first.height) if later else 0
        shift = pl.duration(days=YEAR_DAYS * later) + pl.duration(minutes=pl.lit(noise))
        path = folder / f"{later:03}.parquet"
        first.with_columns(pl.col("date") + shift).write_parquet(path)
        files.append(path)
    return files


@contextmanager
def workplace(keep: Path | None) -> Iterator[Path]:
    """A folder for what is written."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("flights", type=Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--times", type=int, nargs="+", default=[1])
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    with workplace(arguments.keep) as folder:
        (folder / "us.toml").write_text(MAPPING, "utf-8")
        for times in arguments.times:
            files = write_years(arguments.flights, folder, times)
            data, answers = folder / f"flights-{times}", folder / f"answers-{times}"
            source = ("--source", folder / "us.toml")
            steps = {
                "convert": ("convert", *files, "-o", data, *source),
                "predict": ("predict", arguments.model, data, "-o", answers),
            }
            for name, command in steps.items():
                found = measure_puntual(*map(str, command))
                rows = pl.scan_parquet(data / "**" / "*.parquet").select(pl.len()).collect().item()
                speed = f"{found.seconds:.1f} s, {rows / found.seconds:,.0f}/s"
                print(f"{name}: {rows:,} flights in {speed}, {found.mebibytes:,.0f} MiB", flush=True)


if __name__ == "__main__":
    main()
