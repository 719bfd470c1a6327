"""Capacity, start and memory of the image in containers of 0.5, 1 and 2 CPUs."""

from __future__ import annotations

import datetime as dt
import platform
import statistics
import sys
from pathlib import Path
from typing import Any

from benchmarks.capacity.containers import Pod, pod, stress
from benchmarks.capacity.records import Measured, Size, Step
from benchmarks.serving import processes
from puntual.loadtest.machine import this_machine

SIZES = {0.5: 1, 1.0: 1, 2.0: 2}
"""CPUs of a container -> workers in it: a worker keeps one core busy."""
STARTS = 5
SLO_MS = 50.0
FIRST_RATE_PER_CPU = 3000
BUSY_IN_FLIGHT, BUSY_CONNECTIONS = 50, 400


def measure_size(engine: tuple[str, ...], model: Path, cpus: float) -> Size:
    """Measure one size."""
    workers = SIZES[cpus]
    pinned = cpus <= 1
    starts = []
    for _ in range(STARTS):
        with pod(engine, model, cpus, PUNTUAL_WORKERS=str(workers)) as started:
            starts.append(round(started.start_s, 2))
    with pod(engine, model, cpus, PUNTUAL_WORKERS=str(workers)) as started:
        stress(started.url, "--duration=2", pinned=pinned)
        rate = f"--rate={FIRST_RATE_PER_CPU * cpus}"
        slo = f"--slo-ms={SLO_MS:g}"
        held = stress(started.url, "--find-capacity", rate, "--duration=4", slo, pinned=pinned)
        at_it = [step for step in held["steps"] if step["held"] and step["rate"] == held["capacity_per_s"]][
            -1
        ]
        most, most_cores = loaded(started, "--duration=6", pinned=pinned)
        alone = stress(started.url, "--connections=1", "--duration=4", pinned=pinned)["latency_ms"]
        memory, worker = processes.memory_mib(started.pid), processes.worker_mib(started.pid)
    busy, busy_cores = measure_busy(engine, model, cpus)
    return Size(
        cpus=cpus,
        workers=workers,
        starts_s=starts,
        held_per_s=held["capacity_per_s"],
        held_cores=at_it["service_cores"],
        held_p99_ms=at_it["p99_ms"],
        most_per_s=most["answered_per_s"],
        most_cores=round(most_cores, 3),
        alone_p50_ms=alone["p50"],
        alone_p99_ms=alone["p99"],
        busy_answered_per_s=busy["answered_per_s"],
        busy_refused_per_s=round(busy["errors_by_kind"].get("status 503", 0) / busy["duration_s"], 1),
        busy_cores=round(busy_cores, 3),
        memory_mib=round(memory, 1),
        worker_mib=round(worker, 1),
        asked_bytes=round(most["sent_bytes"] / most["requests"], 1),
        told_bytes=round(most["received_bytes"] / most["answered"], 1),
        steps=[
            Step(step["rate"], step["p99_ms"], step["service_cores"], step["held"]) for step in held["steps"]
        ],
    )


def measure_busy(engine: tuple[str, ...], model: Path, cpus: float) -> tuple[dict[str, Any], float]:
    """One worker that may have few requests in flight, and many connections: what refusing costs."""
    with pod(engine, model, cpus, PUNTUAL_MAX_IN_FLIGHT=str(BUSY_IN_FLIGHT)) as started:
        options = (f"--connections={BUSY_CONNECTIONS}", "--duration=6")
        return loaded(started, *options, pinned=cpus <= 1)


def loaded(started: Pod, *options: str, pinned: bool) -> tuple[dict[str, Any], float]:
    """What a load test tells, and the cores that the container kept busy at it."""
    before = started.cpu_s()
    told = stress(started.url, *options, pinned=pinned)
    return told, (started.cpu_s() - before) / told["duration_s"]


def measure(engine: tuple[str, ...], model: Path, earlier: list[Size]) -> Measured:
    """Measure every size, one round more than there are."""
    sizes = [*earlier]
    for cpus in SIZES:
        size = measure_size(engine, model, cpus)
        sys.stderr.write(
            f"{cpus:g} CPU: holds {size.held_per_s:,.0f}/s with {size.held_cores:g} cores, "
            f"at most {size.most_per_s:,.0f}/s; "
            f"starts in {statistics.median(size.starts_s):g} s; {size.memory_mib:g} MiB\n"
        )
        sizes.append(size)
    machine = this_machine()
    with pod(engine, model, 1) as started:
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
