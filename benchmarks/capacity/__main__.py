"""`python -m benchmarks.capacity COMMAND`: what the service holds, what that needs, how it grows.

    python -m benchmarks.capacity measure --model MODEL [--engine podman]     containers: measured.json
    python -m benchmarks.capacity measure --model MODEL --add                 one round more
    python -m benchmarks.capacity scale-out --model MODEL [--engine podman]   a real run: scaleout.json
    python -m benchmarks.capacity simulate                  from both: simulated.json, charts of docs/images
    python -m benchmarks.capacity page                      from all: docs/capacity.md

The first three need the image (`python -m deploy.checks.image`), `taskset`, and a machine with nothing else
to do; the third also HAProxy. Only 127.0.0.1 is asked.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from benchmarks.capacity import records
from benchmarks.capacity.measure import measure
from benchmarks.capacity.page import render
from benchmarks.capacity.pictures import pictures
from benchmarks.capacity.records import MEASURED, SCALE_OUT, SIMULATED, Measured, ScaleOut, Simulated
from benchmarks.capacity.scaleout import scale_out
from benchmarks.capacity.scenarios import SCENARIOS, compare, rerun, simulate
from deploy.service import ENGINES, unwind_on_sigterm

DOCS = Path(__file__).parents[2] / "docs"
SEED = 11


def _measure(options: argparse.Namespace) -> None:
    _need(options, "taskset")
    earlier = records.read(MEASURED, Measured).sizes if options.add else []
    records.write(MEASURED, measure(ENGINES[options.engine], options.model, earlier))


def _scale_out(options: argparse.Namespace) -> None:
    _need(options, "taskset", "haproxy")
    records.write(SCALE_OUT, scale_out(ENGINES[options.engine], options.model))


def _simulate(_options: argparse.Namespace) -> None:
    measured, real = records.read(MEASURED, Measured), records.read(SCALE_OUT, ScaleOut)
    runs = {name: simulate(measured, name, SEED) for name in SCENARIOS} | {"rerun": rerun(real, SEED)}
    outcomes = {name: outcome for name, (outcome, _) in runs.items()}
    curves = {name: curve for name, (_, curve) in runs.items()}
    comparison = compare(real, *runs["rerun"])
    records.write(SIMULATED, Simulated(seed=SEED, outcomes=outcomes, comparison=comparison))
    for name, svg in pictures(measured, real, curves).items():
        (DOCS / "images" / name).write_text(f"{svg}\n", "utf-8")


def _page(_options: argparse.Namespace) -> None:
    measured, real = records.read(MEASURED, Measured), records.read(SCALE_OUT, ScaleOut)
    page = render(measured, real, records.read(SIMULATED, Simulated))
    (DOCS / "capacity.md").write_text(page, "utf-8")


COMMANDS = {"measure": _measure, "scale-out": _scale_out, "simulate": _simulate, "page": _page}


def main() -> None:
    """Run the command; what is missing is one line and exit status 2."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.capacity", description=(__doc__ or "").split("\n")[0].partition(": ")[2]
    )
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("--model", type=Path, help="from `puntual train`; of `measure` and `scale-out`")
    parser.add_argument("--engine", choices=ENGINES, default="docker")
    parser.add_argument("--add", action="store_true", help="`measure`: add a round to those there are")
    options = parser.parse_args()
    try:
        COMMANDS[options.command](options)
    except LookupError as missing:
        parser.exit(2, f"benchmarks.capacity: {missing.args[0]}\n")
    except RuntimeError as error:
        parser.exit(1, f"benchmarks.capacity: {error}\n")


def _need(options: argparse.Namespace, *programs: str) -> None:
    """Check for the model and for programs besides the engine; `LookupError`: one is missing."""
    if options.model is None:
        raise LookupError(f"{options.command} needs --model, a file from `puntual train`")
    if not options.model.is_file():
        raise LookupError(f"--model: {options.model}: no such file; wanted: one from `puntual train`")
    for program in (options.engine, *programs):
        if shutil.which(program) is None:
            raise LookupError(f"there is no {program} here")


if __name__ == "__main__":
    unwind_on_sigterm()
    main()
