"""A process follows the store, answers meanwhile, and goes on while the store is down."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from puntual.errors import StoreDownError
from puntual.operations.events import LogEntry
from puntual.operations.store import follower as following
from puntual.operations.store import open_store
from puntual.operations.store.follower import Follower
from puntual.operations.store.log import Store
from puntual.operations.store.writer import Writer
from tests.operations.conftest import stop_at_once
from tests.operations.made_up_events import LOCAL, departure

Opened = Callable[..., Store]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


class Seen:
    """What a follower hands over."""

    def __init__(self) -> None:
        self.entries: list[LogEntry] = []
        self.slices: list[int] = []

    def apply(self, entries: Sequence[LogEntry]) -> None:
        asyncio.get_running_loop()
        self.entries += entries
        self.slices.append(len(entries))


def follow(store: Store, seen: Seen, **choices: Any) -> Follower:
    follower = Follower(store, seen.apply, loop=asyncio.get_running_loop(), every_s=0.02, **choices)
    follower.start()
    return follower


async def stop(follower: Follower) -> None:
    await asyncio.to_thread(follower.stop)


def test_every_entry_is_handed_over_once_in_small_parts(opened: Opened) -> None:
    async def check() -> None:
        store, seen, start = opened(), Seen(), dt.datetime.now(dt.UTC)
        store.append([departure(number) for number in range(2_345)])
        follower = follow(opened(), seen)
        await until(lambda: follower.as_of is not None)
        assert seen.entries == store.after(0, 10_000)
        assert max(seen.slices) <= following.SLICE
        store.append([departure(9_999)])
        await until(lambda: follower.sequence == store.append([]).sequence)
        assert seen.entries == store.after(0, 10_000)
        assert follower.as_of is not None
        assert start < follower.as_of < dt.datetime.now(dt.UTC)
        await stop(follower)

    asyncio.run(check())


def test_an_entry_that_cannot_be_applied_ends_nothing(
    opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    async def check() -> None:
        store, seen = opened(), Seen()
        store.append([departure(1)])
        follower = Follower(store, lambda _: 1 / 0, loop=asyncio.get_running_loop(), every_s=0.02)  # type: ignore[arg-type]
        follower.start()
        await until(lambda: follower.as_of is not None)
        assert not follower.down
        await stop(follower)
        assert not seen.entries

    asyncio.run(check())
    assert "ZeroDivisionError" in caplog.text


def test_what_a_killed_store_acknowledged_is_seen_after_it_comes_back(
    postgres: Any, postgres_url: str, open_at: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    async def check() -> None:
        store, seen = open_at(postgres_url), Seen()
        writer = Writer(store)
        writer.start()
        follower = follow(store, seen)
        first = await writer.append([departure(1, airline="K1")])
        await until(lambda: follower.sequence >= first.sequence)
        await asyncio.to_thread(stop_at_once, postgres)
        await until(lambda: follower.down)
        known, as_of = list(seen.entries), follower.as_of
        with pytest.raises(StoreDownError):
            await writer.append([departure(2, airline="K1")])
        assert (seen.entries, follower.as_of) == (known, as_of)
        await asyncio.to_thread(postgres.ensure_postgres_running)
        second = await writer.append([departure(2, airline="K1")])
        await until(lambda: follower.sequence >= second.sequence and not follower.down)
        assert [entry.body.airline for entry in seen.entries].count("K1") == 2  # type: ignore[union-attr]
        await stop(follower)
        await asyncio.to_thread(writer.stop)

    caplog.set_level(logging.INFO)
    asyncio.run(check())
    place = "postgresql:///" + postgres_url.partition("?")[0].rpartition("/")[2]
    said = [record.getMessage() for record in caplog.records if record.name == "puntual.operations"]
    assert len(said) == 2
    assert said[0].startswith("the store is down; answers go on from what is known: postgresql:///")
    assert said[1] == f"the store answers again: {place}"


def test_a_store_that_is_down_at_the_start_is_followed_once_it_answers(tmp_path: Path) -> None:
    async def check() -> None:
        (tmp_path / "data").touch()
        store, seen = open_store(f"sqlite:///{tmp_path}/data/events.db", down_is_fine=True), Seen()
        follower = follow(store, seen)
        await until(lambda: follower.down)
        assert follower.as_of is None
        (tmp_path / "data").unlink()
        await until(lambda: follower.as_of is not None)
        store.append([departure(1)])
        await until(lambda: len(seen.entries) == 1)
        await stop(follower)
        store.close()

    asyncio.run(check())


def test_old_entries_are_deleted_meanwhile(opened: Opened) -> None:
    async def check() -> None:
        store, seen = opened(), Seen()
        old = LOCAL - dt.timedelta(days=36)
        store.append([departure(number, scheduled_departure=old) for number in range(2_500)])
        store.append([departure(1)])
        follower = follow(store, seen, prune_before=lambda: LOCAL.date() - dt.timedelta(days=35))
        await until(lambda: len(store.after(0, 10_000)) == 1)
        await stop(follower)

    asyncio.run(check())


async def append_each(writer: Writer, count: int) -> list[Any]:
    return await asyncio.gather(*(writer.append([departure(number)]) for number in range(count)))


def test_requests_that_come_together_are_written_together(opened: Opened) -> None:
    async def check() -> None:
        store = opened()
        writer = Writer(store)
        writer.start()
        results = await append_each(writer, 300)
        assert {tuple(result[:2]) for result in results} == {(1, 0)}
        assert len({result.sequence for result in results}) < 100
        assert [tuple(result[:2]) for result in await append_each(writer, 3)] == [(0, 1)] * 3
        await asyncio.to_thread(writer.stop)
        assert len(store.after(0)) == 300

    asyncio.run(check())


def test_the_loop_goes_on_while_the_store_is_locked_and_nothing_is_lost(opened: Opened) -> None:
    async def check() -> None:
        other, writer = opened(), Writer(opened())
        writer.start()
        with other.transaction(writes=True):
            waiting = asyncio.ensure_future(writer.append([departure(1)]))
            for _ in range(20):
                await asyncio.sleep(0.005)
            assert not waiting.done()
        assert (await waiting).new == 1
        with other.transaction(writes=True):
            impatient = Writer(opened(), wait_s=0.1)
            impatient.start()
            with pytest.raises(StoreDownError, match=r"nothing was written in 0.1 s"):
                await impatient.append([departure(2)])
        await asyncio.to_thread(impatient.stop)
        assert (await writer.append([departure(2)]))[:2] == (0, 1)
        await asyncio.to_thread(writer.stop)

    asyncio.run(check())


def test_who_comes_when_too_much_waits_is_refused(opened: Opened) -> None:
    async def check() -> None:
        other, writer = opened(), Writer(opened(), max_waiting=100)
        writer.start()
        with other.transaction(writes=True):
            waiting = asyncio.ensure_future(writer.append([departure(number) for number in range(200)]))
            await asyncio.sleep(0)
            with pytest.raises(StoreDownError, match="200 events wait to be written"):
                await writer.append([departure(1)])
        assert (await waiting).new == 200
        assert (await writer.append([departure(1)])).repeated == 1
        await asyncio.to_thread(writer.stop)

    asyncio.run(check())
