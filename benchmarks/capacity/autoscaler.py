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
    rate_percent : of what a pod holds, as the load balancer counts; None: not looked at
    """

    least: int
    most: int
    cpu_percent: float
    rate_percent: float | None
    up: Direction
    down: Direction


def read_rules(manifest: dict[str, Any]) -> Rules:
    """The rules of a HorizontalPodAutoscaler."""
    spec = manifest["spec"]
    cpu = rate = None
    for metric in spec["metrics"]:
        if metric["type"] == "Resource":
            cpu = float(metric["resource"]["target"]["averageUtilization"])
        elif metric["type"] == "Object":
            rate = float(metric["object"]["target"]["averageValue"])
    if cpu is None:
        raise ValueError("the autoscaler looks at no CPU")
    up, down = (_direction(spec["behavior"][name]) for name in ("scaleUp", "scaleDown"))
    return Rules(spec["minReplicas"], spec["maxReplicas"], cpu, rate, up, down)


def _direction(told: dict[str, Any]) -> Direction:
    policies = tuple(Policy(each["type"], each["value"], each["periodSeconds"]) for each in told["policies"])
    return Direction(
        told["stabilizationWindowSeconds"], max if told["selectPolicy"] == "Max" else min, policies
    )


class Autoscaler:
    """Remembers what it wanted and did; `decide` is one sync of the controller."""

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
        current : asked for so far
        cpu_percents : of its request that each pod took which is ready and was measured
        rate_percents : sum over the pods of their share of what a pod holds

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
        """Between the least of what was wanted while growing, and the most while shrinking."""
        up, down = self.rules.up.window_s, self.rules.down.window_s
        self._wanted = [(at, each) for at, each in self._wanted if at >= now - max(up, down)]
        self._wanted.append((now, wanted))
        least = min(each for at, each in self._wanted if at >= now - up)
        most = max(each for at, each in self._wanted if at >= now - down)
        return min(max(current, least), most)

    def _limited(self, now: float, current: int, wanted: int) -> int:
        if wanted > current:
            most = self._bound(now, current, self.rules.up, 1)
            wanted = min(wanted, max(most, current))
        elif wanted < current:
            least = self._bound(now, current, self.rules.down, -1)
            wanted = max(wanted, min(least, current))
        return min(max(wanted, self.rules.least), self.rules.most)

    def _bound(self, now: float, current: int, direction: Direction, sign: int) -> int:
        """How many the policies allow at the most, or at the least."""
        changes = []
        for policy in direction.policies:
            done = sum(
                change for at, change in self._changes if at > now - policy.period_s and change * sign > 0
            )
            before = current - done
            if policy.kind == "Percent":
                bound = before * (1 + sign * policy.value / 100)
                changes.append((math.ceil(bound) if sign > 0 else math.floor(bound)) - before)
            else:
                changes.append(sign * policy.value)
            changes[-1] -= done
        return current + sign * int(
            direction.select(abs(change) if change * sign > 0 else 0 for change in changes)
        )


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
