"""Capacity, start and memory of the image in containers of 0.5, 1 and 2 CPUs."""

from __future__ import annotations

import datetime as dt
import platform
import statistics
import sys
from pathlib import Path

from benchmarks import processes
from benchmarks.capacity.containers import container, overload_of, single_ms, stress, stress_measured
from benchmarks.capacity.records import Measured, Size
from puntual.loadtest.machine import this_machine

SIZES = {0.5: 1, 1.0: 1, 2.0: 2}
"""CPUs of a container -> workers in it: a worker keeps one core busy."""
STARTS = 5
SLO_MS = 50.0
FIRST_RATE_PER_CPU = 3000
OVERLOAD_IN_FLIGHT, OVERLOAD_CONNECTIONS = 50, 400


def measure_size(engine: tuple[str, ...], model: Path, cpus: float) -> Size:
    """Measure one size."""
    workers, pinned = SIZES[cpus], cpus <= 1
    starts = []
    for _ in range(STARTS):
        with container(engine, model, cpus, PUNTUAL_WORKERS=str(workers)) as started:
            starts.append(round(started.start_s, 2))
    with container(engine, model, cpus, PUNTUAL_WORKERS=str(workers)) as started:
        stress(started.url, "--duration=2", pinned=pinned)
        search = (f"--rate={FIRST_RATE_PER_CPU * cpus}", "--duration=4", f"--slo-ms={SLO_MS:g}")
        found = stress(started.url, "--find-capacity", *search, pinned=pinned)
        capacity = found["capacity_per_s"]
        at_capacity = [step for step in found["steps"] if step["held"] and step["rate"] == capacity]
        closed, closed_cores = stress_measured(started, "--duration=6", pinned=pinned)
        single = single_ms(started, pinned=pinned)
        memory, worker = processes.memory_mib(started.pid), processes.worker_mib(started.pid)
    # A worker that may have few requests in flight, and many connections: what refusing costs.
    with container(engine, model, cpus, PUNTUAL_MAX_IN_FLIGHT=str(OVERLOAD_IN_FLIGHT)) as started:
        overload = overload_of(started, OVERLOAD_CONNECTIONS, seconds=6, pinned=pinned)
    return Size(
        cpus=cpus,
        workers=workers,
        starts_s=starts,
        capacity_per_s=capacity,
        capacity_cores=at_capacity[-1]["service_cores"],
        closed_per_s=closed["answered_per_s"],
        closed_cores=closed_cores,
        **single,
        **overload,
        memory_mib=round(memory, 1),
        worker_mib=round(worker, 1),
        request_bytes=round(closed["sent_bytes"] / closed["requests"], 1),
        answer_bytes=round(closed["received_bytes"] / closed["answered"], 1),
    )


def measure(engine: tuple[str, ...], model: Path, earlier: list[Size]) -> Measured:
    """Measure every size, one round more than there are."""
    sizes = [*earlier]
    for cpus in SIZES:
        size = measure_size(engine, model, cpus)
        sys.stderr.write(
            f"{cpus:g} CPU: holds {size.capacity_per_s:,.0f}/s with {size.capacity_cores:g} cores, "
            f"closed loop {size.closed_per_s:,.0f}/s; "
            f"starts in {statistics.median(size.starts_s):g} s; {size.memory_mib:g} MiB\n"
        )
        sizes.append(size)
    machine = this_machine()
    with container(engine, model, 1) as started:
        name = stress(started.url, "--requests=10")["model"]
    return Measured(
        started=dt.datetime.now().astimezone().isoformat(timespec="seconds"),
        model=name,
        processor=machine.processor,
        machine_cores=machine.cores,
        python=platform.python_version(),
        slo_ms=SLO_MS,
        sizes=sizes,
    )
