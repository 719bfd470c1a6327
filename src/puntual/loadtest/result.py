"""What a load test found: all of it, as ``--save`` keeps it, and the part that a service publishes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec

from puntual.errors import DataError
from puntual.files import describe_error, read_file
from puntual.loadtest.machine import LoadMachine, Machine
from puntual.loadtest.plan import LoadPlan, Plan

FORMAT = 1
"""Of a saved result."""
MAX_BYTES = 1 << 26
"""Of its file; a second of the test takes about 100."""
WANTED = "a file from `puntual stress --save`"


class Latencies(msgspec.Struct, frozen=True, kw_only=True):
    """Of the right answers of a load test, in milliseconds; null: there was none."""

    mean: float | None
    p50: float | None
    p90: float | None
    p99: float | None
    p999: float | None
    max: float | None


class Latency(Latencies, frozen=True, kw_only=True):
    """Further figures of the right answers, in milliseconds; null: there was none."""

    min: float | None = None
    p75: float | None = None
    p95: float | None = None
    p9999: float | None = None
    deviation: float | None = None


class LoadSecond(msgspec.Struct, frozen=True, kw_only=True):
    """One second of a load test; the last one may be shorter.

    Attributes
    ----------
    end_s : after the start
    p50, p99 : milliseconds; null: nothing was answered
    """

    end_s: float
    answered: int
    errors: int
    p50: float | None
    p99: float | None


class Second(LoadSecond, frozen=True, kw_only=True):
    """One second of a load test, and the state of the generator in it.

    Attributes
    ----------
    max : milliseconds; null: nothing was answered
    open : connections
    late_ms : how late the generator itself was to send, at most
    """

    max: float | None
    open: int
    late_ms: float


class LoadTest(msgspec.Struct, frozen=True, kw_only=True):
    """What a load test found.

    Attributes
    ----------
    requests : that had an outcome: `answered` + `errors`
    answered : right answers in time; `latency_ms` is theirs
    errors_by_kind : such as ``timeout`` or ``status 503``
    duration_s : from the start to the last outcome
    requests_per_s, answered_per_s : over that duration
    interrupted : whether it was ended before its time
    model : that answered; empty: not known
    started : with its offset
    version : of Puntual, that asked
    profile : its name; empty: none
    """

    requests: int
    answered: int
    errors: int
    errors_by_kind: dict[str, int]
    duration_s: float
    requests_per_s: float
    answered_per_s: float
    latency_ms: Latencies
    interrupted: bool
    model: str
    started: Annotated[dt.datetime, msgspec.Meta(tz=True)]
    version: str
    profile: str = ""
    plan: LoadPlan
    machine: LoadMachine
    seconds: Sequence[LoadSecond]


class Result(LoadTest, frozen=True, kw_only=True):
    """A load test, as ``--json`` prints it and ``--save`` keeps it.

    Attributes
    ----------
    generator_cores : processor cores that the generator itself kept busy, on average
    generator_late_ms : how late it was to send, at most; what it adds to a latency
    latency_curve : percentiles and their latencies in milliseconds
    """

    latency_ms: Latency
    plan: Plan
    machine: Machine
    seconds: Sequence[Second]
    sent_bytes: int
    received_bytes: int
    connections_opened: int
    generator_cores: float
    generator_late_ms: float
    url: str
    latency_curve: list[tuple[float, float]]
    format: int = FORMAT


class OriginalTest(msgspec.Struct, frozen=True, kw_only=True):
    """What the challenge's own API made of the profile ``original``, as published: JMeter, 5,000 clients.

    Attributes
    ----------
    error_percent : of the samples
    mean_ms, max_ms : of all samples, errors among them
    """

    requests: int = 20_214
    duration_s: float = 65.0
    requests_per_s: float = 308.9
    error_percent: float = 45.89
    mean_ms: float = 1635.0
    max_ms: float = 64_800.0


Kind = TypeVar("Kind", bound=LoadTest)


def read_result(path: Path, kind: type[Kind] = Result) -> Kind:  # type: ignore[assignment]
    """Read what ``--save`` wrote.

    Parameters
    ----------
    kind : `Result`, or `LoadTest` for the part that is published

    Raises
    ------
    DataError : no such file, or not a result of a load test
    """
    try:
        return msgspec.json.decode(read_file(path, MAX_BYTES), type=kind)
    except OSError as error:
        raise DataError(str(path), describe_error(error), wanted=WANTED) from error
    except (ValueError, RecursionError) as error:
        raise DataError(str(path), "it is no result of a load test", wanted=WANTED) from error
