"""Three times as much as can be done: what is still answered, how late, and what is refused instead.

    python -m benchmarks.overload --model MODEL                    single flights, boards, many flights
    python -m benchmarks.overload --model MODEL bulk --seconds 30
    python -m benchmarks.overload --model MODEL mixed              single flights beside too much of the rest

Each part starts `puntual serve` with its default settings, finds what its connections get as fast as they ask
(the capacity), and then offers a multiple of that by the clock. Latency counts from when a request was due; a
request that finds every connection busy is not sent, and counts as not answered. Loads 127.0.0.1 only; the
generator shares the machine's cores.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import tempfile
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from deploy import service
from deploy.service import Service, serving, unwind_on_sigterm

TIMES, SECONDS = 3.0, 10
FLIGHTS, BOARD_FLIGHTS = 1_000, 300


def stress(url: str, *flags: str, **options: float) -> dict[str, Any]:
    """The result of `puntual stress`."""
    named = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    return service.stress(url, *flags, *named)


def row(name: str, capacity: float, rate: float, result: dict[str, Any]) -> str:
    """A line of the table."""
    latency, kinds = result["latency_ms"], result["errors_by_kind"]
    wrong = ", ".join(f"{count:,} {kind}" for kind, count in kinds.items()) or "none"
    p50, p99 = (f"{latency[at]:.0f}" if latency[at] is not None else "-" for at in ("p50", "p99"))
    goodput = result["answered_per_s"] / capacity
    return f"| {name} | {capacity:,.0f} | {rate:,.0f} | {goodput:.0%} | {p50} | {p99} | {wrong} |"


def overload(  # noqa: PLR0917 - the columns of the table
    name: str, url: str, seconds: int, times: float, closed: int, connections: int, **more: float
) -> None:
    """Find the capacity with some connections, offer more than it over others, print the line of it.

    Parameters
    ----------
    closed, connections : for the capacity, and for the overload
    """
    capacity = stress(url, connections=closed, duration=seconds / 2, **more)["answered_per_s"]
    rate = times * capacity
    result = stress(url, "--drop", connections=connections, duration=seconds, rate=rate, **more)
    print(row(name, capacity, rate, result), flush=True)


def single(served: Service, seconds: int, times: float) -> None:
    """A flight a request."""
    for connections in (256, 1_000, 5_000):
        overload(f"single, {connections:,} connections", served.url, seconds, times, 64, connections)


def boards(served: Service, seconds: int, times: float) -> None:
    """The board of a day."""
    overload("boards", put_timetable(served), seconds, times, 32, 256)


def bulk(served: Service, seconds: int, times: float) -> None:
    """Many flights a request."""
    overload("bulk", served.url, seconds, times, 8, 256, flights_per_request=FLIGHTS)


def mixed(served: Service, seconds: int, times: float) -> None:
    """Single flights at a fifth of what the service can do, and health, beside too many flights at once."""
    capacity = stress(served.url, connections=64, duration=seconds / 2)["answered_per_s"]
    rate, board = capacity / 5, put_timetable(served)
    many = stress(served.url, connections=8, duration=seconds / 2, flights_per_request=FLIGHTS)
    threads = [
        threading.Thread(
            target=stress,
            args=(served.url, "--drop"),
            kwargs={
                "connections": 128,
                "duration": seconds,
                "rate": times * many["answered_per_s"],
                "flights_per_request": FLIGHTS,
            },
        )
    ]
    for thread in threads:
        thread.start()
    result = stress(served.url, connections=64, duration=seconds, rate=rate)
    health = stress(f"{served.url}/healthz", connections=4, requests=200, rate=50)
    boards_beside = stress(board, connections=16, duration=2, rate=20)
    for thread in threads:
        thread.join()
    print(row("single, a fifth of it, beside bulk", rate, rate, result))
    print(row("health", 50, 50, health))
    print(row("boards, a few", 20, 20, boards_beside))


def put_timetable(served: Service) -> str:
    """Send a day's timetable, and give the address of its board."""
    origin = read(served, "/v1/model")["origins"][0]["code"]
    airlines = [one["code"] for one in read(served, "/v1/airlines")]
    destinations = [one["code"] for one in read(served, "/v1/destinations") if one["code"] != origin]
    day = dt.datetime.now(dt.UTC).date()
    flights = [
        {
            "airline": airlines[number % len(airlines)],
            "flight_number": str(100 + number),
            "destination": destinations[number % len(destinations)],
            "scheduled_departure": f"{day}T{5 + number * 18 // BOARD_FLIGHTS:02}:{number * 7 % 60:02}:00",
        }
        for number in range(BOARD_FLIGHTS)
    ]
    request = urllib.request.Request(
        f"{served.url}/v1/timetables/{origin}/{day}",
        json.dumps({"flights": flights}).encode(),
        {"content-type": "application/json"},
        method="PUT",
    )
    with urllib.request.urlopen(request, timeout=30):
        return f"{served.url}/v1/board?origin={origin}&date={day}"


def read(served: Service, path: str) -> Any:
    """A document of the service."""
    with urllib.request.urlopen(f"{served.url}{path}", timeout=30) as response:
        return json.load(response)


PARTS: dict[str, Callable[[Service, int, float], None]] = {
    part.__name__: part for part in (single, boards, bulk, mixed)
}


@contextlib.contextmanager
def started(model: Path) -> Iterator[Service]:
    """The service, with a store of its own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(model, PUNTUAL_STORE=f"sqlite:///{folder}/day.sqlite") as served,
    ):
        yield served


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.overload", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all of them")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--times", type=float, default=TIMES, help="the capacity that is offered")
    given = parser.parse_args()
    if unknown := {*given.parts} - {*PARTS}:
        parser.error(f"{', '.join(unknown)}; wanted: {', '.join(PARTS)}")
    unwind_on_sigterm()
    print("| part | capacity/s | offered/s | goodput | p50, ms | p99, ms | not answered |")
    print("|---|---|---|---|---|---|---|")
    for name in given.parts or PARTS:
        with started(given.model) as served:
            PARTS[name](served, given.seconds, given.times)


if __name__ == "__main__":
    main()
