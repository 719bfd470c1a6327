"""Flights to ask a running service about, drawn from what its model knows: one CSV for wrk and JMeter.

``python deploy/stress/flights.py http://127.0.0.1:8000 -o flights.csv`` needs nothing but Python.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
import random
import sys
import urllib.request
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

FIELDS = ("airline", "origin", "destination", "scheduled_departure")
"""The columns, named as `POST /v1/predictions` names them."""


class Catalogue(NamedTuple):
    """What a model knows: codes, and the first local day of the flights that it was trained on."""

    airlines: list[str]
    origins: list[str]
    destinations: list[str]
    first: str


def read_catalogue(url: str) -> Catalogue:
    """Fetch what the model of a running service knows."""
    airlines, destinations, model = (
        _get(f"{url}/v1/{name}") for name in ("airlines", "destinations", "model")
    )
    return Catalogue(
        airlines=[airline["code"] for airline in airlines],
        origins=[airport["code"] for airport in model["origins"]],
        destinations=[airport["code"] for airport in destinations],
        first=model["training"]["first"],
    )


def draw(catalogue: Catalogue, count: int, seed: int = 11) -> list[dict[str, str]]:
    """Flights within a year from the first day; the same for the same seed.

    All are different, unless the model knows too few airlines and airports for that.

    Examples
    --------
    >>> [flight] = draw(Catalogue(["LAN"], ["SCEL"], ["SCFA"], "2017-01-01"), 1)
    >>> flight["airline"], flight["scheduled_departure"][:2]
    ('LAN', '20')
    """
    chance = random.Random(seed)  # noqa: S311
    first = dt.datetime.fromisoformat(catalogue.first)
    drawn: dict[tuple[str, ...], None] = {}
    for _ in range(2 * count):
        moment = first + dt.timedelta(days=chance.randrange(365), minutes=chance.randrange(0, 1440, 5))
        codes = (chance.choice(of) for of in (catalogue.airlines, catalogue.origins, catalogue.destinations))
        drawn[*codes, moment.isoformat()] = None
        if len(drawn) == count:
            break
    return [dict(zip(FIELDS, flight, strict=True)) for flight in islice(cycle(drawn), count)]


def write(flights: list[dict[str, str]], path: Path) -> None:
    """Write them as CSV, the names of the columns first."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, FIELDS, lineterminator="\n")
        table.writeheader()
        table.writerows(flights)


def main() -> None:
    """Write the CSV of a running service."""
    parser = argparse.ArgumentParser(description="Draws flights that a running service knows, as CSV.")
    parser.add_argument("url", help="of the service, such as http://127.0.0.1:8000")
    parser.add_argument("-o", "--out", type=Path, default=Path("flights.csv"))
    parser.add_argument("-n", "--flights", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    try:
        catalogue = read_catalogue(options.url.rstrip("/"))
    except (OSError, ValueError) as error:
        sys.exit(f"flights: {options.url}: {error}")
    write(draw(catalogue, options.flights, options.seed), options.out)


def _get(url: str) -> Any:
    if not url.startswith(("http://", "https://")):
        raise ValueError("wanted: an address such as http://127.0.0.1:8000")
    with urllib.request.urlopen(url, timeout=10) as response:  # noqa: S310
        return json.load(response)


if __name__ == "__main__":
    main()
