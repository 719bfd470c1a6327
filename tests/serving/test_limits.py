"""More than can be done at once: what is refused, what waits, and what passes between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import nullcontext
from typing import Any

import msgspec
import pytest

from puntual.serving import bulk_predictor
from puntual.serving.api.schemas import PredictionResponse
from puntual.serving.http.messages import NDJSON, Response
from puntual.serving.http.problems import PROBLEM_TYPES, Problem
from puntual.serving.ops.counters import BUSY, IN_FLIGHT
from puntual.serving.predictions import MAX_IMMEDIATE_BYTES
from puntual.types import Flight
from tests.serving.conftest import BODY, FLIGHT, LINE, PREDICTIONS, Asker, Sent, flights, problem

LINES = {"content-type": NDJSON}
LENGTH = {"content-length": str(len(BODY))}


class Held(Sent):
    """A body that comes when it is let go."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body)
        self.let_go = asyncio.Event()

    async def __call__(self) -> bytes:
        await self.let_go.wait()
        return await super().__call__()


@pytest.fixture(scope="module")
def limited(asker: Callable[..., Asker]) -> Asker:
    return asker(max_flights=2000, max_in_flight=2)


def test_more_than_the_limit_in_flight_is_refused_at_once(limited: Asker) -> None:
    numbers = limited.service.row.numbers
    large = msgspec.json.encode({"flights": flights(2000)})

    async def asked() -> list[Response]:
        first = [asyncio.create_task(limited.respond("POST", PREDICTIONS, large)) for _ in range(2)]
        while limited.service.reader.waiting or numbers[IN_FLIGHT] < 2:
            await asyncio.sleep(0)
        refused = await limited.respond("POST", PREDICTIONS, BODY)
        health = await limited.respond("GET", "/healthz")
        return [
            refused,
            health,
            *await asyncio.gather(*first),
            await limited.respond("POST", PREDICTIONS, BODY),
        ]

    refused, *answered = asyncio.run(asked())
    problem(refused, "busy")
    assert dict(refused.headers)["retry-after"] == "1"
    assert [response.status for response in answered] == [200] * 4
    assert (numbers[IN_FLIGHT], numbers[BUSY]) == (0, 1)


def test_a_request_without_its_body_takes_no_place(limited: Asker) -> None:
    async def asked() -> list[Response]:
        held = [Held(BODY), Held(BODY)]
        waiting = [asyncio.create_task(limited.respond("POST", PREDICTIONS, body, LENGTH)) for body in held]
        await asyncio.sleep(0)
        assert limited.service.reader.waiting == limited.service.row.numbers[IN_FLIGHT] == 2
        answer = await limited.respond("GET", "/v1/model")
        for body in held:
            body.let_go.set()
        return [answer, *await asyncio.gather(*waiting)]

    assert [response.status for response in asyncio.run(asked())] == [200] * 3


def test_small_requests_pass_between_the_slices_of_a_large_one(limited: Asker) -> None:
    body = msgspec.json.encode({"flights": flights(2000)})

    async def asked() -> tuple[int, Response]:
        large = asyncio.create_task(limited.respond("POST", PREDICTIONS, body))
        passed = 0
        while not large.done():
            passed += (await limited.respond("POST", PREDICTIONS, BODY)).status == 200
            await asyncio.sleep(0)
        return passed, large.result()

    passed, large = asyncio.run(asked())
    assert large.status == 200
    assert passed > 2000 / bulk_predictor.SLICE / 4


@pytest.mark.parametrize("more", [{}, {"timetable": "request"}])
def test_many_are_answered_as_few_are(limited: Asker, more: dict[str, str]) -> None:
    asked = flights(300)
    assert len(msgspec.json.encode({"flights": asked[:60]})) > MAX_IMMEDIATE_BYTES
    told = msgspec.json.decode(limited.predict(*asked, **more).body, type=PredictionResponse).predictions
    predictor = limited.service.model.predictor
    assert told == predictor.predict(msgspec.convert(asked, list[Flight]), complete_days=bool(more))


@pytest.mark.parametrize(("count", "wrong", "query"), [(600, 431, ""), (3, 2, "detail=full")])
def test_a_mistake_deep_inside_is_placed(ask_new_york: Asker, count: int, wrong: int, query: str) -> None:
    asked = [flight | {"origin": "JFK"} for flight in flights(count)]
    del asked[wrong]["origin"]
    assert problem(ask_new_york.predict(*asked, query=query)).pointer == f"$.flights[{wrong}].origin"


def lines(ask: Asker, body: bytes | Sent) -> list[dict[str, Any]]:
    response = ask("POST", PREDICTIONS, body, {"content-type": f"{NDJSON}; charset=utf-8"})
    assert response.status == 200
    assert dict(response.headers)["content-type"] == NDJSON
    return [msgspec.json.decode(line) for line in response.body.splitlines()]


@pytest.mark.parametrize("chunk", [17, 1000, 10**6])
def test_lines_are_answered_in_their_order(ask: Asker, chunk: int) -> None:
    asked = flights(600)
    body = b"\n".join(map(msgspec.json.encode, asked))
    told = lines(ask, Sent(body, chunk))
    one_by_one = [msgspec.json.decode(ask.predict(flight).body)["predictions"][0] for flight in asked[:50]]
    assert told[:50] == one_by_one
    assert len(told) == 600


