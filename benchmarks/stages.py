"""What each stage of `puntual train` takes: processor time, and the most memory by its end.

    python -m benchmarks.stages FILE_OR_FOLDER [--no-operations]

A stage is what `train` reports its progress by; the time before a step counts to the stage of the step. All
threads count: on two idle cores, half of the time is the least.
"""

from __future__ import annotations

import argparse
import resource
from time import process_time

from puntual.data import read_flights
from puntual.training.pipeline import train


class Stages:
    """The processor seconds of each stage, and the most memory of the process by its last step, MiB."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[float, int]] = {}
        self._last = 0.0

    def step(self, stage: str, _steps: int) -> None:
        """Count the time since the last step to a stage."""
        now, (seconds, _) = process_time(), self.found.get(stage, (0.0, 0))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        self.found[stage], self._last = (seconds + now - self._last, peak), now


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("flights")
    parser.add_argument("--no-operations", action="store_true")
    arguments = parser.parse_args()
    stages = Stages()
    flights = read_flights(arguments.flights)
    stages.step("reading", 1)
    train(flights, operations=False if arguments.no_operations else None, progress=stages.step)
    stages.step("the rest", 1)
    for stage, (seconds, peak) in stages.found.items():
        print(f"{stage}: {seconds:.1f} s; {peak:,} MiB")
    print(f"{flights.frame.height:,} flights in {process_time():.1f} s of processor")


if __name__ == "__main__":
    main()
