"""Finding the rate that a service holds."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from puntual.loadtest.capacity import PRECISION, Capacity, find_capacity
from puntual.loadtest.plan import Plan, make_plan
from puntual.loadtest.result import Result
from puntual.loadtest.service import ServiceProcesses
from tests.cli.running import mistake, run
from tests.loadtest.server import Reply, answer, answering
from tests.loadtest.test_report import interval, result_of


class Busy(ServiceProcesses):
    """A service that keeps half a core busy."""

    def __init__(self) -> None:
        self._took = 0.0

    def cpu_s(self) -> float:
        self._took += 0.5
        return self._took

    def workers(self) -> int | None:
        return 2


def search(holds: Callable[[float], bool], **given: float) -> Capacity:
    good, bad = (result_of(interval(0, [latency], last=True)) for latency in (10, 80))

    def measure(plan: Plan) -> Result:
        assert plan.rate is not None
        return good if holds(plan.rate) else bad

    return find_capacity(measure, make_plan({"duration_s": 1.0, **given}), Busy(), slo_ms=50)


@pytest.mark.parametrize("capacity", [3, 120, 499, 500, 3333, 40_000])
def test_the_capacity_is_found(capacity: float) -> None:
    found = search(lambda rate: rate <= capacity)
    assert capacity / PRECISION <= found.capacity_per_s <= capacity
    assert found.per_worker == pytest.approx(found.capacity_per_s / 2, abs=0.1)
    assert found.per_core == pytest.approx(found.capacity_per_s / 0.5, abs=0.2)
    assert len(found.steps) < 35


def test_one_bad_moment_does_not_end_the_search() -> None:
    tried: list[float] = []

    def holds(rate: float) -> bool:
        tried.append(rate)
        return rate <= 2000 and len(tried) != 2

    assert search(holds).capacity_per_s > 2000 / PRECISION


def test_what_holds_nothing_has_no_capacity() -> None:
    found = search(lambda rate: False, rate=8.0)
    assert (found.capacity_per_s, found.per_core) == (0, None)


def test_a_step_with_errors_is_not_held() -> None:
    failing = result_of(interval(0, [1] * 50, errors={"status 503": 1}, last=True))
    found = find_capacity(lambda plan: failing, make_plan({"rate": 4.0}), Busy(), slo_ms=50)
    assert found.capacity_per_s == 0
    assert not any(step.held for step in found.steps)


def test_an_interrupted_search_tells_what_it_knows() -> None:
    results = [result_of(interval(0, [1], last=True))]
    results.append(msgspec.structs.replace(results[0], interrupted=True))
    found = find_capacity(lambda plan: results.pop(0), make_plan({}), Busy(), slo_ms=50)
    assert found.interrupted
    assert (found.capacity_per_s, len(found.steps)) == (500, 1)


def test_the_processes_of_a_service_are_seen() -> None:
    with answering() as server:
        seen = ServiceProcesses(server.port)
        before = seen.cpu_s()
        assert before > 0
        sum(range(10**7))
        assert seen.cpu_s() > before
        assert seen.workers() == 1
    assert ServiceProcesses(None).workers() is None


def test_the_command_steps_the_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("puntual.loadtest.capacity.PRECISION", 2)
    with answering(lambda number: Reply() if number < 600 else Reply(answer(b"", 503))) as server:
        command = ["stress", server.url, "--find-capacity", "-r", 500, "-d", 0.3, "-c", 2, "--slo-ms", 5000]
        ended = run(*command, "--json")
    assert ended.status == 0, ended.err
    told = msgspec.json.decode(ended.out)
    assert {"capacity_per_s", "per_worker", "per_core", "steps", "slo_ms"} <= set(told)
    assert "/s: " in ended.err


def test_a_service_that_holds_no_rate_is_told_by_the_status() -> None:
    with answering(lambda number: Reply(answer(b"", 503))) as server:
        ended = run("stress", server.url, "--find-capacity", "-r", 2, "-d", 0.3, "-c", 2)
    assert ended.status == 1
    assert "holds no rate that was tried" in ended.out


def test_a_report_is_not_written_of_a_search() -> None:
    said = mistake("stress", "http://127.0.0.1:1", "--find-capacity", "--report", "x.html")
    assert "--find-capacity: cannot be combined with" in said
