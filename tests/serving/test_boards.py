"""Boards, and answers from what is known of the day: now, at a past moment, and as it changes."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from puntual.serving import board_stream
from puntual.serving.api.boards import Board, summarize
from puntual.serving.board_stream import changes, whole
from puntual.serving.http.messages import NDJSON
from puntual.serving.live import past
from puntual.serving.live.board_cache import MadeBoard
from tests.serving.conftest import PREDICTIONS, problem
from tests.serving.live import (
    BOARD,
    DAY,
    PLANNED,
    STREAM,
    TIMETABLE,
    LiveAsker,
    departure,
    run_live,
)

NOON = f"{DAY}T16:00:00Z"
FLIGHTS = [{name: value for name, value in one.items() if name != "flight_number"} for one in PLANNED]


@pytest.fixture
def store(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'events.db'}"


def at(local: str) -> str:
    """A local moment of the day, which is four hours behind UTC."""
    return f"{DAY}T{local}:00-04:00"


async def fill(ask: LiveAsker) -> None:
    """The day: the first two have left, one of them late; the third is cancelled."""
    await ask("PUT", TIMETABLE, {"flights": PLANNED, "known_at": at("00:10")})
    events = [
        departure(0, 3, known_at=at("06:20")),
        departure(1, 30, known_at=at("07:50"), aircraft="CC-ABC"),
        departure(2, known_at=at("07:55")) | {"event": "cancellation"},
    ]
    del events[2]["actual_departure"]
    assert (await ask("POST", "/v1/events", events))["unknown"] == 0


def test_a_board_says_what_became_of_each_flight(day_model: Path, store: str) -> None:
    async def main(ask: LiveAsker) -> None:
        await fill(ask)
        board = await ask("GET", f"{BOARD}&as_of={at('08:20').replace('-04', '%2D04')}")
        assert [flight["status"] for flight in board["flights"]] == [
            *("departed", "departed", "cancelled", "scheduled", "scheduled", "scheduled", "scheduled"),
            "scheduled",
        ]
        first, late, cancelled, following = board["flights"][:4]
        assert (first["delay_minutes"], first["delayed"], first["delay_probability"]) == (3, False, None)
        assert (late["delay_minutes"], late["delayed"], late["aircraft"]) == (30, True, "CC-ABC")
        assert late["actual_departure"] == f"{DAY}T07:45:00"
        assert (cancelled["delayed"], cancelled["delay_probability"], cancelled["risk"]) == (None, None, None)
        assert (following["horizon"], following["lead_minutes"]) == ("operations", 55)
        assert following["risk"] in {"low", "raised", "high"}
        assert (board["origin"], board["date"], board["current"]) == ("SCEL", DAY, True)
        expected = board["day"].pop("expected_late")
        assert board["day"] == {
            "flights": 8,
            "departed": 2,
            "late": 1,
            "cancelled": 1,
            "overdue": 0,
            "mean_delay_minutes": 16.5,
            "late_last_2_h": 1.0,
        }
        probable = sum(flight["delay_probability"] or 0 for flight in board["flights"])
        assert expected == pytest.approx(1 + probable, abs=0.05)
        days = await ask("GET", "/v1/board")
        assert days["days"] == [{"origin": "SCEL", "date": DAY, "flights": 8}]

    run_live(day_model, store, main, clock="events")


def test_a_flight_that_does_not_leave_is_overdue_and_then_late(day_model: Path, store: str) -> None:
    async def main(ask: LiveAsker) -> None:
        await fill(ask)
        found = {}
        for moment in ("09:14", "09:15", "09:30", "09:31"):
            board = await ask("GET", f"{BOARD}&as_of={at(moment)}")
            found[moment] = board["flights"][3]
        assert [one["status"] for one in found.values()] == ["scheduled", "overdue", "overdue", "late"]
        assert [one["lead_minutes"] for one in found.values()] == [1, 0, -15, -16]
        late = found["09:31"]
        assert (late["delayed"], late["delay_probability"], late["risk"]) == (True, None, None)

    run_live(day_model, store, main, clock="events")


def test_what_there_is_no_board_of(day_model: Path, store: str) -> None:
    async def main(ask: LiveAsker) -> None:
        await fill(ask)
        told = problem(await ask.respond("GET", "/v1/board?origin=SCL&date=2017-07-15"), "not-found")
        assert told.allowed == f"SCEL on {DAY}"
        for query, place in (
            ("origin=SCL", "?date"),
            (f"date={DAY}", "?origin"),
            (f"origin=S&date={DAY}", "?origin"),
            ("origin=SCL&date=2017-02-29", "?date"),
            (f"origin=SCL&origin=SCL&date={DAY}", "?origin"),
            (f"origin=SCL&date={DAY}&as_of=noon", "?as_of"),
            (f"origin=SCL&date={DAY}&as_of=1950-01-01T00:00:00Z", "?as_of"),
        ):
            assert problem(await ask.respond("GET", f"/v1/board?{query}")).pointer == place
        assert problem(await ask.respond("GET", "/v1/board/stream")).pointer == "?origin"

    run_live(day_model, store, main, clock="events")


def test_answers_use_what_was_known_at_the_moment(day_model: Path, store: str) -> None:
    """However they are asked for; what became known later changes none of them."""

    async def main(ask: LiveAsker) -> None:
        await fill(ask)
        asked = {"flights": FLIGHTS[3:], "as_of": at("08:20")}
        plain = (await ask("POST", PREDICTIONS, asked))["predictions"]
        assert {one["horizon"] for one in plain} == {"operations"}
        assert [one["lead_minutes"] for one in plain] == [55, 115, 175, 235, 295]
        assert {one["as_of"] for one in plain} == {f"{DAY}T12:20:00Z"}
        many = await ask("POST", PREDICTIONS, asked | {"flights": FLIGHTS[3:] * 40})
        assert many["predictions"] == plain * 40
        detailed = await ask("POST", f"{PREDICTIONS}?detail=full", asked)
        query = f"as_of={at('08:20')}"
        lines = b"\n".join(map(msgspec.json.encode, FLIGHTS[3:]))
        streamed = await read_lines(ask, f"{PREDICTIONS}?{query}", lines)
        in_query = await ask("POST", f"{PREDICTIONS}?{query}", {"flights": FLIGHTS[3:]})
        for others in (detailed["predictions"], streamed, in_query["predictions"]):
            assert [{name: one[name] for name in plain[0]} for one in others] == plain
        await ask("POST", "/v1/events", departure(3, 40, known_at=at("10:00")))
        assert (await ask("POST", PREDICTIONS, asked))["predictions"] == plain
        later = (await ask("POST", PREDICTIONS, asked | {"as_of": at("10:05")}))["predictions"]
        assert (later[0]["horizon"], later[1]["horizon"]) == ("schedule", "operations")
        assert (await ask("POST", PREDICTIONS, asked))["predictions"] == plain

    run_live(day_model, store, main, clock="events")


def test_the_schedule_alone_where_that_is_wanted_or_nothing_else_is_known(
    day_model: Path, store: str
) -> None:
    async def main(ask: LiveAsker) -> None:
        await fill(ask)
        flights = {"flights": FLIGHTS[3:4]}
        now = await ask("POST", PREDICTIONS, flights)
        assert now["predictions"][0]["horizon"] == "operations"
        forced = await ask("POST", PREDICTIONS, flights | {"horizon": "schedule"})
        assert forced == await ask("POST", f"{PREDICTIONS}?horizon=schedule", flights)
        assert forced["predictions"][0].keys().isdisjoint({"as_of", "lead_minutes"})
        before = await ask("POST", PREDICTIONS, flights | {"as_of": at("00:05")})
        assert before["predictions"] == forced["predictions"]
        streamed = await read_lines(ask, f"{PREDICTIONS}?horizon=schedule", msgspec.json.encode(FLIGHTS[3]))
        assert streamed == forced["predictions"]

    run_live(day_model, store, main, clock="events")


def test_a_moment_that_has_not_come_is_refused(day_model: Path, store: str) -> None:
    async def main(ask: LiveAsker) -> None:
        await fill(ask)
        soon = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)).isoformat()
        for asked in ({"flights": FLIGHTS, "as_of": soon}, {"flights": FLIGHTS * 40, "as_of": soon}):
            assert problem(await ask.respond("POST", PREDICTIONS, asked)).pointer == "$.as_of"
        told = problem(await ask.respond("POST", PREDICTIONS, {"flights": FLIGHTS, "as_of": f"{DAY}T10:00"}))
        assert told.pointer == "$.as_of"

    run_live(day_model, store, main)


def test_late_and_contradicting_events_are_settled_as_of_each_moment(day_model: Path, store: str) -> None:
    """Asked about in any order of moments: onwards, back, and again."""

    async def main(ask: LiveAsker) -> None:
        await fill(ask)

        async def delay_at(moment: str) -> int | None:
            board = await ask("GET", f"{BOARD}&as_of={at(moment)}")
            delay: int | None = board["flights"][0]["delay_minutes"]
            return delay

        await ask("POST", "/v1/events", departure(0, 9, known_at=at("07:00")))
        assert [await delay_at(moment) for moment in ("06:10", "06:30", "07:30")] == [None, 3, 9]
        await ask("POST", "/v1/events", departure(0, 5, known_at=at("06:40")))
        assert await delay_at("07:31") == 9
        assert [await delay_at(moment) for moment in ("06:45", "06:30", "06:10")] == [5, 3, None]
        assert await delay_at("08:00") == 9

    run_live(day_model, store, main, clock="events")


def test_questions_about_the_past_wait_for_each_other(
    day_model: Path, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few of them: more are refused, and answers about now go on."""
    monkeypatch.setattr(past, "MAX_WAITING", 2)

    async def main(ask: LiveAsker) -> None:
        await fill(ask)
        asked = [{"flights": FLIGHTS[3:], "as_of": at(f"08:{minute:02}")} for minute in range(12)]
        responses = await asyncio.gather(*(ask.respond("POST", PREDICTIONS, one) for one in asked))
        statuses = [response.status for response in responses]
        assert set(statuses) == {200, 503}
        assert statuses.count(200) >= 3
        for response in responses:
            if response.status == 503:
                problem(response, "busy")
        assert await ask("POST", PREDICTIONS, {"flights": FLIGHTS[3:]})

    run_live(day_model, store, main, clock="events")