def test_a_line_that_is_wrong_costs_the_others_nothing(ask: Asker) -> None:
    wrong = {1: b"{", 3: b'{"airline": 7}', 4: b"[]", 6: b'"\xff"', 300: b"null", 301: b"[" * 5000}
    body = b"\n".join(wrong.get(number, LINE) for number in range(400)) + b"\r\n\n"
    told = lines(ask, body)
    assert len(told) == 400
    for number, answer in enumerate(told):
        assert ("status" in answer) == (number in wrong)
        if number in wrong:
            assert answer["pointer"].startswith(f"$[{number}]")
            assert answer["detail"].startswith(f"$[{number}]")
    assert [told[number]["status"] for number in wrong] == [400, 422, 422, 400, 422, 400]


def test_lines_of_several_origins_say_which_lacks_one(ask_new_york: Asker) -> None:
    told = lines(ask_new_york, LINE + b"\n" + LINE[:-1] + b',"origin":"JFK"}')
    assert told[0]["pointer"] == "$[0].origin"
    assert told[1]["delay_probability"]


def test_a_line_without_an_end_is_refused(ask: Asker) -> None:
    told = lines(ask, Sent(LINE + b"\n" + b" " * 200_000, chunk=4096))
    assert "delay_probability" in told[0]
    assert (told[1]["status"], told[1]["pointer"]) == (413, "$[1]")
    assert len(told) == 2


def test_lines_take_no_parameters(ask: Asker) -> None:
    response = ask("POST", f"{PREDICTIONS}?detail=full", LINE, LINES)
    assert problem(response).pointer == "?"


def test_a_stream_is_answered_while_it_comes(ask: Asker) -> None:
    """No line waits for those after it, so that nothing has to be held."""

    async def asked() -> None:
        more = asyncio.Event()

        class Slow(Sent):
            async def __aiter__(self) -> AsyncIterator[bytes]:
                for _ in range(3):
                    yield LINE + b"\n"
                    await asyncio.wait_for(more.wait(), 5)
                    more.clear()

        response = await ask.application.respond("POST", PREDICTIONS, LINES, Slow(b""))
        assert response.chunks is not None
        numbers = ask.service.row.numbers
        before = numbers[IN_FLIGHT]
        count = 0
        async for chunk in response.chunks:
            assert chunk.count(b"\n") == 1
            count += 1
            more.set()
        assert count == 3
        assert numbers[IN_FLIGHT] == before - 1

    asyncio.run(asked())


def test_who_cancels_for_another_reason_is_not_answered(limited: Asker) -> None:
    async def asked() -> None:
        task = asyncio.create_task(limited.respond("POST", PREDICTIONS, Held(BODY), LENGTH))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(asked())
    assert limited.service.row.numbers[IN_FLIGHT] == 0


def test_a_server_about_to_end_answers_but_is_not_ready(asker: Callable[..., Asker]) -> None:
    ask = asker()
    assert ask("GET", "/readyz").status == 200
    ask.service.counters.drain()
    problem(ask("GET", "/readyz"), "draining")
    assert ask.predict(FLIGHT).status == 200

    async def look() -> None:
        ask.service.watch(asyncio.get_running_loop())

    asyncio.run(look())
    answered = ask.predict(FLIGHT)
    assert answered.status == 200
    assert ("connection", "close") in answered.headers


ASGI: dict[str, tuple[str, str, bytes, dict[str, str]]] = {
    "a document": ("GET", "/v1/model", b"", {}),
    "one answer": ("POST", PREDICTIONS, BODY, {}),
    "lines": ("POST", PREDICTIONS, b"\n".join([LINE] * 600), LINES),
    "a refusal": ("GET", "/nowhere", b"", {}),
}


@pytest.mark.parametrize("error", [ConnectionResetError, ZeroDivisionError, asyncio.CancelledError])
@pytest.mark.parametrize("asked", ASGI)
def test_the_place_of_an_answer_that_cannot_be_sent_is_free_again(
    limited: Asker, asked: str, error: type[BaseException]
) -> None:
    """Whatever fails to be sent: the start of the answer, any part of it, or its end."""
    method, path, body, headers = ASGI[asked]
    fields = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": fields}
    numbers = limited.service.row.numbers

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def sent_before_it_failed(part: int | None) -> int:
        sent = 0

        async def send(_message: Any) -> None:
            nonlocal sent
            if sent == part:
                raise error
            sent += 1

        gone = nullcontext() if part is None or error is ConnectionResetError else pytest.raises(error)
        with gone:
            await limited.application.asgi(scope, receive, send)
        assert numbers[IN_FLIGHT] == 0
        return sent

    whole = asyncio.run(sent_before_it_failed(None))
    assert whole >= (4 if asked == "lines" else 2)
    for part in range(whole):
        assert asyncio.run(sent_before_it_failed(part)) == part


def test_an_answer_in_lines_that_breaks_off_ends_with_a_problem(
    limited: Asker, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Sent):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield LINE + b"\n"
            raise ZeroDivisionError("the reader shall not see this")

    response = limited("POST", PREDICTIONS, Broken(b""), LINES)
    first, last = response.body.splitlines()
    assert b"delay_probability" in first
    told = msgspec.json.decode(last, type=Problem, strict=True)
    assert (told.status, told.title) == PROBLEM_TYPES["internal"]
    assert "$[1]" in told.detail
    assert b"shall not see" not in response.body
    assert "ZeroDivisionError" in caplog.text
    assert limited.service.row.numbers[IN_FLIGHT] == 0
