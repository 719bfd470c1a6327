"""What a plain prediction takes within the process: the scorer alone, and the whole answer.

    python -m benchmarks.scorer MODEL [--flights 2000] [--rounds 9]

The flights are drawn from the model's own airlines, airports and days; each round asks about all of them, one
by one. Times are of the processor, so that what else the machine does counts little.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import statistics
from collections.abc import Callable
from pathlib import Path
from time import process_time

from puntual.inference.artifact import read_artifact
from puntual.inference.encoder import Encoder
from puntual.inference.predictor import Predictor
from puntual.inference.scorer import Scorer
from puntual.inference.timetable import NO_COUNTS
from puntual.types import Flight


def median_us(work: Callable[[], object], rounds: int, count: int) -> float:
    """Microseconds for one of `count`, the median of the rounds."""
    seconds = []
    for _ in range(rounds):
        start = process_time()
        work()
        seconds.append(process_time() - start)
    return 1e6 * statistics.median(seconds) / count


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("--flights", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    artifact, draw = read_artifact(arguments.model), random.Random(11)
    tables, first = artifact.tables, dt.datetime.fromisoformat(artifact.training.first)
    flights = [
        Flight(
            airline=draw.choice(tables.categories["airline"]),
            origin=draw.choice(tables.origins),
            destination=draw.choice(tables.destinations),
            scheduled_departure=first + dt.timedelta(minutes=draw.randrange(525_600)),
        )
        for _ in range(arguments.flights)
    ]
    predictor, encoder = Predictor(artifact), Encoder(artifact.tables, artifact.features)
    trees = artifact.without_timetable
    scorer = Scorer(trees.booster, len(artifact.features), trees.calibration)
    rows = [encoder.encode(encoder.resolve(flight), NO_COUNTS) for flight in flights]
    alone = median_us(lambda: [scorer.probability(row) for row in rows], arguments.rounds, len(rows))
    whole = median_us(lambda: [predictor.predict([one]) for one in flights], arguments.rounds, len(rows))
    print(f"{artifact.name}, median of {arguments.rounds}: scorer {alone:.1f} µs, answer {whole:.1f} µs")


if __name__ == "__main__":
    main()
