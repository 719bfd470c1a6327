"""One process of a test: it reads its order from stdin and writes an interval a second to stdout.

Another process draws the screen, so that drawing never stalls what is measured.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import sys
from collections.abc import Callable
from time import perf_counter

import msgspec
import uvloop

from puntual.loadtest.answers import check_predictions, check_status
from puntual.loadtest.intervals import Interval
from puntual.loadtest.load import Load
from puntual.loadtest.loops import ClosedLoop, OpenLoop
from puntual.loadtest.plan import Plan
from puntual.loadtest.requests import Catalogue, prepare
from puntual.loadtest.target import Target
from puntual.types import Flight

INTERVAL_S = 1.0
READY = b"ready\n"


class Order(msgspec.Struct, frozen=True):
    """What one process is to do.

    Attributes
    ----------
    plan : its part of the whole
    flights : to ask about, or what they are drawn from
    phase : where between two arrivals of one process its own come, from 0 to 1
    """

    plan: Plan
    target: Target
    flights: Catalogue | list[Flight]
    phase: float = 0.0


def make_load(order: Order) -> Load:
    """Prepare everything that can be before the test begins."""
    plan, target = order.plan, order.target
    requests = prepare(target, plan, order.flights)
    check = check_predictions(plan.flights_per_request) if target.predicts else check_status
    if plan.rate is None:
        return ClosedLoop(plan, target, requests, check)
    return OpenLoop(plan, target, requests, check, rate=plan.rate, phase=order.phase)


async def generate(
    load: Load, start: float, report: Callable[[Interval], None], interval_s: float = INTERVAL_S
) -> None:
    """Run a load to its end and report each interval; the last one is marked.

    Parameters
    ----------
    start : by `time.perf_counter`
    """

    async def report_each() -> None:
        for number in itertools.count(1):
            await asyncio.sleep(start + number * interval_s - perf_counter())
            report(load.stats.take(number * interval_s))

    reporting = asyncio.create_task(report_each())
    try:
        await load.run(start)
    finally:
        reporting.cancel()
        end = load.stats.last_at or perf_counter()
        report(load.stats.take(max(end - start, 1e-6), last=True))


def main() -> None:
    """Read an order from stdin, then ``go`` with the time of the start, and at any time ``stop``."""
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    load = make_load(order)
    gc.collect()
    gc.freeze()
    _write(READY)
    go, _, start = sys.stdin.buffer.readline().partition(b" ")
    if go != b"go":
        return
    encode = msgspec.json.Encoder().encode

    async def work() -> None:
        # Anything more on stdin means stop, and so does its end, if the other process is gone.
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), load.stop)
        await generate(load, float(start), lambda interval: _write(encode(interval) + b"\n"))

    uvloop.run(work())


def _write(line: bytes) -> None:
    while line:
        line = line[os.write(sys.stdout.fileno(), line) :]
