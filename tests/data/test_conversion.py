"""Files -> partitions: the same flights, bit by bit, in a folder that is whole or not there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from puntual.data import Flights, parquet, partition_summary, read_flights, spill
from puntual.data.conversion import convert
from puntual.data.notes import conversion_notes, warnings
from puntual.data.oddities import find_oddities
from puntual.data.partition_summary import summarise_partitions
from puntual.data.partitions import MANIFEST, partitions, read_manifest, read_partition
from puntual.data.profile import count_flights, merge_counts, profile_flights
from puntual.data.summary import summarise
from puntual.errors import DataError, SettingError
from tests.made_up import made_up_elsewhere, made_up_mapped, made_up_nyc, made_up_scl

MADE_UP: dict[str, Callable[..., Path]] = {
    "scl": made_up_scl,
    "nyc": made_up_nyc,
    "mapped": made_up_mapped,
    "elsewhere": made_up_elsewhere,
}
SAME = (
    *(
        "frame",
        "source",
        "complete",
        "diverted",
        "not_reported",
        "unknown_codes",
        "joined_codes",
        "city_codes",
    ),
    *("airline_names", "city_names", "unmatched_statuses", "assumed_cancelled"),
)
"""What a folder gives as the files do."""


@pytest.fixture(params=[10_000_000, 40])
def batches(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Months in one batch, or an airport at a time."""
    monkeypatch.setattr(spill, "MAX_ROWS_AT_ONCE", request.param)


def assert_same(found: Flights, wanted: Flights) -> None:
    for name in SAME:
        one, other = getattr(found, name), getattr(wanted, name)
        if isinstance(one, pl.DataFrame):
            assert_frame_equal(one, other)
        else:
            assert one == other, name


def source_of(file: Path) -> str | None:
    mapping = file.with_suffix(".toml")
    return str(mapping) if mapping.exists() else None


@pytest.mark.usefixtures("batches")
@pytest.mark.parametrize("name", MADE_UP)
def test_a_folder_gives_the_flights_of_its_files(tmp_path: Path, name: str) -> None:
    file = MADE_UP[name](tmp_path / "flights.csv", days=40)
    lines = file.read_bytes().splitlines(keepends=True)
    bad = lines[3].replace(b"20", b"xx", 1)
    file.write_bytes(b"".join([*lines, *lines[5:9], bad]))
    source = source_of(file)
    done = convert(str(file), tmp_path / "out", source=source)
    wanted = read_flights(str(file), source=source, history=False, keep_rows=False)
    assert_same(read_flights(tmp_path / "out", history=False), wanted)
    assert done.manifest == read_manifest(tmp_path / "out")
    assert done.manifest.duplicates == wanted.duplicates.height > 0
    assert done.manifest.rejected == wanted.rejected.height > 0
    assert done.rejected.rows() == wanted.rejected.head(5).rows()
    assert done.oddities == find_oddities(profile_flights(wanted), wanted)


