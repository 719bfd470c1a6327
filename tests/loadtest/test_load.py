"""The generator against a service whose delays and mistakes are catalogue."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import uvloop

from puntual.loadtest.aggregator import Aggregator
from puntual.loadtest.answers import check_predictions
from puntual.loadtest.connection import Connection
from puntual.loadtest.intervals import Interval
from puntual.loadtest.load import Load
from puntual.loadtest.loops import ClosedLoop
from puntual.loadtest.machine import this_machine
from puntual.loadtest.plan import Plan, make_plan
from puntual.loadtest.requests import Catalogue, fetch_catalogue, prepare
from puntual.loadtest.result import Latency, Result
from puntual.loadtest.target import Target, read_url
from puntual.loadtest.worker import Order, generate, make_load
from tests.loadtest.server import (
    GOOD,
    RIGHT,
    Reply,
    Script,
    Server,
    answer,
    answering,
    answering_here,
    predictions,
)
from tests.ports import free_port

pytestmark = pytest.mark.timed

CATALOGUE = Catalogue(["LAN", "SKU"], ["SCFA", "SCTE"], [], dt.date(2017, 1, 1), dt.date(2017, 12, 31))


def load(server: Server, **given: Any) -> Result:
    return put_under(read_url(server.url), **given)[0]


def put_under(target: Target, catalogue: Any = None, **given: Any) -> tuple[Result, float]:
    plan = make_plan(given)
    made = make_load(Order(plan=plan, target=target, flights=catalogue or fetch_catalogue(target)))
    return uvloop.run(generated(made, plan))


async def generated(made: Load, plan: Plan) -> tuple[Result, float]:
    told: list[Interval] = []
    start = time.perf_counter() + 0.02
    await generate(made, start, told.append, interval_s=0.25)
    aggregator = Aggregator(1, {"url": "", "model": "", "plan": plan, "machine": this_machine()})
    for interval in told:
        aggregator.add(interval)
    return aggregator.result(), start


def both_here(script: Script, **given: Any) -> tuple[Result, float, Server]:
    """The load and the service in one loop."""

    async def run() -> tuple[Result, float, Server]:
        server, listening = await answering_here(script)
        async with listening:
            plan, target = make_plan(given), Target("127.0.0.1", "127.0.0.1", server.port)
            result, start = await generated(
                make_load(Order(plan=plan, target=target, flights=CATALOGUE)), plan
            )
        return result, start, server

    return uvloop.run(run())


def milliseconds(times: list[float], percent: float) -> float:
    return float(np.percentile(np.array(times) * 1000, percent, method="inverted_cdf"))


def test_a_closed_loop_asks_about_other_flights_each_time() -> None:
    with answering() as server:
        result = load(server, requests=400, connections=8)
    assert (result.requests, result.answered, result.errors) == (400, 400, 0)
    assert len(set(server.bodies)) == 400
    assert server.connections == 3 + 8
    assert result.connections_opened == 8
    assert result.received_bytes == 400 * len(RIGHT)
    assert result.sent_bytes > 400 * 100
    assert sum(second.answered for second in result.seconds) == 400


def differences(found: Latency, true: list[float]) -> dict[str, float]:
    """How far each percentile is from the true one, relatively."""
    told = {"p50": 50, "p75": 75, "p90": 90, "p95": 95, "p99": 99}
    return {
        name: abs(getattr(found, name) / milliseconds(true, percent) - 1) for name, percent in told.items()
    }


def the_best_of(tries: int, measure: Callable[[], dict[str, float]]) -> dict[str, float]:
    """What is measured where others use the machine too is as far off as they make it; what is wrong by
    itself is so each time."""
    best = measure()
    for _ in range(tries - 1):
        if max(best.values()) < 0.05:
            break
        best = min(best, measure(), key=lambda found: max(found.values()))
    return best


@pytest.mark.parametrize("rate", [None, 140])
def test_percentiles_are_those_of_the_delays(rate: float | None) -> None:
    delays = (0.1, 0.2, 0.1, 0.3, 0.1, 0.2, 0.1, 0.1, 0.4, 0.2)

    def measure() -> dict[str, float]:
        script: Script = lambda number: Reply(delay_s=delays[number % len(delays)])  # noqa: E731
        connections = 20 if rate is None else 80
        result, _, server = both_here(script, requests=120, connections=connections, rate=rate)
        assert result.answered == 120
        return differences(result.latency_ms, server.took)

    best = the_best_of(5, measure)
    assert max(best.values()) < 0.05, best


def test_no_stall_hides_from_an_open_loop() -> None:
    rate = 200.0
    script: Script = lambda number: Reply(stall_s=0.5 if number == 50 else 0.0)  # noqa: E731

    def measure() -> dict[str, float]:
        result, start, server = both_here(script, requests=250, connections=50, rate=rate)
        assert result.answered == 250
        assert result.latency_ms.p75 is not None
        assert result.latency_ms.p75 > 50
        true = [sent - start - number / rate for number, sent in enumerate(sorted(server.sent_at))]
        found = differences(result.latency_ms, true)
        return {name: found[name] for name in ("p75", "p90", "p95", "p99")}

    best = the_best_of(5, measure)
    assert max(best.values()) < 0.05, best


def test_an_open_loop_keeps_to_the_clock() -> None:
    with answering() as server:
        result = load(server, duration_s=0.5, connections=10, rate=400)
    assert result.requests == 200
    assert 0.4 < result.duration_s < 2


def test_a_closed_loop_ends_with_its_time() -> None:
    with answering(lambda number: Reply(delay_s=0.01)) as server:
        result = load(server, duration_s=0.3, connections=4)
    assert 8 <= result.answered <= 120
    assert result.errors == 0
    assert 0.25 < result.duration_s < 2


WRONG = [
    ("status 503", Reply(answer(b"{}", status=503))),
    ("status 422", Reply(answer(b"{}", status=422))),
    ("schema", Reply(answer(predictions(GOOD.replace(b"0.25", b"1.25"))))),
    ("number of predictions", Reply(answer(predictions(GOOD, GOOD)))),
    ("reset", Reply(then="reset")),
    ("timeout", Reply(content=None)),
    ("malformed", Reply(answer(b"{nothing"))),
    ("malformed", Reply(b"nothing of HTTP\r\n\r\n")),
    ("malformed", Reply(RIGHT + b"and more")),
    ("malformed", Reply(b"HTTP/1.1 200 OK\r\n\r\n")),
    ("malformed", Reply(b"HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\n")),
    ("malformed", Reply(b"x" * 70_000)),
]


@pytest.mark.parametrize(("kind", "wrong"), WRONG)
def test_what_is_wrong_is_counted_by_kind(kind: str, wrong: Reply) -> None:
    with answering(lambda number: wrong if number % 4 == 1 else Reply()) as server:
        result = load(server, requests=40, connections=4, timeout_s=0.15)
    assert result.errors_by_kind == {kind: 10}
    assert (result.answered, result.errors) == (30, 10)


@pytest.mark.parametrize("then", ["close", "half-close"])
@pytest.mark.parametrize("rate", [None, 500])
def test_a_connection_that_is_closed_after_an_answer_is_opened_again(then: str, rate: float | None) -> None:
    closing = answer(predictions(GOOD), fields=b"Connection: close\r\n")
    with answering(lambda number: Reply(closing, then=then)) as server:
        result = load(server, requests=20, connections=2, rate=rate)
    assert (result.answered, result.errors) == (20, 0)
    assert result.connections_opened >= 19


def test_an_answer_in_pieces_is_put_together() -> None:
    with answering(lambda number: Reply(pieces=7)) as server:
        assert load(server, requests=10, connections=2).answered == 10


def test_many_flights_in_a_request() -> None:
    many = answer(predictions(*[GOOD] * 7))
    with answering(lambda number: Reply(many)) as server:
        result = load(server, requests=10, connections=2, flights_per_request=7)
    assert result.answered == 10
    assert all(body.count(b"airline") == 7 for body in server.bodies)


@pytest.mark.parametrize("rate", [None, 200])
def test_a_service_that_is_not_there_refuses_each_request(rate: float | None) -> None:
    with answering() as server:
        catalogue = fetch_catalogue(read_url(server.url))
    target = read_url(f"http://127.0.0.1:{free_port()}")
    result, _ = put_under(target, catalogue, requests=6, connections=3, rate=rate)
    assert result.errors_by_kind == {"refused": 6}
    assert result.latency_ms.p50 is None


def test_another_path_is_fetched_as_it_is() -> None:
    with answering(lambda number: Reply(answer(b"ok"))) as server:
        catalogue = fetch_catalogue(read_url(server.url))
        result, _ = put_under(read_url(f"{server.url}/healthz"), catalogue, requests=10, connections=2)
    assert result.answered == 10
    assert set(server.bodies) == {b""}


class Late(ClosedLoop):
    """Its first connection opens at the very moment at which the time for it is over."""

    late = True

    async def _connect(self, connection: Connection) -> None:
        await super()._connect(connection)
        if self.late:
            self.late = False
            raise TimeoutError


def test_a_connection_that_opens_as_its_time_ends_is_not_forgotten() -> None:
    with answering(lambda number: Reply(delay_s=0.05)) as server:
        plan, target = make_plan({"requests": 6, "connections": 2}), read_url(server.url)
        requests = prepare(target, plan, CATALOGUE)
        late = Late(plan, target, requests, check_predictions(1))
        uvloop.run(asyncio.wait_for(late.run(time.perf_counter()), 5))
    told = late.stats.take(1.0)
    assert (told.answered, told.errors) == (5, {"timeout": 1})
