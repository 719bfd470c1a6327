"""What was measured and simulated, as the small JSON files beside this module keep it."""

from __future__ import annotations

import re
import statistics
from pathlib import Path
from typing import TypeVar

import msgspec

FOLDER = Path(__file__).parent
MEASURED, SCALE_OUT, SIMULATED = (
    FOLDER / name for name in ("measured.json", "scaleout.json", "simulated.json")
)

Record = TypeVar("Record", bound=msgspec.Struct)


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """What the work of a request in a simulation follows from.

    Attributes
    ----------
    single_p50_ms, single_p99_ms : closed loop, one connection
    overload_answered_per_s, overload_refused_per_s, overload_cores : closed loop, far more connections than
        may be in flight
    """

    single_p50_ms: float
    single_p99_ms: float
    overload_answered_per_s: float
    overload_refused_per_s: float
    overload_cores: float


class Size(Calibration, frozen=True, kw_only=True):
    """The image in a container of so much CPU.

    Attributes
    ----------
    starts_s : from the command that starts it to the first 200 of /readyz
    capacity_per_s, capacity_cores : the highest rate that it holds, 99 % within `slo_ms`; its processor time
    closed_per_s, closed_cores : closed loop, 64 connections
    memory_mib : of all processes, memory that they share counted once
    worker_mib : of the largest process
    request_bytes, answer_bytes : with their heads
    """

    cpus: float
    workers: int
    starts_s: list[float]
    capacity_per_s: float
    capacity_cores: float
    closed_per_s: float
    closed_cores: float
    memory_mib: float
    worker_mib: float
    request_bytes: float
    answer_bytes: float


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """All sizes of every round, measured one after the other on one machine."""

    started: str
    model: str
    processor: str
    machine_cores: int
    python: str
    slo_ms: float
    sizes: list[Size]

    def rounds(self, cpus: float) -> list[Size]:
        """The containers of so much CPU."""
        return [size for size in self.sizes if size.cpus == cpus]

    def of(self, cpus: float) -> Size:
        """The container of so much CPU: the round with the median capacity."""
        rounds = sorted(self.rounds(cpus), key=lambda size: size.capacity_per_s)
        return rounds[(len(rounds) - 1) // 2]

    def start_s(self, cpus: float) -> float:
        """The median start of the containers of so much CPU."""
        return statistics.median(start for size in self.rounds(cpus) for start in size.starts_s)


class Seconds(msgspec.Struct, frozen=True):
    """A list each with a value a second; `p99` in milliseconds, null if nothing was answered."""

    answered: list[int]
    refused: list[int]
    p99: list[float | None]
    replicas: list[int]


class Replica(msgspec.Struct, frozen=True):
    """When one was wanted, was ready, and got its first requests; seconds of the run."""

    wanted_s: float
    ready_s: float
    serving_s: float


class ScaleOut(Calibration, frozen=True, kw_only=True):
    """A real run: a constant rate beyond what one container holds, more of them as an autoscaler wants them.

    The calibration is of the first container before the run, its overload through the load balancer.
    """

    started: str
    model: str
    cpus: float
    rate: float
    duration_s: float
    max_in_flight: int
    connections: int
    target_percent: int
    sync_s: float
    answered: int
    refused: int
    other_errors: int
    p50_ms: float
    p99_ms: float
    replicas: list[Replica]
    seconds: Seconds


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a scenario.

    Attributes
    ----------
    peak_offered : requests while more than twice the first rate was offered
    refusing_s : seconds in which requests were refused
    """

    title: str
    offered: int
    answered: int
    refused: int
    peak_offered: int
    refusing_s: float
    p50_ms: float
    p99_ms: float
    pod_seconds: int
    max_pods: int


class Comparison(msgspec.Struct, frozen=True):
    """One figure of the real run and of its simulation."""

    figure: str
    measured: float
    simulated: float

    @property
    def ratio(self) -> float:
        """Simulated by measured."""
        return self.simulated / self.measured if self.measured else float(self.simulated == 0)


class Simulated(msgspec.Struct, frozen=True, kw_only=True):
    """A summary of every scenario, by its name; the real run beside its simulation."""

    seed: int
    outcomes: dict[str, Outcome]
    comparison: list[Comparison]


def read(path: Path, kind: type[Record]) -> Record:
    """Read a record.

    Raises
    ------
    LookupError : it has not been made yet
    """
    if not path.exists():
        raise LookupError(f"there is no {path.name} yet; the commands before this one make it")
    return msgspec.json.decode(path.read_bytes(), type=kind)


def write(path: Path, record: msgspec.Struct) -> None:
    """Write a record, its innermost lists and objects on a line each."""
    text = msgspec.json.format(msgspec.json.encode(record), indent=1).decode()
    text = re.sub(r"[\[{]\n[^\[\]{}]+[\]}]", lambda found: re.sub(r"\s*\n\s*", " ", found[0]), text)
    path.write_text(f"{text}\n", "utf-8")
