"""What a load test does: how many requests, how fast, over how many connections."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from puntual.errors import SettingError

DURATION_S = 10.0
"""Of a test that says neither how many requests nor how long."""
CONNECTIONS = 64
CONNECTIONS_PER_S = 5000
"""How fast connections are opened where no ramp is given."""

PROFILES: dict[str, dict[str, Any]] = {
    "original": {
        "connections": 5000,
        "ramp_s": 1.0,
        "rate": 66_666.67 / 60,
        "duration_s": 45.0,
        "requests": 50_000,
    }
}
"""Named plans; `original` is the test that the challenge's own API was put to."""


class LoadPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a load test was to do; it ended with whichever of `requests` and `duration_s` came first.

    Attributes
    ----------
    requests, duration_s : null: no such limit
    rate : requests a second, by the clock; null: as fast as answers came
    """

    connections: int
    requests: int | None
    duration_s: float | None
    rate: float | None
    flights_per_request: int


class Plan(LoadPlan, frozen=True, kw_only=True):
    """All settings of a load test; without a rate it is a closed loop, with one an open loop.

    Attributes
    ----------
    ramp_s : over which the connections are opened, evenly
    timeout_s : of an answer, and of opening a connection
    processes : that the load is divided among
    seed : of the flights that are drawn
    drop : whether a request that is due by the clock and finds no idle connection is not sent
    """

    connections: int = CONNECTIONS
    requests: int | None = None
    duration_s: float | None = None
    rate: float | None = None
    flights_per_request: int = 1
    ramp_s: float = 0.0
    timeout_s: float = 10.0
    processes: int = 1
    seed: int = 11
    drop: bool = False

    @property
    def most_requests(self) -> int | None:
        """How many requests it can make at most; None: as many as are answered in the time."""
        by_time = None
        if self.rate is not None and self.duration_s is not None:
            by_time = math.ceil(self.rate * self.duration_s)
        return min((most for most in (self.requests, by_time) if most is not None), default=None)


def make_plan(given: dict[str, Any], profile: str | None = None) -> Plan:
    """Make a plan of what is given > the profile > the defaults.

    Parameters
    ----------
    given : by name; None: not given. Names that `Plan` does not have are ignored

    Raises
    ------
    SettingError : no such profile, or more processes than connections or requests

    Examples
    --------
    >>> make_plan({"connections": 100}).ramp_s
    0.02
    >>> plan = make_plan({"duration_s": None}, "original")
    >>> plan.requests, plan.duration_s, round(plan.rate, 1)
    (50000, 45.0, 1111.1)
    """
    if profile is not None and profile not in PROFILES:
        raise SettingError(f"--profile: {profile!r}; wanted: {', '.join(PROFILES)}")
    fields = PROFILES.get(profile or "", {}) | {
        name: value for name, value in given.items() if name in Plan.__struct_fields__ and value is not None
    }
    fields.setdefault("ramp_s", fields.get("connections", CONNECTIONS) / CONNECTIONS_PER_S)
    if not fields.keys() & {"requests", "duration_s"}:
        fields["duration_s"] = DURATION_S
    plan = Plan(**fields)
    most = min(plan.connections, plan.requests or plan.connections)
    if plan.processes > most:
        raise SettingError(
            f"--processes: {plan.processes}; wanted: at most as many as connections and requests ({most})"
        )
    return plan


def plan_of_process(plan: Plan, index: int) -> Plan:
    """The part of a plan that one of its processes carries out.

    Examples
    --------
    >>> part = plan_of_process(Plan(connections=5, requests=9, rate=100, processes=2), 0)
    >>> part.connections, part.requests, part.rate
    (3, 5, 50.0)
    """
    return msgspec.structs.replace(
        plan,
        connections=_part(plan.connections, plan.processes, index),
        requests=None if plan.requests is None else _part(plan.requests, plan.processes, index),
        rate=None if plan.rate is None else plan.rate / plan.processes,
        seed=plan.seed + index,
    )


def _part(whole: int, parts: int, index: int) -> int:
    return whole // parts + (index < whole % parts)
