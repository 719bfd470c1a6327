"""A board and its changes as server-sent events, for as long as the client listens.

References
----------
https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import time
from collections.abc import AsyncGenerator

import msgspec

from puntual.serving.api.boards import BoardChanges
from puntual.serving.api.schemas import encode
from puntual.serving.boards import current_board
from puntual.serving.http.problems import RefusedError, busy_error
from puntual.serving.live.board_cache import MadeBoard
from puntual.serving.ops.counters import STREAMS
from puntual.serving.state import Service

LOOK_SECONDS = 0.5
"""Between two looks for changes."""
HEARTBEAT_SECONDS = 10.0
"""After so much silence `ALIVE` is sent: proxies keep the connection, a client knows that it stands, and one
that is gone shows. It is promised every 15 seconds; the rest is for a board that takes long to make."""
ALIVE = b"event: alive\ndata: {}\n\n"
SLOW_SECONDS = 5.0
"""A client that takes longer for an event gets the newest board whole; meanwhile nothing waits for it."""
MAX_STREAMS = 200
"""Of a worker."""
RETRY = b"retry: 3000\n\n"

logger = logging.getLogger("puntual.serving")


def stream_board(service: Service, origin: str, date: dt.date, first: MadeBoard) -> AsyncGenerator[bytes]:
    """The events: the board, then what changes, until the server ends or the client does.

    Raises
    ------
    RefusedError : too many streams
    """
    numbers = service.row.numbers
    if numbers[STREAMS] >= MAX_STREAMS:
        raise busy_error(f"{MAX_STREAMS} streams", seconds=30)
    numbers[STREAMS] += 1

    async def counted() -> AsyncGenerator[bytes]:
        try:
            async for event in _events(service, origin, date, first):
                yield event
        finally:
            numbers[STREAMS] -= 1

    return counted()


async def _events(service: Service, origin: str, date: dt.date, made: MadeBoard) -> AsyncGenerator[bytes]:
    yield RETRY
    yield whole(made)
    sent_at = time.monotonic()
    while not service.ending:
        await asyncio.sleep(LOOK_SECONDS)
        before = made
        try:
            made = await current_board(service, origin, date)
        except RefusedError:  # a model is being swapped, the timetable is gone, too much work
            made = before
        event = b"" if made is before else changes(before, made)
        if not event and time.monotonic() - sent_at >= HEARTBEAT_SECONDS:
            event = ALIVE
        if event:
            sent_at = time.monotonic()
            yield event
            if time.monotonic() - sent_at > SLOW_SECONDS:
                made = await current_board(service, origin, date)
                yield whole(made)


def changes(before: MadeBoard, after: MadeBoard) -> bytes:
    """The event that leads from one board to another; empty if nothing changed but the seconds.

    It is made once for all streams.
    """
    event = after.events.get(before.number)
    if event is None:
        event = after.events[before.number] = _compare(before, after)
    return event


def whole(made: MadeBoard) -> bytes:
    """The event of a whole board, made once for all streams."""
    event = made.events.get(made.number)
    if event is None:
        event = made.events[made.number] = _event("board", made.body)
    return event


def _compare(before: MadeBoard, after: MadeBoard) -> bytes:
    if before.flights.keys() != after.flights.keys() or before.board.model != after.board.model:
        return whole(after)
    changed = [
        flight for key, flight in after.flights.items() if _timeless(flight) != _timeless(before.flights[key])
    ]
    board, last = after.board, before.board
    if not changed and board.current == last.current and _minute(board.as_of) == _minute(last.as_of):
        return b""
    event = BoardChanges(as_of=board.as_of, current=board.current, day=board.day, flights=changed)
    return _event("changes", encode(event))


def _minute(moment: dt.datetime) -> dt.datetime:
    return moment.replace(second=0, microsecond=0)


def _timeless(flight: msgspec.Struct) -> msgspec.Struct:
    return msgspec.structs.replace(flight, lead_minutes=0)


def _event(name: str, data: bytes) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), data)
