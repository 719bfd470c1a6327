"""What it costs to know the day of the flight, and how soon it is known.

``python -m benchmarks.operations [PART ...] [--model MODEL]``; without a model, the small one of
`puntual up --replay` is trained first, which has a sixth of the trees.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.operations import cost, delay, memory
from deploy.service import StartError, unwind_on_sigterm
from puntual.cli.played_day import train_small
from puntual.inference.artifact import write_artifact
from puntual.loadtest.machine import this_machine
from puntual.types import no_progress

PARTS: dict[str, Callable[[Path, argparse.Namespace], None]] = {
    "cost": lambda model, options: cost.measure(model, options.rounds, options.seconds),
    "memory": lambda model, options: memory.measure(model, options.days, options.events, options.kept),
    "delay": lambda model, options: delay.measure(model, options.url, options.rate, 60),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.operations")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; else all")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--rounds", type=int, default=9, help="of `cost`")
    parser.add_argument("--seconds", type=int, default=5, help="of each turn of `cost`")
    parser.add_argument("--days", type=int, default=1, help="of `memory`")
    parser.add_argument("--events", type=int, default=1_000_000, help="a day, of `memory`")
    parser.add_argument(
        "--kept", type=Path, help="file of SQLite with the days of `memory`, made if it is not there"
    )
    parser.add_argument("--url", default="", help="store of `delay`; else SQLite and PostgreSQL")
    parser.add_argument("--rate", type=int, default=200, help="events a second, of `delay`")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}; wanted: {', '.join(PARTS)}")
    unwind_on_sigterm()
    machine = this_machine()
    print(f"Python {platform.python_version()}, {machine.processor}, {machine.cores} shared cores")
    with tempfile.TemporaryDirectory(prefix="operations") as folder:
        model = options.model
        if model is None:
            model = Path(folder) / "small.puntual"
            write_artifact(train_small(no_progress), model)
        try:
            for name in options.parts or PARTS:
                print(f"\n{name}", flush=True)
                PARTS[name](model, options)
        except StartError as error:
            sys.exit(f"benchmarks.operations: {error}")


if __name__ == "__main__":
    main()
