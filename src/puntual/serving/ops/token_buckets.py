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
    >>> buckets, second = TokenBuckets(), 10**9
    >>> place = buckets.place(hash("a client"), now=0)
    >>> [buckets.spend(place, 30 * second, now=0) // second for _ in range(3)]
    [30, 60, 90]
    >>> buckets.spent(place, now=80 * second) // second
    10
    """

    def __init__(self, slots: int = SLOTS) -> None:
        self._numbers = memoryview(mmap.mmap(-1, 16 * slots)).cast("q")
        self._slots = slots

    def place(self, name: int, now: int) -> int:
        """The place of a bucket by the hash of its name: its own, a free one, or that of the fullest near it.

        Parameters
        ----------
        now : of the monotonic clock, nanoseconds
        """
        numbers = self._numbers
        first = place = 2 * (name % self._slots)
        if numbers[place] == name:
            return place
        best, soonest = first, numbers[first + 1]
        for _ in range(_PROBES):
            if numbers[place] == name:
                return place
            if numbers[place + 1] < soonest:
                best, soonest = place, numbers[place + 1]
            place = (place + 2) % (2 * self._slots)
        numbers[best], numbers[best + 1] = name, now
        return best

    def spent(self, place: int, now: int) -> int:
        """The nanoseconds until a bucket is full."""
        return max(self._numbers[place + 1] - now, 0)

    def spend(self, place: int, nanoseconds: int, now: int) -> int:
        """Take what takes so long to be filled again, whether it is there or not; as `spent`, afterwards."""
        until = max(self._numbers[place + 1], now) + nanoseconds
        self._numbers[place + 1] = until
        return until - now
