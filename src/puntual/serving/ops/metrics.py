"""What `GET /metrics` tells of all workers, in Prometheus' text format."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from puntual.inference.encoder import UNKNOWN
from puntual.serving.ops.counters import DURATIONS_MS, PROBABILITY_STEPS, SharedCounters, Totals

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

_PAGE = os.sysconf("SC_PAGE_SIZE")


def expose(counters: SharedCounters, routes: Sequence[str], tested: float | None = None) -> bytes:
    """The metrics of all workers at this moment.

    Parameters
    ----------
    routes : names, by the position that requests are counted at
    tested : when the last load test began, in seconds since 1970; None: there was none

    Examples
    --------
    >>> counters = SharedCounters(workers=1, routes=1)
    >>> counters.acquire_row().count_request(route=0, status=200, nanoseconds=300_000)
    >>> b'puntual_requests_total{route="/healthz",status="200"} 1.0' in expose(counters, ["/healthz"])
    True
    """
    return generate_latest(_Collector(counters, routes, tested))


class _Collector(Collector):
    """Prometheus' own way to be told of numbers that are counted elsewhere."""

    def __init__(self, counters: SharedCounters, routes: Sequence[str], tested: float | None) -> None:
        self._totals: Totals = counters.totals()
        self._began, self._routes, self._tested = counters.began, routes, tested

    def collect(self) -> Iterator[Metric]:
        totals = self._totals
        yield _gauge("start_timestamp_seconds", "When these counts began.", self._began)
        yield from self._requests()
        yield _gauge("requests_in_flight", "Requests that are being worked on.", totals.in_flight)
        yield _counter("requests_busy", "Requests refused because too many were in flight.", totals.busy)
        yield _counter("flights_predicted", "Flights answered.", totals.flights)
        unknown = CounterMetricFamily(
            "puntual_unknown_values", "Values of answered flights that the model never saw.", labels=["field"]
        )
        for field, count in zip(UNKNOWN, totals.unknown, strict=True):
            unknown.add_metric([field], count)
        yield unknown
        probability = HistogramMetricFamily(
            "puntual_delay_probability", "Answered probabilities of a delay.", labels=[]
        )
        bounds = [(step + 1) / PROBABILITY_STEPS for step in range(PROBABILITY_STEPS)]
        probability.add_metric([], _buckets(bounds, [*totals.probabilities, 0]), None)
        yield probability
        model = GaugeMetricFamily("puntual_model_info", "Workers that answer with a model.", labels=["model"])
        for name, workers in totals.models.items():
            model.add_metric([name], workers)
        yield model
        loaded = GaugeMetricFamily(
            "puntual_model_loaded_timestamp_seconds", "When the model was taken over.", labels=["model"]
        )
        for name, moment in totals.loaded.items():
            loaded.add_metric([name], moment)
        yield loaded
        if self._tested is not None:
            meaning = "When the load test that /v1/stress tells began."
            yield _gauge("load_test_timestamp_seconds", meaning, self._tested)
        swaps = CounterMetricFamily(
            "puntual_model_swaps", "Model files taken over, or refused, while serving.", labels=["result"]
        )
        swaps.add_metric(["taken"], totals.swapped)
        swaps.add_metric(["refused"], totals.swap_refused)
        yield swaps
        yield _counter("worker_starts", "Workers started.", totals.starts)
        memory = GaugeMetricFamily(
            "puntual_worker_resident_memory_bytes", "Memory of each worker.", labels=["pid"]
        )
        for pid in totals.workers:
            memory.add_metric([str(pid)], resident_bytes(pid))
        yield memory

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


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"puntual_{name}", meaning, value=value)


def _counter(name: str, meaning: str, value: float) -> Metric:
    return CounterMetricFamily(f"puntual_{name}", meaning, value=value)


def _buckets(bounds: Iterable[float], counts: Iterable[int]) -> list[tuple[str, float]]:
    """Cumulative, as Prometheus wants them."""
    names = [*map(repr, bounds), "+Inf"]
    return list(zip(names, map(float, accumulate(counts)), strict=True))


def resident_bytes(pid: int) -> int:
    """Memory of a process; 0 where the system does not tell."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except OSError:
        return 0
