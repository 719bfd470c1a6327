"""From what was measured: how many pods and instances, at what target, at what cost."""

from __future__ import annotations

import math

from benchmarks.capacity import prices
from benchmarks.capacity.autoscaler import METRICS_S, SYNC_S
from benchmarks.capacity.manifests import CloudRun, Gke
from benchmarks.capacity.records import Measured, Size
from benchmarks.capacity.scenarios import CREATE_S, NOTICE_S

TARGET = 0.6
"""Of what a pod holds; `target_for` gives the reason."""
HOUR_S, GIB = 3600, 2**30


def reaction_s(measured: Measured) -> tuple[float, float]:
    """From more load to a pod more of half a core that answers: at the best and at the worst, seconds.

    The load has to be in a window of the metrics and the autoscaler has to look at it, each up to a period
    later; then the pod is made, starts, and is noticed.
    """
    start = CREATE_S + measured.start_s(0.5) + NOTICE_S
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


def pods_for(rate: float, size: Size, target: float = TARGET) -> int:
    """How many of a size answer a rate at a target."""
    return math.ceil(rate / (size.capacity_per_s * target))


def rounded_rate(measured: Measured, cpus: float) -> int:
    """What a container holds according to deploy/: rounded down to hundreds."""
    return int(measured.of(cpus).capacity_per_s // 100) * 100


def pod_second(manifest: Gke) -> float:
    """What a pod of GKE Autopilot costs a second, USD."""
    cpu = manifest.request_cpus * prices.POD_CPU_HOUR.usd
    return (cpu + manifest.memory_mib / 1024 * prices.POD_MEMORY_HOUR.usd) / HOUR_S


def instance_second(run: CloudRun, *, always: bool) -> float:
    """What an instance of Cloud Run costs a second, while it answers or always, USD."""
    cpu, memory = (
        (prices.RUN_ALWAYS_CPU, prices.RUN_ALWAYS_MEMORY) if always else (prices.RUN_CPU, prices.RUN_MEMORY)
    )
    return run.cpus * cpu.usd + run.memory_mib / 1024 * memory.usd


def million(second: float, size: Size) -> float:
    """What computing a million predictions costs at the target, one a request, USD.

    Parameters
    ----------
    second : what a container of the size costs a second
    """
    return 1e6 / (size.capacity_per_s * TARGET) * second


def always_from(run: CloudRun) -> float:
    """Requests a second from which it is cheaper to pay for an instance always than while it answers.

    Each request, far from the next, is paid for as a tenth of a second; the rest is a minimum instance's.
    """
    idle = prices.RUN_IDLE.usd * (run.cpus + run.memory_mib / 1024)
    request = 0.1 * (instance_second(run, always=False) - idle) + prices.RUN_MILLION_REQUESTS.usd / 1e6
    return (instance_second(run, always=True) - idle) / request


def data_million(size: Size) -> float:
    """What the data of a million answers cost: to the internet, and both ways through the balancer, USD."""
    out, into = size.answer_bytes * 1e6 / GIB, size.request_bytes * 1e6 / GIB
    return out * (prices.OUT_GIB.usd + prices.BALANCER_GIB.usd) + into * prices.BALANCER_GIB.usd
