"""What happens to a service that is in use: a release, an accident, another model. No request may fail."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from deploy.cluster.cluster import Cluster, Log, Start, running
from deploy.cluster.values import Values
from deploy.service import read_result, stress_command
from deploy.tables import markdown_table

CONNECTIONS = 64
EDGE_SECONDS = 2
"""Of load alone, before something happens and after it."""
MAX_SECONDS, END_SECONDS = 600, 30
SWAP_SECONDS = 15
KILLS = 3
"""One of each replica, with time between in which all is well again."""


class Setup(NamedTuple):
    """What a scenario is given.

    Attributes
    ----------
    model, other : the one that answers first, and the one that takes its place
    rate : requests a second; the original's
    retries : overrides what a scenario says
    """

    values: Values
    start: Start
    model: Path
    other: Path
    port: int
    log: Log
    replicas: int = 3
    rate: float = 1111
    retries: bool | None = None

    def cluster(self, *, retries: bool = True) -> AbstractContextManager[Cluster]:
        """A cluster of it, with `retries` unless the setup overrides them.

        Raises
        ------
        StartError : it does not start
        """
        return running(
            self.values,
            self.start,
            self.model,
            self.log,
            replicas=self.replicas,
            port=self.port,
            retries=retries if self.retries is None else self.retries,
        )


class Outcome(NamedTuple):
    """The load test's result beside a scenario; `retried` counts what the load balancer sent once more."""

    name: str
    result: dict[str, Any]
    retried: int

    @property
    def failed(self) -> int:
        """Requests without a right answer."""
        return int(self.result["errors"])


@contextmanager
def under_load(url: str, rate: float) -> Iterator[dict[str, Any]]:
    """Send requests by the clock, from before the block until after it; its dictionary then has the result.

    Raises
    ------
    LoadError : there were none
    """
    result: dict[str, Any] = {}
    options = (f"--rate={rate}", f"--connections={CONNECTIONS}", f"--duration={MAX_SECONDS}")
    with subprocess.Popen(
        stress_command(url, *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            time.sleep(EDGE_SECONDS)
            yield result
            time.sleep(EDGE_SECONDS)
            process.send_signal(signal.SIGINT)
            output, messages = process.communicate(timeout=END_SECONDS)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    result |= read_result(output, messages)


def rolling_update(cluster: Cluster, _setup: Setup) -> None:
    """Every replica replaced by a new one."""
    cluster.roll()


def killed_replica(cluster: Cluster, _setup: Setup) -> None:
    """Each replica killed once, and replaced."""
    for slot in list(cluster.replicas)[:KILLS]:
        cluster.kill(slot)
        time.sleep(2)


def model_change(cluster: Cluster, setup: Setup) -> None:
    """Another model in the place of the one that answers, and back.

    Raises
    ------
    TimeoutError : it does not answer in time
    """
    before = cluster.models()
    for model in (setup.other, setup.model):
        cluster.new_model(model)
        end = time.monotonic() + SWAP_SECONDS
        while (now := cluster.models()) == before or len(now) > 1:
            if time.monotonic() > end:
                raise TimeoutError(
                    f"after {SWAP_SECONDS} s the replicas answer with {', '.join(sorted(now))}"
                )
            time.sleep(0.1)
        setup.log(f"every replica answers with {now.pop()}")
        before = cluster.models()


class Scenario(NamedTuple):
    """Something that happens; `retries`: what the load balancer does with a request that got no answer."""

    happens: Callable[[Cluster, Setup], None]
    retries: bool


SCENARIOS = {
    # No retries: with them, a replica that leaves too early would go unnoticed. Google's load balancers have
    # none for POST.
    "rolling update": Scenario(rolling_update, retries=False),
    # A process that is killed takes along what it was working on: only a retry can answer that.
    "killed replica": Scenario(killed_replica, retries=True),
    "new model": Scenario(model_change, retries=False),
}


def play(name: str, setup: Setup) -> Outcome:
    """Let it happen to a cluster of its own, under load.

    Raises
    ------
    StartError, LoadError, TimeoutError : it could not
    """
    scenario = SCENARIOS[name]
    with setup.cluster(retries=scenario.retries) as cluster:
        with under_load(cluster.balancer.url, setup.rate) as result:
            scenario.happens(cluster, setup)
        return Outcome(name, result, cluster.balancer.retried())


def outcome_table(outcomes: list[Outcome]) -> str:
    """A row for each scenario, and beneath the table the kinds of errors."""
    heads = ("scenario", "s", "requests", "answered", "failed", "retried", "p50 ms", "p99 ms", "max ms")
    rows, failures = [], []
    for name, result, retried in outcomes:
        counts = (*(result[count] for count in ("requests", "answered", "errors")), retried)
        times = (result["latency_ms"][percentile] for percentile in ("p50", "p99", "max"))
        rows.append(
            (
                name,
                f"{result['duration_s']:.0f}",
                *(f"{count:,}" for count in counts),
                *("–" if value is None else f"{value:.1f}" for value in times),
            )
        )
        if kinds := result["errors_by_kind"]:
            counted = ", ".join(f"{count:,} {kind}" for kind, count in kinds.items())
            failures.append(f"{name} failed: {counted}")
    return "\n".join((markdown_table(heads, rows), *failures))
