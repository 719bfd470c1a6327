"""Token buckets in memory that all workers share, without a lock.

A bucket is one number: the moment at which it is full again. Taking tokens moves it forward. A moment that
has passed is a full bucket, so its place may be given to another. Two workers that take from one bucket
within the same microsecond may count once, which lets through a little more than the limit, never less.

References
----------
ITU-T I.371, generic cell rate algorithm (as a virtual schedule).
"""

from __future__ import annotations

import mmap
from typing import Final

SLOTS: Final = 65_536
"""Buckets that are not full at the same time; with more, those that are nearest to full count as full."""

_PROBES: Final = 8


class TokenBuckets:
    """Made before the workers are forked, which then hash a name alike.

    Examples
    --------
    >>> buckets, second, name = TokenBuckets(), 10**9, hash("a client")
    >>> [buckets.take(name, 30 * second, now=0, window=60 * second) // second for _ in range(3)]
    [30, 60, 90]
    >>> buckets.take(name, 30 * second, now=40 * second, window=60 * second) // second
    50
    """

    def __init__(self, slots: int = SLOTS) -> None:
        self._numbers = memoryview(mmap.mmap(-1, 16 * slots)).cast("q")
        self._slots = slots

    def take(self, name: int, cost: int, now: int, window: int) -> int:
        """The nanoseconds until a bucket is full, cost included; nothing is taken beyond its window.

        Parameters
        ----------
        name : hash of the bucket's name
        cost : nanoseconds in which what is taken is given again
        now : of the monotonic clock, nanoseconds
        window : nanoseconds in which an empty bucket is full; -1: nothing is taken
        """
        numbers = self._numbers
        place = 2 * (name % self._slots)
        if numbers[place] != name:
            place = self._find(name, place, now)
        until = numbers[place + 1]
        spent = until - now + cost if until > now else cost
        if spent <= window:
            numbers[place + 1] = now + spent
        return spent

    def _find(self, name: int, first: int, now: int) -> int:
        """The place of a bucket: its own, a free one, or that of the fullest near it."""
        numbers = self._numbers
        place = best = first
        for _ in range(_PROBES):
            if numbers[place] == name:
                return place
            if numbers[place + 1] < numbers[best + 1]:
                best = place
            place = (place + 2) % (2 * self._slots)
        numbers[best], numbers[best + 1] = name, now
        return best
