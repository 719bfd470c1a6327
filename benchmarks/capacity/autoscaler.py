"""The HorizontalPodAutoscaler's algorithm (autoscaling/v2), on the values of a manifest.

The same function decides in the simulation and in the real run behind HAProxy.

References
----------
Kubernetes, Horizontal Pod Autoscaling, "Algorithm details" and "Configurable scaling behavior";
pkg/controller/podautoscaler: replica_calculator.go and horizontal.go of 1.32.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

SYNC_S = 15.0
"""The controller's `--horizontal-pod-autoscaler-sync-period`."""
METRICS_S = 15.0
"""The metrics server's `--metric-resolution`: CPU is that of the last such window."""
TOLERANCE = 0.1
"""The controller's `--horizontal-pod-autoscaler-tolerance`."""


class Policy(NamedTuple):
    """By how much in how long: `kind` is Pods or Percent."""

    kind: str
    value: int
    period_s: float


class Direction(NamedTuple):
    """How fast to grow, or to shrink.

    Attributes
    ----------
    select : max or min, the function that picks among what the policies allow as a change
    """

    window_s: float
    select: Any
    policies: tuple[Policy, ...]


class Rules(NamedTuple):
    """What a manifest says.

    Attributes
    ----------
    cpu_percent : of the request
    rate_percent : of what a pod holds, as the load balancer counts; None: it is ignored
    """

    min_replicas: int
    max_replicas: int
    cpu_percent: float
    rate_percent: float | None
    up: Direction
    down: Direction


def read_rules(manifest: dict[str, Any]) -> Rules:
    """Read the rules of a HorizontalPodAutoscaler."""
    spec = manifest["spec"]
    cpu = rate = None
    for metric in spec["metrics"]:
        if metric["type"] == "Resource":
            cpu = float(metric["resource"]["target"]["averageUtilization"])
        elif metric["type"] == "Object":
            rate = float(metric["object"]["target"]["averageValue"])
    if cpu is None:
        raise ValueError("the autoscaler has no CPU target")
    up, down = (_direction(spec["behavior"][name]) for name in ("scaleUp", "scaleDown"))
    return Rules(spec["minReplicas"], spec["maxReplicas"], cpu, rate, up, down)


def _direction(behavior: dict[str, Any]) -> Direction:
    policies = (Policy(each["type"], each["value"], each["periodSeconds"]) for each in behavior["policies"])
    select = max if behavior["selectPolicy"] == "Max" else min
    return Direction(behavior["stabilizationWindowSeconds"], select, tuple(policies))


class Autoscaler:
    """Remembers its recommendations and changes; `decide` is one sync of the controller."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._wanted: list[tuple[float, int]] = []
        self._changes: list[tuple[float, int]] = []

    def decide(
        self, now: float, current: int, cpu_percents: Sequence[float], rate_percents: float | None = None
    ) -> int:
        """How many replicas there should be from now on.

        Parameters
        ----------
        current : wanted so far
        cpu_percents : of its request, by each pod that is ready and was measured
        rate_percents : sum over the pods, each of what a pod holds

        Examples
        --------
        >>> grow = Direction(0, max, (Policy("Percent", 100, 15), Policy("Pods", 6, 15)))
        >>> shrink = Direction(300, min, (Policy("Percent", 20, 60),))
        >>> scaler = Autoscaler(Rules(3, 30, 60, None, grow, shrink))
        >>> [scaler.decide(0, 3, [62] * 3), scaler.decide(15, 3, [120] * 3), scaler.decide(30, 6, [600] * 6)]
        [3, 6, 12]
        """
        rules = self.rules
        wanted = [by_utilization(cpu_percents, current, rules.cpu_percent)]
        if rate_percents is not None and rules.rate_percent is not None:
            wanted.append(by_total(rate_percents, current, rules.rate_percent))
        steady = self._stabilized(now, current, max(wanted))
        allowed = self._limited(now, current, steady)
        if allowed != current:
            self._changes.append((now, allowed - current))
        return allowed

    def _stabilized(self, now: float, current: int, wanted: int) -> int:
        """Between the fewest that were wanted while growing, and the most while shrinking."""
        up, down = self.rules.up.window_s, self.rules.down.window_s
        self._wanted = [(at, each) for at, each in self._wanted if at >= now - max(up, down)]
        self._wanted.append((now, wanted))
        lowest = min(each for at, each in self._wanted if at >= now - up)
        highest = max(each for at, each in self._wanted if at >= now - down)
        return min(max(current, lowest), highest)

    def _limited(self, now: float, current: int, wanted: int) -> int:
        if wanted > current:
            wanted = min(wanted, self._bound(now, current, self.rules.up, 1))
        elif wanted < current:
            wanted = max(wanted, self._bound(now, current, self.rules.down, -1))
        return min(max(wanted, self.rules.min_replicas), self.rules.max_replicas)

    def _bound(self, now: float, current: int, direction: Direction, sign: int) -> int:
        """How many the policies allow at the most (sign 1), or at the least (sign -1)."""
        steps = []
        for policy in direction.policies:
            recent = (change for at, change in self._changes if at > now - policy.period_s)
            done = sum(change * sign for change in recent if change * sign > 0)
            percent = math.ceil(policy.value * (current - sign * done) / 100)
            step = percent if policy.kind == "Percent" else policy.value
            steps.append(max(step - done, 0))
        return current + sign * int(direction.select(steps))


def by_utilization(percents: Sequence[float], current: int, target: float) -> int:
    """How many keep the mean at a target; pods that are not measured yet count as idle when growing.

    Examples
    --------
    >>> by_utilization([100], 1, 60), by_utilization([65.9], 1, 60), by_utilization([100, 100], 4, 60)
    (2, 1, 4)
    """
    if not percents:
        return current
    ratio = sum(percents) / len(percents) / target
    count = len(percents)
    if ratio > 1 and current > count:
        shrunk = ratio * count / current
        if shrunk <= 1 + TOLERANCE:
            return current
        ratio, count = shrunk, current
    if abs(ratio - 1) <= TOLERANCE:
        return current
    return math.ceil(round(ratio * count, 9))


def by_total(total: float, current: int, target: float) -> int:
    """How many share a total so that each has its target.

    Examples
    --------
    >>> by_total(190, 3, 60), by_total(600, 3, 60)
    (3, 10)
    """
    if abs(total / (target * current) - 1) <= TOLERANCE:
        return current
    return math.ceil(round(total / target, 9))
