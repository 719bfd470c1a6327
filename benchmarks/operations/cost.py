"""The processor time of an answer that knows the day, and of one that does not, in turns in one run.

The service has 31 days of New York and its weather; then a day passes at sixty times real time, an event a
request, while `wrk` asks about the flights to come, one a request. So what is known changes all the time, and
a minute passes every second. "Once" asks about so many flights that each is asked about once a minute:
only a flight that was asked about in the same minute is answered from what was made of it.
"""

from __future__ import annotations

import datetime as dt
import http.client
import itertools
import json
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from benchmarks.processes import cpu_s
from deploy.service import Service, serving
from puntual.data import read_flights
from puntual.data.weather import read_weather
from puntual.inference.artifact import read_artifact
from puntual.inference.tables import Tables
from puntual.operations.events import Event, Observation
from puntual.operations.store import open_store
from puntual.operations.timeline import known_at, outcomes, timetables

NOW = dt.datetime(2013, 11, 20, 15, tzinfo=dt.UTC)
"""When the day begins to pass: 10 in the morning in New York."""
DAYS, ASKED_HOURS, SPEED = 31, (5, 29), 60
SCRIPT = str(Path(__file__).parents[2] / "deploy" / "stress" / "predictions.lua")
TOGETHER, COPIES = 2_000, 4


class Day(NamedTuple):
    """What is known before `NOW`, what becomes known after it, and the flights that are asked about."""

    before: list[Event]
    after: list[tuple[dt.datetime, Event]]
    flights: list[dict[str, Any]]


class Asked(NamedTuple):
    """What is asked of which service.

    Attributes
    ----------
    bodies : file with a request a line
    """

    service: Service
    bodies: Path


def measure(model: Path, rounds: int, seconds: int) -> None:
    """Print the processor time of an answer by what it knows, and the ratios of each round."""
    day = read_day(read_artifact(model).tables)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="operations")))
        url = f"sqlite:///{folder}/events.db"
        fill(url, day.before)
        live = stack.enter_context(serving(model, PUNTUAL_STORE=url, PUNTUAL_CLOCK="events"))
        none = stack.enter_context(serving(model))
        asked = {
            "live": Asked(live, write_bodies(folder / "live", day.flights)),
            "live, once": Asked(live, write_bodies(folder / "once", each_once(day.flights))),
            "schedule": Asked(live, write_bodies(folder / "schedule", day.flights, horizon="schedule")),
            "no store": Asked(none, folder / "live.jsonl"),
        }
        wait_for_state(live, day.flights[0])
        with passing(live, day.after):
            for one in asked.values():
                ask(one, 1)
            took = [{name: ask(one, seconds) for name, one in asked.items()} for _ in range(rounds)]
    for name in asked:
        print(f"  {name:14} {statistics.median(one[name] for one in took):6.1f} µs an answer")
    for knows, not_ in itertools.product([*asked][:2], [*asked][2:]):
        ratios = sorted(one[knows] / one[not_] for one in took)
        middle, name = statistics.median(ratios), f"{knows} / {not_}"
        print(f"  {name:22} {middle:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}; bar 1.5)")


def read_day(tables: Tables) -> Day:
    """The embedded flights around `NOW`, with their weather."""
    today = NOW.date()
    rows = read_flights(
        "nyc", since=today - dt.timedelta(DAYS), until=today + dt.timedelta(2)
    ).frame.to_dicts()
    zones = {airport.code: airport.timezone for airport in tables.airports if airport.timezone}
    zones |= {code: zones[own] for code, own in tables.airport_codes.items() if own in zones}
    weather = read_weather("nyc").to_dicts()
    observations = [Observation(**one, observed_at=one["known_at"]) for one in weather]
    begin, end = NOW - dt.timedelta(2), NOW + dt.timedelta(hours=12)
    events: list[tuple[dt.datetime, Event]] = [
        *((one.known_at.astimezone(dt.UTC), one) for one in timetables(rows, zones) if one.known_at),
        *((known_at(one), one) for one in outcomes(rows, zones)),
        *((one.observed_at, one) for one in observations if begin < one.observed_at < end),
    ]
    events.sort(key=lambda one: one[0])
    first, last = ((NOW + dt.timedelta(hours=hours)).replace(tzinfo=None) for hours in ASKED_HOURS)
    fields = ("airline", "origin", "destination", "scheduled_departure", "aircraft")
    flights = [
        {name: row[name] for name in fields} for row in rows if first < row["scheduled_departure"] < last
    ]
    return Day(
        [event for moment, event in events if moment <= NOW],
        [(moment, event) for moment, event in events if NOW < moment < end],
        flights,
    )


def each_once(flights: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The flights, and such as leave a few minutes after them: as many as are asked about in a second."""
    return [
        flight | {"scheduled_departure": flight["scheduled_departure"] + dt.timedelta(minutes=minutes)}
        for minutes in range(COPIES)
        for flight in flights
    ]


def fill(url: str, events: Sequence[Event]) -> None:
    """Write events to a new store."""
    store = open_store(url)
    for start in range(0, len(events), TOGETHER):
        store.append(events[start : start + TOGETHER])
    store.close()


def write_bodies(path: Path, flights: Sequence[dict[str, Any]], **more: str) -> Path:
    """Write a request for each flight."""
    path = path.with_suffix(".jsonl")
    path.write_bytes(b"\n".join(msgspec.json.encode({"flights": [flight], **more}) for flight in flights))
    return path


def wait_for_state(service: Service, flight: dict[str, Any]) -> None:
    """Wait until a flight is answered from the day."""
    while (
        post(service.port, "/v1/predictions", {"flights": [flight]})["predictions"][0]["horizon"]
        != "operations"
    ):
        time.sleep(0.1)


def post(port: int, path: str, body: Any) -> Any:
    """Send JSON, and give the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", path, msgspec.json.encode(body), {"content-type": "application/json"})
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer


@contextmanager
def passing(service: Service, events: Sequence[tuple[dt.datetime, Event]]) -> Iterator[None]:
    """Events are sent as they become known, until the context ends."""
    ended, begun = threading.Event(), time.monotonic()

    def run() -> None:
        for moment, event in events:
            due = begun + (moment - NOW).total_seconds() / SPEED
            if ended.wait(max(due - time.monotonic(), 0)):
                return
            if isinstance(event, Observation):
                post(service.port, "/v1/weather", {"observations": [without_tag(event)]})
            elif hasattr(event, "flight_number"):
                post(service.port, "/v1/events", event)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def without_tag(event: Observation) -> dict[str, Any]:
    """An observation as the route takes it."""
    return {name: value for name, value in msgspec.structs.asdict(event).items() if value is not None}


def ask(asked: Asked, seconds: int) -> float:
    """Microseconds of the server's processor time for an answer, under load from one thread.

    Raises
    ------
    SystemExit : an answer is none
    """
    before = cpu_s(asked.service.pid)
    command = ["wrk", "-t1", "-c16", f"-d{seconds}s", "-s", SCRIPT, f"{asked.service.url}/v1/predictions"]
    ended = subprocess.run([*command, "--", str(asked.bodies)], check=True, capture_output=True, text=True)
    result = json.loads(ended.stdout.strip().splitlines()[-1])
    if result["errors"]:
        raise SystemExit(f"benchmarks.operations: {result['errors']} requests were not answered with 200")
    return 1e6 * (cpu_s(asked.service.pid) - before) / int(result["requests"])
