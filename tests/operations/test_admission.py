"""Which events are new: whatever is sent in whatever order and however often, what is settled is the same."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from puntual.operations.events import Event, Observation, canonical, content, settle, subject
from puntual.operations.store import open_store
from puntual.operations.store.admission import Appended
from puntual.operations.store.log import Store
from tests.operations.made_up_events import MOMENT, cancellation, departure, minutes, observation, timetable

_origins = itertools.count()

MOMENTS = st.sampled_from([None, *(minutes(count) for count in range(-3, 3))])
"""When an event became known; None: it does not say."""

EVENTS = st.one_of(
    st.builds(departure, st.integers(1, 2), st.integers(0, 2), known_at=MOMENTS),
    st.builds(cancellation, st.integers(1, 2), known_at=MOMENTS),
    st.builds(observation, st.sampled_from([None, 3.0]), known_at=MOMENTS),
    st.builds(timetable, st.integers(1, 2), known_at=MOMENTS),
)
BATCHES = st.lists(st.lists(EVENTS, min_size=1, max_size=4), min_size=1, max_size=5)


class Airport:
    """A part of the store that only one example writes to."""

    def __init__(self, store: Store) -> None:
        self._store, self._name = store, f"A{next(_origins)}"
        self._start = store.append([]).sequence

    def append(self, events: list[Event], received_at: dt.datetime | None = None) -> Appended:
        here = [
            replace(event, **{"airport" if isinstance(event, Observation) else "origin": self._name})
            for event in events
        ]
        return self._store.append(here, received_at=received_at)

    def settled(self) -> dict[tuple[str, ...], tuple[dt.datetime, bytes]]:
        """What holds of each subject, and when it became known, whatever the airport is called."""
        entries = [entry for entry in self._store.after(self._start) if subject(entry.body)[1] == self._name]
        return {
            about[:1] + about[2:]: (entry.known_at, content(entry.body).replace(self._name.encode(), b""))
            for about, entry in settle(entries).items()
        }


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One for all examples, which nobody needs on the disk."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('store') / 'events.db'}")
    store.close()
    sa.event.listen(
        store._engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF")
    )
    yield store
    store.close()


EXAMPLES = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30
)


@EXAMPLES
@given(st.lists(EVENTS, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_with_their_times_any_order_and_any_repetition_settle_the_same(
    store: Store, events: list[Event], chance: random.Random
) -> None:
    dated = [canonical(event, MOMENT) for event in events]
    shuffled = [*dated, *chance.choices(dated, k=len(dated))]
    chance.shuffle(shuffled)
    one, other = Airport(store), Airport(store)
    one.append(dated)
    for event in shuffled:
        other.append([event])
    assert one.settled() == other.settled() != {}


@EXAMPLES
@given(BATCHES, st.integers(1, 3))
def test_what_was_sent_last_may_be_sent_again(store: Store, batches: list[list[Event]], times: int) -> None:
    """With or without times in it: a request that is repeated at once says nothing new."""
    airport = Airport(store)
    for minute, batch in enumerate(batches):
        airport.append(batch, minutes(minute))
        before = airport.settled()
        for later in range(times):
            again = airport.append(batch, minutes(minute) + later * dt.timedelta(seconds=9))
            assert (again.new, again.repeated) == (0, len(batch))
        assert airport.settled() == before


@EXAMPLES
@given(BATCHES)
def test_without_a_time_what_is_said_last_holds(store: Store, batches: list[list[Event]]) -> None:
    airport = Airport(store)
    for minute, batch in enumerate(batches):
        undated = [*{subject(event): replace(event, known_at=None) for event in batch}.values()]
        latest = Airport(store)
        airport.append(undated, minutes(minute))
        latest.append(undated, minutes(minute))
        now = airport.settled()
        assert [now[about][1] for about in latest.settled()] == [
            said for _, said in latest.settled().values()
        ]
