"""Counters in shared memory, written by every worker of a service and read by any of them.

Every worker has its own row, so counting needs no lock. The rows are made before the workers are forked; a
new worker takes the row of one that ended, and counts on from there.
"""

from __future__ import annotations

import bisect
import itertools
import mmap
import multiprocessing
import os
import time
from collections import Counter
from typing import Final

from puntual.errors import SettingError
from puntual.inference.encoder import UNKNOWN
from puntual.serving.http.route import Priority
from puntual.serving.ops.token_buckets import TokenBuckets

DURATIONS_MS = (0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 2500.0)
"""Upper bounds of the buckets of request durations; a last bucket is open."""
PROBABILITY_STEPS = 20
"""Number of buckets of the answered probabilities, from 0 to 1."""
STATUSES = (200, 204, 304, 400, 401, 403, 404, 405, 408, 413, 415, 421, 422, 429, 500, 503)
"""Every status that a response may have."""

_NAME_BYTES = 128
_BUCKETS = len(DURATIONS_MS) + 1
_BOUNDS_NS = [int(bound * 1e6) for bound in DURATIONS_MS]
_STATUS_AT = {status: position for position, status in enumerate(STATUSES)}

PID: Final = 0
IN_FLIGHT: Final = 1
BUSY: Final = 2
FLIGHTS: Final = 3
SWAPPED: Final = 4
SWAP_REFUSED: Final = 5
STARTS: Final = 6
LOADED: Final = 7
"""When the model was loaded, in seconds since 1970; not a counter."""
BEAT: Final = 8
"""Increases while the worker's loop runs; 0: the worker is starting."""
EVENTS: Final = 9
REPEATED: Final = 10
UNKNOWN_EVENTS: Final = 11
STORE_FAILED: Final = 12
STREAMS: Final = 13
"""Open now; not a counter."""
FOLLOWED: Final = 14
"""When the live state was last known to be complete, in milliseconds since 1970; 0: there is none."""
LOG_DROPPED: Final = 15
BUSY_BOARDS: Final = 16
BUSY_BULK: Final = 17
WAIT: Final = 18
"""How long requests wait before their turn, milliseconds; not a counter."""
_UNKNOWN_AT: Final = 19
_PROBABILITY_AT: Final = _UNKNOWN_AT + len(UNKNOWN)
_ROUTES_AT: Final = _PROBABILITY_AT + PROBABILITY_STEPS + 1
_ROUTE_WIDTH: Final = len(STATUSES) + _BUCKETS + 1

BUSY_AT: Final[dict[Priority, int]] = {"single": BUSY, "board": BUSY_BOARDS, "bulk": BUSY_BULK}
"""Where refusals are counted."""

_DRAINED: Final = 0
_ENDING: Final = 1


class Row:
    """The integers of one worker.

    Attributes
    ----------
    numbers : by position: `PID` to `FOLLOWED`, then the counters of `count_answer` and `count_request`
    """

    __slots__ = ("_name", "numbers")

    def __init__(self, memory: memoryview) -> None:
        self._name = memory[:_NAME_BYTES]
        self.numbers = memory[_NAME_BYTES:].cast("q")

    @property
    def model(self) -> str:
        """Name of the worker's model; empty: none is loaded."""
        return bytes(self._name).rstrip(b"\0").decode(errors="replace")

    @model.setter
    def model(self, name: str) -> None:
        self._name[:] = name.encode()[:_NAME_BYTES].ljust(_NAME_BYTES, b"\0")
        self.numbers[LOADED] = int(time.time())

    def count_request(self, route: int, status: int, nanoseconds: int) -> None:
        """Count an answered request; `route` is the position of its label."""
        numbers, at = self.numbers, _ROUTES_AT + route * _ROUTE_WIDTH
        numbers[at + _STATUS_AT[status]] += 1
        at += len(STATUSES)
        numbers[at + bisect.bisect_left(_BOUNDS_NS, nanoseconds)] += 1
        numbers[at + _BUCKETS] += nanoseconds

    def count_events(self, accepted: int, repeated: int, unknown: int) -> None:
        """Count events of flights."""
        self.numbers[EVENTS] += accepted
        self.numbers[REPEATED] += repeated
        self.numbers[UNKNOWN_EVENTS] += unknown

    def count_answer(self, probability: float, unknown: tuple[str, ...]) -> None:
        """Count an answered flight."""
        numbers = self.numbers
        numbers[FLIGHTS] += 1
        numbers[_PROBABILITY_AT + int(probability * PROBABILITY_STEPS)] += 1
        for field in unknown:
            numbers[_UNKNOWN_AT + UNKNOWN.index(field)] += 1


