"""What is simulated: the original's burst, a day, a tenfold spike, and the real run once more."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable

import msgspec

from benchmarks.capacity.autoscaler import METRICS_S, Rules
from benchmarks.capacity.cluster import SLICE_S, Bin, Cluster, Delays, Pods, weighted_percentiles_ms
from benchmarks.capacity.manifests import Gke, autoscaler_rules, gke
from benchmarks.capacity.queueing import Demand
from benchmarks.capacity.records import Measured, ScaleOut, Size
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

Rate = Callable[[float], float]


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario, as it went; each list has a value a stretch of `bin_s`.

    Attributes
    ----------
    offered, answered, refused : requests a second
    p50, p99 : milliseconds
    serving : pods that the load balancer sent to
    """

    what: str
    bin_s: float
    total_offered: int
    total_answered: int
    total_refused: int
    p50_ms: float
    p99_ms: float
    pod_seconds: int
    most_pods: int
    offered: list[int]
    answered: list[int]
    refused: list[int]
    p50: list[float | None]
    p99: list[float | None]
    serving: list[int]


class Simulated(msgspec.Struct, frozen=True, kw_only=True):
    """Every scenario by its name."""

    seed: int
    curves: dict[str, Curve]


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario before it runs."""

    what: str
    rate: Rate
    seconds: float
    bin_s: float = 1.0
    slice_s: float = SLICE_S
    stride_s: float = 0.0
    cpus: float | None = None
    room: int = 1_000_000
    replicas: int | None = None


def demand_of(size: Size) -> Demand:
    """What requests take, from how a container did.

    Work is that of the rate which is held by the clock; its spread is from one connection alone; a refusal
    takes what is left of the processor when there was far more than could be in flight.
    """
    answer = size.held_cores / size.held_per_s
    quick = size.most_cores / size.most_per_s
    look = (size.busy_cores - quick * size.busy_answered_per_s) / size.busy_refused_per_s
    return Demand(
        answer_s=answer,
        spread=math.log(size.alone_p99_ms / size.alone_p50_ms) / 2.326,
        look_s=max(look, 0.0),
        path_s=max(size.alone_p50_ms / 1000 - answer, 0.0),
    )


def delays_of(told: Gke, size: Size, room: int) -> Delays:
    """What lies between wanting a pod and its first request."""
    return Delays(
        create_s=CREATE_S,
        start_s=statistics.median(size.starts_s),
        probe_s=told.startup_period_s,
        notice_s=NOTICE_S,
        leave_s=told.check_period_s * told.checks_to_leave,
        node_s=NODE_S,
        room=room,
        rate_lag_s=RATE_LAG_S,
    )


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


SCENARIOS: dict[str, Setting] = {
    "burst": Setting(what="50,000 requests in 45 s", rate=steady(ORIGINAL_RATE, ORIGINAL_S), seconds=60),
    "burst10": Setting(
        what="500,000 requests in 45 s", rate=steady(10 * ORIGINAL_RATE, ORIGINAL_S), seconds=60
    ),
    "burst100": Setting(
        what="5,000,000 requests in 45 s", rate=steady(100 * ORIGINAL_RATE, ORIGINAL_S), seconds=60
    ),
    "burst100ready": Setting(
        what="the same, all 30 pods there from the beginning",
        rate=steady(100 * ORIGINAL_RATE, ORIGINAL_S),
        seconds=60,
        replicas=30,
    ),
    "day": Setting(
        what="a day, 2,000 requests a second at night, 30,000 at nine in the morning",
        rate=day,
        seconds=86_400,
        bin_s=600,
        slice_s=SLICE_S / 2,
        stride_s=METRICS_S,
    ),
    "spike": Setting(what="4,000 requests a second, tenfold for 3 minutes", rate=spike, seconds=300, bin_s=2),
    "spikenodes": Setting(
        what="the same, with room for only 3 more pods until new machines are there",
        rate=spike,
        seconds=300,
        bin_s=2,
        room=3,
    ),
    "spikelent": Setting(
        what="the same, the machines lend each pod a whole core", rate=spike, seconds=300, bin_s=2, cpus=1.0
    ),
}


def simulate(measured: Measured, name: str, seed: int = 11) -> Curve:
    """Run a scenario of `SCENARIOS` on what deploy/ says."""
    setting, told, rules = SCENARIOS[name], gke(), autoscaler_rules()
    cpus = setting.cpus or told.request_cpus
    size = measured.of(cpus)
    cluster = Cluster(
        rate=setting.rate,
        rules=rules,
        pods=Pods(
            cpus=cpus,
            request=told.request_cpus,
            most_in_flight=read_settings({}, {}).max_in_flight,
            max_rate=told.max_rate,
        ),
        demand=demand_of(size),
        delays=delays_of(told, size, setting.room),
        replicas=setting.replicas or rules.least,
        slice_s=setting.slice_s,
        stride_s=setting.stride_s,
        bin_s=setting.bin_s,
        seed=seed,
    )
    return curve(setting.what, cluster.run(setting.seconds), setting.bin_s)


def demand_of_run(record: ScaleOut) -> Demand:
    """What requests took of a run's first container, before it began, with all connections asking at once.

    Answered or refused alike: through the load balancer, a refused request costs about as much as an answer.
    """
    each = record.busy_cores / (record.busy_answered_per_s + record.busy_refused_per_s)
    return Demand(
        answer_s=each,
        spread=math.log(record.alone_p99_ms / record.alone_p50_ms) / 2.326,
        look_s=each,
        path_s=max(record.alone_p50_ms / 1000 - each, 0.0),
    )


def rerun(record: ScaleOut, seed: int = 11) -> Curve:
    """Simulate a real run: the same load, limit, rules and delays; work as its first container's was."""
    rules: Rules = autoscaler_rules()._replace(
        least=1, most=len(record.replicas) + 1, rate_percent=None, cpu_percent=record.target_percent
    )
    starts = [each.ready_s - each.asked_s for each in record.replicas]
    notices = [each.serving_s - each.ready_s for each in record.replicas]
    cluster = Cluster(
        rate=steady(record.rate),
        rules=rules,
        pods=Pods(record.cpus, record.cpus, record.most_in_flight, math.inf),
        demand=demand_of_run(record),
        delays=Delays(
            create_s=0.0,
            start_s=statistics.mean(starts),
            probe_s=0.0,
            notice_s=statistics.mean(notices),
            leave_s=0.0,
        ),
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
    what = f"{record.rate:,.0f} requests a second on containers of {record.cpus:g} CPU"
    return curve(what, cluster.run(record.duration_s), 1.0)


def curve(what: str, bins: list[Bin], bin_s: float) -> Curve:
    """What is kept of a simulation."""
    p50, p99 = weighted_percentiles_ms(bins, 50, 99)
    each = [told.percentiles_ms(50, 99) for told in bins]
    return Curve(
        what=what,
        bin_s=bin_s,
        total_offered=round(sum(told.offered for told in bins)),
        total_answered=round(sum(told.answered for told in bins)),
        total_refused=round(sum(told.refused for told in bins)),
        p50_ms=p50 or 0.0,
        p99_ms=p99 or 0.0,
        pod_seconds=round(sum(told.serving for told in bins) * bin_s),
        most_pods=max(told.serving for told in bins),
        offered=[round(told.offered / bin_s) for told in bins],
        answered=[round(told.answered / bin_s) for told in bins],
        refused=[round(told.refused / bin_s) for told in bins],
        p50=[_rounded(told[0]) for told in each],
        p99=[_rounded(told[1]) for told in each],
        serving=[told.serving for told in bins],
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.3g}")