async def read_lines(ask: LiveAsker, path: str, body: bytes) -> list[Any]:
    response = await ask.respond("POST", path, body, content_type=NDJSON)
    assert response.chunks is not None
    whole = b"".join([part async for part in response.chunks])
    return [msgspec.json.decode(line) for line in whole.splitlines()]


class Listener:
    """Hears the events of a stream."""

    def __init__(self, chunks: AsyncGenerator[bytes]) -> None:
        self._chunks = chunks

    async def close(self) -> None:
        """Go away."""
        await self._chunks.aclose()

    async def rest(self) -> list[bytes]:
        """Everything up to the end."""
        return [chunk async for chunk in self._chunks]

    async def hear(self) -> tuple[str, Any]:
        """The next event that is no comment."""
        async with asyncio.timeout(20):
            async for chunk in self._chunks:
                fields = dict(line.split(": ", 1) for line in chunk.decode().splitlines() if ": " in line)
                if "event" in fields:
                    return fields["event"], msgspec.json.decode(fields["data"])
        raise AssertionError("the stream has ended")


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_stream, "LOOK_SECONDS", 0.02)


async def listen(ask: LiveAsker) -> Listener:
    response = await ask.respond("GET", STREAM)
    assert response.status == 200
    assert dict(response.headers)["content-type"] == "text/event-stream"
    assert response.chunks is not None
    return Listener(response.chunks)


