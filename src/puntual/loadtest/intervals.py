"""What happened within an interval of a test, as one process counts and reports it."""

from __future__ import annotations

import time

import msgspec
from hdrh.histogram import HdrHistogram

MAX_US = 600 * 10**6
"""Longer latencies count as this one, microseconds."""
DIGITS = 3
"""Of a latency that are kept: percentiles are right within 0.1 %."""


def new_histogram() -> HdrHistogram:
    """An empty histogram of latencies, in microseconds."""
    return HdrHistogram(1, MAX_US, DIGITS)


class Interval(msgspec.Struct, kw_only=True):
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
    end_s: float = 0.0
    answered: int = 0
    errors: dict[str, int] = {}
    open: int = 0
    opened: int = 0
    sent_bytes: int = 0
    received_bytes: int = 0
    latencies: bytes = b""
    late_us: int = 0
    cpu_s: float = 0.0
    last: bool = False


class IntervalStats:
    """Counts in the current interval; `answer` is called for each answer and is kept short.

    Attributes
    ----------
    now : the current interval, whose latencies and processor time are not filled in yet
    last_at : when the last request had its outcome, by `time.perf_counter`
    """

    def __init__(self) -> None:
        self.last_at = 0.0
        self._begin(Interval(index=0))

    def _begin(self, interval: Interval) -> None:
        self.now = interval
        self._latencies = new_histogram()
        self._record = self._latencies.record_value
        self._cpu = time.process_time()

    def answer(self, latency_s: float) -> None:
        """Count a right answer."""
        self.now.answered += 1
        self._record(min(MAX_US, int(latency_s * 1e6) or 1))

    def fail(self, kind: str) -> None:
        """Count a request that got no right answer."""
        self.now.errors[kind] = self.now.errors.get(kind, 0) + 1

    def take(self, end_s: float, *, last: bool = False) -> Interval:
        """Give the interval and begin the next."""
        taken = self.now
        taken.end_s, taken.last = end_s, last
        taken.latencies, taken.cpu_s = self._latencies.encode(), time.process_time() - self._cpu
        self._begin(Interval(index=taken.index + 1, open=taken.open))
        return taken
