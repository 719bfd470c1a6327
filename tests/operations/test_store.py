"""What every store does, whatever the database: SQLite and a real PostgreSQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from puntual.errors import StoreDownError, StoreError
from puntual.operations.events import Departure, Event, LogEntry
from puntual.operations.store import open_store
from puntual.operations.store.log import Store
from tests.operations.conftest import stop_at_once
from tests.operations.made_up_events import (
    LOCAL,
    MOMENT,
    cancellation,
    departure,
    minutes,
    observation,
    timetable,
)
from tests.operations.writing import write

Opened = Callable[..., Store]


def numbers(entries: list[LogEntry], writer: int) -> list[int]:
    departures = [entry.body for entry in entries if isinstance(entry.body, Departure)]
    return [int(str(one.flight_number)) for one in departures if one.airline == f"W{writer}"]


def everything(store: Store) -> list[LogEntry]:
    entries: list[LogEntry] = []
    while page := store.after(entries[-1].sequence if entries else 0, 100):
        entries += page
    return entries


def test_what_is_written_is_read_in_its_order(opened: Opened) -> None:
    events: list[Event] = [
        departure(1, 20, destination="PMC", aircraft="CC-BAA"),
        cancellation(2, known_at=minutes(-30)),
        observation(12.5),
        timetable(1, 2),
    ]
    assert opened().append(events)[:2] == (4, 0)
    read = opened().after(0)
    assert [entry.body for entry in read] == events
    assert [entry.known_at for entry in read] == [event.known_at for event in events]
    assert [entry.sequence for entry in read] == sorted({entry.sequence for entry in read})
    assert [entry.body for entry in opened().after(read[1].sequence, 1)] == [events[2]]
    assert opened().after(read[-1].sequence) == []


def test_a_follower_that_has_read_up_to_the_given_sequence_has_seen_the_events(opened: Opened) -> None:
    store = opened()
    for events in ([departure(1), departure(2)], [departure(1)]):
        assert store.append(events).sequence == everything(store)[-1].sequence


def test_what_the_log_has_is_not_written_again(opened: Opened) -> None:
    store = opened()
    assert store.append([departure(1), departure(1), departure(1, airline="la")])[:2] == (1, 2)
    assert opened().append([departure(1), departure(2), departure(1, known_at=minutes(1))])[:2] == (2, 1)
    assert len(everything(store)) == 3
    assert store.append([])[:2] == (0, 0)


def test_what_no_follower_could_read_is_refused(opened: Opened) -> None:
    store = opened()
    with pytest.raises(
        StoreError, match=r"^Departure event: Expected `str` of length >= 2 - at `\$.airline`"
    ):
        store.append([departure(1), departure(2, airline="L")])
    assert store.append([departure(1)]).new == 1


def test_an_event_without_a_time_is_known_when_it_is_received(opened: Opened) -> None:
    store = opened()
    store.append([departure(1, known_at=None)], received_at=minutes(5))
    before = dt.datetime.now(dt.UTC)
    store.append([departure(2, known_at=None)])
    given, now = everything(store)
    assert given.known_at == minutes(5)
    assert before <= now.known_at <= dt.datetime.now(dt.UTC)


def test_without_a_time_it_is_new_only_if_something_else_became_known_since(opened: Opened) -> None:
    store = opened()

    def new(minute: int, *events: Event) -> int:
        return store.append(events, received_at=minutes(minute)).new

    left, cancelled = departure(1, known_at=None), cancellation(1, known_at=None)
    assert new(1, left) == 1
    assert new(2, left) == 0
    assert new(3, departure(2, known_at=None), departure(1, 30, known_at=None)) == 2
    assert new(4, left) == 1
    assert new(5, cancelled) == 1
    # What a request says about a flight is new or a repetition as a whole.
    assert new(6, cancelled, left, left) == 2
    assert new(7, left, cancelled) == 0
    # What becomes known only later is not known yet.
    assert new(8, left, cancellation(1, known_at=minutes(20))) == 1
    assert new(9, left) == 0
    assert new(21, left) == 1


def test_a_batch_that_is_sent_again_changes_nothing(opened: Opened) -> None:
    store = opened()
    batch: list[Event] = [
        departure(1, known_at=None),
        cancellation(1, known_at=None),
        observation(1, known_at=None),
    ]
    assert store.append(batch).new == 3
    assert store.append(batch)[:2] == (0, 3)
    assert store.append(batch[::-1])[:2] == (0, 3)


def test_what_was_known_at_a_moment(opened: Opened) -> None:
    store = opened()
    known = [3, 1, 2, 9, 4, 1]
    store.append([departure(at, known_at=minutes(known[at])) for at in range(6)])
    old = departure(7, scheduled_departure=LOCAL - dt.timedelta(days=2))
    store.append([old])
    entries = list(store.known_by(minutes(4), LOCAL.date(), limit=2))
    assert [entry.known_at for entry in entries] == [minutes(count) for count in (1, 1, 2, 3, 4)]
    assert [entry.body for entry in store.known_by(MOMENT, dt.date(2016, 1, 1))] == [old]


def test_old_entries_are_deleted_and_their_numbers_not_given_again(opened: Opened) -> None:
    store = opened()
    days = [LOCAL - dt.timedelta(days=late) for late in range(5)]
    store.append([departure(at, scheduled_departure=day) for at in range(30) for day in days])
    last = everything(store)[-1].sequence
    assert store.prune_step(days[2].date(), limit=7) == 7
    assert store.prune(days[2].date(), pause_s=0) == 53
    left = [entry.body for entry in everything(store)]
    assert {one.scheduled_departure for one in left if isinstance(one, Departure)} == set(days[:3])
    assert store.prune(LOCAL.date() + dt.timedelta(days=1)) == 90
    store.append([departure(1)])
    assert everything(store)[0].sequence > last


def test_who_reads_while_several_write_misses_nothing(opened: Opened, url: str) -> None:
    store, read = opened(), [LogEntry(0, MOMENT, departure(0))]
    writers = [write(url, writer, 20) for writer in range(3)]
    while any(writer.process.is_alive() for writer in writers) or store.after(read[-1].sequence, 1):
        read += store.after(read[-1].sequence, 5)
    assert [writer.finish() for writer in writers] == [list(range(0, 60, 3))] * 3
    assert read[1:] == everything(store)
    assert [numbers(read, writer) for writer in range(3)] == [list(range(60))] * 3


def test_a_writer_that_is_killed_loses_nothing_that_it_acknowledged(opened: Opened, url: str) -> None:
    store = opened()
    for writer in range(4):
        writing = write(url, writer, 10_000)
        begun = [writing.acknowledged.recv() for _ in range(5)]
        writing.process.kill()
        acknowledged = 3 * len(begun + writing.finish())
        found = numbers(everything(store), writer)
        assert found == list(range(len(found)))
        assert len(found) % 3 == 0
        assert acknowledged <= len(found) <= acknowledged + 3
    assert store.append([departure(1)]).new == 1


def test_who_waits_too_long_for_another_writer_is_refused_and_readers_go_on(opened: Opened, url: str) -> None:
    opened().append([departure(1)])
    impatient, other = Store(url, wait_s=0.2), opened()
    with other.transaction(writes=True):
        with pytest.raises(StoreDownError, match=r"database is locked|lock timeout"):
            impatient.append([departure(2)])
        assert len(everything(impatient)) == 1
    assert impatient.append([departure(2)]).new == 1
    impatient.close()


def test_the_tables_are_made_once_however_many_begin(url: str) -> None:
    writers = [write(url, writer, 1) for writer in range(5)]
    assert [writer.finish() for writer in writers] == [[0]] * 5
    store = open_store(url)
    assert len(everything(store)) == 15
    store.close()


def test_a_newer_store_is_refused(opened: Opened, url: str) -> None:
    with opened()._engine.begin() as connection:
        connection.execute(sa.text("UPDATE log_version SET version_num = '0999'"))
    with pytest.raises(StoreError, match="its version is 0999, and this program knows versions up to 0002"):
        opened()


def test_tables_of_others_are_left_as_they_are(opened: Opened) -> None:
    store = opened()
    with store._engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE log_version"))
    with pytest.raises(StoreError, match=r"table log already exists|relation \"log\" already exists"):
        opened()


def test_a_postgres_that_is_killed_and_comes_back_has_all_that_it_acknowledged(
    postgres: Any, postgres_url: str, open_at: Opened
) -> None:
    store = open_at(postgres_url)
    store.append([departure(number) for number in range(10)])
    stop_at_once(postgres)
    try:
        with pytest.raises(StoreDownError, match=r"^postgresql:///test_\d+: "):
            store.after(0)
        with pytest.raises(StoreDownError):
            store.append([departure(11)])
        later = open_at(postgres_url, down_is_fine=True)
    finally:
        postgres.ensure_postgres_running()
    assert later.append([departure(number) for number in range(11)])[:2] == (1, 10)
    assert len(everything(store)) == 11


def test_no_message_has_the_password() -> None:
    with pytest.raises(StoreDownError) as caught:
        open_store("postgresql://desk:secret@127.0.0.1:1/flights?application_name=secret")
    assert "secret" not in str(caught.value)
    assert str(caught.value).startswith("postgresql://127.0.0.1:1/flights: ")
    assert "\n" not in str(caught.value)
