"""One real run: a constant rate beyond what a container holds, and more of them as the autoscaler wants.

Everything is real but the cluster: the image, its CPU quota, its limit of requests in flight, the load
balancer (HAProxy) and its health checks, the load test. The autoscaler is `autoscaler.py` with the rules of
the manifest, fed with the CPU that the containers really took.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.capacity.autoscaler import METRICS_S, SYNC_S, Autoscaler
from benchmarks.capacity.containers import PINNED, Pod, pod, stress
from benchmarks.capacity.manifests import autoscaler_rules
from benchmarks.capacity.measure import loaded
from benchmarks.capacity.records import Replica, ScaleOut, Second
from deploy.checks.image import free_port

CPUS = 0.25
MOST = 3
OVERLOAD = 1.4
"""Times what the first container answers at most: too much for one, too much of the target for two."""
STEADY = 0.5
"""Of that, by the clock: to know what a request takes."""
DURATION_S, CONNECTIONS, TIMEOUT_S = 80.0, 2000, 30.0
MAX_IN_FLIGHT = 500
CHECK_S = 2.0

HAPROXY = """\
global
    maxconn 8000
    nbthread 1
    stats socket {folder}/admin.sock level admin
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    timeout check 1s
frontend service
    bind 127.0.0.1:{front}
    default_backend pods
backend pods
    balance roundrobin
    http-reuse always
    option httpchk GET /readyz
    default-server check inter {check:g}s rise 1 fall 2
{servers}
"""


class Fleet:
    """The containers of a run, each started by a thread of its own."""

    def __init__(self, engine: tuple[str, ...], model: Path, ports: list[int]) -> None:
        self._engine, self._model, self._ports = engine, model, ports
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self.pods: list[Pod] = []
        self.asked: list[float] = []
        self.ready: list[float] = []

    def grow(self) -> None:
        """Start one more."""
        self.asked.append(time.monotonic())
        thread = threading.Thread(target=self._run, args=(self._ports[len(self.asked) - 1],))
        self._threads.append(thread)
        thread.start()

    def _run(self, port: int) -> None:
        limit = str(MAX_IN_FLIGHT)
        with pod(self._engine, self._model, CPUS, port=port, PUNTUAL_MAX_IN_FLIGHT=limit) as started:
            self.ready.append(time.monotonic())
            self.pods.append(started)
            self._over.wait()

    def first(self) -> Pod:
        """The one that is there from the beginning."""
        self.grow()
        while not self.pods:
            if not self._threads[0].is_alive():
                raise RuntimeError("the first container has ended")
            time.sleep(0.05)
        return self.pods[0]

    def close(self) -> None:
        """End all."""
        self._over.set()
        for thread in self._threads:
            thread.join()


@contextlib.contextmanager
def balancer(front: int, ports: list[int]) -> Iterator[Path]:
    """HAProxy before some ports; gives its control socket."""
    servers = "\n".join(f"    server pod{index} 127.0.0.1:{port}" for index, port in enumerate(ports))
    with tempfile.TemporaryDirectory() as folder:
        told = HAPROXY.format(folder=folder, front=front, check=CHECK_S, servers=servers)
        configuration = Path(folder) / "haproxy.cfg"
        configuration.write_text(told, "utf-8")
        with subprocess.Popen([*PINNED, "haproxy", "-q", "-db", "-f", str(configuration)]) as process:
            try:
                control = Path(folder) / "admin.sock"
                while not control.exists():
                    time.sleep(0.02)
                    if process.poll() is not None:
                        raise RuntimeError("HAProxy has ended")
                yield control
            finally:
                process.terminate()


def serving(control: Path) -> int:
    """To how many the load balancer sends."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(control))
        connection.sendall(b"show stat -1 4 -1\n")
        told = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    rows = [line.split(",") for line in told.splitlines() if line]
    status = rows[0].index("status")
    return sum(row[status].startswith("UP") for row in rows[1:])


def wait_until_serving(control: Path, count: int) -> None:
    """Until the load balancer sends to so many."""
    while serving(control) != count:
        time.sleep(0.05)


