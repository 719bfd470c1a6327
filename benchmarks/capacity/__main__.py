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
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.capacity import records
from benchmarks.capacity.measure import measure
from benchmarks.capacity.page import render
from benchmarks.capacity.pictures import pictures
from benchmarks.capacity.records import MEASURED, SCALE_OUT, SIMULATED, Measured, ScaleOut, Simulated
from benchmarks.capacity.scaleout import scale_out
from benchmarks.capacity.scenarios import SCENARIOS, compare, rerun, simulate
from deploy.service import ENGINES

DOCS = Path(__file__).parents[2] / "docs"
SEED = 11


class Command(NamedTuple):
    """What a command does, and what it needs.

    Attributes
    ----------
    programs : besides the engine; None: it runs no container
    """

    run: Callable[[argparse.Namespace], None]
    programs: tuple[str, ...] | None
    files: tuple[Path, ...] = ()


def _measure(options: argparse.Namespace) -> None:
    earlier = records.read(MEASURED, Measured).sizes if options.add else []
    records.write(MEASURED, measure(ENGINES[options.engine], options.model, earlier))


def _scale_out(options: argparse.Namespace) -> None:
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


COMMANDS = {
    "measure": Command(_measure, ("taskset",)),
    "scale-out": Command(_scale_out, ("taskset", "haproxy")),
    "simulate": Command(_simulate, None, (MEASURED, SCALE_OUT)),
    "page": Command(_page, None, (MEASURED, SCALE_OUT, SIMULATED)),
}


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
    command = COMMANDS[options.command]
    if missing := _missing(command, options):
        parser.exit(2, f"benchmarks.capacity: {missing}\n")
    try:
        command.run(options)
    except RuntimeError as error:
        parser.exit(1, f"benchmarks.capacity: {error}\n")


def _missing(command: Command, options: argparse.Namespace) -> str | None:
    for file in (*command.files, *((MEASURED,) if options.add else ())):
        if not file.exists():
            return f"there is no {file.name} yet; the commands before this one make it"
    if command.programs is None:
        return None
    if options.model is None:
        return f"{options.command} needs --model, a file from `puntual train`"
    if not options.model.is_file():
        return f"--model: {options.model}: no such file; wanted: one from `puntual train`"
    for program in (options.engine, *command.programs):
        if shutil.which(program) is None:
            return f"there is no {program} here"
    return None


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    main()
