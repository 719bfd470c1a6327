"""One process of a test: it takes its order from stdin, and tells each second on stdout.

The process that draws the screen is another one, so that drawing never stalls what is measured.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Callable
from time import perf_counter

import msgspec
import uvloop

from puntual.loadtest.answers import check_predictions, check_status
from puntual.loadtest.asking import Known, prepare
from puntual.loadtest.load import Load
from puntual.loadtest.loops import ClosedLoop, OpenLoop
from puntual.loadtest.plan import Plan
from puntual.loadtest.tally import Interval
from puntual.loadtest.target import Target
from puntual.types import Flight

INTERVAL_S = 1.0
READY = b"ready\n"


class Order(msgspec.Struct, frozen=True):
    """What one process is to do.

    Attributes
    ----------
    plan : its share of the whole
    about : what flights are drawn from, or the flights themselves
    phase : where between two arrivals of a process its own come, from 0 to 1
    """

    plan: Plan
    target: Target
    about: Known | list[Flight]
    phase: float = 0.0


def make_load(order: Order) -> Load:
    """Prepare everything that can be before the test begins."""
    plan, target = order.plan, order.target
    requests = prepare(target, plan, order.about)
    check = check_predictions(plan.flights_per_request) if target.predicts else check_status
    if plan.rate is None:
        return ClosedLoop(plan, target, requests, check)
    return OpenLoop(plan, target, requests, check, rate=plan.rate, phase=order.phase)


async def generate(
    load: Load, start: float, tell: Callable[[Interval], None], interval_s: float = INTERVAL_S
) -> None:
    """Run a load to its end, and tell each interval; the last one is marked.

    Parameters
    ----------
    start : by `time.perf_counter`
    """
    loop = asyncio.get_running_loop()
    timer: asyncio.TimerHandle | None = None

    def tick(number: int) -> None:
        nonlocal timer
        tell(load.tally.take(number * interval_s))
        timer = loop.call_at(_at(number + 1), tick, number + 1)

    def _at(number: int) -> float:
        return loop.time() + start + number * interval_s - perf_counter()

    timer = loop.call_at(_at(1), tick, 1)
    try:
        await load.run(start)
    finally:
        timer.cancel()
        end = load.tally.last_at or perf_counter()
        tell(load.tally.take(max(end - start, 1e-6), last=True))


def main() -> None:
    """Do what stdin orders: an order, ``go`` with the time of the start, and at any time ``stop``."""
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
        # Anything more on stdin, and its end, means stop: also where the other process is gone.
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), load.stop)
        await generate(load, float(start), lambda interval: _write(encode(interval) + b"\n"))

    uvloop.run(work())


def _write(line: bytes) -> None:
    while line:
        line = line[os.write(sys.stdout.fileno(), line) :]