def scale_out(engine: tuple[str, ...], model: Path) -> ScaleOut:
    """Run it."""
    ports, front = [free_port() for _ in range(MOST)], free_port()
    fleet = Fleet(engine, model, ports)
    with balancer(front, ports) as control, contextlib.closing(fleet):
        first = fleet.first()
        stress(first.url, "--duration=2")
        most, _ = loaded(first, "--duration=6", pinned=True)
        alone = stress(first.url, "--connections=1", "--duration=4")["latency_ms"]
        wait_until_serving(control, 1)
        service, many = f"http://127.0.0.1:{front}", f"--connections={CONNECTIONS}"
        before = first.cpu_s()
        steady = stress(
            service, f"--rate={STEADY * most['answered_per_s']:.0f}", many, "--duration=8", "--timeout=30"
        )
        steady_cores = (first.cpu_s() - before) / steady["duration_s"]
        before = first.cpu_s()
        busy = stress(service, many, "--duration=8")
        busy_cores = (first.cpu_s() - before) / busy["duration_s"]
        rate = round(OVERLOAD * most["answered_per_s"], -2)
        told, begun, up = _loaded(fleet, service, rate, control)
    return ScaleOut(
        started=dt.datetime.now().astimezone().isoformat(timespec="seconds"),
        model=told["model"],
        cpus=CPUS,
        rate=rate,
        duration_s=DURATION_S,
        most_in_flight=MAX_IN_FLIGHT,
        connections=CONNECTIONS,
        target_percent=int(autoscaler_rules().cpu_percent),
        sync_s=SYNC_S,
        check_s=CHECK_S,
        answered=told["answered"],
        refused=_refused(told),
        other_errors=told["errors"] - _refused(told),
        p50_ms=told["latency_ms"]["p50"],
        p99_ms=told["latency_ms"]["p99"],
        generator_cores=told["generator_cores"],
        generator_late_ms=told["generator_late_ms"],
        most_per_s=most["answered_per_s"],
        steady_per_s=steady["answered_per_s"],
        steady_cores=round(steady_cores, 3),
        busy_cores=round(busy_cores, 3),
        busy_answered_per_s=busy["answered_per_s"],
        busy_refused_per_s=round(_refused(busy) / busy["duration_s"], 1),
        alone_p50_ms=alone["p50"],
        alone_p99_ms=alone["p99"],
        replicas=[
            Replica(round(asked - begun, 2), round(ready - begun, 2), round(at - begun, 2))
            for asked, ready, at in zip(fleet.asked[1:], fleet.ready[1:], up[1:], strict=True)
        ],
        seconds=[
            Second(
                answered=second["answered"],
                refused=second["errors"],
                p50=second["p50"],
                p99=second["p99"],
                replicas=sum(at - begun <= second["end_s"] for at in up),
            )
            for second in told["seconds"]
        ],
    )


def _refused(told: dict[str, Any]) -> int:
    return int(told["errors_by_kind"].get("status 503", 0))


def _loaded(fleet: Fleet, url: str, rate: float, control: Path) -> tuple[dict[str, Any], float, list[float]]:
    """The load test beside the autoscaler: what it tells, when it began, when each container served."""
    options = (
        *(f"--rate={rate:g}", f"--duration={DURATION_S:g}"),
        *(f"--connections={CONNECTIONS}", f"--timeout={TIMEOUT_S:g}", "--json"),
    )
    command = [*PINNED, sys.executable, "-m", "puntual", "stress", url, *options]
    up: list[float] = [-1.0]
    idle = fleet.pods[0].cpu_s()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as test:
        while fleet.pods[0].cpu_s() < idle + 0.05:
            time.sleep(0.02)
        begun = time.monotonic()
        up[0] = begun - 1
        over = threading.Event()
        scaling = threading.Thread(target=_scale, args=(fleet, begun, over))
        watching = threading.Thread(target=_watch, args=(control, up, over))
        scaling.start()
        watching.start()
        told = test.communicate()[0]
        over.set()
        scaling.join()
        watching.join()
    found: dict[str, Any] = json.loads(told)
    return found, begun, up


def _watch(control: Path, up: list[float], over: threading.Event) -> None:
    while not over.wait(0.1):
        up += [time.monotonic()] * (serving(control) - len(up))


def _scale(fleet: Fleet, begun: float, over: threading.Event) -> None:
    """The autoscaler, every `SYNC_S`, with the CPU of the window before."""
    rules = autoscaler_rules()._replace(least=1, most=MOST, rate_percent=None)
    scaler = Autoscaler(rules)
    while True:
        now = time.monotonic()
        before = {started.pid: started.cpu_s() for started in fleet.pods}
        if over.wait(METRICS_S - (now - begun) % SYNC_S):
            return
        lasted = time.monotonic() - now
        percents = [
            100 * (started.cpu_s() - before[started.pid]) / lasted / CPUS
            for started in fleet.pods
            if started.pid in before
        ]
        wanted = scaler.decide(time.monotonic() - begun, len(fleet.asked), percents)
        told = ", ".join(f"{percent:.0f}" for percent in percents)
        sys.stderr.write(f"{time.monotonic() - begun:.0f} s: CPU {told} %: {wanted} wanted\n")
        for _ in range(wanted - len(fleet.asked)):
            fleet.grow()