@pytest.mark.usefixtures("fast")
def test_a_stream_gives_the_board_and_then_its_changes(day_model: Path, store: str) -> None:
    async def main(ask: LiveAsker) -> None:
        await fill(ask)
        listener = await listen(ask)
        name, board = await listener.hear()
        assert name == "board"
        assert board == await ask("GET", BOARD)
        await ask("POST", "/v1/events", departure(3, 2, known_at=at("09:20")))
        name, told = await listener.hear()
        assert name == "changes"
        assert told["day"]["departed"] == 3
        changed = {flight["flight_number"]: flight for flight in told["flights"]}
        assert changed["103"]["status"] == "departed"
        assert "100" not in changed  # it had left
        await ask("PUT", TIMETABLE, {"flights": PLANNED[:7], "known_at": at("09:21")})
        name, whole = await listener.hear()
        assert (name, len(whole["flights"])) == ("board", 7)

    run_live(day_model, store, main, clock="events")


@pytest.mark.usefixtures("fast")
def test_a_stream_of_a_quiet_night_says_that_it_is_alive(
    day_model: Path, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_stream, "HEARTBEAT_SECONDS", 0.0)

    async def main(ask: LiveAsker) -> None:
        await fill(ask)
        listener = await listen(ask)
        heard = [await listener.hear() for _ in range(4)]
        assert [name for name, _ in heard] == ["board", "alive", "alive", "alive"]
        await ask("POST", "/v1/events", departure(3, 2, known_at=at("09:20")))
        while (told := await listener.hear())[0] == "alive":
            pass
        assert told[0] == "changes"

    run_live(day_model, store, main, clock="events")


