"""Requests with many flights at once: who goes first, who is refused, and that none is forgotten."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from puntual.serving import bulk_queue
from puntual.serving.bulk_predictor import SLICE
from puntual.serving.bulk_queue import (
    BURST_SECONDS,
    INITIAL_SECONDS_PER_FLIGHT,
    MAX_WAIT_SECONDS,
    OLDEST_EVERY,
    STANDING_WAIT_SECONDS,
    BulkJob,
    BulkQueue,
    WorkKind,
)
from puntual.serving.http.messages import NDJSON, Response
from puntual.serving.http.problems import RefusedError
from puntual.serving.predictions import count_flights
from tests.serving.conftest import PREDICTIONS, Asker, Sent, flights, problem

DAY, LARGEST = 214, 10_000


class Clock(SimpleNamespace):
    """A clock that is set; `time` for a module that asks for `time.perf_counter`."""

    now = 0.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(bulk_queue, "time", made)
    return made


class Worked(list[str]):
    """Whose each slice was, in their order."""

    def __init__(self, queue: BulkQueue) -> None:
        super().__init__()
        self._queue, self._at_work = queue, False

    async def ask(self, name: str, flights: int, kind: WorkKind = "plain") -> None:
        """As a request does: a slice, a look at others, the next."""
        async with self._queue.admit_request(kind, flights) as job:
            for start in range(0, flights, SLICE):
                assert not self._at_work
                self._at_work = True
                self.append(name)
                try:
                    await asyncio.sleep(0)
                finally:
                    self._at_work = False
                await self._queue.pause(job, min(SLICE, flights - start))

    async def stream(self, name: str, slices: int) -> None:
        served = 0.0
        for _ in range(slices):
            async with self._queue.admit_stream(SLICE, served) as job:
                self.append(name)
                await asyncio.sleep(0)
            served += SLICE * INITIAL_SECONDS_PER_FLIGHT["plain"]
            assert job.worked_seconds >= 0


def worked(*requests: tuple[str, int]) -> Worked:
    """What came of requests that came at once, in their order."""

    async def all_of_them() -> Worked:
        done = Worked(BulkQueue())
        await asyncio.gather(*(done.ask(name, flights) for name, flights in requests))
        return done

    return asyncio.run(all_of_them())


def test_a_day_does_not_wait_behind_somebodys_fifty_five_thousand() -> None:
    done = worked(*[("large", LARGEST)] * 5, ("large", 5_000), ("day", DAY))
    assert done.index("day") <= 2
    assert Counter(done)["large"] == 5 * -(-LARGEST // SLICE) + -(-5_000 // SLICE)


def test_of_one_size_the_first_is_answered_first() -> None:
    done = worked(("first", 1000), ("second", 1000), ("third", 1000))
    assert list(dict.fromkeys(done)) == ["first", "second", "third"]
    assert done == sorted(done, key=["first", "second", "third"].index)


def test_the_largest_has_its_share_while_small_ones_come_without_end() -> None:
    async def all_of_them() -> Worked:
        done = Worked(BulkQueue())

        async def one_after_the_other() -> None:
            while not large.done():
                await done.ask("small", DAY)

        large = asyncio.ensure_future(done.ask("large", LARGEST))
        await asyncio.gather(large, *(one_after_the_other() for _ in range(3)))
        return done

    done = asyncio.run(all_of_them())
    slices = -(-LARGEST // SLICE)
    assert done.count("large") == slices
    last = len(done) - done[::-1].index("large")
    assert slices * 2 < last <= slices * OLDEST_EVERY + 4


def test_a_stream_that_had_much_is_large() -> None:
    async def all_of_them() -> Worked:
        done = Worked(BulkQueue())
        stream = asyncio.ensure_future(done.stream("stream", 100))
        while len(done) < 20:
            await asyncio.sleep(0)
        await asyncio.gather(*(done.ask("thousand", 1000) for _ in range(5)))
        await stream
        return done

    done = asyncio.run(all_of_them())
    last = len(done) - done[::-1].index("thousand")
    assert done[:last].count("stream") <= 21 + 20 // (OLDEST_EVERY - 1)
    assert done.count("stream") == 100


def test_one_is_refused_for_what_goes_before_it_and_told_how_long() -> None:
    async def all_of_them() -> tuple[list[Any], float]:
        queue = BulkQueue()
        done = Worked(queue)
        each = LARGEST * INITIAL_SECONDS_PER_FLIGHT["plain"]
        room = int(MAX_WAIT_SECONDS / each) + 1
        asked: list[Awaitable[None]] = [done.ask("large", LARGEST) for _ in range(room + 2)]
        asked += [done.ask("day", DAY) for _ in range(50)]
        results = await asyncio.gather(*asked, return_exceptions=True)
        await done.ask("after", LARGEST)
        return results, room

    results, room = asyncio.run(all_of_them())
    refused = [result for result in results if result is not None]
    assert [result is None for result in results] == [True] * int(room) + [False] * 2 + [True] * 50
    for error in refused:
        assert isinstance(error, RefusedError)
        headers = dict(error.response.headers)
        assert int(headers["retry-after"]) == MAX_WAIT_SECONDS + 1
        assert "3.1 seconds of requests that go before it" in error.problem.detail


def test_one_that_waits_longer_than_was_thought_is_refused() -> None:
    async def all_of_them() -> None:
        queue = BulkQueue(max_wait=0.05)
        async with queue.admit_request("plain", 1):
            with pytest.raises(RefusedError, match=r"0\.05 seconds without a turn") as refused:
                await Worked(queue).ask("late", 1)
            assert dict(refused.value.response.headers)["retry-after"] == "1"
            assert queue._waiting == queue._waiting_seconds == {}
        done = Worked(queue)
        await done.ask("next", DAY)
        assert done == ["next"]

    asyncio.run(all_of_them())


def test_a_queue_that_stands_lets_nobody_wait_long(clock: Clock) -> None:
    """A burst may wait for seconds; under more than can be done, what is taken is answered soon."""
    each = LARGEST * INITIAL_SECONDS_PER_FLIGHT["plain"]
    short = int(STANDING_WAIT_SECONDS / each)

    async def admitted(queue: BulkQueue, tried: int) -> int:
        """How many of those that come now wait for their turn."""
        waiting = [asyncio.ensure_future(Worked(queue).ask("later", LARGEST)) for _ in range(tried)]
        await asyncio.sleep(0)
        taken = sum(not one.done() for one in waiting)
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return taken

    async def all_of_them() -> tuple[int, ...]:
        queue = BulkQueue()
        async with queue.admit_request("plain", LARGEST):
            burst = await admitted(queue, 10)
            first = asyncio.ensure_future(Worked(queue).ask("first", 1))
            await asyncio.sleep(0)
            clock.now += BURST_SECONDS
            still = await admitted(queue, 10)
            clock.now += 0.001
            standing = await admitted(queue, 10)
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)
            return burst, still, standing, await admitted(queue, 10)

    assert asyncio.run(all_of_them()) == (10, 10, short, 10)


def test_how_long_a_flight_takes_is_learned_for_each_kind(clock: Clock) -> None:
    """Reasons of one flight say nothing of ten thousand without, and a hitch in a small one little."""
    queue = BulkQueue()

    async def take(kind: WorkKind, flights: int, seconds: float) -> None:
        async with queue.admit_request(kind, flights):
            clock.now += seconds

    async def fail() -> None:
        async with queue.admit_request("plain", LARGEST):
            clock.now += 1000
            raise ZeroDivisionError

    async def all_of_them() -> None:
        for _ in range(20):
            await take("detail", 1, 0.05)
        assert queue._seconds_per_flight["plain"] == INITIAL_SECONDS_PER_FLIGHT["plain"]
        assert queue._seconds_per_flight["detail"] > 2 * INITIAL_SECONDS_PER_FLIGHT["detail"]
        await take("plain", 30, 0.02)
        assert queue._seconds_per_flight["plain"] < 2 * INITIAL_SECONDS_PER_FLIGHT["plain"]
        for _ in range(20):
            await take("plain", LARGEST, 0.5)
        assert queue._seconds_per_flight["plain"] == pytest.approx(5e-5, rel=0.01)
        with pytest.raises(ZeroDivisionError):
            await fail()
        assert queue._seconds_per_flight["plain"] == pytest.approx(5e-5, rel=0.01)

    asyncio.run(all_of_them())


def test_waiting_for_others_is_not_counted_as_work(clock: Clock) -> None:
    queue = BulkQueue()
    took: dict[str, float] = {}

    async def ask(name: str, flights: int) -> None:
        job: BulkJob
        async with queue.admit_request("plain", flights) as job:
            for _ in range(0, flights, SLICE):
                clock.now += 1.0
                await asyncio.sleep(0)
                await queue.pause(job, SLICE)
        took[name] = job.worked_seconds

    async def all_of_them() -> None:
        await asyncio.gather(
            ask("large", 10 * SLICE), *(ask(f"small {number}", SLICE) for number in range(5))
        )

    asyncio.run(all_of_them())
    assert took == {"large": 10.0} | {f"small {number}": 1.0 for number in range(5)}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 3000), st.integers(0, 30), st.none() | st.integers(0, 40)),
        min_size=1,
        max_size=12,
    )
)
def test_every_request_is_answered_or_cancelled_and_the_turn_is_free_again(
    requests: list[tuple[int, int, int | None]],
) -> None:
    """Each is of so many flights, comes after so many steps, and its client may cancel after so many."""

    async def all_of_them() -> None:
        queue = BulkQueue()
        done = Worked(queue)

        async def come(number: int, flights: int, after: int, cancelled: int | None) -> None:
            for _ in range(after):
                await asyncio.sleep(0)
            task = asyncio.ensure_future(done.ask(str(number), flights))
            if cancelled is not None:
                for _ in range(cancelled):
                    await asyncio.sleep(0)
                task.cancel()
            await asyncio.wait([task])
            if not task.cancelled():
                assert task.exception() is None
                assert done.count(str(number)) == -(-flights // SLICE)

        await asyncio.wait_for(asyncio.gather(*(come(at, *one) for at, one in enumerate(requests))), 20)
        assert queue._running is None
        assert queue._waiting == queue._waiting_seconds == {}

    asyncio.run(all_of_them())


@pytest.fixture
def ask(asker: Callable[..., Asker]) -> Asker:
    """One of which no request waits too long, however slow this machine is."""
    made = asker()
    made.service.bulk.queue = BulkQueue(max_wait=600)
    return made


def day_of(count: int) -> bytes:
    return msgspec.json.encode({"flights": flights(count)})


async def many(ask: Asker, count: int, body: bytes) -> list[Response]:
    return await asyncio.gather(*(ask.respond("POST", PREDICTIONS, body) for _ in range(count)))


def test_sixty_four_requests_of_a_thousand_flights_are_none_too_many(asker: Callable[..., Asker]) -> None:
    """None is refused beforehand; where they take more than 3 seconds, some are after these."""
    ask = asker()
    ask.service.bulk.queue = BulkQueue(standing_wait=MAX_WAIT_SECONDS)  # they may take long to come
    responses = asyncio.run(many(ask, 64, day_of(1000)))
    late = [response.body for response in responses if response.status != 200]
    assert all(b"3 seconds without a turn" in body for body in late)
    assert len({response.body for response in responses if response.status == 200}) == 1


def test_a_day_is_answered_before_the_large_ones_that_came_before_it(ask: Asker) -> None:
    """And gives what it gives alone; so do reasons and lines, and all the large ones."""
    large, day, lines = day_of(LARGEST), day_of(DAY), b"\n".join(map(msgspec.json.encode, flights(DAY)))
    alone = ask("POST", PREDICTIONS, day)
    asked: dict[str, Coroutine[Any, Any, Response]] = {
        **{f"large {number}": ask.respond("POST", PREDICTIONS, large) for number in range(5)},
        "day": ask.respond("POST", PREDICTIONS, day),
        "reasons": ask.respond("POST", f"{PREDICTIONS}?detail=full", day_of(20)),
        "lines": ask.respond("POST", PREDICTIONS, Sent(lines, len(lines)), {"content-type": NDJSON}),
    }
    told: dict[str, Response] = {}

    async def tell(name: str) -> None:
        told[name] = await asked[name]

    async def all_of_them() -> None:
        await asyncio.gather(*map(tell, asked))

    asyncio.run(all_of_them())
    assert {response.status for response in told.values()} == {200}
    assert {*[*told][:3]} == {"day", "reasons", "lines"}
    assert told["day"].body == alone.body
    assert len(told["lines"].body.splitlines()) == DAY
    assert len({told[f"large {number}"].body for number in range(5)}) == 1


def test_a_body_of_which_the_fields_are_written_strangely_counts_by_its_length() -> None:
    """Two megabytes are never one flight."""
    body = day_of(1000)
    assert count_flights(body) == 1000
    assert count_flights(body.replace(b'"airline"', b'"\\u0061irline"')) > 50
    assert count_flights(b"") == 1


class WatchedQueue(BulkQueue):
    """Keeps how many flights each request turned out to have, by which the queue learns what one takes."""

    def __init__(self) -> None:
        super().__init__()
        self.totals: list[int] = []

    @asynccontextmanager
    async def admit_request(self, kind: WorkKind, flights: int) -> AsyncIterator[BulkJob]:
        async with super().admit_request(kind, flights) as job:
            yield job
        self.totals.append(job.total_flights)


def test_flights_written_strangely_do_not_make_others_wait(
    ask: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a flight takes is learned from how many there really were, not from the guess before."""
    queue = WatchedQueue()
    monkeypatch.setattr(ask.service.bulk, "queue", queue)
    usual = day_of(5000)
    strange = usual.replace(b'"airline"', b'"airl\\u0069ne"')
    assert count_flights(strange) < 2_500
    for body in (usual, strange):
        assert ask("POST", PREDICTIONS, body).status == 200
    assert queue.totals == [5000, 5000]


def test_a_request_that_cannot_wait_is_told_so_by_a_problem(ask: Asker) -> None:
    ask.service.bulk.queue = BulkQueue(max_wait=0.0)
    answered, refused = asyncio.run(many(ask, 2, day_of(1000)))
    assert answered.status == 200
    problem(refused, "busy")
    assert dict(refused.headers)["retry-after"] == "1"
