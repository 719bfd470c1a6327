"""From what was measured: how many pods and instances, at what target, at what cost."""

from __future__ import annotations

import math
import statistics

from benchmarks.capacity import prices
from benchmarks.capacity.autoscaler import METRICS_S, SYNC_S
from benchmarks.capacity.manifests import CloudRun, Gke
from benchmarks.capacity.records import Measured, Size
from benchmarks.capacity.scenarios import CREATE_S, NOTICE_S

TARGET = 0.6
"""Of what a pod holds; `target_for` gives it its reason."""
HOUR_S, GIB = 3600, 2**30


def reaction_s(size: Size) -> tuple[float, float]:
    """From more load to a pod more that answers: at the best and at the worst, seconds.

    The load has to be in a window of the metrics and the autoscaler has to look at it, each up to a period
    later; then the pod is made, starts, and is noticed.
    """
    start = CREATE_S + statistics.median(size.starts_s) + NOTICE_S
    return start, start + METRICS_S + SYNC_S


def target_for(growth: float, reaction: float) -> float:
    """The share of a pod's capacity to aim at, for a growing load to be held while a pod is on its way.

    Parameters
    ----------
    growth : of the load in a minute, 1: it doubles

    Examples
    --------
    >>> target_for(1, 30)
    0.6666666666666666
    """
    return 1 / (1 + growth * reaction / 60)


def pods_for(rate: float, held_per_s: float, target: float = TARGET) -> int:
    """How many of a size answer a rate at a target.

    Examples
    --------
    >>> pods_for(1111, 5000), pods_for(10_000, 5000, target=1)
    (1, 2)
    """
    return math.ceil(rate / (held_per_s * target))


def tell_rate(measured: Measured, cpus: float) -> int:
    """What a container is said to hold in deploy/: rounded down to hundreds."""
    return int(measured.of(cpus).held_per_s // 100) * 100


def pod_second(told: Gke) -> float:
    """What a pod of GKE Autopilot costs a second, USD."""
    cpu = told.request_cpus * prices.POD_CPU_HOUR.usd
    return (cpu + told.memory_mib / 1024 * prices.POD_MEMORY_HOUR.usd) / HOUR_S


def instance_second(told: CloudRun, *, always: bool) -> float:
    """What an instance of Cloud Run costs a second, while it is asked or always, USD."""
    cpu, memory = (
        (prices.RUN_ALWAYS_CPU, prices.RUN_ALWAYS_MEMORY) if always else (prices.RUN_CPU, prices.RUN_MEMORY)
    )
    return told.cpus * cpu.usd + told.memory_mib / 1024 * memory.usd


def million(second: float, held_per_s: float, target: float = TARGET) -> float:
    """What the computing of a million predictions costs at a target, one a request.

    Examples
    --------
    >>> round(million(0.00002, 10_000, 0.5), 6)
    0.004
    """
    return 1e6 / (held_per_s * target) * second


def always_from(told: CloudRun) -> float:
    """Requests a second from which an instance is cheaper paid for always than paid for while it is asked.

    Each request, far from the next, is paid for as a tenth of a second; the rest is a minimum instance's.
    """
    idle = prices.RUN_IDLE.usd * (told.cpus + told.memory_mib / 1024)
    asked = 0.1 * (instance_second(told, always=False) - idle) + prices.RUN_MILLION_REQUESTS.usd / 1e6
    return (instance_second(told, always=True) - idle) / asked


def data_million(size: Size) -> float:
    """What the data of a million answers cost: to the internet, and both ways through the balancer."""
    out, into = size.told_bytes * 1e6 / GIB, size.asked_bytes * 1e6 / GIB
    return out * (prices.OUT_GIB.usd + prices.BALANCER_GIB.usd) + into * prices.BALANCER_GIB.usd
