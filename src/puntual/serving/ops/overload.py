"""How long requests have waited when their turn comes, and which of them are refused for it.

What waits does so before this program: in the kernel, in Granian's thread, in the queue of the loop. The
kernel knows since when, so the age of a request now and then says how long the queue is. A request whose
patience is shorter than the queue is refused before its body is read: the costly first, health never.

References
----------
Nichols and Jacobson (2012), Controlling queue delay, ACM Queue 10(5): a queue stands if the least wait of an
interval is long. Zhou et al. (2018), Overload control for scaling WeChat microservices, SoCC: the wait in the
queue, against priorities.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections import deque
from collections.abc import Callable
from typing import Final

from puntual.serving.http.problems import RefusedError, busy_error
from puntual.serving.http.route import Priority

PATIENCE_MS: Final[dict[Priority, int]] = {"single": 80, "board": 50, "bulk": 25}
"""Longest queue with which a request is taken. One with a body passes the queue twice, so its answer takes
about two of them."""
TARGET_MS = 20
INTERVAL_NS = 100 * 10**6
"""A queue stands if no request of an interval waited for less than the target."""
FORGET_NS = 10**9
"""After so long without a known age no queue stands."""
CALM_NS, STANDING_NS = 5 * 10**6, 10**6
"""Between two looks at a request, without a queue and with one."""
DEFER_FROM_MS = 2 * PATIENCE_MS["single"]
DEFER_SECONDS, MAX_DEFERRED = 1.0, 2_000
"""From such a queue on, refusals are given after so long on average, to so many clients at once."""
SHORT_QUEUE = 8
"""Fewer requests are no overload, however long they wait: then the machine is slow, and to refuse them helps
nobody. How many wait follows from how many are looked at in a time (Little's law)."""
LOOKS = 16
"""The least of so many ages is the wait of the queue: clients can make requests older, never younger."""


class Overload:
    """Says which requests are refused.

    Parameters
    ----------
    age_ms : since a client's request could have had its turn; None: not known

    Attributes
    ----------
    due : nanoseconds of the clock from which on `check` has to be asked; before, nothing is refused
    wait_ms : of the queue, by the last looks; 0: no queue stands

    Examples
    --------
    >>> overload, ms = Overload(lambda client: 60), 10**6
    >>> for moment in range(102):
    ...     overload.check("single", "", moment * ms)
    >>> overload.check("bulk", "", 102 * ms)
    Traceback (most recent call last):
        ...
    puntual.serving.http.problems.RefusedError: more requests than can be answered in time; ...
    """

    def __init__(self, age_ms: Callable[[str], int | None]) -> None:
        self._age_ms = age_ms
        self._ages = deque[int](maxlen=LOOKS)
        self._long_since: int | None = None
        self._looked = 0
        self._next = self._seen = 0
        self._refusals: dict[int, RefusedError] = {}
        self.due = self.wait_ms = self._deferred = 0

    def check(self, priority: Priority, client: str, now: int) -> None:
        """Refuse a request for which the queue is too long.

        Parameters
        ----------
        client : that sent it
        now : nanoseconds

        Raises
        ------
        RefusedError : ``busy``
        """
        if now >= self._next and priority != "bulk":  # its last byte may have come after its head's turn
            self._look(client, now)
        if self.wait_ms > PATIENCE_MS[priority]:
            raise self.refusal()

    def refusal(self, seconds: float = 0.0) -> RefusedError:
        """A refusal that says when the queue, or other work of so many seconds, will be done."""
        wait = max(math.ceil(max(self.wait_ms / 1000, seconds)), 1)
        if wait not in self._refusals:
            self._refusals[wait] = busy_error("more requests than can be answered in time", wait)
        return self._refusals[wait].with_traceback(None)

    async def defer(self) -> None:
        """Wait before a refusal is given, if to refuse at once does not make the queue shorter.

        Clients that ask again at once would keep the service busy with refusals alone.
        """
        if self.wait_ms > DEFER_FROM_MS and self._deferred < MAX_DEFERRED:
            self._deferred += 1
            try:
                await asyncio.sleep(DEFER_SECONDS * (0.5 + random.random()))  # noqa: S311 - not all at once
            finally:
                self._deferred -= 1

    def settle(self, now: int) -> int:
        """Milliseconds that the queue lasts; if no age was seen for long, there is none."""
        if now > self._seen + FORGET_NS:
            self._forget()
        return self.wait_ms

    def _look(self, client: str, now: int) -> None:
        age = self._age_ms(client)
        if age is None:
            self.settle(now)
        elif age <= TARGET_MS:
            self._forget()
        else:
            self._ages.append(age)
            self._looked += 1
            self._long_since = now if self._long_since is None else self._long_since
            elapsed = now - self._long_since
            if elapsed >= INTERVAL_NS:
                wait = min(self._ages)
                self.wait_ms = wait if self._looked * wait * 10**6 >= SHORT_QUEUE * elapsed else 0
        if age is not None:
            self._seen = now
        self._next = now + (CALM_NS if self._long_since is None and age is not None else STANDING_NS)
        self.due = 0 if self.wait_ms else self._next

    def _forget(self) -> None:
        self._ages.clear()
        self._long_since, self._looked, self.wait_ms = None, 0, 0
