"""One real run: a constant rate beyond what a container holds, and more of them as the autoscaler wants.

The image, its CPU quota, its limit of requests in flight, the load balancer (HAProxy) with its health checks
and the load test are real; the autoscaler is `autoscaler.py` with the rules of the manifest, fed with the CPU
that the containers took.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.capacity.autoscaler import METRICS_S, SYNC_S, Autoscaler
from benchmarks.capacity.containers import PINNED, overload_of, refused, single_ms, start_pinned, stress
from benchmarks.capacity.manifests import autoscaler_rules
from benchmarks.capacity.records import Replica, ScaleOut, Seconds
from benchmarks.processes import cpu_s
from deploy.cluster.balancer import Balancer
from deploy.cluster.values import read_values
from deploy.service import Service, free_port, read_result, shared_folder, stress_command

CPUS = 0.25
MAX_REPLICAS = 3
OVERLOAD = 1.4
"""Times what the first container answers at most: too much for one, too much of the target for two."""
DURATION_S, CONNECTIONS, TIMEOUT_S = 80.0, 2000, 30.0
MAX_IN_FLIGHT = 500
CHECK_S, UNHEALTHY, HEALTHY = 2.0, 2, 1


class Fleet:
    """The containers of a run, and when each was wanted, ready and serving (`time.monotonic`)."""

    def __init__(self, engine: tuple[str, ...], folder: Path, balancer: Balancer) -> None:
        self._engine, self._folder, self._balancer = engine, folder, balancer
        self._services: list[Service] = []
        self.pods: list[Service] = []
        self.wanted: list[float] = []
        self.ready: list[float] = []
        self.serving: list[float] = []

    def grow(self) -> None:
        """Start one more."""
        limit = str(MAX_IN_FLIGHT)
        service = start_pinned(self._engine, self._folder, CPUS, PUNTUAL_MAX_IN_FLIGHT=limit)
        self.wanted.append(time.monotonic())
        self._services.append(service)

    def watch(self) -> None:
        """Hand those that have become ready to the load balancer, and note whom it sends to."""
        for service in self._services[len(self.pods) :]:
            if service.status("/readyz") == 200:
                self.ready.append(time.monotonic())
                self.pods.append(service)
                self._balancer.fill(len(self.pods), service.port)
        up = [*self._balancer.states().values()].count("up")
        self.serving += [time.monotonic()] * (up - len(self.serving))

    def first(self) -> Service:
        """The one that is there from the beginning, once the load balancer sends to it."""
        self.grow()
        self._services[0].wait_ready()
        while not self.serving:
            self.watch()
            time.sleep(0.05)
        return self.pods[0]

    def close(self) -> None:
        """End all."""
        for service in self._services:
            service.end()


def scale_out(engine: tuple[str, ...], model: Path) -> ScaleOut:
    """Run it."""
    values = read_values()._replace(check_s=CHECK_S, unhealthy=UNHEALTHY, healthy=HEALTHY)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(shared_folder(model))
        balancer = Balancer(values, MAX_REPLICAS, free_port(), retries=False, prefix=PINNED)
        stack.callback(balancer.end)
        fleet = stack.enter_context(contextlib.closing(Fleet(engine, folder, balancer)))
        first = fleet.first()
        stress(first.url, "--duration=2")
        closed = stress(first.url, "--duration=6")["answered_per_s"]
        single = single_ms(first)
        overload = overload_of(first, CONNECTIONS, seconds=8, url=balancer.url)
        rate = round(OVERLOAD * closed, -2)
        result, begun = _run(fleet, balancer.url, rate)
    moments = zip(fleet.wanted[1:], fleet.ready[1:], fleet.serving[1:], strict=True)
    seconds = result["seconds"]
    return ScaleOut(
        started=dt.datetime.now().astimezone().isoformat(timespec="seconds"),
        model=result["model"],
        cpus=CPUS,
        rate=rate,
        duration_s=DURATION_S,
        max_in_flight=MAX_IN_FLIGHT,
        connections=CONNECTIONS,
        target_percent=int(autoscaler_rules().cpu_percent),
        sync_s=SYNC_S,
        answered=result["answered"],
        refused=refused(result),
        other_errors=result["errors"] - refused(result),
        p50_ms=result["latency_ms"]["p50"],
        p99_ms=result["latency_ms"]["p99"],
        **single,
        **overload,
        replicas=[Replica(*(round(moment - begun, 2) for moment in replica)) for replica in moments],
        seconds=Seconds(
            answered=[second["answered"] for second in seconds],
            refused=[second["errors"] for second in seconds],
            p99=[second["p99"] for second in seconds],
            replicas=[sum(at - begun <= second["end_s"] for at in fleet.serving) for second in seconds],
        ),
    )


def _run(fleet: Fleet, url: str, rate: float) -> tuple[dict[str, Any], float]:
    """The load test beside the autoscaler: its result, and when it began."""
    options = (
        *(f"--rate={rate:g}", f"--duration={DURATION_S:g}"),
        *(f"--connections={CONNECTIONS}", f"--timeout={TIMEOUT_S:g}"),
    )
    idle = cpu_s(fleet.pods[0].pid)
    command = [*PINNED, *stress_command(url, *options)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as test:
        while cpu_s(fleet.pods[0].pid) < idle + 0.05:
            time.sleep(0.02)
        begun, over = time.monotonic(), threading.Event()
        threads = [
            threading.Thread(target=_scale, args=(fleet, begun, over)),
            threading.Thread(target=_watch, args=(fleet, over)),
        ]
        for thread in threads:
            thread.start()
        output, messages = test.communicate()
        over.set()
        for thread in threads:
            thread.join()
    return read_result(output, messages), begun


def _watch(fleet: Fleet, over: threading.Event) -> None:
    while not over.wait(0.1):
        fleet.watch()


def _scale(fleet: Fleet, begun: float, over: threading.Event) -> None:
    """The autoscaler, every `SYNC_S`, with the CPU of the window before."""
    rules = autoscaler_rules()._replace(min_replicas=1, max_replicas=MAX_REPLICAS, rate_percent=None)
    scaler = Autoscaler(rules)
    while True:
        now = time.monotonic()
        before = {pid: cpu_s(pid) for pid in (pod.pid for pod in fleet.pods)}
        if over.wait(METRICS_S - (now - begun) % SYNC_S):
            return
        window = time.monotonic() - now
        percents = [
            100 * (cpu_s(pod.pid) - before[pod.pid]) / window / CPUS
            for pod in fleet.pods
            if pod.pid in before
        ]
        elapsed, current = time.monotonic() - begun, len(fleet.wanted)
        wanted = scaler.decide(elapsed, current, percents)
        cpu = ", ".join(f"{percent:.0f}" for percent in percents)
        sys.stderr.write(f"{elapsed:.0f} s: CPU {cpu} %: {wanted} wanted\n")
        for _ in range(wanted - current):
            fleet.grow()
