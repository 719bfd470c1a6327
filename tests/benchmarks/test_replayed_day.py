"""A day of New York that is replayed: board, API and files give the same figures."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec
import pytest

from benchmarks.replayed_day import Difference, compare, difference
from puntual.data import read_flights
from puntual.data.airports import build_tables
from puntual.inference.artifact import write_artifact
from tests.flights import artifact_of, small_booster, small_operations

DAY = dt.date(2013, 11, 27)
"""Rain before Thanksgiving: many late, some cancelled."""


@pytest.mark.slow
def test_board_api_and_files_give_the_same_figures(tmp_path: Path) -> None:
    flights = read_flights("nyc", since=dt.date(2013, 10, 1), until=dt.date(2013, 11, 30)).frame
    artifact = artifact_of(build_tables(flights, {}, {}), small_booster())
    model = tmp_path / "day.puntual"
    write_artifact(msgspec.structs.replace(artifact, operations=small_operations()), model)
    found = compare(model, DAY, speed=0)
    assert [one.largest for one in found] == [0, 0, 0]
    assert [one.compared > 5_000 for one in found] == [True] * 3


def test_a_figure_that_only_one_side_has_is_a_difference() -> None:
    assert difference([0.5, None], [0.25, None]) == Difference(2, 0.25)
    assert difference([0.5, None], [0.5, 0.1]).largest == float("inf")
    assert difference([0.5], [0.5, 0.1]).largest == float("inf")