def test_several_files_in_small_blocks_are_as_all_rows_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Codes, duplicates and codeshares are of all rows, whatever block they are in."""
    day = "2024-03-{:02} 06:{:02}"
    rows = [
        {"scheduled_departure": day.format(1 + at % 28, at % 50), "airline": ("LA", "LAN")[at % 7 == 0]}
        | {"origin": ("SCL", "SCEL", "ANF", "No Airport")[at % 29 % 4 if at % 29 < 4 else at % 3]}
        | {"destination": "IQQ", "flight_number": str(at % 5), "aircraft": f"CC-{at % 3}"}
        | {"actual_departure": day.format(1 + at % 28, at % 50), "cancelled": "0", "cancelled_at": ""}
        for at in range(400)
    ]
    rows += [row | {"airline": "IB", "flight_number": "9"} for row in rows[100:140]] + rows[50:55]
    frame = pl.DataFrame(rows)
    frame[:150].write_parquet(tmp_path / "1.parquet")
    frame[150:].write_parquet(tmp_path / "2.parquet")
    monkeypatch.setattr(parquet, "_ROWS_AT_ONCE", 37)
    files = [str(tmp_path / name) for name in ("1.parquet", "2.parquet")]
    wanted = read_flights(files, keep_rows=False)
    done = convert(files, tmp_path / "out")
    assert_same(read_flights(tmp_path / "out"), wanted)
    assert wanted.codeshares == done.manifest.codeshares > 0
    assert wanted.duplicates.height == done.manifest.duplicates > 0
    assert wanted.rejected.height == done.manifest.rejected > 0
    assert "SCEL" in wanted.joined_codes["SCL"]
    assert conversion_notes(done)[:2] == [
        f"{files[0]} and 1 more: {wanted.name_row(row)} is left out: {reason}"
        for row, reason in wanted.rejected.head(2).iter_rows()
    ]


def test_a_schedule_stays_one(tmp_path: Path) -> None:
    text = "scheduled_departure,airline,origin,destination\n2024-03-01 06:00,LA,SCL,ANF\n"
    (tmp_path / "plan.csv").write_text(text + "2024-04-01 06:00,LA,SCL,ANF\n")
    convert(str(tmp_path / "plan.csv"), tmp_path / "out")
    wanted = read_flights(tmp_path / "plan.csv", history=False, keep_rows=False)
    assert_same(read_flights(tmp_path / "out", history=False), wanted)
    with pytest.raises(DataError, match="no flight has an actual time"):
        read_flights(tmp_path / "out")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    convert(str(made_up_nyc(tmp_path / "flights.csv", days=40)), tmp_path / "out")
    return tmp_path / "out"


@pytest.mark.parametrize(
    ("since", "until"), [("2013-02-03", None), (None, "2013-01-07"), ("2013-01-30", "2013-02-02")]
)
def test_dates_select_the_same_flights(folder: Path, since: str | None, until: str | None) -> None:
    file = folder.with_name("flights.csv")
    wanted = read_flights(file, since=since, until=until).frame
    assert_frame_equal(read_flights(folder, since=since, until=until).frame, wanted)


def test_an_airport_is_read_by_its_folder(folder: Path) -> None:
    whole = read_flights(folder).frame
    origin = whole["origin"][0]
    own = read_flights(folder / f"origin={origin}").frame
    assert_frame_equal(own, whole.filter(pl.col("origin") == origin))


def test_dates_without_flights_are_one_line(folder: Path) -> None:
    with pytest.raises(DataError, match="no flight from 2014-01-01 until 2013-02-09; wanted: dates between"):
        read_flights(folder, since="2014-01-01")


def test_partitions_need_no_word_on_how_they_are_read(folder: Path) -> None:
    with pytest.raises(SettingError, match="source: 'nyc'; wanted: none"):
        read_flights(folder, source="nyc")
    with pytest.raises(DataError, match="a folder of partitions beside other files"):
        read_flights([str(folder), str(folder.with_name("flights.csv"))])


def test_counts_of_partitions_add_up(folder: Path) -> None:
    flights = read_flights(folder)
    parts = [read_partition(one) for one in partitions(folder)]
    merged, wanted = merge_counts(map(count_flights, parts)), count_flights(flights.frame)
    for one, other in zip(merged, wanted, strict=True):
        assert_frame_equal(one, other, check_row_order=False)
    assert warnings(flights) == warnings(read_flights(folder.with_name("flights.csv")))


@pytest.mark.parametrize("within", [".", "origin=JFK"])
def test_a_folder_is_summarised_as_all_its_flights_at_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch, within: str
) -> None:
    monkeypatch.setattr(partition_summary, "MERGED_AT_ONCE", 2)
    where = str(folder / within)
    assert summarise_partitions(where) == summarise(read_flights(where))


def test_a_folder_is_replaced_only_on_demand(folder: Path, tmp_path: Path) -> None:
    before = sorted(path for path in folder.rglob("*") if path.is_file())
    other = str(made_up_nyc(tmp_path / "other.csv", days=3))
    with pytest.raises(DataError, match=r"partitions of flights are there already; wanted: .*--force"):
        convert(other, folder)
    assert sorted(path for path in folder.rglob("*") if path.is_file()) == before
    convert(other, folder, replace=True)
    assert read_manifest(folder).last.isoformat() == "2013-01-03"
    assert {path.name for path in tmp_path.iterdir()} == {"out", "other.csv", "flights.csv"}


def test_another_program_s_folder_is_not_replaced(tmp_path: Path) -> None:
    file = str(made_up_nyc(tmp_path / "flights.csv", days=3))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(DataError, match=rf"it exists, and has no {MANIFEST}; wanted: another folder"):
        convert(file, tmp_path / "out", replace=True)
    with pytest.raises(DataError, match="there is no folder"):
        convert(file, tmp_path / "none" / "out")


def test_what_cannot_be_read_leaves_nothing(tmp_path: Path) -> None:
    file = made_up_nyc(tmp_path / "flights.csv", days=3)
    lines = file.read_text().splitlines()
    file.write_text("\n".join([lines[0], *(line.replace("2013", "x") for line in lines[1:])]))
    with pytest.raises(DataError, match="rows cannot be used"):
        convert(str(file), tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["flights.csv"]
    with pytest.raises(DataError, match="partitions already"):
        convert(str(folder_of(tmp_path)), tmp_path / "again")


def folder_of(tmp_path: Path) -> Path:
    convert(str(made_up_nyc(tmp_path / "good.csv", days=3)), tmp_path / "good")
    return tmp_path / "good"
