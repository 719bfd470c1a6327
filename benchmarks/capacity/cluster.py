"""A cluster as it grows and shrinks: traffic, balancer, pods, metrics, autoscaler as processes of SimPy.

Control is simulated event by event; requests are drawn and answered one by one, in slices of `SLICE_S`. If no
pod has a queue, a slice may represent a longer stretch (`stride_s`): a day has a billion requests.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import simpy

from benchmarks.capacity.autoscaler import METRICS_S, SYNC_S, Autoscaler, Rules
from benchmarks.capacity.queueing import Demand, Worker

SLICE_S = 0.2
"""Two periods of the CPU quota."""

Events = Generator[simpy.Event, Any, None]


class Delays(NamedTuple):
    """What lies between wanting a pod and its first request, and between its end and its last; seconds.

    Attributes
    ----------
    create_s : until it is scheduled, its image is there and the container is made
    start_s : of the container until it is ready
    probe_s : period of its startup probe
    notice_s : until the load balancer sends to a pod that is ready
    leave_s : until the load balancer sends no more to one that ends
    node_s : until a new machine is there, for pods that find no room
    room : how many new pods find room
    rate_lag_s : how old the load balancer's count of requests is
    """

    create_s: float
    start_s: float
    probe_s: float
    notice_s: float
    leave_s: float
    node_s: float = 0.0
    room: int = 1_000_000
    rate_lag_s: float = 0.0


class Pods(NamedTuple):
    """What each pod is.

    Attributes
    ----------
    cpus : that it may have
    request : of CPU; utilization is relative to it
    max_rate : requests a second that the load balancer calls full
    """

    cpus: float
    request: float
    max_in_flight: int
    max_rate: float


@dataclass
class Bin:
    """What became of the requests of a stretch of time; `weights`: how many each latency represents."""

    latencies: list[np.ndarray[Any, np.dtype[np.float64]]] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    offered: float = 0.0
    answered: float = 0.0
    refused: float = 0.0
    serving: int = 0


class Pod:
    """A pod from when it is wanted."""

    def __init__(self, worker: Worker, wanted: float) -> None:
        self.worker, self.wanted = worker, wanted
        self.ready: float | None = None
        self.serving: float | None = None
        self.ends = False
        self.busy_s = 0.0
        self.taken = 0.0


@dataclass(kw_only=True)
class Cluster:
    """The service under a load.

    Attributes
    ----------
    rate : requests a second at a time
    connections : of the clients; a request that finds none idle waits for one
    stride_s : that a slice may represent; at most a window of the metrics
    by_the_clock : arrivals at even distances, as a load test's; else at random (Poisson)
    metrics_phase_s : when the first window of the metrics begins; half a window is the average
    bin_s : length of the stretches of the result
    running : the pods that there are
    """

    rate: Callable[[float], float]
    rules: Rules
    pods: Pods
    demand: Demand
    delays: Delays
    replicas: int
    by_the_clock: bool = False
    connections: int = 1_000_000_000
    slice_s: float = SLICE_S
    stride_s: float = 0.0
    bin_s: float = 1.0
    first_sync_s: float = SYNC_S
    sync_s: float = SYNC_S
    metrics_s: float = METRICS_S
    metrics_phase_s: float = METRICS_S / 2
    seed: int = 11

    def __post_init__(self) -> None:
        self._draw = np.random.default_rng(self.seed)
        self._environment = simpy.Environment()
        self._scaler = Autoscaler(self.rules)
        self._wanted = self.replicas
        self._turn = self._outstanding = 0
        self._due: deque[float] = deque()
        self._left_over = 0.0
        self._cpu: list[float] = []
        self._rates: list[tuple[float, float]] = []
        self.running: list[Pod] = []
        self.bins: list[Bin] = []
        for _ in range(self.replicas):
            pod = self._new_pod(wanted=-math.inf)
            pod.ready = pod.serving = -math.inf

    def run(self, seconds: float) -> list[Bin]:
        """Simulate so long; gives the stretches of time."""
        self.bins = [Bin() for _ in range(math.ceil(seconds / self.bin_s))]
        for process in (self._traffic(seconds), self._measure(), self._scale()):
            self._environment.process(process)
        self._environment.run(until=seconds)
        return self.bins

    def _traffic(self, seconds: float) -> Events:
        environment = self._environment
        while True:
            now = environment.now
            lasts = min(self.slice_s, seconds - now)
            serving = [pod for pod in self.running if pod.serving is not None]
            behind = any(pod.worker.waiting for pod in self.running)
            weight = 1.0 if behind else max(min(self.stride_s, seconds - now) / lasts, 1.0)
            self._slice(now, lasts, serving, weight)
            yield environment.timeout(lasts * weight)

    def _slice(self, now: float, lasts: float, serving: list[Pod], weight: float) -> None:
        arrivals = self._sent(now, lasts, weight)
        works = self._works(len(arrivals))
        stretch = self._bin(now)
        stretch.serving = max(stretch.serving, len(serving))
        latencies: list[float] = []
        for index, pod in enumerate(serving):
            mine = slice((index - self._turn) % len(serving), None, len(serving))
            for (due, sent), work in zip(arrivals[mine], works[mine], strict=True):
                pod.worker.take(sent, work, due)
            pod.taken += weight * len(arrivals[mine])
        for pod in self.running:
            before = pod.worker.busy_s
            for done in pod.worker.run(now + lasts):
                self._outstanding -= 1
                if done.refused:
                    stretch.refused += weight
                else:
                    latencies.append(done.end - done.due)
            pod.busy_s += weight * (pod.worker.busy_s - before)
        self._turn = (self._turn + len(arrivals)) % len(serving)
        stretch.answered += weight * len(latencies)
        stretch.latencies.append(np.array(latencies) + self.demand.path_s)
        stretch.weights.append(weight)

    def _sent(self, now: float, lasts: float, weight: float) -> list[tuple[float, float]]:
        """When each request is due and sent: those of now, and those that found no idle connection before."""
        due = self._arrivals(now, lasts)
        self._bin(now).offered += weight * len(due)
        self._due.extend(due)
        count = min(len(self._due), self.connections - self._outstanding)
        self._outstanding += count
        return [(due, max(due, now)) for due in (self._due.popleft() for _ in range(count))]

    def _bin(self, now: float) -> Bin:
        # Sums of slices are a little off.
        return self.bins[min(int(now / self.bin_s + 1e-6), len(self.bins) - 1)]

    def _arrivals(self, now: float, lasts: float) -> list[float]:
        expected = self.rate(now) * lasts
        if self.by_the_clock:
            self._left_over += expected
            count = int(self._left_over)
            self._left_over -= count
            return [*(now + lasts * (np.arange(count) + 0.5) / max(count, 1)).tolist()]
        count = int(self._draw.poisson(expected))
        return [*(now + lasts * np.sort(self._draw.random(count))).tolist()]

    def _works(self, count: int) -> list[float]:
        """Seconds of a core for each request: a constant to look at it, and a drawn part to answer it."""
        demand = self.demand
        beyond = demand.answer_s - demand.look_s
        if beyond <= 0:
            return [demand.answer_s] * count
        drawn = self._draw.lognormal(math.log(beyond) - demand.spread**2 / 2, demand.spread, count)
        return [*(demand.look_s + drawn).tolist()]

    def _measure(self) -> Events:
        """Play the metrics server (CPU of each ready pod over a window) and the balancer's counts."""
        yield self._environment.timeout(self.metrics_phase_s)
        while True:
            before = {id(pod): (pod.busy_s, pod.taken) for pod in self.running}
            yield self._environment.timeout(self.metrics_s)
            now = self._environment.now
            percents, rate = [], 0.0
            for pod in self.running:
                busy, taken = before.get(id(pod), (0.0, 0.0))
                rate += 100 * (pod.taken - taken) / self.metrics_s / self.pods.max_rate
                if pod.ready is not None and pod.ready <= now - self.metrics_s and not pod.ends:
                    percents.append(100 * (pod.busy_s - busy) / self.metrics_s / self.pods.request)
            self._cpu = percents
            self._rates.append((now, rate))

    def _scale(self) -> Events:
        yield self._environment.timeout(self.first_sync_s)
        while True:
            now = self._environment.now
            old_enough = [rate for at, rate in self._rates if at <= now - self.delays.rate_lag_s]
            rate = old_enough[-1] if old_enough else None
            wanted = self._scaler.decide(now, self._wanted, self._cpu, rate)
            for _ in range(wanted - self._wanted):
                pod = self._new_pod(now)
                self._environment.process(
                    self._begin(pod, len(self.running) - self.replicas <= self.delays.room)
                )
            for pod in self._to_end(self._wanted - wanted):
                self._environment.process(self._end(pod))
            self._wanted = wanted
            yield self._environment.timeout(self.sync_s)

    def _new_pod(self, wanted: float) -> Pod:
        worker = Worker(
            cpus=self.pods.cpus,
            max_in_flight=self.pods.max_in_flight,
            look_s=self.demand.look_s,
            phase_s=float(self._draw.uniform(0, 0.1)),
        )
        self.running.append(Pod(worker, wanted))
        return self.running[-1]

    def _begin(self, pod: Pod, finds_room: bool) -> Events:
        delays, timeout = self.delays, self._environment.timeout
        if not finds_room:
            yield timeout(delays.node_s)
        yield timeout(delays.create_s + delays.start_s + float(self._draw.uniform(0, delays.probe_s)))
        pod.ready = self._environment.now
        yield timeout(delays.notice_s)
        if not pod.ends:
            pod.serving = self._environment.now

    def _to_end(self, count: int) -> list[Pod]:
        """The pods that a ReplicaSet ends: those that are not ready first, then the youngest."""
        living = [pod for pod in self.running if not pod.ends]
        living.sort(key=lambda pod: (pod.ready is not None, -pod.wanted))
        return living[: max(count, 0)]

    def _end(self, pod: Pod) -> Events:
        """End a pod, which goes on answering while the load balancer still sends to it."""
        pod.ends = True
        yield self._environment.timeout(self.delays.leave_s)
        pod.serving = None
        while pod.worker.waiting:
            yield self._environment.timeout(self.slice_s)
        self.running.remove(pod)


def weighted_percentiles_ms(bins: list[Bin], *percents: float) -> list[float | None]:
    """Percentiles of the latencies of some stretches together, milliseconds; None: nothing was answered."""
    parts = [
        (part, weight) for each in bins for part, weight in zip(each.latencies, each.weights, strict=True)
    ]
    if not sum(len(part) for part, _ in parts):
        return [None] * len(percents)
    values = np.concatenate([part for part, _ in parts])
    weights = np.concatenate([np.full(len(part), weight) for part, weight in parts])
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    found = np.searchsorted(reached, np.array(percents) / 100 * reached[-1])
    return [round(1000 * float(values[order[min(index, len(order) - 1)]]), 3) for index in found]
