"""Pairs of moments of two schedules, the nearest first."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from itertools import pairwise
from typing import NamedTuple

_GONE = -2


def nearest_pairs(
    first: Sequence[dt.datetime], second: Sequence[dt.datetime], within: dt.timedelta
) -> list[tuple[int, int]]:
    """Places of moments that belong together: the two nearest of all, then the two nearest of the rest.

    Of those that are equally near, the first in their sequences go first. The nearest two that are left have
    no other between them, so only neighbours are compared: n moments take n log n steps, and not n² of them.

    Parameters
    ----------
    within : pairs are no further apart

    Examples
    --------
    >>> seven, eight, nine = (dt.datetime(2017, 7, 14, hour) for hour in (7, 8, 9))
    >>> nearest_pairs([seven, eight], [nine, eight], dt.timedelta(hours=3))
    [(1, 1), (0, 0)]
    """
    waiting: dict[dt.datetime, tuple[deque[int], deque[int]]] = defaultdict(lambda: (deque(), deque()))
    for side, moments in enumerate((first, second)):
        for place, moment in enumerate(moments):
            waiting[moment][side].append(place)
    pairs = []
    for ones, others in waiting.values():
        while ones and others:
            pairs.append((ones.popleft(), others.popleft()))
    left = [_Time(time, *both) for time, both in sorted(waiting.items()) if any(both)]
    return [*pairs, *_Line(left, within)]


class _Time(NamedTuple):
    """A moment, and the places that it has in the first sequence or in the second."""

    moment: dt.datetime
    first: deque[int]
    second: deque[int]


class _Near(NamedTuple):
    """Two neighbours in time: how far apart, the places of their moments, and which times they are."""

    apart: dt.timedelta
    first: int
    second: int
    left: int
    right: int


class _Line:
    """Times in order, each with its neighbours among those that have moments left."""

    def __init__(self, times: list[_Time], within: dt.timedelta) -> None:
        self._times, self._within = times, within
        self._before, self._after = [*range(-1, len(times) - 1)], [*range(1, len(times)), -1]
        self._near: list[_Near] = []
        for left, right in pairwise(range(len(times))):
            self._push(left, right)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        while self._near:
            found = heappop(self._near)
            left, right = found.left, found.right
            if self._after[left] != right:
                continue
            if self._look(left, right) == found:
                yield found.first, found.second
                self._take(left)
                self._take(right)
            if self._after[left] == right:  # others of the same times
                self._push(left, right)

    def _look(self, left: int, right: int) -> _Near | None:
        """The two that go first of two times; None: they are no pair."""
        early, late = self._times[left], self._times[right]
        for one, other in ((early, late), (late, early)):
            if one.first and other.second and late.moment - early.moment <= self._within:
                return _Near(late.moment - early.moment, one.first[0], other.second[0], left, right)
        return None

    def _push(self, left: int, right: int) -> None:
        if min(left, right) >= 0 and (found := self._look(left, right)) is not None:
            heappush(self._near, found)

    def _take(self, at: int) -> None:
        """Take the first of a time; once none is left of it, its neighbours are each other's."""
        places = self._times[at].first or self._times[at].second
        places.popleft()
        if places:
            return
        left, right = self._before[at], self._after[at]
        self._after[at] = _GONE
        if left >= 0:
            self._after[left] = right
        if right >= 0:
            self._before[right] = left
        self._push(left, right)
