"""How long after its acknowledgement an event is in the answers of every worker, in both kinds of store.

Departures are posted at fixed times, one a request, on many connections. Each second, one of ten is about a
flight of one small airport, whose board each worker is asked for again and again until it shows all.
"""

from __future__ import annotations

import datetime as dt
import http.client
import json
import statistics
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from benchmarks.operations.million import airports
from benchmarks.processes import children
from benchmarks.store import places
from deploy.service import Service, serving

WORKERS, CONNECTIONS = 2, 32
WATCHED = 0.1
"""Share of the events whose appearance is measured."""
PAUSE_S = 0.05
"""Between two looks at a board."""
PATIENCE_S = 30


class Sent(NamedTuple):
    """An event that is posted.

    Attributes
    ----------
    due : seconds after the begin
    watched : whether its airport's board is watched
    """

    due: float
    origin: str
    number: int
    watched: bool


class Seen:
    """When events were acknowledged, and when each worker's answers had them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.acknowledged: dict[tuple[str, int], float] = {}
        self.seen: dict[tuple[int, str, int], float] = {}

    def acknowledge(self, event: Sent) -> None:
        """An event was acknowledged now."""
        with self._lock:
            self.acknowledged[event.origin, event.number] = time.perf_counter()

    def waiting(self, worker: int) -> dict[str, set[int]]:
        """What was acknowledged and is not in a worker's answers yet, by airport."""
        found: dict[str, set[int]] = {}
        with self._lock:
            for origin, number in self.acknowledged:
                if (worker, origin, number) not in self.seen:
                    found.setdefault(origin, set()).add(number)
        return found

    def delays(self, worker: int) -> list[float]:
        """Seconds from the acknowledgement to the answers of a worker."""
        return [
            at - self.acknowledged[origin, number]
            for (who, origin, number), at in self.seen.items()
            if who == worker
        ]


def measure(model: Path, url: str, rate: int, seconds: int) -> None:
    """Print the delays of every worker, in the stores that `benchmarks.store.places` gives."""
    with places(url) as stores:
        for name, place in stores:
            with serving(model, PUNTUAL_STORE=place, PUNTUAL_WORKERS=str(WORKERS)) as service:
                seen = run(service, rate, seconds)
            for worker in range(WORKERS):
                print(f"  {name}, {rate}/s, worker {worker + 1}: {describe(seen.delays(worker))}")


def describe(delays: Sequence[float]) -> str:
    """The delays in words."""
    cuts = statistics.quantiles(delays, n=100)
    p50, p99, most = (round(1000 * seconds) for seconds in (cuts[49], cuts[98], max(delays)))
    return f"{len(delays):,} seen, p50 {p50} ms, p99 {p99} ms, at most {most} ms (bar: p99 1,500 ms)"


def run(service: Service, rate: int, seconds: int) -> Seen:
    """Post events for some seconds, and watch every worker's answers."""
    start, seen, ended = dt.datetime.now(dt.UTC).replace(second=0, microsecond=0), Seen(), threading.Event()
    events = plan(rate, seconds)
    put_timetables(service, events, start)
    connections = connect_to_each(service)
    with ThreadPoolExecutor(CONNECTIONS + WORKERS) as threads:
        watching = [
            threads.submit(watch, connection, worker, seen, start, ended)
            for worker, connection in enumerate(connections)
        ]
        begun = time.perf_counter() + 1
        posting = [
            threads.submit(post_all, service.port, events[first::CONNECTIONS], seen, start, begun)
            for first in range(CONNECTIONS)
        ]
        for thread in posting:
            thread.result()
        patience = time.perf_counter() + PATIENCE_S
        while any(seen.waiting(worker) for worker in range(WORKERS)) and time.perf_counter() < patience:
            time.sleep(PAUSE_S)
        ended.set()
        for thread in watching:
            thread.result()
    for worker in range(WORKERS):
        if lost := seen.waiting(worker):
            raise SystemExit(f"benchmarks.operations: worker {worker + 1} never showed {lost}")
    return seen


