"""The memory of a worker that reads days of a million events from its store, and how long that takes it."""

from __future__ import annotations

import datetime as dt
import http.client
import itertools
import json
import tempfile
import time
from pathlib import Path

from benchmarks.operations.cost import TOGETHER
from benchmarks.operations.million import draw_day
from benchmarks.processes import children, worker_mib
from deploy.service import Service, serving
from puntual.operations.store import open_store

FIRST = dt.date(2026, 1, 10)


def measure(model: Path, days: int, events: int, kept: Path | None) -> None:
    """Print the resident memory of a worker without and with the days.

    Parameters
    ----------
    events : a day
    kept : file of SQLite with the days, which is made if it is not there; None: a temporary one
    """
    with tempfile.TemporaryDirectory(prefix="operations") as folder:
        file = kept or Path(folder) / "days.db"
        if not file.exists():
            fill(file, days, events)
        print(f"  a worker without a store: {resident(model):.0f} MiB")
        empty = f"sqlite:///{folder}/empty.db"
        before = resident(model, empty)
        print(f"  with an empty store: {before:.0f} MiB")
        with serving(model, PUNTUAL_STORE=f"sqlite:///{file}", PUNTUAL_MAX_WORKER_MIB="4000") as service:
            begun = time.monotonic()
            wait_until_read(service)
            took, after = time.monotonic() - begun, settled(service)
    held = f"{days} days of {events:,} events" if days > 1 else f"a day of {events:,} events"
    print(f"  with {held}: {after:.0f} MiB, {after - before:.0f} more (bar 200); read in {took:.0f} s")


def fill(file: Path, days: int, events: int) -> None:
    """Write the days to a store."""
    store = open_store(f"sqlite:///{file}")
    for day in range(days):
        drawn = draw_day(FIRST + dt.timedelta(day), events)
        while some := [*itertools.islice(drawn, TOGETHER)]:
            store.append(some)
    store.close()


def resident(model: Path, store: str = "") -> float:
    """MiB of a worker that has read its store."""
    with serving(model, PUNTUAL_STORE=store) as service:
        if store:
            wait_until_read(service)
        return settled(service)


def settled(service: Service) -> float:
    """MiB of a worker, some seconds later."""
    time.sleep(3)
    (worker,) = children(service.pid)
    return worker_mib(worker)


def wait_until_read(service: Service) -> None:
    """Wait until the worker has read its store to the end."""
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
        connection.request("GET", "/v1/board")
        answer = connection.getresponse()
        found = json.loads(answer.read())
        connection.close()
        if answer.status == 200 and found is not None:
            return
        time.sleep(0.2)
