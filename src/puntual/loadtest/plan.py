"""What a load test does: how many requests, how fast, over how many connections."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from puntual.errors import SettingError

DURATION_S = 10.0
"""Of a test that says neither how many requests nor how long."""
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


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a load test; the test ends with whichever of `requests` and `duration_s` is first.

    Attributes
    ----------
    requests : None: as many as the duration allows
    duration_s : None: until the requests are done
    rate : requests a second, by the clock (open loop); None: as fast as the connections allow (closed loop)
    ramp_s : over which the connections are opened, evenly
    timeout_s : of an answer, and of opening a connection
    processes : that the load is shared among
    seed : of the flights that are drawn
    """

    connections: int = 64
    requests: int | None = None
    duration_s: float | None = None
    rate: float | None = None
    ramp_s: float = 0.0
    timeout_s: float = 10.0
    flights_per_request: int = 1
    processes: int = 1
    seed: int = 11

    @property
    def most_requests(self) -> int | None:
        """The most that can come of it; None: as many as are answered in the time."""
        by_time = None
        if self.rate is not None and self.duration_s is not None:
            by_time = math.ceil(self.rate * self.duration_s)
        return min((most for most in (self.requests, by_time) if most is not None), default=None)


def make_plan(given: dict[str, Any], profile: str | None = None) -> Plan:
    """Settle a plan: what is given > the profile > the defaults.

    Parameters
    ----------
    given : by name of `Plan`; None: not given

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
    settled = PROFILES.get(profile or "", {}) | {
        name: value for name, value in given.items() if value is not None
    }
    plan = Plan(**settled)
    if plan.requests is None and plan.duration_s is None:
        plan = msgspec.structs.replace(plan, duration_s=DURATION_S)
    if "ramp_s" not in settled:
        plan = msgspec.structs.replace(plan, ramp_s=plan.connections / CONNECTIONS_PER_S)
    least = min(plan.connections, plan.requests or plan.connections)
    if plan.processes > least:
        raise SettingError(
            f"--processes: {plan.processes}; wanted: at most as many as connections and requests ({least})"
        )
    return plan


def share(plan: Plan, index: int) -> Plan:
    """The part of a plan that one of its processes takes.

    Examples
    --------
    >>> part = share(Plan(connections=5, requests=9, rate=100, processes=2), 0)
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
