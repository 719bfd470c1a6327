"""Pairs of moments: as if all pairs were sorted, without their number."""

from __future__ import annotations

import datetime as dt
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from puntual.operations.nearest import nearest_pairs

DAY = dt.datetime(2017, 7, 14)
SOME = st.lists(st.integers(0, 40).map(lambda minutes: DAY + dt.timedelta(minutes=minutes)), max_size=25)


def sorted_pairs(
    first: list[dt.datetime], second: list[dt.datetime], within: dt.timedelta
) -> list[tuple[int, int]]:
    pairs: dict[int, int] = {}
    near = sorted((abs(a - b), i, j) for i, a in enumerate(first) for j, b in enumerate(second))
    for apart, one, other in near:
        if apart <= within and one not in pairs and other not in pairs.values():
            pairs[one] = other
    return sorted(pairs.items())


@given(first=SOME, second=SOME, minutes=st.integers(0, 30))
def test_they_are_those_of_all_pairs_in_order(
    first: list[dt.datetime], second: list[dt.datetime], minutes: int
) -> None:
    within = dt.timedelta(minutes=minutes)
    first, second = sorted(first), sorted(second)  # as schedules are grouped
    assert sorted(nearest_pairs(first, second, within)) == sorted_pairs(first, second, within)


def test_thousands_at_nearly_one_time_need_no_memory_for_all_their_pairs() -> None:
    first = [DAY + dt.timedelta(seconds=second // 2) for second in range(5_000)]
    second = [moment + dt.timedelta(seconds=1_000) for moment in first]
    tracemalloc.start()
    found = nearest_pairs(first, second, dt.timedelta(hours=3))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found) == 5_000
    assert peak < 16 * 2**20
