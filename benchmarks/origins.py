"""Log loss on the two months after each of several origins, of models that know only what lies before.

    python -m benchmarks.origins DATA --until DATE [--months 2] [--seeds 3] [--feature-fraction .5 .25]
        [--set learning_rate=.1]

Nothing from DATE on is read, so that the test part has no say in what is compared. Everything is chosen anew
at each origin and with each seed, as `puntual train` does; with one feature fraction, that is not chosen.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterator

import numpy as np

from puntual.data import Flights, read_flights
from puntual.data.dates import parse_date
from puntual.metrics.scores import log_loss
from puntual.training.assessment import predict_both
from puntual.training.cross_validation import FULL, Budget
from puntual.training.fitting import choose, fit
from puntual.training.splits import divide

FIRST = 4
"""The months that the first origin has before it."""


def origins(flights: Flights, months: int) -> Iterator[tuple[dt.date, Flights]]:
    """Each origin, and the flights before and in the months after it."""
    dates = flights.frame["scheduled_departure"].dt.date()
    months_there = np.unique(dates.to_numpy().astype("datetime64[M]"))
    for start in months_there[FIRST : len(months_there) - months + 1]:
        origin, end = ((start + later).astype("datetime64[D]").item() for later in (0, months))
        yield origin, flights._replace(frame=flights.frame.filter(dates < end))


def losses(
    flights: Flights, origin: dt.date, budget: Budget, settings: dict[str, float], seed: int
) -> tuple[float, float, str]:
    """Log loss with the timetable and without, and what was chosen."""
    parts = divide(flights, 15, "time", origin)
    tuning = choose(parts, budget=budget, settings=settings, seed=seed)
    both = predict_both(fit(parts.learned, tuning, seed=seed), parts.test)
    found = [log_loss(probability, parts.test.delayed) for probability in both]
    chosen = ", ".join(f"{one.trees} trees of {one.parameters['feature_fraction']:g}" for one in tuning)
    return found[0], found[1], chosen


def setting(text: str) -> tuple[str, float]:
    """A setting of LightGBM as it is written, ``name=number``."""
    name, _, number = text.partition("=")
    return name, float(number)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("--until", required=True)
    parser.add_argument("--months", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--feature-fraction", type=float, nargs="+", default=FULL.feature_fractions)
    parser.add_argument("--set", type=setting, nargs="+", default=[])
    arguments = parser.parse_args()
    budget = FULL._replace(feature_fractions=tuple(arguments.feature_fraction))
    flights = read_flights(arguments.data, until=parse_date("--until", arguments.until))
    rows = []
    for origin, known in origins(flights, arguments.months):
        for seed in range(11, 11 + arguments.seeds):
            within, alone, chosen = losses(known, origin, budget, dict(arguments.set), seed)
            rows.append((within, alone))
            print(f"{origin} seed {seed}: {within:.4f} / {alone:.4f}, {chosen}", flush=True)
    by_seed = np.array(rows).reshape(-1, arguments.seeds, 2).mean(axis=0)
    for name, found in zip(("with the timetable", "alone"), by_seed.T, strict=True):
        print(f"{name}: {found.mean():.4f} ± {found.std(ddof=1) if len(found) > 1 else 0:.4f}")


if __name__ == "__main__":
    main()
