"""The original's burst, a day, a tenfold spike, and the real run once more, simulated."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from typing import NamedTuple

from benchmarks.capacity.autoscaler import METRICS_S
from benchmarks.capacity.cluster import SLICE_S, Bin, Cluster, Delays, Pods, weighted_percentiles_ms
from benchmarks.capacity.manifests import autoscaler_rules, gke
from benchmarks.capacity.queueing import Demand
from benchmarks.capacity.records import Calibration, Comparison, Measured, Outcome, ScaleOut, Size
from puntual.serving.settings import read_settings

CREATE_S = 5.0
"""Assumed: the scheduler's second, and an image of about 75 MB, compressed, to be pulled."""
NOTICE_S = 10.0
"""Assumed: the endpoint is listed, and the load balancer's next health check says yes."""
NODE_S = 90.0
"""Assumed: a new machine of the cluster, from no room for a pod to one that runs it."""
RATE_LAG_S = 30.0
"""Assumed: age of the load balancer's count of requests when the autoscaler reads it."""

ORIGINAL_REQUESTS, ORIGINAL_S = 50_000, 45.0
ORIGINAL_RATE = ORIGINAL_REQUESTS / ORIGINAL_S
NIGHT_RATE, PEAK_RATE = 2_000.0, 30_000.0
SPIKE_FROM_RATE, SPIKE_TIMES, SPIKE_AT_S, SPIKE_S = 4_000.0, 10, 60.0, 180.0

BAR_PERCENT = 25
"""How far the simulated 99th percentile of the real run may be from the measured one."""

P99_Z = 2.326
"""The 99th percentile of the standard normal distribution."""

Rate = Callable[[float], float]


class Curve(NamedTuple):
    """How a scenario went, in stretches of `bin_s`.

    Attributes
    ----------
    offered, answered, refused : requests a second
    p99 : milliseconds; None: nothing was answered
    serving : pods that the load balancer sent to
    """

    bin_s: float
    offered: list[int]
    answered: list[int]
    refused: list[int]
    p99: list[float | None]
    serving: list[int]


class Scenario(NamedTuple):
    """A load, and the cluster that it meets."""

    title: str
    rate: Rate
    seconds: float = 60
    bin_s: float = 1.0
    slice_s: float = SLICE_S
    stride_s: float = 0.0
    cpus: float | None = None
    room: int = 1_000_000
    replicas: int | None = None


def demand_of(size: Size) -> Demand:
    """What requests take, by the figures of a container.

    Work is that of the rate which is held by the clock; its spread is from a single connection; a refusal
    takes what is left of the processor when there was far more than could be in flight.
    """
    answer = size.capacity_cores / size.capacity_per_s
    closed = size.closed_cores / size.closed_per_s
    look = (size.overload_cores - closed * size.overload_answered_per_s) / size.overload_refused_per_s
    return _demand(answer, max(look, 0.0), size)


def demand_of_run(record: ScaleOut) -> Demand:
    """What requests took of a run's first container, before it began, with all connections asking at once.

    Answered or refused alike: through the load balancer, a refused request costs about as much as an answer.
    """
    each = record.overload_cores / (record.overload_answered_per_s + record.overload_refused_per_s)
    return _demand(each, each, record)


def _demand(answer_s: float, look_s: float, record: Calibration) -> Demand:
    spread = math.log(record.single_p99_ms / record.single_p50_ms) / P99_Z
    return Demand(answer_s, spread, look_s, path_s=max(record.single_p50_ms / 1000 - answer_s, 0.0))


def steady(rate: float, seconds: float = math.inf) -> Rate:
    """So many a second, for so long."""
    return lambda at: rate if at < seconds else 0.0


def day(at: float) -> float:
    """A day of travellers, from midnight: most ask in the morning and in the evening.

    Examples
    --------
    >>> round(day(3 * 3600)), round(day(9 * 3600)), round(day(18.5 * 3600))
    (3572, 30000, 27200)
    """
    hour = at / 3600
    humps = math.exp(-(((hour - 9) / 2.5) ** 2) / 2), 0.9 * math.exp(-(((hour - 18.5) / 2.5) ** 2) / 2)
    return NIGHT_RATE + (PEAK_RATE - NIGHT_RATE) * max(humps)


def spike(at: float) -> float:
    """A load that is ten times itself within a second, and three minutes later itself again."""
    inside = SPIKE_AT_S <= at < SPIKE_AT_S + SPIKE_S
    return SPIKE_FROM_RATE * (SPIKE_TIMES if inside else 1)


_BURST10, _BURST100 = (steady(times * ORIGINAL_RATE, ORIGINAL_S) for times in (10, 100))
_SPIKE = Scenario("4,000 requests a second, tenfold for 3 minutes", spike, 300, bin_s=2)

SCENARIOS: dict[str, Scenario] = {
    "burst": Scenario("50,000 requests in 45 s", steady(ORIGINAL_RATE, ORIGINAL_S)),
    "burst10": Scenario("500,000 requests in 45 s", _BURST10),
    "burst100": Scenario("5,000,000 requests in 45 s", _BURST100),
    "burst100ready": Scenario("the same, all 30 pods there from the beginning", _BURST100, replicas=30),
    "day": Scenario(
        "a day, 2,000 requests a second at night, 30,000 at nine in the morning",
        day,
        seconds=86_400,
        bin_s=600,
        slice_s=SLICE_S / 2,
        stride_s=METRICS_S,
    ),
    "spike": _SPIKE,
    "spikenodes": _SPIKE._replace(
        title="the same, with room for only 3 more pods until new machines are there", room=3
    ),
    "spikelent": _SPIKE._replace(title="the same, the machines lend each pod a whole core", cpus=1.0),
}


