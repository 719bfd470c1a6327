"""The result of a load test, put together from the intervals of its processes."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
from collections import Counter
from typing import Any

from puntual.loadtest.intervals import Interval, new_histogram
from puntual.loadtest.result import Latency, Result, Second

CURVE = (0, 10, 25, 50, 75, 90, 95, 97.5, 99, 99.5, 99.75, 99.9, 99.95, 99.99, 99.999, 100)
"""Percentiles of the saved curve."""


class Aggregator:
    """Adds up the intervals of all processes.

    Parameters
    ----------
    about : the fields of `Result` that are known before the test
    """

    def __init__(self, processes: int, about: dict[str, Any]) -> None:
        self._processes = processes
        self._about = about | {
            "started": dt.datetime.now().astimezone().replace(microsecond=0),
            "version": importlib.metadata.version("puntual"),
        }
        self._latencies = new_histogram()
        self._open: dict[int, list[Interval]] = {}
        self._ended: list[int] = []
        self._seconds: list[Second] = []
        self._errors: Counter[str] = Counter()
        self._sums: Counter[str] = Counter()
        self._late_us = 0
        self._end_s = 0.0

    def add(self, interval: Interval) -> bool:
        """Add an interval of a process; returns whether a second is now complete for all of them."""
        self._latencies.decode_and_add(interval.latencies)
        self._errors.update(interval.errors)
        self._late_us = max(self._late_us, interval.late_us)
        self._end_s = max(self._end_s, interval.end_s)
        for name in ("answered", "sent_bytes", "received_bytes", "opened", "cpu_s"):
            self._sums[name] += getattr(interval, name)
        self._open.setdefault(interval.index, []).append(interval)
        self._ended += [interval.index] * interval.last
        complete = [index for index in sorted(self._open) if self._is_complete(index)]
        self._seconds += _seconds([self._open.pop(index) for index in complete])
        return bool(complete)

    def _is_complete(self, index: int) -> bool:
        ended = sum(last < index for last in self._ended)
        return len(self._open[index]) >= self._processes - ended

    def result(self, *, interrupted: bool = False) -> Result:
        """What was found so far."""
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
            seconds=[*self._seconds, *_seconds([self._open[index] for index in sorted(self._open)])],
            **self._about,
        )


def _latency(histogram: Any) -> Latency:
    if not histogram.get_total_count():
        return Latency(**dict.fromkeys(Latency.__struct_fields__))
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


def _seconds(parts: list[list[Interval]]) -> list[Second]:
    """The seconds of a test; a rest at its end in which nothing happened is left out."""
    return [
        second
        for intervals in parts
        if (second := _second(intervals)).answered + second.errors
        or not any(interval.last for interval in intervals)
    ]


def _second(intervals: list[Interval]) -> Second:
    histogram = new_histogram()
    for interval in intervals:
        histogram.decode_and_add(interval.latencies)
    latency = _latency(histogram)
    return Second(
        end_s=round(max(interval.end_s for interval in intervals), 3),
        answered=sum(interval.answered for interval in intervals),
        errors=sum(sum(interval.errors.values()) for interval in intervals),
        p50=latency.p50,
        p99=latency.p99,
        max=latency.max,
        open=sum(interval.open for interval in intervals),
        late_ms=max(interval.late_us for interval in intervals) / 1000,
    )
