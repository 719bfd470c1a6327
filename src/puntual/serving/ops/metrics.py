"""The metrics of all workers in Prometheus' text format."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import accumulate
from pathlib import Path

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from puntual.inference.encoder import UNKNOWN
from puntual.serving.ops.counters import DURATIONS_MS, PROBABILITY_STEPS, SharedCounters, Totals

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

_PAGE = os.sysconf("SC_PAGE_SIZE")


def expose(counters: SharedCounters, routes: Sequence[str], load_test_started: float | None = None) -> bytes:
    """The metrics of all workers now.

    Parameters
    ----------
    routes : labels, in the order in which requests are counted
    load_test_started : start of the last load test, in seconds since 1970; None: there was none

    Examples
    --------
    >>> counters = SharedCounters(workers=1, routes=1)
    >>> counters.acquire_row().count_request(route=0, status=200, nanoseconds=300_000)
    >>> b'puntual_requests_total{route="/healthz",status="200"} 1.0' in expose(counters, ["/healthz"])
    True
    """
    return generate_latest(_Collector(counters, routes, load_test_started))


class _Collector(Collector):
    """Gives Prometheus' client the counts of this package."""

    def __init__(self, counters: SharedCounters, routes: Sequence[str], tested: float | None) -> None:
        self._totals: Totals = counters.totals()
        self._began, self._routes, self._load_test_started = counters.began, routes, tested

    def collect(self) -> Iterator[Metric]:
        totals = self._totals
        yield _gauge("start_timestamp_seconds", "When counting began.", self._began)
        yield from self._requests()
        yield _gauge("requests_in_flight", "Requests that are being worked on.", totals.in_flight)
        meaning = "Requests refused because there was too much to do."
        yield _counter("requests_busy", meaning, totals.busy, "priority")
        meaning = "Wait of requests before their turn, in the worker with the longest queue; 0 without one."
        yield _gauge("queue_seconds", meaning, totals.wait)
        yield _counter("flights_predicted", "Flights answered.", totals.flights)
        meaning = "Values that the model never saw, by field of the answer's list unknown."
        yield _counter("unknown_values", meaning, dict(zip(UNKNOWN, totals.unknown, strict=True)), "field")
        probability = HistogramMetricFamily(
            "puntual_delay_probability", "Predicted probabilities of a delay.", labels=[]
        )
        bounds = [(step + 1) / PROBABILITY_STEPS for step in range(PROBABILITY_STEPS)]
        probability.add_metric([], _buckets(bounds, [*totals.probabilities, 0]), None)
        yield probability
        yield _gauge("model_info", "Workers that answer with this model.", totals.models, "model")
        meaning = "When the last worker loaded this model."
        yield _gauge("model_loaded_timestamp_seconds", meaning, totals.loaded, "model")
        if self._load_test_started is not None:
            meaning = "When the load test of /v1/stress began; absent without one."
            yield _gauge("load_test_timestamp_seconds", meaning, self._load_test_started)
        yield from self._operations()
        swaps = {"taken": totals.swapped, "refused": totals.swap_refused}
        yield _counter("model_swaps", "Model files loaded, or refused, while serving.", swaps, "result")
        meaning = "Lines of the log that were dropped because nobody read them."
        yield _counter("log_lines_dropped", meaning, totals.log_dropped)
        yield _counter("worker_starts", "Workers started.", totals.starts)
        memory = {str(pid): resident_bytes(pid) for pid in totals.workers}
        yield _gauge("worker_resident_memory_bytes", "Resident memory of each worker.", memory, "pid")

    def _operations(self) -> Iterator[Metric]:
        totals = self._totals
        events = dict(zip(("accepted", "repeated", "unknown"), totals.events, strict=True))
        meaning = "Events, timetables and observations taken, taken before, or of an unknown flight."
        yield _counter("events", meaning, events, "result")
        yield _counter("store_failures", "Reads and writes at which the store failed.", totals.store_failed)
        yield _gauge("board_streams", "Open streams of boards.", totals.streams)
        if totals.followed:
            age = max(time.time() - totals.followed, 0.0)
            meaning = "Since the worker furthest behind last read the store; absent without a store."
            yield _gauge("live_state_age_seconds", meaning, age)

    def _requests(self) -> Iterator[Metric]:
        requests = CounterMetricFamily("puntual_requests", "Requests answered.", labels=["route", "status"])
        durations = HistogramMetricFamily(
            "puntual_request_duration_seconds",
            "From the head of a request to its answer, without the network.",
            labels=["route"],
        )
        for position, route in enumerate(self._routes):
            for status, count in self._totals.statuses(position).items():
                requests.add_metric([route, str(status)], count)
            counts, seconds = self._totals.durations(position)
            if any(counts):
                durations.add_metric([route], _buckets([ms / 1000 for ms in DURATIONS_MS], counts), seconds)
        yield requests
        yield durations


def _metric(
    family: type[GaugeMetricFamily | CounterMetricFamily],
    name: str,
    meaning: str,
    numbers: float | Mapping[str, float],
    label: str = "",
) -> Metric:
    """A metric of one number, or of those by the value of a label."""
    metric = family(f"puntual_{name}", meaning, labels=[label] if label else [])
    for value, number in numbers.items() if isinstance(numbers, Mapping) else [("", numbers)]:
        metric.add_metric([value] if label else [], number)
    return metric


_gauge, _counter = partial(_metric, GaugeMetricFamily), partial(_metric, CounterMetricFamily)


def _buckets(bounds: Iterable[float], counts: Iterable[int]) -> list[tuple[str, float]]:
    """Cumulative counts by upper bound."""
    names = [*map(repr, bounds), "+Inf"]
    return list(zip(names, map(float, accumulate(counts)), strict=True))


def resident_bytes(pid: int) -> int:
    """Resident memory of a process; 0 if the system does not report it."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except OSError:
        return 0
