"""A quick study of a folder of partitions is that of its flights at once, whatever is counted together."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from puntual.data import partition_summary, partitions, read_flights
from puntual.data.conversion import convert
from puntual.errors import DataError
from puntual.exploration import delays
from puntual.exploration.partitioned import explore_partitions
from puntual.exploration.study import Study, explore
from tests.cli.running import run
from tests.made_up import made_up_nyc


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty days of three airports, with cancelled flights."""
    place = tmp_path_factory.mktemp("network")
    convert(made_up_nyc(place / "flights.csv", days=40), place / "flights")
    return place / "flights"


def assert_same(found: Study, wanted: Study) -> None:
    """But for the file's rows, of which a folder's study has none."""
    assert found.flights.frame.is_empty()
    assert found.flights.where == wanted.flights.where
    for name, value in found._asdict().items():
        if name != "flights":
            assert_equal(value, getattr(wanted, name))


def assert_equal(found: object, wanted: object) -> None:
    if isinstance(wanted, pl.DataFrame):
        assert isinstance(found, pl.DataFrame)
        assert_frame_equal(found, wanted, check_exact=True)
    elif isinstance(wanted, tuple) and hasattr(wanted, "_fields"):
        assert isinstance(found, tuple)
        for one, other in zip(found, wanted, strict=True):
            assert_equal(one, other)
    else:
        assert found == wanted


@pytest.mark.parametrize("rows", [1, 300, 10**6])
def test_the_study_is_that_of_one_frame(folder: Path, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "ROWS_AT_ONCE", rows)
    monkeypatch.setattr(partition_summary, "MERGED_AT_ONCE", 2)
    wanted = explore(read_flights(folder))
    assert wanted.departed > 900
    assert wanted.rates is not None
    assert_same(explore_partitions(str(folder)), wanted)


def test_of_some_dates(folder: Path) -> None:
    wanted = explore(read_flights(folder, since="2013-01-20", until="2013-02-02"))
    found = explore_partitions(str(folder), "2013-01-20", "2013-02-02", threshold=15)
    assert_same(found, wanted)
    assert (str(found.traffic.first), str(found.traffic.last)) == ("2013-01-20", "2013-02-01")
    with pytest.raises(DataError, match="no flight from 2014-01-01"):
        explore_partitions(str(folder), "2014-01-01")


def test_days_by_chance_are_the_same_drawn_as_shuffled(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The normal distribution of very many flights says of few what shuffling them says."""
    shuffled = explore_partitions(str(folder)).delays
    monkeypatch.setattr(delays, "MAX_SHUFFLED", 0)
    drawn = explore_partitions(str(folder)).delays
    assert shuffled is not None
    assert drawn is not None
    assert drawn.worst_expected != shuffled.worst_expected
    assert drawn.worst_expected == pytest.approx(shuffled.worst_expected, rel=0.05)


def test_the_command_writes_what_it_writes_of_the_file(folder: Path, tmp_path: Path) -> None:
    for name, data in (("file", folder.parent / "flights.csv"), ("folder", folder)):
        ended = run("explore", data, "--quick", "-o", tmp_path / name)
        assert (ended.status, ended.out) == (0, f"{tmp_path / name / 'index.html'}\n")
    for name in ("rates.csv", "findings.json"):
        assert (tmp_path / "folder" / name).read_bytes() == (tmp_path / "file" / name).read_bytes()