def plan(rate: int, seconds: int) -> list[Sent]:
    """The events in order; all of a second that are watched are of one airport."""
    names = airports()
    small, large = names[:seconds], names[seconds:]
    watched_each = round(1 / WATCHED)
    return [
        Sent(at / rate, small[at // rate], at, watched=True)
        if at % watched_each == 0
        else Sent(at / rate, large[at % len(large)], at, watched=False)
        for at in range(rate * seconds)
    ]


def flight_of(event: Sent, start: dt.datetime) -> dict[str, Any]:
    """What names the flight of an event."""
    return {
        "airline": "AA",
        "destination": "LAX",
        "flight_number": event.number,
        "scheduled_departure": start.replace(tzinfo=None),
    }


def put_timetables(service: Service, events: Iterable[Sent], start: dt.datetime) -> None:
    """Have every worker know the flights of the events."""
    days: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        days.setdefault(event.origin, []).append(flight_of(event, start))
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    for origin, flights in days.items():
        request(connection, "PUT", f"/v1/timetables/{origin}/{start.date()}", {"flights": flights})
    connection.close()


def request(connection: http.client.HTTPConnection, method: str, path: str, body: Any = None) -> Any:
    """The answer to a request.

    Raises
    ------
    SystemExit : it is none
    """
    content = None if body is None else msgspec.json.encode(body)
    connection.request(method, path, content, {"content-type": "application/json"})
    answer = connection.getresponse()
    read = answer.read()
    if answer.status != 200:
        raise SystemExit(f"benchmarks.operations: {method} {path}: {answer.status}: {read.decode()}")
    return json.loads(read)


def post_all(port: int, events: Iterable[Sent], seen: Seen, start: dt.datetime, begun: float) -> None:
    """Post events at their times, on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for event in events:
        time.sleep(max(begun + event.due - time.perf_counter(), 0))
        body = {"event": "departure", "origin": event.origin, **flight_of(event, start)}
        answer = request(
            connection, "POST", "/v1/events", body | {"actual_departure": start.replace(tzinfo=None)}
        )
        if answer["accepted"] != 1:
            raise SystemExit(f"benchmarks.operations: not accepted: {answer}")
        if event.watched:
            seen.acknowledge(event)
    connection.close()


def watch(
    connection: http.client.HTTPConnection,
    worker: int,
    seen: Seen,
    start: dt.datetime,
    ended: threading.Event,
) -> None:
    """Ask one worker for the boards whose events it does not show yet."""
    while not ended.wait(PAUSE_S):
        for origin, numbers in seen.waiting(worker).items():
            board = request(connection, "GET", f"/v1/board?origin={origin}&date={start.date()}")
            now = time.perf_counter()
            left = {
                int(flight["flight_number"]) for flight in board["flights"] if flight["status"] == "departed"
            }
            for number in numbers & left:
                seen.seen[worker, origin, number] = now


def connect_to_each(service: Service) -> list[http.client.HTTPConnection]:
    """A connection to each worker; which one has accepted it is seen by its sockets."""
    found: dict[int, http.client.HTTPConnection] = {}
    workers = children(service.pid)
    while len(found) < WORKERS:
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
        request(connection, "GET", "/healthz")
        (worker,) = (pid for pid in workers if holds(pid, service.port, connection.sock.getsockname()[1]))
        found.setdefault(worker, connection)
    return list(found.values())


def holds(pid: int, port: int, client: int) -> bool:
    """Whether a process has the server's end of a connection."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ends = f":{port:04X}", f":{client:04X}"
    inodes = {row[9] for row in rows if row[1].endswith(ends[0]) and row[2].endswith(ends[1])}
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            if str(file.readlink())[8:-1] in inodes:
                return True
    return False
