"""What happened within an interval of a test, as one process counts and reports it."""

from __future__ import annotations

import time
from collections import Counter

import msgspec
from hdrh.histogram import HdrHistogram

MAX_US = 600 * 10**6
"""Longer latencies count as this one, microseconds."""
DIGITS = 3
"""Of a latency that are kept: percentiles are right within 0.1 %."""


def new_histogram() -> HdrHistogram:
    """An empty histogram of latencies, in microseconds."""
    return HdrHistogram(1, MAX_US, DIGITS)


class Interval(msgspec.Struct):
    """One interval of one process, usually a second.

    Attributes
    ----------
    index : of the interval within the test, from 0
    end_s : when it ended, seconds after the start
    answered : right answers
    errors : requests without one, by kind
    open : connections at its end
    opened : connections opened within it
    latencies : of the right answers, an encoded histogram
    late_us : how late the process itself was to send, at most
    cpu_s : processor time that it took
    last : whether the process is done; `end_s` is then the time of its last request
    """

    index: int
    end_s: float
    answered: int
    errors: dict[str, int]
    open: int
    opened: int
    sent_bytes: int
    received_bytes: int
    latencies: bytes
    late_us: int
    cpu_s: float
    last: bool = False


class IntervalStats:
    """Counts within the current interval; `answer` is called for each answer and is kept short.

    Attributes
    ----------
    open : connections
    last_at : when the last request had its outcome, by `time.perf_counter`
    """

    def __init__(self) -> None:
        self._index = -1
        self.open = 0
        self.last_at = 0.0
        self._begin()

    def _begin(self) -> None:
        self._index += 1
        self._latencies = new_histogram()
        self._record = self._latencies.record_value
        self._errors: Counter[str] = Counter()
        self._answered = self.opened = self.sent_bytes = self.received_bytes = self.late_us = 0
        self._cpu = time.process_time()

    def answer(self, latency_s: float) -> None:
        """Count a right answer."""
        self._answered += 1
        self._record(min(MAX_US, int(latency_s * 1e6) or 1))

    def fail(self, kind: str) -> None:
        """Count a request that got no right answer."""
        self._errors[kind] += 1

    def take(self, end_s: float, *, last: bool = False) -> Interval:
        """Give the counts of the interval and begin the next."""
        interval = Interval(
            index=self._index,
            end_s=end_s,
            answered=self._answered,
            errors=dict(self._errors),
            open=self.open,
            opened=self.opened,
            sent_bytes=self.sent_bytes,
            received_bytes=self.received_bytes,
            latencies=self._latencies.encode(),
            late_us=self.late_us,
            cpu_s=time.process_time() - self._cpu,
            last=last,
        )
        self._begin()
        return interval
