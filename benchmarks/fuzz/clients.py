"""Clients that ask wrong requests, each in a process of its own."""

from __future__ import annotations

import json
from collections import Counter
from typing import NamedTuple

from benchmarks.fuzz.checks import find_fault
from benchmarks.fuzz.http import Client
from benchmarks.fuzz.requests import Drawer

RAW_SHARE = 0.2
"""Of the requests, those of raw bytes."""


class Outcome(NamedTuple):
    """What came of some requests.

    Attributes
    ----------
    statuses : how many answers by status; 0: none
    faults : what was wrong, by kind: how often, and a request that shows it
    """

    statuses: Counter[int]
    faults: dict[str, tuple[int, bytes]]


def ask(port: int, description: str, tokens: list[str], requests: int, seed: int) -> Outcome:
    """Ask so many wrong requests, one after another."""
    drawer, client = Drawer(json.loads(description), tokens, seed), Client(port)
    outcome = Outcome(Counter(), {})
    for _, case in zip(range(requests), drawer.draw(RAW_SHARE), strict=False):
        if case.path:
            answer = client.ask(case.raw, case.method, whole=not case.streams)
        else:
            answer = client.end_with(case.raw, case.method)
        outcome.statuses[answer.status] += 1
        fault = find_fault(case, answer)
        if fault is not None:
            count, first = outcome.faults.get(fault, (0, case.raw))
            outcome.faults[fault] = count + 1, first
    client.close()
    return outcome


def join(outcomes: list[Outcome]) -> Outcome:
    """Add up what came of several parts."""
    joined = Outcome(Counter(), {})
    for one in outcomes:
        joined.statuses.update(one.statuses)
        for fault, (count, first) in one.faults.items():
            joined.faults[fault] = joined.faults.get(fault, (0, first))[0] + count, first
    return joined
