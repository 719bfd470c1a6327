"""The operations horizon at each lead time: log loss, AUC and calibration error, mean of several seeds.

    python -m benchmarks.lead_times DATA SPLIT_DATE [--until DATE] [--seeds 3] [--source FILE]
        [--weather NAME] [--without aircraft weather] [--leads 1440 120] [--most-flights 200000]

Chosen and fitted anew with each seed from what lies before SPLIT_DATE, as `puntual train` does; asked about
each later flight with what was known so many minutes before it. `--most-flights` draws that many of those.
"""

from __future__ import annotations

import argparse

import numpy as np
import polars as pl

from puntual.data import read_flights
from puntual.data.dates import parse_date
from puntual.data.weather import read_weather
from puntual.data.weather_stations import at_airports
from puntual.features.operations import History
from puntual.inference.lead_results import LEADS
from puntual.metrics.scores import auc, calibration_error, log_loss
from puntual.training.day_of_flight import DayLearner
from puntual.training.lead_times import predict_at
from puntual.training.splits import Part, divide


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("split_date")
    parser.add_argument("--until")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--source")
    parser.add_argument("--weather")
    parser.add_argument("--without", nargs="+", default=[], choices=["aircraft", "weather"])
    parser.add_argument("--leads", type=int, nargs="+", default=LEADS)
    parser.add_argument("--most-flights", type=int, default=1 << 30)
    arguments = parser.parse_args()
    until = parse_date("--until", arguments.until) if arguments.until else None
    flights = read_flights(arguments.data, source=arguments.source, until=until)
    if "aircraft" in arguments.without:
        flights = flights._replace(frame=flights.frame.with_columns(aircraft=pl.lit(None, pl.String)))
    parts = divide(flights, 15, "time", parse_date("SPLIT_DATE", arguments.split_date))
    weather = None
    if arguments.weather and "weather" not in arguments.without:
        airports = flights.frame["origin"].unique().to_list()
        weather = at_airports(read_weather(arguments.weather), airports)
    history = History(flights.frame, parts.tables, 15, weather)
    test = draw(parts.test, arguments.most_flights)
    rows = []
    for seed in range(11, 11 + arguments.seeds):
        learner = DayLearner(parts.learned, history, None, 15, seed)
        chosen = learner.choose()
        operations = learner.fit(chosen)
        near, far = (f"{one.trees} trees, {one.calibration.method}" for one in chosen.tuned)
        print(f"seed {seed}: near {near}; far {far}", flush=True)
        probabilities = [predict_at(operations, test, history, lead) for lead in arguments.leads]
        rows.append(
            [
                (log_loss(one, test.delayed), auc(one, test.delayed), calibration_error(one, test.delayed))
                for one in probabilities
            ]
        )
    found = np.array(rows, np.float64)
    spread = found.std(axis=0, ddof=1) if len(rows) > 1 else np.zeros(found.shape[1:])
    print(f"{len(test.delayed):,} flights from {test.first} to {test.last}, {arguments.seeds} seeds")
    for lead, means, deviations in zip(arguments.leads, found.mean(axis=0), spread, strict=True):
        shown = (f"{mean:.4f} ± {deviation:.4f}" for mean, deviation in zip(means, deviations, strict=True))
        print(f"{lead:>6} min: {' / '.join(shown)}")


def draw(part: Part, most: int) -> Part:
    """At most so many flights of a part, in time order."""
    if len(part.delayed) <= most:
        return part
    rows = np.sort(np.random.default_rng(1).choice(len(part.delayed), most, replace=False))
    return Part(part.frame[rows], part.matrix[rows], part.minutes[rows], part.delayed[rows])


if __name__ == "__main__":
    main()