@pytest.mark.usefixtures("fast")
def test_streams_are_counted_limited_and_ended(
    day_model: Path, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_stream, "MAX_STREAMS", 2)

    async def main(ask: LiveAsker) -> None:
        await fill(ask)
        first, second = await listen(ask), await listen(ask)
        problem(await ask.respond("GET", STREAM), "busy")
        assert b"puntual_board_streams 2.0" in (await ask.respond("GET", "/metrics")).body
        await first.hear()
        await second.hear()
        await first.close()
        assert b"puntual_board_streams 1.0" in (await ask.respond("GET", "/metrics")).body
        ask.service.leave()
        async with asyncio.timeout(20):
            assert len(await second.rest()) <= 1
        assert b"puntual_board_streams 0.0" in (await ask.respond("GET", "/metrics")).body

    run_live(day_model, store, main, clock="events")


@pytest.mark.usefixtures("fast")
def test_a_slow_client_gets_the_newest_board_whole(
    day_model: Path, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What changed while it took what it was sent is not kept for it."""
    monkeypatch.setattr(board_stream, "SLOW_SECONDS", -1)

    async def main(ask: LiveAsker) -> None:
        await fill(ask)
        listener = await listen(ask)
        await listener.hear()
        await ask("POST", "/v1/events", departure(3, 2, known_at=at("09:20")))
        assert (await listener.hear())[0] == "changes"
        for number in (4, 5):
            await ask("POST", "/v1/events", departure(number, 2, known_at=at(f"1{number - 4}:20")))

        async def is_known() -> bool:
            departed: int = (await ask("GET", BOARD))["day"]["departed"]
            return departed == 5

        await ask.until(is_known)
        name, board = await listener.hear()
        assert (name, board["day"]["departed"]) == ("board", 5)

    run_live(day_model, store, main, clock="events")


def test_streams_of_one_board_share_what_they_send() -> None:
    day = summarize([])
    now = dt.datetime(2017, 7, 14, 12, tzinfo=dt.UTC)
    first = Board(
        model="m",
        threshold_minutes=15,
        origin="SCEL",
        date=now.date(),
        as_of=now,
        current=True,
        day=day,
        flights=[],
    )
    before = MadeBoard(first, (1, 0, True), 0.0)
    later = msgspec.structs.replace(first, as_of=now + dt.timedelta(minutes=1))
    after = MadeBoard(later, (2, 0, True), 0.0)
    assert whole(before) is whole(before)
    assert changes(before, after) is changes(before, after) != whole(after)
    assert changes(before, after).startswith(b"event: changes")
