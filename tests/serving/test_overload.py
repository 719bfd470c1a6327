"""More than can be done: who is refused first, when, and what the refusal says."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import httpx
import msgspec
import pytest

from puntual.serving.http.messages import NDJSON
from puntual.serving.http.problems import RefusedError
from puntual.serving.http.route import Priority
from puntual.serving.ops import overload
from puntual.serving.ops.connections import Connections
from puntual.serving.ops.counters import BUSY_AT, WAIT
from puntual.serving.ops.overload import DEFER_FROM_MS, FORGET_NS, INTERVAL_NS, LOOKS, PATIENCE_MS, Overload
from puntual.serving.settings import read_settings
from tests.serving.conftest import BODY, FLIGHT, PREDICTIONS, Asker, Served, flights, problem, until

MS = 10**6
PRIORITIES: tuple[Priority, ...] = ("bulk", "board", "single")


class Queue:
    """A queue of a given age, looked at every millisecond."""

    def __init__(self, age: int | None) -> None:
        self.age, self.now = age, 0
        self.overload = Overload(lambda _client: self.age)

    def refused(self, milliseconds: int, *priorities: Priority) -> set[Priority]:
        """Who is refused in so much time, in which each asks every millisecond."""
        found: set[Priority] = set()
        for _ in range(milliseconds):
            self.now += MS
            for one in priorities or PRIORITIES:
                try:
                    self.overload.check(one, "", self.now)
                except RefusedError:
                    found.add(one)
        return found


@pytest.mark.parametrize(
    ("age", "refused"),
    [
        (PATIENCE_MS["bulk"], 0),
        (PATIENCE_MS["bulk"] + 1, 1),
        (PATIENCE_MS["board"] + 1, 2),
        (PATIENCE_MS["single"] + 1, 3),
    ],
)
def test_the_costly_are_refused_first(age: int, refused: int) -> None:
    assert Queue(age).refused(300) == {*PRIORITIES[:refused]}


def test_a_burst_is_no_overload() -> None:
    """A queue that is empty now and then, in less time than an interval, stands in nobody's way."""
    queue = Queue(500)
    for _ in range(20):
        queue.age = 500
        assert not queue.refused(INTERVAL_NS // MS - 20)
        queue.age = 0
        assert not queue.refused(20)


def test_a_queue_that_is_gone_refuses_nobody() -> None:
    queue = Queue(500)
    assert queue.refused(300) == {*PRIORITIES}
    queue.age = 0
    queue.refused(1)
    assert not queue.refused(300)
    assert queue.overload.due > queue.now, "nobody is looked at until then"


def test_a_stop_of_the_program_is_no_overload() -> None:
    """All that came meanwhile is old, and is answered."""
    queue = Queue(0)
    queue.refused(300)
    queue.now, queue.age = queue.now + 5_000 * MS, 5_000
    assert not queue.refused(INTERVAL_NS // MS - 1)


def test_a_client_that_makes_its_own_requests_old_has_nobody_refused() -> None:
    queue = Queue(0)
    for number in range(1000):
        queue.age = 0 if number % LOOKS == 0 else 10_000
        assert not queue.refused(1)
    refused: set[Priority] = set()
    for number in range(1000):
        queue.age = PATIENCE_MS["bulk"] + 1 if number % LOOKS == 0 else 10_000
        refused |= queue.refused(1)
    assert refused == {"bulk"}


def test_without_a_known_age_nobody_is_refused_for_long() -> None:
    queue = Queue(None)
    assert not queue.refused(300)
    queue.age = 500
    assert queue.refused(300)
    queue.age = None
    queue.refused(FORGET_NS // MS + 2)
    assert not queue.refused(300)
    queue.age = 500
    queue.refused(300)
    assert queue.overload.settle(queue.now) == 500
    assert queue.overload.settle(queue.now + 2 * FORGET_NS) == 0


@pytest.mark.parametrize(("clients", "refused"), [(4, set()), (40, {*PRIORITIES})])
def test_a_slow_machine_refuses_nobody_without_a_queue(clients: int, refused: set[Priority]) -> None:
    """Each of some clients asks again when it is answered, which takes 200 ms."""
    queue, found = Queue(200), set[Priority]()
    for _ in range(20 * clients):
        queue.now += 200 * MS // clients - MS
        found |= queue.refused(1)
    assert found == refused


def test_a_body_that_is_still_coming_says_nothing_of_the_queue() -> None:
    """Its last byte is younger than its request."""
    queue = Queue(0)
    assert not queue.refused(300, "bulk")
    queue.age = 500
    assert queue.refused(300, "single") == {"single"}
    queue.age = 0
    assert queue.refused(300, "bulk") == {"bulk"}


@pytest.fixture
def crowded(asker: Callable[..., Asker]) -> Asker:
    """Its requests have waited for longer than bulk and boards do, shorter than single flights."""
    ask = asker()
    made = Overload(lambda _client: PATIENCE_MS["board"] + 1)
    for moment in range(300):
        made.check("single", "", moment * MS)
    made._next = 2**62
    ask.application._overload = ask.service.overload = made
    return ask


ASKED: dict[str, tuple[str, str, bytes, dict[str, str]]] = {
    "many flights": ("POST", PREDICTIONS, msgspec.json.encode({"flights": flights(200)}), {}),
    "reasons": ("POST", f"{PREDICTIONS}?detail=full", BODY, {}),
    "lines": ("POST", PREDICTIONS, BODY, {"content-type": NDJSON, "transfer-encoding": "chunked"}),
    "a board": ("GET", "/v1/board", b"", {}),
    "a document": ("GET", "/v1/model", b"", {}),
}


@pytest.mark.parametrize("asked", ASKED)
def test_what_is_refused_is_counted(crowded: Asker, asked: str) -> None:
    method, path, body, headers = ASKED[asked]
    if "transfer-encoding" in headers:
        headers = headers | {"content-length": ""}
    refused = crowded(method, path, body, headers)
    problem(refused, "busy")
    assert dict(refused.headers)["retry-after"] == "1"
    priority: Priority = "board" if method == "GET" else "bulk"
    numbers = crowded.service.row.numbers
    assert {one: numbers[at] for one, at in BUSY_AT.items()} == dict.fromkeys(BUSY_AT, 0) | {priority: 1}


def test_single_flights_and_health_are_answered_meanwhile(crowded: Asker) -> None:
    assert crowded.predict(FLIGHT).status == 200
    assert [crowded("GET", path).status for path in ("/healthz", "/readyz", "/metrics")] == [200] * 3
    assert crowded("GET", "/nowhere").status == 404


def test_the_page_has_all_of_its_files_meanwhile(crowded: Asker) -> None:
    """A browser asks for each once: without one module, a view is not shown at all."""
    files = crowded.service.files
    assert [path for path in files if crowded("GET", path).status == 503] == []
    assert "/board/board.js" in files


def test_the_wait_is_a_metric(crowded: Asker) -> None:
    async def look() -> None:
        crowded.service.overload.settle = lambda now: 51  # type: ignore[method-assign]
        crowded.service.watch(asyncio.get_running_loop())

    asyncio.run(look())
    assert crowded.service.row.numbers[WAIT] == 51
    told = crowded("GET", "/metrics").body.decode()
    assert "puntual_queue_seconds 0.051" in told.splitlines()


def test_a_refusal_says_when_the_work_ahead_is_done() -> None:
    queue = Queue(2_300)
    queue.refused(300)

    def seconds(of_other_work: float) -> str:
        return dict(queue.overload.refusal(of_other_work).response.headers)["retry-after"]

    assert [seconds(other) for other in (0.0, 2.9, 7.2)] == ["3", "3", "8"]


def test_refusals_are_held_if_they_alone_do_not_help(monkeypatch: pytest.MonkeyPatch) -> None:
    """To so many clients at once, and for so long."""
    monkeypatch.setattr(overload, "DEFER_SECONDS", 0.01)
    monkeypatch.setattr(overload, "MAX_DEFERRED", 3)

    async def held(age: int) -> int:
        queue = Queue(age)
        queue.refused(300)
        waiting = [asyncio.ensure_future(queue.overload.defer()) for _ in range(5)]
        await asyncio.sleep(0)
        count = sum(not one.done() for one in waiting)
        await asyncio.gather(*waiting)
        assert queue.overload._deferred == 0
        return count

    assert [asyncio.run(held(age)) for age in (0, DEFER_FROM_MS, DEFER_FROM_MS + 1)] == [0, 0, 3]


def test_the_age_of_a_request_is_since_its_last_byte() -> None:
    """By the kernel's counts of a real connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        connections = Connections(read_settings({"port": port}, {}), room=0)
        connections.begin()
        if not connections._counted:
            pytest.skip("this system hides its counts")
        with socket.create_connection(("127.0.0.1", port)) as client:
            own = listening.accept()[0]
            with own:
                name = "{}:{}".format(*client.getsockname())
                assert connections.age_ms(name) is None
                connections.look(0.0)
                until(lambda: (connections.age_ms(name) or 0) >= 40)
                own.sendall(b"an answer")
                client.sendall(b"x")
                assert own.recv(1) == b"x"
                since = connections.age_ms(name)
                assert since is not None
                assert since < 40
                until(lambda: (connections.age_ms(name) or 0) >= 40)
            assert connections.age_ms(name) is None


def test_a_server_looks_at_what_its_clients_send(served: Served) -> None:
    """Without overload nothing is refused, and the metrics say so."""
    with httpx.Client(base_url=served.url) as client:
        for _ in range(50):
            assert client.post(PREDICTIONS, json={"flights": [FLIGHT]}).status_code == 200
    busy = served.metric("puntual_requests_busy_total")
    assert set(busy) == {f'{{priority="{one}"}}' for one in PRIORITIES}