def simulate(measured: Measured, name: str, seed: int) -> tuple[Outcome, Curve]:
    """Run a scenario of `SCENARIOS` with the values of deploy/."""
    scenario, manifest, rules = SCENARIOS[name], gke(), autoscaler_rules()
    cpus = scenario.cpus or manifest.request_cpus
    max_in_flight = read_settings({}, {}).max_in_flight
    cluster = Cluster(
        rate=scenario.rate,
        rules=rules,
        pods=Pods(cpus, manifest.request_cpus, max_in_flight, manifest.max_rate),
        demand=demand_of(measured.of(cpus)),
        delays=Delays(
            create_s=CREATE_S,
            start_s=statistics.median(measured.of(cpus).starts_s),
            probe_s=manifest.startup_period_s,
            notice_s=NOTICE_S,
            leave_s=manifest.leave_s,
            node_s=NODE_S,
            room=scenario.room,
            rate_lag_s=RATE_LAG_S,
        ),
        replicas=scenario.replicas or rules.min_replicas,
        slice_s=scenario.slice_s,
        stride_s=scenario.stride_s,
        bin_s=scenario.bin_s,
        seed=seed,
    )
    return summarize(scenario.title, cluster.run(scenario.seconds), scenario.bin_s)


def rerun(record: ScaleOut, seed: int) -> tuple[Outcome, Curve]:
    """Simulate a real run: the same load, limit, rules and delays; work as its first container's was."""
    rules = autoscaler_rules()._replace(
        min_replicas=1,
        max_replicas=len(record.replicas) + 1,
        rate_percent=None,
        cpu_percent=record.target_percent,
    )
    starts = [each.ready_s - each.wanted_s for each in record.replicas]
    notices = [each.serving_s - each.ready_s for each in record.replicas]
    cluster = Cluster(
        rate=steady(record.rate),
        rules=rules,
        pods=Pods(record.cpus, record.cpus, record.max_in_flight, math.inf),
        demand=demand_of_run(record),
        delays=Delays(0.0, statistics.mean(starts), 0.0, statistics.mean(notices), 0.0),
        replicas=1,
        by_the_clock=True,
        connections=record.connections,
        slice_s=0.002,
        sync_s=record.sync_s,
        first_sync_s=record.sync_s + 0.01,
        metrics_s=record.sync_s,
        metrics_phase_s=0.0,
        seed=seed,
    )
    title = f"{record.rate:,.0f} requests a second on containers of {record.cpus:g} CPU"
    return summarize(title, cluster.run(record.duration_s), 1.0)


def summarize(title: str, bins: list[Bin], bin_s: float) -> tuple[Outcome, Curve]:
    """Sum up a simulation, and round its course."""
    p50, p99 = weighted_percentiles_ms(bins, 50, 99)
    each_p99 = [weighted_percentiles_ms([each], 99)[0] for each in bins]
    curve = Curve(
        bin_s=bin_s,
        offered=[round(each.offered / bin_s) for each in bins],
        answered=[round(each.answered / bin_s) for each in bins],
        refused=[round(each.refused / bin_s) for each in bins],
        p99=[None if value is None else float(f"{value:.3g}") for value in each_p99],
        serving=[each.serving for each in bins],
    )
    outcome = Outcome(
        title=title,
        offered=round(sum(each.offered for each in bins)),
        answered=round(sum(each.answered for each in bins)),
        refused=round(sum(each.refused for each in bins)),
        peak_offered=round(sum(rate for rate in curve.offered if rate > 2 * curve.offered[0]) * bin_s),
        refusing_s=sum(rate > 0 for rate in curve.refused) * float(bin_s),
        p50_ms=p50 or 0.0,
        p99_ms=p99 or 0.0,
        pod_seconds=round(sum(each.serving for each in bins) * bin_s),
        max_pods=max(each.serving for each in bins),
    )
    return outcome, curve


def compare(real: ScaleOut, outcome: Outcome, curve: Curve) -> list[Comparison]:
    """Put a real run and its simulation side by side; a phase's percentile is the median of its seconds'."""
    figures = [
        Comparison("99 % within, ms", real.p99_ms, outcome.p99_ms),
        Comparison("50 % within, ms", real.p50_ms, outcome.p50_ms),
        Comparison("answered", float(real.answered), float(outcome.answered)),
        Comparison("refused (503)", float(real.refused), float(outcome.refused)),
    ]
    for count in sorted({*real.seconds.replicas, *curve.serving}):
        measured = _phase(real.seconds.p99, real.seconds.replicas, count)
        simulated = _phase(curve.p99, curve.serving, count)
        if measured and simulated:
            seconds = f"{len(measured)} s measured, {len(simulated)} s simulated"
            medians = statistics.median(measured), statistics.median(simulated)
            figures.append(Comparison(f"99 % within, {count} serving ({seconds}), ms", *medians))
    return figures


def _phase(p99: list[float | None], serving: list[int], count: int) -> list[float]:
    """The 99th percentiles of the seconds in which so many served, but for the first second."""
    pairs = list(zip(p99, serving, strict=True))[1:]
    return [value for value, replicas in pairs if replicas == count and value is not None]
