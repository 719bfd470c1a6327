"""What a worker does with its store: it writes to it, follows it, and looks back in it."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING

from puntual.errors import PuntualError, StoreError
from puntual.operations.events import Event
from puntual.operations.live_state import LiveState
from puntual.operations.store import open_store
from puntual.operations.store.admission import Appended
from puntual.operations.store.writer import Writer
from puntual.serving.http.problems import RefusedError
from puntual.serving.live.board_cache import BoardCache
from puntual.serving.live.following import FollowedState
from puntual.serving.live.past import PastState
from puntual.serving.live.views import LiveSource, LiveView
from puntual.serving.ops.counters import FOLLOWED, STORE_FAILED, Row, SharedCounters
from puntual.serving.settings import Settings

if TYPE_CHECKING:
    from puntual.operations.store.log import Store

FRESH_SECONDS = 3.0
"""What was read longer ago than this is as of the moment at which it was complete, not as of now."""
OPEN_SECONDS = 10.0
"""For the store to be opened, before a write is refused."""
RETRY_SECONDS = 2.0
_RETRY = (("retry-after", "2"),)

logger = logging.getLogger("puntual.serving")


class LiveService:
    """The day of the flight in a worker; without a store there is none.

    Attributes
    ----------
    boards : that were made of the live state

    Parameters
    ----------
    now : of the machine, UTC
    """

    def __init__(
        self,
        settings: Settings,
        counters: SharedCounters,
        row: Row,
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self._settings, self._counters, self._row, self._now = settings, counters, row, now
        self._replays = settings.clock == "events"
        self._source: LiveSource | None = None
        self._opening: asyncio.Task[Store] | None = None
        self._store: Store | None = None
        self._writer: Writer | None = None
        self._followed: FollowedState | None = None
        self._past: PastState | None = None
        self.boards = BoardCache()

    def use(self, source: LiveSource) -> None:
        """Follow the store for another model from the next `refresh` on."""
        self._source = source

    def refresh(self, loop: asyncio.AbstractEventLoop) -> None:
        """Open the store, follow it for the model that answers, and say how old the state is."""
        if self._opening is None:
            self._opening = loop.create_task(self._open(loop))
        followed = self._followed
        if (followed is None or followed.source is not self._source) and self._store and self._source:
            if followed is not None:
                followed.stop()
            self._followed = followed = FollowedState(self._store, self._source, loop, self._prune_before)
        if followed is not None:
            followed.forget()
        complete = None if followed is None else followed.complete
        self._row.numbers[FOLLOWED] = 0 if complete is None else int(complete.timestamp() * 1000)

    def zone_of(self, origin: str) -> str | None:
        """The time zone of an origin, that of an unknown one being UTC; None: there is no model to say it."""
        if self._source is None:
            return None
        tables, capitals = self._source.tables, origin.upper()
        airport = tables.airport_by_code.get(tables.airport_codes.get(capitals, capitals))
        return (airport and airport.timezone) or "UTC"

    def stop(self) -> None:
        """Follow no longer; what is being written is written."""
        if self._opening is not None:
            self._opening.cancel()
        if self._followed is not None:
            self._followed.stop()

    def now(self) -> dt.datetime:
        """The moment that is now: of the machine, or of the newest event if the settings say so."""
        newest = self._followed.newest if self._followed and self._replays else None
        return newest or self._now()

    @property
    def latest(self) -> dt.datetime | None:
        """Nothing is taken that became known later; None: anything is, as in a replay."""
        return None if self._replays else self._now()

    @property
    def version(self) -> int:
        """Another one whenever the live state is another one."""
        return 0 if self._followed is None else self._followed.version

    @property
    def planned(self) -> int:
        """Flights of timetables that the live state has."""
        state = self._followed and self._followed.state
        return state.counts.flights if state else 0

    def view(self, source: LiveSource) -> LiveView | None:
        """What is known now, for the model that answers; None: answer from the schedule.

        Parameters
        ----------
        source : of the model; a state of another model is not for it
        """
        behind = self._behind()
        return None if behind is None or behind > self._settings.store_max_age * 60 else self.last(source)

    def last(self, source: LiveSource) -> LiveView | None:
        """What is known, however long ago the store was read; None: it never was."""
        followed = self._followed
        if followed is None or followed.state is None or followed.source is not source:
            return None
        complete = followed.complete
        if complete is None:
            return None
        if self._replays:
            return LiveView(followed.state, followed.newest or complete)
        return LiveView(followed.state, self._now() if self.is_current() else complete)

    def is_current(self) -> bool:
        """Whether the state is no further behind the store than usual."""
        behind = self._behind()
        return behind is not None and behind < FRESH_SECONDS

    def _behind(self) -> float | None:
        """Seconds since the store was last read to its end; None: it never was."""
        complete = self._followed.complete if self._followed else None
        return None if complete is None else (self._now() - complete).total_seconds()

    def past(self, source: LiveSource, moment: dt.datetime) -> AbstractAsyncContextManager[LiveView | None]:
        """What was known at a past moment; None: the store does not answer.

        Raises
        ------
        RefusedError : too many requests about the past
        """
        sequence = 0 if self._followed is None else self._followed.sequence
        if self._past is None:
            return nullcontext()
        return self._past.view(source, moment, sequence)

    async def write(self, events: Sequence[Event]) -> Appended:
        """Write events, all or none; they are durable when this returns.

        Raises
        ------
        RefusedError : the store does not answer, or has too much to do
        """
        received_at = self.now() if self._replays else None
        try:
            writer = await self._open_writer()
            return await writer.append(events, received_at=received_at)
        except PuntualError as error:
            logger.error("events were refused: %s", error)  # noqa: TRY400 - one line, as for users
            self._row.numbers[STORE_FAILED] += 1
            found, allowed = "not written; the server's log says why", "the same request a little later"
            raise RefusedError("no-store", found, allowed=allowed, headers=_RETRY) from error

    async def reach(self, sequence: int, seconds: float) -> LiveState | None:
        """The live state with what was written up to a sequence; None: it is not there in some seconds."""
        return None if self._followed is None else await self._followed.reach(sequence, seconds)

    async def _open(self, loop: asyncio.AbstractEventLoop) -> Store:
        """Open the store, for as long as that takes."""
        while True:
            try:
                store = await loop.run_in_executor(
                    None, lambda: open_store(self._settings.store, down_is_fine=True)
                )
            except Exception as error:
                self._row.numbers[STORE_FAILED] += 1
                trace = None if isinstance(error, PuntualError) else error
                logger.error("the store cannot be opened: %s", error, exc_info=trace)  # noqa: TRY400
                await asyncio.sleep(RETRY_SECONDS)
                continue
            self._store, self._writer, self._past = store, Writer(store), PastState(store)
            self._writer.start()
            self.refresh(loop)
            return store

    async def _open_writer(self) -> Writer:
        loop = asyncio.get_running_loop()
        self.refresh(loop)
        if self._writer is None and self._opening is not None:
            await asyncio.wait([self._opening], timeout=OPEN_SECONDS)
        if self._writer is None:
            raise StoreError("store", f"not opened within {OPEN_SECONDS:g} seconds")
        return self._writer

    def _prune_before(self) -> dt.date:
        """The day before which this worker deletes what the store has; only one of the workers does.

        Days count back from the newest entry, so that a history that is played back stays.
        """
        newest = None if self._followed is None else self._followed.newest
        workers = self._counters.totals().workers
        if newest is None or min(workers, default=os.getpid()) != os.getpid():
            return dt.date.min
        return newest.date() - dt.timedelta(self._settings.store_days)
