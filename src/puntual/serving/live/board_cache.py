"""Boards that were made, kept for as long as nothing changed and shared by whoever asks for them."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import time
from collections.abc import Awaitable, Callable
from functools import cached_property

import msgspec

from puntual.serving.api.boards import Board, BoardFlight

MAX_BOARDS = 32
PATIENCE = 10.0
"""A board is kept for this many times the seconds that it took to make, whatever changed meanwhile."""

FlightKey = tuple[str, str | None, str, dt.datetime]
BoardKey = tuple[str, str, dt.date]
"""Model, origin and day."""
BoardVersion = tuple[int, int, bool]
"""Of the live state; the minute of asking; whether the state is current."""

_numbers = itertools.count()
encode = msgspec.json.Encoder().encode


class MadeBoard:
    """A board, with what streams compare and send.

    Attributes
    ----------
    number : of no other board
    events : what leads to this board from another one, by its number, so that all streams share its bytes
    """

    def __init__(self, board: Board, version: BoardVersion, seconds: float) -> None:
        self.board, self.version, self.number = board, version, next(_numbers)
        self.events: dict[int, bytes] = {}
        self.keep_until = time.monotonic() + PATIENCE * seconds

    @cached_property
    def body(self) -> bytes:
        """The board as JSON."""
        return encode(self.board)

    @cached_property
    def flights(self) -> dict[FlightKey, BoardFlight]:
        """The flights, by what names them."""
        return {
            (flight.airline, flight.flight_number, flight.destination, flight.scheduled_departure): flight
            for flight in self.board.flights
        }


class BoardCache:
    """The boards of a worker that were asked for last."""

    def __init__(self) -> None:
        self._made: dict[BoardKey, MadeBoard] = {}
        self._making: dict[BoardKey, asyncio.Task[MadeBoard]] = {}

    async def get(
        self, key: BoardKey, version: BoardVersion, make: Callable[[], Awaitable[Board]]
    ) -> MadeBoard:
        """The board as it was made, or made anew if it is of another version.

        Whoever asks while it is being made waits for that one.
        """
        made = self._made.get(key)
        if made is not None and (made.version == version or time.monotonic() < made.keep_until):
            return made
        making = self._making.get(key)
        if making is None or making.done():
            making = asyncio.get_running_loop().create_task(self._make(key, version, make))
            self._making[key] = making
        return await asyncio.shield(making)

    async def _make(
        self, key: BoardKey, version: BoardVersion, make: Callable[[], Awaitable[Board]]
    ) -> MadeBoard:
        try:
            started = time.perf_counter()
            made = MadeBoard(await make(), version, time.perf_counter() - started)
        finally:
            del self._making[key]
        self._made.pop(key, None)
        self._made[key] = made
        while len(self._made) > MAX_BOARDS:
            del self._made[next(iter(self._made))]
        return made
