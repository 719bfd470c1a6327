"""What was measured and simulated, as the small JSON files beside this module keep it."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

FOLDER = Path(__file__).parent
MEASURED, SCALE_OUT, SIMULATED = (
    FOLDER / name for name in ("measured.json", "scaleout.json", "simulated.json")
)

Record = TypeVar("Record", bound=msgspec.Struct)


class Step(msgspec.Struct, frozen=True):
    """A rate that was tried by the clock; `cores`: of the processor that the container took."""

    rate: float
    p99_ms: float | None
    cores: float | None
    held: bool


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """The image in a container of so much CPU.

    Attributes
    ----------
    starts_s : from the command that starts it to the first 200 of /readyz
    held_per_s : the most that is held by the clock, 99 % within `slo_ms`
    held_cores : processor that the container took at it
    most_per_s, most_cores : what 64 connections get that ask again at once
    alone_p50_ms, alone_p99_ms : one connection, one request after the other
    busy_answered_per_s, busy_refused_per_s, busy_cores : with far more connections than may be in flight
    memory_mib : all processes, what they share counted once
    asked_bytes, told_bytes : of one request and its answer, with their heads
    steps : on the way to what is held
    """

    cpus: float
    workers: int
    starts_s: list[float]
    held_per_s: float
    held_cores: float
    held_p99_ms: float
    most_per_s: float
    most_cores: float
    alone_p50_ms: float
    alone_p99_ms: float
    busy_answered_per_s: float
    busy_refused_per_s: float
    busy_cores: float
    memory_mib: float
    worker_mib: float
    asked_bytes: float
    told_bytes: float
    steps: list[Step]


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """All sizes, measured one after the other on one machine, in rounds.

    Attributes
    ----------
    sizes : of each round
    """

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
        """The container of so much CPU: of its rounds the one with the median of what is held."""
        return sorted(self.rounds(cpus), key=lambda size: size.held_per_s)[(len(self.rounds(cpus)) - 1) // 2]


class Second(msgspec.Struct, frozen=True):
    """A second of a run; latencies in milliseconds, null where nothing was answered."""

    answered: int
    refused: int
    p50: float | None
    p99: float | None
    replicas: int


class Replica(msgspec.Struct, frozen=True):
    """When one was asked for, said that it is ready, and was sent the first requests; seconds of the run."""

    asked_s: float
    ready_s: float
    serving_s: float


class ScaleOut(msgspec.Struct, frozen=True, kw_only=True):
    """A real run: a constant rate beyond what one container holds, more of them as an autoscaler wants them.

    Attributes
    ----------
    most_per_s : what the first container answers of 64 connections that ask again at once
    steady_per_s, steady_cores : what it took through the load balancer, at a rate that it holds
    busy_answered_per_s, busy_refused_per_s, busy_cores : and with all connections asking again at once
    """

    started: str
    model: str
    cpus: float
    rate: float
    duration_s: float
    most_in_flight: int
    connections: int
    target_percent: int
    sync_s: float
    check_s: float
    answered: int
    refused: int
    other_errors: int
    p50_ms: float
    p99_ms: float
    generator_cores: float
    generator_late_ms: float
    most_per_s: float
    steady_per_s: float
    steady_cores: float
    busy_answered_per_s: float
    busy_refused_per_s: float
    busy_cores: float
    alone_p50_ms: float
    alone_p99_ms: float
    replicas: list[Replica]
    seconds: list[Second]


def read(path: Path, kind: type[Record]) -> Record:
    """What a file keeps."""
    return msgspec.json.decode(path.read_bytes(), type=kind)


def write(path: Path, record: msgspec.Struct) -> None:
    """Keep it."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")