class Totals:
    """The sums of all rows at one moment.

    Attributes
    ----------
    models : model name -> number of its workers
    loaded : model name -> when the last of its workers loaded it, in seconds since 1970
    workers : process ids of the living workers
    busy : requests refused because of too much work, by priority
    wait : of requests before their turn, in the worker with the longest queue, seconds
    unknown : unknown values by field, in the order of `UNKNOWN`
    events : events of flights accepted, repeated and of an unknown flight
    followed : when the worker that is furthest behind last read the store, in seconds since 1970; 0: none did
    probabilities : answered flights by bucket of `PROBABILITY_STEPS`
    """

    def __init__(self, rows: list[Row]) -> None:
        living = [row for row in rows if pid_alive(row.numbers[PID])]
        sums = [sum(column) for column in zip(*(row.numbers.tolist() for row in rows), strict=True)]
        self._sums = sums
        self.workers = [row.numbers[PID] for row in living]
        self.in_flight = sum(row.numbers[IN_FLIGHT] for row in living)
        self.models = Counter[str]()
        self.loaded: dict[str, int] = {}
        for row in living:
            if row.model:
                self.models[row.model] += 1
                self.loaded[row.model] = max(self.loaded.get(row.model, 0), row.numbers[LOADED])
        self.busy: dict[str, int] = {priority: sums[at] for priority, at in BUSY_AT.items()}
        self.wait = max((row.numbers[WAIT] for row in living), default=0) / 1e3
        self.flights, self.starts = sums[FLIGHTS], sums[STARTS]
        self.swapped, self.swap_refused = sums[SWAPPED], sums[SWAP_REFUSED]
        self.unknown = sums[_UNKNOWN_AT:_PROBABILITY_AT]
        self.events = (sums[EVENTS], sums[REPEATED], sums[UNKNOWN_EVENTS])
        self.store_failed, self.log_dropped = sums[STORE_FAILED], sums[LOG_DROPPED]
        self.streams = sum(row.numbers[STREAMS] for row in living)
        self.followed = min(filter(None, (row.numbers[FOLLOWED] for row in living)), default=0) / 1e3
        *self.probabilities, exactly_one = sums[_PROBABILITY_AT:_ROUTES_AT]
        self.probabilities[-1] += exactly_one

    def statuses(self, route: int) -> dict[int, int]:
        """Number of responses by status, without zeros."""
        at = _ROUTES_AT + route * _ROUTE_WIDTH
        counts = zip(STATUSES, self._sums[at:], strict=False)
        return {status: count for status, count in counts if count}

    def durations(self, route: int) -> tuple[list[int], float]:
        """Number of responses by bucket of `DURATIONS_MS`, and their total seconds."""
        at = _ROUTES_AT + route * _ROUTE_WIDTH + len(STATUSES)
        return self._sums[at : at + _BUCKETS], self._sums[at + _BUCKETS] / 1e9


class SharedCounters:
    """The rows of all workers.

    Parameters
    ----------
    workers : that run at once; there are twice as many rows, since workers overlap while they are replaced
    routes : number of route labels

    Attributes
    ----------
    began : when counting began, in seconds since 1970
    buckets : what is left of the quotas

    Raises
    ------
    SettingError : the system has no room for a semaphore

    Examples
    --------
    >>> counters = SharedCounters(workers=1, routes=2)
    >>> row = counters.acquire_row()
    >>> row.count_request(route=1, status=200, nanoseconds=300_000)
    >>> counters.totals().statuses(1), counters.totals().durations(1)[0][:3]
    ({200: 1}, [0, 1, 0])
    """

    def __init__(self, workers: int, routes: int) -> None:
        self.began = time.time()
        self.buckets = TokenBuckets()
        size = _NAME_BYTES + 8 * (_ROUTES_AT + routes * _ROUTE_WIDTH)
        rows = 2 * workers
        memory = memoryview(mmap.mmap(-1, rows * size))
        self._rows = [Row(memory[start : start + size]) for start in range(0, rows * size, size)]
        try:
            self._lock = multiprocessing.get_context("fork").Lock()
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            where = "/dev/shm"  # noqa: S108 - where the system keeps semaphores
            raise SettingError(f"{where}: {reason}; wanted: room for a semaphore of 32 bytes") from error
        self._state = memoryview(mmap.mmap(-1, 16)).cast("d")
        self._maker = os.getpid()

    @property
    def draining(self) -> bool:
        """Whether the service is shutting down; it still answers, but wants no new clients."""
        return bool(self._state[_DRAINED])

    @property
    def drained_at(self) -> float:
        """When the drain began, in seconds of the monotonic clock; 0: not draining."""
        return self._state[_DRAINED]

    @property
    def ending(self) -> bool:
        """Whether a worker that gets a SIGTERM shall end at once."""
        return bool(self._state[_ENDING])

    @property
    def orphaned(self) -> bool:
        """Whether this is a worker of which the parent is gone."""
        return self._maker not in {os.getpid(), os.getppid()}

    def drain(self) -> None:
        """Announce to every worker that the service is shutting down."""
        self._state[_DRAINED] = self._state[_DRAINED] or time.monotonic()

    def end(self) -> None:
        """Announce that a SIGTERM to a worker means its end, not a drain."""
        self._state[_ENDING] = 1

    def beats(self) -> dict[int, int]:
        """Heartbeats by process id."""
        return {row.numbers[PID]: row.numbers[BEAT] for row in self._rows}

    def acquire_row(self) -> Row:
        """The row of this process: its own, a new one, or that of a worker that ended."""
        with self._lock:
            own = [row for row in self._rows if row.numbers[PID] == os.getpid()]
            free = [row for row in self._rows if not pid_alive(row.numbers[PID])]
            row = next(itertools.chain(own, free), self._rows[-1])
            row.numbers[PID] = os.getpid()
            for gauge in (IN_FLIGHT, BEAT, STREAMS, FOLLOWED, WAIT):
                row.numbers[gauge] = 0
            row.numbers[STARTS] += 1
        return row

    def totals(self) -> Totals:
        """The sums of all rows now."""
        return Totals(self._rows)


def pid_alive(pid: int) -> bool:
    """Whether there is such a process; there is none with id 0."""
    if not pid:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is another user's
        return True
    return True
