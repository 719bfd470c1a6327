"""Folders of partitions: what the manifest says is there, by date and airport."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec
import polars as pl
import pytest

from puntual.data.partitions import (
    ASSUMED,
    MANIFEST,
    Manifest,
    Partition,
    find_manifest,
    partition_path,
    partitions,
    read_manifest,
    read_partition,
)
from puntual.data.places import join, write_bytes
from puntual.data.schema import COLUMNS
from puntual.errors import DataError


def flights(origin: str, *days: dt.date) -> pl.DataFrame:
    rows = [
        {"row": number, "scheduled_departure": dt.datetime.combine(day, dt.time(6)), "airline": "LA"}
        | {"origin": origin, "destination": "SCL", "cancelled": False, ASSUMED: False}
        for number, day in enumerate(days, 2)
    ]
    types = {name: column.dtype for name, column in COLUMNS.items()} | {ASSUMED: pl.Boolean()}
    return pl.DataFrame(rows, schema=types)


def write(where: str) -> pl.DataFrame:
    """Write a folder of three partitions, and give the first one's flights."""
    january = flights("ANF", dt.date(2017, 1, 1), dt.date(2017, 1, 31))
    for origin, month, frame in (
        ("ANF", "2017-01", january),
        ("ANF", "2017-02", flights("ANF", dt.date(2017, 2, 1))),
        ("IQQ", "2017-02", flights("IQQ", dt.date(2017, 2, 2))),
    ):
        with Path(where, "part").open("wb") as file:
            frame.write_parquet(file)
        write_bytes(partition_path(where, origin, month), Path(where, "part").read_bytes())
    manifest = Manifest(
        source="mapped",
        columns=tuple(COLUMNS),
        complete=False,
        flights=4,
        first=dt.date(2017, 1, 1),
        last=dt.date(2017, 2, 2),
        rows=4,
        partitions={"ANF": {"2017-01": 2, "2017-02": 1}, "IQQ": {"2017-02": 1}},
    )
    write_bytes(join(where, MANIFEST), msgspec.json.encode(manifest))
    return january.drop(ASSUMED)


def names(found: list[Partition]) -> list[tuple[str, str, int]]:
    return [(one.origin, one.month, one.rows) for one in found]


def test_partitions_are_those_of_the_manifest(tmp_path: Path) -> None:
    january = write(str(tmp_path))
    every = partitions(tmp_path)
    assert names(every) == [("ANF", "2017-01", 2), ("ANF", "2017-02", 1), ("IQQ", "2017-02", 1)]
    assert read_partition(every[0]).equals(january)
    assert read_manifest(tmp_path).flights == sum(one.rows for one in every)


@pytest.mark.parametrize(
    ("since", "until", "left"),
    [
        ("2017-02-01", None, [("ANF", "2017-02", 1), ("IQQ", "2017-02", 1)]),
        (None, "2017-02-01", [("ANF", "2017-01", 2)]),
        ("2017-01-31", "2017-02-01", [("ANF", "2017-01", 2)]),
        ("2017-03-01", None, []),
    ],
)
def test_dates_leave_out_whole_months(
    tmp_path: Path, since: str | None, until: str | None, left: list[tuple[str, str, int]]
) -> None:
    write(str(tmp_path))
    assert names(partitions(tmp_path, since, until)) == left


def test_a_date_within_a_month_selects_its_flights(tmp_path: Path) -> None:
    write(str(tmp_path))
    (one,) = partitions(tmp_path, "2017-01-15", "2017-02-01")
    assert read_partition(one)["scheduled_departure"].dt.day().to_list() == [31]


def test_airports_are_selected_by_code_or_by_their_folder(tmp_path: Path) -> None:
    write(str(tmp_path))
    assert names(partitions(tmp_path, origins=["IQQ"])) == [("IQQ", "2017-02", 1)]
    assert names(partitions(tmp_path / "origin=IQQ")) == [("IQQ", "2017-02", 1)]
    assert names(partitions(f"{tmp_path}/origin=ANF/month=2017-02/")) == [("ANF", "2017-02", 1)]


def test_other_folders_are_none_of_partitions(tmp_path: Path) -> None:
    assert find_manifest(tmp_path) is None
    assert find_manifest(tmp_path / "nothing") is None
    with pytest.raises(DataError, match=r"no _puntual\.json; wanted: a folder that puntual convert wrote"):
        partitions(tmp_path)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"{", "damaged: "),
        (b"{}", "missing required field"),
        (b'{"format": 2}', "missing required field"),
    ],
)
def test_a_damaged_manifest_is_one_line(tmp_path: Path, text: bytes, found: str) -> None:
    (tmp_path / MANIFEST).write_bytes(text)
    with pytest.raises(DataError, match=found):
        read_manifest(tmp_path)


def test_a_manifest_names_no_file_outside_its_folder(tmp_path: Path) -> None:
    write(str(tmp_path))
    text = (tmp_path / MANIFEST).read_text().replace('"IQQ"', '"../../etc"')
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(DataError, match="damaged"):
        partitions(tmp_path)


def test_files_that_are_not_as_the_manifest_says_are_refused(tmp_path: Path) -> None:
    write(str(tmp_path))
    first, second, third = partitions(tmp_path)
    Path(first.path).unlink()
    Path(second.path).write_bytes(b"PAR1")
    Path(third.path).write_bytes(Path(tmp_path, "part").read_bytes())
    with pytest.raises(DataError, match="no such file"):
        read_partition(first)
    with pytest.raises(DataError, match="damaged"):
        read_partition(second)
    with pytest.raises(DataError, match="1 flights instead of the 2"):
        read_partition(third._replace(rows=2))
