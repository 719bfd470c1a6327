"""What commands take of a network of airports, at several sizes: time, processor time, memory.

    npm pack vega-datasets && tar xf vega-datasets-*.tgz
    python -m benchmarks.network package/data/flights-3m.parquet [--model MODEL] [--times 1 10] [--keep DIR]
        [--steps convert check explore train predict] [--cluster local:2] [--thin]

The flights are the 3 million US departures of 2001 in `vega-datasets` (229 airports). More of them are the
same flights 364 days later, and again, each by up to 10 minutes earlier or later, so that weekdays stay and
no two years are alike; fewer (`--times .33`) are the first days, or with `--thin` flights of all days, evenly
spaced: the first third is too short for the day of the flight to be learned. `predict` needs a model:
`--model`, or that of `train`, of which is also said how large it is, what a process that answers with it
holds, and what its scorer takes. With `--cluster`, the steps after `convert` take place there, and the memory
of the command's own process (the driver) is said apart from the largest other one's. What is written is
removed; `--keep` leaves it in a folder, where a later run finds what `convert` wrote.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.timing import Peaks, measure_puntual
from puntual.data.partitions import read_manifest

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
HOLD = """\
import resource, sys
from pathlib import Path
from puntual.inference.artifact import read_artifact
from puntual.inference.predictor import Predictor
predictor = Predictor(read_artifact(Path(sys.argv[1])))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
"""What says the memory of a process that answers with a model, by whose path it is followed."""
STEPS = ("convert", "check", "explore", "train", "predict")


def write_years(source: Path, files: Sequence[Path], times: float, *, thin: bool) -> None:
    """Write a file a year: the first as it is, later ones shifted, with noise in the scheduled minute."""
    first, chance = pl.read_parquet(source), np.random.default_rng(1)
    if times < 1:
        ordered = first.sort("date")
        first = ordered.gather_every(round(1 / times)) if thin else ordered.head(round(first.height * times))
    for later, path in enumerate(files):
        noise = chance.integers(-NOISE_MINUTES, NOISE_MINUTES + 1, first.height) if later else 0
        shift = pl.duration(days=YEAR_DAYS * later) + pl.duration(minutes=pl.lit(noise))
        first.with_columns(pl.col("date") + shift).write_parquet(path)


@contextmanager
def workplace(keep: Path | None) -> Iterator[Path]:
    """A folder for what is written."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def describe_served(model: Path) -> str:
    """The size of a model's file, the memory of a process that answers with it, and its scorer's time."""

    def said(*arguments: str) -> str:
        command = (sys.executable, *arguments, str(model))
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    held, took = said("-c", HOLD), said("-m", "benchmarks.scorer")
    return f"{model.stat().st_size / 2**20:.1f} MiB, held with its predictor in {held} MiB; {took}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("flights", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--times", type=float, nargs="+", default=[1])
    parser.add_argument("--thin", action="store_true")
    parser.add_argument("--steps", nargs="+", default=STEPS, choices=STEPS)
    parser.add_argument("--train-options", default="", help="as in `--trees 120 --no-operations`")
    parser.add_argument("--cluster", help="as in `local:2`")
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    with workplace(arguments.keep) as folder:
        (folder / "us.toml").write_text(MAPPING, "utf-8")
        for times in arguments.times:
            measure_size(arguments, folder, times)


def measure_size(arguments: argparse.Namespace, folder: Path, times: float) -> None:
    """Run the steps at one size, and print a line for each."""
    data, answers, page = (folder / f"{name}-{round(100 * times)}" for name in ("flights", "answers", "page"))
    trained = folder / f"model-{round(100 * times)}.puntual"
    model = arguments.model or trained
    files = [folder / f"{later:03}.parquet" for later in range(max(1, round(times)))]
    commands: dict[str, list[object]] = {
        "convert": [*files, "-o", data, "--source", folder / "us.toml", "--force"],
        "check": [data],
        "explore": [data, "--quick", "-o", page],
        "train": [data, "-o", trained, *arguments.train_options.split()],
        "predict": [model, data, "-o", answers],
    }
    for name in [step for step in STEPS if step in arguments.steps]:
        if name == "convert":
            # In a process of its own: what it holds would count as the peak of those that are begun after it.
            writing = get_context("spawn").Process(
                target=write_years,
                args=(arguments.flights, files, times),
                kwargs={"thin": arguments.thin},
            )
            writing.start()
            writing.join()
        place = ["--cluster", arguments.cluster] if arguments.cluster and name != "convert" else []
        with Peaks() as peaks:
            found = measure_puntual(name, *map(str, commands[name]), *place)
        for file in files:
            file.unlink(missing_ok=True)
        rows = read_manifest(data).flights
        each = f"{1e6 * found.processor_seconds / rows:.1f} µs of a processor each"
        speed = (
            f"{found.seconds:.1f} s, {rows / found.seconds:,.0f}/s; {found.processor_seconds:.1f} s, {each}"
        )
        memory = f"{found.mebibytes:,.0f} MiB"
        if place:
            largest = max(peaks.begun.values(), default=0)
            memory = f"driver {max(peaks.own.values(), default=0):,} MiB, others up to {largest:,} MiB"
        print(f"{name}: {rows:,} flights in {speed}; {memory}", flush=True)
        if name == "train":
            print(f"model: {describe_served(trained)}", flush=True)
        shutil.rmtree(answers, ignore_errors=True)


if __name__ == "__main__":
    main()
