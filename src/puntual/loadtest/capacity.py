"""How many requests a second a service holds: the rate is stepped until answers come late or wrong."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable

import msgspec

from puntual.loadtest.machine import Machine
from puntual.loadtest.plan import Plan
from puntual.loadtest.result import Result
from puntual.loadtest.service import ServiceProcesses

FIRST_RATE = 500.0
"""Requests a second of the first step, if none is given."""
STEP_S = 5.0
"""How long a step is, if nothing is given."""
GROWTH = 1.5
"""Of the rate, from a step that is held to the next."""
PRECISION = 1.05
"""The search ends when a rate this many times higher is not held."""
MIN_RATE = 1.0

Measure = Callable[[Plan], Result]
"""Runs a test."""


class Step(msgspec.Struct, frozen=True):
    """One rate that was tried.

    Attributes
    ----------
    held : no errors, and the 99th percentile within what was asked
    service_cores : processor cores that the service kept busy; null: it cannot be seen from here
    """

    rate: float
    answered_per_s: float
    p99_ms: float | None
    errors: int
    held: bool
    service_cores: float | None
    generator_cores: float
    generator_late_ms: float


class Capacity(msgspec.Struct, frozen=True, kw_only=True):
    """The highest rate that was held.

    Attributes
    ----------
    capacity_per_s : 0: not even the lowest was
    workers : processes of the service that answer; null: not known
    per_worker : of the capacity
    per_core : of the capacity, for each processor core that the service kept busy at it
    steps : in the order in which they were tried
    """

    capacity_per_s: float
    per_worker: float | None
    per_core: float | None
    workers: int | None
    slo_ms: float
    url: str
    model: str
    started: dt.datetime | None
    plan: Plan
    machine: Machine
    version: str
    interrupted: bool
    steps: list[Step]


def find_capacity(
    measure: Measure,
    plan: Plan,
    service: ServiceProcesses,
    *,
    slo_ms: float,
    workers: int | None = None,
    watch: Callable[[Step], None] = lambda step: None,
) -> Capacity:
    """Raise the rate until it is not held, then narrow it down.

    A step that is not held is tried once more, for others may use the machine too.

    Parameters
    ----------
    workers : None: as many as are seen to work
    watch : is given each step when it is done
    """
    steps: list[Step] = []

    def attempt(rate: float) -> tuple[bool, Result]:
        before = service.cpu_s()
        result = measure(msgspec.structs.replace(plan, rate=rate))
        if result.interrupted:
            return False, result
        steps.append(_step(rate, result, service.cpu_s() - before, slo_ms))
        watch(steps[-1])
        return steps[-1].held, result

    rate, low, high = max(plan.rate or FIRST_RATE, MIN_RATE), 0.0, math.inf
    started = None
    while rate >= MIN_RATE and high / max(low, MIN_RATE) > PRECISION:
        held, result = attempt(rate)
        started = started or result.started
        if not held and not result.interrupted:
            held, result = attempt(rate)
        low, high = (rate, high) if held else (low, rate)
        if result.interrupted:
            break
        rate = _next(low, high)
    cores = next((step.service_cores for step in reversed(steps) if step.held), None)
    workers = workers or service.workers()
    return Capacity(
        capacity_per_s=round(low, 1),
        per_worker=round(low / workers, 1) if workers else None,
        per_core=round(low / cores, 1) if cores else None,
        workers=workers,
        slo_ms=slo_ms,
        url=result.url,
        model=result.model,
        started=started,
        plan=plan,
        machine=result.machine,
        version=result.version,
        interrupted=result.interrupted,
        steps=steps,
    )


def _step(rate: float, result: Result, service_s: float, slo_ms: float) -> Step:
    p99 = result.latency_ms.p99
    return Step(
        rate=round(rate, 1),
        answered_per_s=result.answered_per_s,
        p99_ms=p99,
        errors=result.errors,
        held=result.errors == 0 and p99 is not None and p99 <= slo_ms,
        service_cores=round(service_s / result.duration_s, 3) if service_s > 0 else None,
        generator_cores=result.generator_cores,
        generator_late_ms=result.generator_late_ms,
    )


def _next(low: float, high: float) -> float:
    """The rate to try, between what was held and what was not.

    Examples
    --------
    >>> _next(400, math.inf), _next(0, 400), _next(100, 400)
    (600.0, 100.0, 200.0)
    """
    if math.isinf(high):
        return low * GROWTH
    return math.sqrt(low * high) if low else high / 4
