"""What a load test found, and how it is put together from what the processes tell."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from puntual.errors import DataError
from puntual.files import describe_error, read_file
from puntual.loadtest.machine import Machine
from puntual.loadtest.plan import Plan
from puntual.loadtest.tally import Interval, new_histogram

FORMAT = 1
"""Of a saved result."""
MAX_BYTES = 1 << 26
"""Of its file."""
CURVE = (0, 10, 25, 50, 75, 90, 95, 97.5, 99, 99.5, 99.75, 99.9, 99.95, 99.99, 99.999, 100)
"""Percentiles of the saved curve."""


class Latency(msgspec.Struct, frozen=True):
    """Of the right answers, in milliseconds; null: there was none."""

    mean: float | None = None
    p50: float | None = None
    p90: float | None = None
    p99: float | None = None
    p999: float | None = None
    max: float | None = None
    min: float | None = None
    p75: float | None = None
    p95: float | None = None
    p9999: float | None = None
    deviation: float | None = None


class Second(msgspec.Struct, frozen=True):
    """One second of a test; the last one may be shorter.

    Attributes
    ----------
    end_s : after the start
    p50, p99, max : milliseconds; null: nothing was answered
    open : connections
    late_ms : how late at most the generator itself was to send
    """

    end_s: float
    answered: int
    errors: int
    p50: float | None
    p99: float | None
    max: float | None
    open: int
    late_ms: float


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """A load test, as ``--json`` prints it and ``--save`` keeps it.

    Attributes
    ----------
    requests : that had an outcome: `answered` + `errors`
    answered : right answers in time; `latency_ms` is theirs
    errors : requests without one, by kind in `errors_by_kind`
    duration_s : from the start to the last outcome
    requests_per_s, answered_per_s : over that duration
    generator_cores : processor cores that the generator itself kept busy, on average
    generator_late_ms : how late at most it was to send; what it adds to a latency
    latency_curve : percentiles and their latencies in milliseconds
    model : that answered; empty: not asked
    profile : a name of `PROFILES`; empty: none
    started : local time, with its offset
    """

    requests: int
    answered: int
    errors: int
    duration_s: float
    requests_per_s: float
    latency_ms: Latency
    answered_per_s: float
    errors_by_kind: dict[str, int]
    sent_bytes: int
    received_bytes: int
    connections_opened: int
    interrupted: bool
    generator_cores: float
    generator_late_ms: float
    url: str
    model: str
    started: str
    plan: Plan
    machine: Machine
    version: str
    seconds: list[Second]
    latency_curve: list[tuple[float, float]]
    profile: str = ""
    format: int = FORMAT


class Gathering:
    """Puts together what the processes tell.

    Parameters
    ----------
    about : the fields of `Result` that are known before the test
    """

    def __init__(self, processes: int, about: dict[str, Any]) -> None:
        self._processes = processes
        self._about = about | {
            "started": dt.datetime.now().astimezone().isoformat(timespec="seconds"),
            "version": importlib.metadata.version("puntual"),
        }
        self._latencies = new_histogram()
        self._open: dict[int, list[Interval]] = {}
        self._last: list[int] = []
        self._seconds: list[Second] = []
        self._errors: Counter[str] = Counter()
        self._sums: Counter[str] = Counter()
        self._late_us = 0
        self._end_s = 0.0

    def add(self, interval: Interval) -> bool:
        """Take in an interval of a process; tells whether that completes a second of all."""
        self._latencies.decode_and_add(interval.latencies)
        self._errors.update(interval.errors)
        self._late_us = max(self._late_us, interval.late_us)
        self._end_s = max(self._end_s, interval.end_s)
        for name in ("answered", "sent_bytes", "received_bytes", "opened", "cpu_s"):
            self._sums[name] += getattr(interval, name)
        self._open.setdefault(interval.index, []).append(interval)
        self._last += [interval.index] * interval.last
        complete = [index for index in sorted(self._open) if self._is_complete(index)]
        self._seconds += _seconds(self._open.pop(index) for index in complete)
        return bool(complete)

    def _is_complete(self, index: int) -> bool:
        ended = sum(last < index for last in self._last)
        return len(self._open[index]) >= self._processes - ended

    def result(self, *, interrupted: bool = False) -> Result:
        """What was found so far."""
        rest = _seconds(self._open[index] for index in sorted(self._open))
        answered, errors = self._sums["answered"], self._errors.total()
        duration = max(self._end_s, 1e-6)
        return Result(
            requests=answered + errors,
            answered=answered,
            errors=errors,
            duration_s=round(duration, 3),
            requests_per_s=round((answered + errors) / duration, 2),
            answered_per_s=round(answered / duration, 2),
            latency_ms=_latency(self._latencies),
            latency_curve=_curve(self._latencies),
            errors_by_kind=dict(self._errors.most_common()),
            sent_bytes=self._sums["sent_bytes"],
            received_bytes=self._sums["received_bytes"],
            connections_opened=self._sums["opened"],
            interrupted=interrupted,
            generator_cores=round(self._sums["cpu_s"] / duration, 2),
            generator_late_ms=self._late_us / 1000,
            seconds=[*self._seconds, *rest],
            **self._about,
        )


def read_result(path: Path) -> Result:
    """Read what ``--save`` wrote.

    Raises
    ------
    DataError : no such file, or not a result of a load test
    """
    try:
        return msgspec.json.decode(read_file(path, MAX_BYTES), type=Result)
    except OSError as error:
        raise DataError(str(path), describe_error(error)) from error
    except ValueError as error:
        raise DataError(
            str(path), "it is no result of a load test", wanted="a file from `puntual stress --save`"
        ) from error


def _latency(histogram: Any) -> Latency:
    if not histogram.get_total_count():
        return Latency()
    found = histogram.get_percentile_to_value_dict([50, 75, 90, 95, 99, 99.9, 99.99])
    values = {f"p{percent:g}".replace(".", ""): value for percent, value in found.items()}
    values |= {
        "mean": histogram.get_mean_value(),
        "max": histogram.get_max_value(),
        "min": histogram.get_value_at_percentile(0),
        "deviation": histogram.get_stddev(),
    }
    return Latency(**{name: round(value / 1000, 3) for name, value in values.items()})


def _curve(histogram: Any) -> list[tuple[float, float]]:
    if not histogram.get_total_count():
        return []
    found = histogram.get_percentile_to_value_dict(list(CURVE))
    return [(percent, value / 1000) for percent, value in found.items()]


def _seconds(stretches: Iterable[list[Interval]]) -> list[Second]:
    """The seconds of a test; a rest at its end in which nothing happened is none."""
    seconds = ((intervals, _second(intervals)) for intervals in stretches)
    return [
        second
        for intervals, second in seconds
        if second.answered + second.errors or not any(interval.last for interval in intervals)
    ]


def _second(intervals: list[Interval]) -> Second:
    histogram = new_histogram()
    for interval in intervals:
        histogram.decode_and_add(interval.latencies)
    told = histogram.get_total_count() > 0
    p50, p99 = (histogram.get_value_at_percentile(percent) / 1000 if told else None for percent in (50, 99))
    return Second(
        end_s=round(max(interval.end_s for interval in intervals), 3),
        answered=sum(interval.answered for interval in intervals),
        errors=sum(sum(interval.errors.values()) for interval in intervals),
        p50=p50,
        p99=p99,
        max=histogram.get_max_value() / 1000 if told else None,
        open=sum(interval.open for interval in intervals),
        late_ms=max(interval.late_us for interval in intervals) / 1000,
    )
