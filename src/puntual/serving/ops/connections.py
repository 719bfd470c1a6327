"""The connections of a worker, looked at from outside the server that owns them, and those that it must end.

Granian closes a connection on which no head comes for the idle time, and knows no other limit. The kernel's
counts (`puntual.serving.ops.tcp`) show what else a client can hold: an answer that it does not take, a head
that it does not finish, too many connections of one address, and all there are.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from operator import attrgetter

from puntual.serving.ops.tcp import (
    Connection,
    Traffic,
    are_counts_known,
    connection_of,
    end_connection,
    limit_unsent,
    traffic_of,
    without_zone,
)
from puntual.serving.settings import Settings

LOOK_SECONDS = 1.0
"""Between two looks at all connections, or more: at most a part of the time is spent looking."""
LOOK_SHARE, MAX_PAUSE_SECONDS = 0.05, 5.0
LEARN_SECONDS, MAX_LEARNED = 0.05, 128
"""How often, and how many of the connections that came since a look are noted."""
FULL, RELIEVED = 0.9, 0.8
"""From the first share of all connections on, idle ones are ended until the second is left."""
STALLED_SECONDS = 1.0
"""A connection that has not moved for so long is ended if memory is short."""
MIN_TAKEN_BYTES = 1024
"""A client must take this much of its answer in every period of the time limit of sending."""

logger = logging.getLogger("puntual.serving")


class _Watched:
    """A connection, and since when it stands still."""

    __slots__ = ("connection", "head_since", "moved", "moved_at", "name", "traffic")

    def __init__(self, connection: Connection, traffic: Traffic, now: float) -> None:
        self.connection, self.name, self.traffic = connection, connection.name, traffic
        self.moved, self.moved_at = traffic.acknowledged, now
        self.head_since: float | None = None

    def note(self, traffic: Traffic, busy: bool, now: float) -> None:
        """Take the counts of this moment."""
        self.traffic = traffic
        if not traffic.pending or traffic.acknowledged - self.moved >= MIN_TAKEN_BYTES:
            self.moved, self.moved_at = traffic.acknowledged, now
        # Something came after the last answer, and it is no request yet.
        reading = traffic.received > 0 and traffic.received_ms < traffic.sent_ms and not traffic.pending
        if not reading or busy:
            self.head_since = None
        elif self.head_since is None:
            self.head_since = now

    @property
    def idle_ms(self) -> int:
        """Since anything moved."""
        return min(self.traffic.sent_ms, self.traffic.received_ms)


class Connections:
    """What the kernel knows of every client of this worker.

    Parameters
    ----------
    settings : name the port, and the limits of time and of an address
    room : most connections of a worker; 0: not limited

    Attributes
    ----------
    busy : clients whose requests are being worked on
    short_of_memory : whether the next look ends what stands still
    """

    def __init__(self, settings: Settings, room: int) -> None:
        self._settings, self._room = settings, room
        self.busy: set[str] = set()
        self.short_of_memory = False
        self._watched: dict[int, _Watched] = {}
        self._by_client: dict[str, Connection] = {}
        self._refreshing: asyncio.Future[None] | None = None
        self._due = self._learn_at = 0.0
        self._counted = False
        self._sure = True

    def begin(self) -> None:
        """Bound what the kernel holds for each client; call it when the server listens."""
        self._counted = are_counts_known()
        if self._counted:
            limit_unsent(self._settings.port, self._settings.send_seconds)

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look at all connections, beside the loop, if it is time or memory is short."""
        if (
            self._counted
            and (self.short_of_memory or time.monotonic() >= self._due)
            and self._refreshing is None
        ):
            self._refresh(loop, rules=True)

    async def find(self, client: str) -> Connection | None:
        """The connection of a client that has sent a request; None: this system tells of none.

        Raises
        ------
        ConnectionResetError : it is gone
        """
        if not self._counted:
            return None
        client = without_zone(client)
        for looks in range(4):
            found = self._by_client.get(client)
            if found is not None and connection_of(found.handle) == found:
                return found
            if looks < 3:
                # One that runs may have begun before the client came; later looks take nothing for granted.
                if looks:
                    self._sure = False
                loop = asyncio.get_running_loop()
                await asyncio.shield(self._refreshing or self._refresh(loop, rules=False))
        if self._by_client:
            raise ConnectionResetError
        return None  # the server may listen on another port than the settings say

    def age_ms(self, client: str) -> int | None:
        """Since a client's request could have been answered; None: not known.

        That is since its last byte came, or since the answer before it was sent.
        """
        found = self._by_client.get(without_zone(client))
        if found is None:
            self._learn()
            return None
        if connection_of(found.handle) != found:
            return None
        traffic = traffic_of(found.handle)
        return None if traffic is None else min(traffic.received_ms, traffic.sent_ms)

    def _learn(self) -> None:
        """Take note of some connections that the last look has not seen."""
        now = time.monotonic()
        if not self._counted or now < self._learn_at:
            return
        known = {connection.handle for connection in self._by_client.values()}
        new = (int(name) for name in os.listdir("/proc/self/fd"))  # noqa: PTH208 - names alone
        for handle in itertools.islice((one for one in new if one not in known), MAX_LEARNED):
            connection = connection_of(handle)
            if connection is not None and connection.port == self._settings.port:
                self._by_client[connection.name] = connection
        spent = time.monotonic() - now
        self._learn_at = now + max(LEARN_SECONDS, spent / LOOK_SHARE)

    def _refresh(self, loop: asyncio.AbstractEventLoop, *, rules: bool) -> asyncio.Future[None]:
        def done(_: object) -> None:
            self._refreshing = None

        self._refreshing = loop.run_in_executor(None, self.look, time.monotonic(), rules)
        self._refreshing.add_done_callback(done)
        return self._refreshing

    def look(self, now: float, rules: bool = True) -> None:
        """Take the counts of every connection; with `rules`, end those that break one."""
        busy, started, spent = {*map(without_zone, [*self.busy])}, time.monotonic(), time.thread_time()
        watched = {one.connection.handle: one for one in self._look(busy, now)}
        self._watched = watched
        self._by_client = {one.name: one.connection for one in watched.values()}
        if rules:
            for reason, ended in self._broken(watched.values(), busy, now):
                count = sum(end_connection(one.connection) for one in ended)
                if count < len(ended):  # an open file is another connection than it was taken for
                    self._sure = False
                if count:
                    logger.warning("%d connections ended: %s", count, reason)
            pause = (time.thread_time() - spent) / LOOK_SHARE
            self._due = started + min(max(LOOK_SECONDS, pause), MAX_PAUSE_SECONDS)

    def _look(self, busy: Collection[str], now: float) -> Iterator[_Watched]:
        sure, self._sure = self._sure, True
        for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - names alone
            handle = int(name)
            traffic = traffic_of(handle)
            if traffic is None:
                continue
            one = self._watched.get(handle)
            if one is None or not sure or _is_another(one.traffic, traffic):
                connection = connection_of(handle)
                if one is not None and one.connection == connection:
                    one.note(traffic, one.name in busy, now)
                    yield one
                    continue
                if connection is None or connection.port != self._settings.port:
                    continue
                one = _Watched(connection, traffic, now)
            one.note(traffic, one.name in busy, now)
            yield one

    def _broken(
        self, watched: Collection[_Watched], busy: Collection[str], now: float
    ) -> Iterator[tuple[str, list[_Watched]]]:
        """What is ended, and why."""
        settings = self._settings
        since = now - settings.send_seconds
        yield (
            f"no KiB of an answer taken in {settings.send_seconds} seconds",
            [one for one in watched if one.moved_at < since],
        )
        since = now - settings.head_seconds
        yield (
            f"no whole head in {settings.head_seconds} seconds",
            [one for one in watched if one.head_since is not None and one.head_since < since],
        )
        quiet = sorted((one for one in watched if one.name not in busy), key=attrgetter("idle_ms"))
        if settings.max_connections_per_address:
            yield from self._crowds(quiet, watched)
        if self._room and len(watched) > FULL * self._room:
            count = len(watched) - int(RELIEVED * self._room)
            yield "too many are open, and these moved last", quiet[-count:]
        if self.short_of_memory:
            self.short_of_memory = False
            since = now - STALLED_SECONDS
            yield (
                "memory is short, and these stand still",
                [
                    one
                    for one in watched
                    if one.moved_at < since or (one.head_since is not None and one.head_since < since)
                ],
            )

    def _crowds(
        self, quiet: Iterable[_Watched], watched: Iterable[_Watched]
    ) -> Iterator[tuple[str, list[_Watched]]]:
        limit = self._settings.max_connections_per_address
        more = Counter(one.connection.client[0] for one in watched)
        ended = []
        for one in quiet:
            if more[one.connection.client[0]] > limit:
                more[one.connection.client[0]] -= 1
                ended.append(one)
        yield f"more than {limit} of one address", ended


def _is_another(before: Traffic, after: Traffic) -> bool:
    """Whether an open file's counts fell: it is another connection by now."""
    return after.acknowledged < before.acknowledged or after.received < before.received
