"""What is counted, and told of all workers."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import multiprocessing
import os
import sys
from collections.abc import Callable

import pytest
from prometheus_client.parser import text_string_to_metric_families

from puntual.serving import handlers
from puntual.serving.http.logs import JsonFormatter
from puntual.serving.http.problems import PROBLEM_TYPES
from puntual.serving.ops.counters import IN_FLIGHT, PROBABILITY_STEPS, STATUSES, SharedCounters
from puntual.serving.ops.metrics import expose
from tests.serving.conftest import FLIGHT, Asker

Sample = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(text: bytes) -> Sample:
    """Every number by its name and labels, as Prometheus reads them."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def test_everything_asked_is_counted(asker: Callable[..., Asker]) -> None:
    ask = asker()
    for _ in range(3):
        ask.predict(FLIGHT, FLIGHT | {"airline": "ZZZ"})
    ask.predict({})
    ask("GET", "/")
    ask("GET", "/nowhere")
    ask("GET", "/healthz")
    told = samples(ask("GET", "/metrics").body)

    def requests(route: str, status: int) -> float:
        return told["puntual_requests_total", (("route", route), ("status", str(status)))]

    assert requests("/v1/predictions", 200) == 3
    assert requests("/v1/predictions", 422) == 1
    assert requests("page", 200) == requests("other", 404) == requests("/healthz", 200) == 1
    assert told["puntual_flights_predicted_total", ()] == 6
    assert told["puntual_unknown_values_total", (("field", "airline"),)] == 3
    assert told["puntual_unknown_values_total", (("field", "destination"),)] == 0
    assert told["puntual_delay_probability_bucket", (("le", "+Inf"),)] == 6
    assert told["puntual_requests_in_flight", ()] == 1  # the one that asks
    assert told["puntual_model_info", (("model", ask.service.model.name),)] == 1
    labels = ("route", "/v1/predictions")
    assert told["puntual_request_duration_seconds_count", (labels,)] == 4
    assert 0 < told["puntual_request_duration_seconds_sum", (labels,)] < 10
    pid = (("pid", str(os.getpid())),)
    if sys.platform == "linux":
        assert told["puntual_worker_resident_memory_bytes", pid] > 1e6


def test_buckets_hold_what_lies_between_their_bounds() -> None:
    counters = SharedCounters(1, 1)
    row = counters.acquire_row()
    for probability in (0, 0.049, 0.05, 0.5, 0.999, 1):
        row.count_answer(probability, ())
    for nanoseconds in (1, 250_000, 250_001, 10**12):
        row.count_request(0, 200, nanoseconds)
    told = samples(expose(counters, ["one"]))
    told_of = "puntual_delay_probability_bucket"
    assert [told[told_of, (("le", bound),)] for bound in ("0.05", "0.1", "0.95", "1.0")] == [2, 3, 4, 6]
    assert PROBABILITY_STEPS == 20

    def within(bound: str) -> float:
        return told["puntual_request_duration_seconds_bucket", (("le", bound), ("route", "one"))]

    assert [within(bound) for bound in ("0.00025", "0.0005", "2.5", "+Inf")] == [2, 3, 3, 4]
    assert told["puntual_request_duration_seconds_sum", (("route", "one"),)] == pytest.approx(1000, rel=1e-3)


def _count(counters: SharedCounters, requests: int) -> None:
    row = counters.acquire_row()
    row.model = "a"
    row.numbers[IN_FLIGHT] = 7
    for _ in range(requests):
        row.count_request(0, 200, 1)
    os._exit(0)


def test_workers_count_in_one_place_and_take_over_from_those_that_ended() -> None:
    counters = SharedCounters(2, 1)
    fork = multiprocessing.get_context("fork")
    for requests in (10, 20, 30, 40, 50):
        process = fork.Process(target=_count, args=(counters, requests))
        process.start()
        process.join()
    totals = counters.totals()
    assert totals.statuses(0) == {200: 150}
    assert totals.starts == 5
    assert totals.workers == []
    assert totals.in_flight == 0  # theirs ended with them
    assert totals.models == {}
    mine = counters.acquire_row()
    assert counters.acquire_row() is mine
    mine.model = "b" * 500
    assert counters.totals().models == {"b" * 128: 1}


def test_every_status_has_its_counter() -> None:
    assert {kind.status for kind in PROBLEM_TYPES.values()} | {200, 204, 304} == set(STATUSES)


def test_what_a_client_says_of_a_request_is_told_back(ask: Asker) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    def told(headers: dict[str, str]) -> dict[str, str]:
        return dict(asyncio.run(ask.respond("GET", "/healthz", b"", headers)).headers)

    back = told({"x-request-id": "a-1", "traceparent": trace})
    assert (back["x-request-id"], back["traceparent"]) == ("a-1", trace)
    for strange in ("", "a" * 129, "ä", "a\tb"):
        assert told({"x-request-id": strange})["x-request-id"] not in {strange, ""}
    assert "traceparent" not in told({"traceparent": "00-nothing"})
    assert told({})["x-request-id"] != told({})["x-request-id"]


@pytest.mark.parametrize("logged", [0, 1])
def test_a_line_for_every_request_where_it_is_asked_for(
    asker: Callable[..., Asker],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    logged: int,
) -> None:
    """A mistake is logged in any case, with the request that shows it."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(handlers, "Health", broken)
    ask = asker(log_requests=logged)
    with caplog.at_level(logging.INFO):
        ask.predict(FLIGHT)
        ask("GET", "/nowhere")
        ask("GET", "/healthz")
    entries = [json.loads(JsonFormatter().format(record)) for record in caplog.records]
    (mistake,) = (entry for entry in entries if entry["severity"] == "ERROR")
    assert "ZeroDivisionError" in mistake["exception"]
    entries.remove(mistake)
    assert [entry["status"] for entry in entries] == [200, 404, 500] * logged
    assert all(entry["severity"] == "INFO" and math.isfinite(entry["milliseconds"]) for entry in entries)
    assert all(entry["x-request-id"] for entry in [mistake, *entries])
