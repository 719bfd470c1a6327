from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import polars as pl
import pytest

from puntual.data import workbooks
from puntual.data.part import Part
from puntual.data.parts import open_parts
from puntual.errors import DataError, MissingDependencyError
from tests.data.workbook import Cell, workbook

DAY = dt.datetime(2024, 3, 1)
PLAN: list[list[Cell]] = [
    ["Departures"],
    [],
    ["Date", "Std", "Clock", "Flight", "Late", "Gate", "None"],
    [DAY, DAY.replace(hour=23, minute=50), dt.time(6, 5), 100, 5.5, "A1"],
    [],
    [DAY, DAY.replace(hour=6), dt.time(0, 0), 101, -3, 12],
]


def opened(path: Path, content: bytes, **options: object) -> tuple[Part, pl.DataFrame, list[str]]:
    path.write_bytes(content)
    said: list[str] = []
    (part,) = open_parts(path, say=said.append, **options)  # type: ignore[arg-type]
    (table,) = part.tables()
    return part, table.frame, said


def test_cells_keep_their_types_and_rows_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    part, frame, said = opened(path, workbook({"Plan": PLAN}))
    assert part.where == str(path)
    assert frame.schema == {
        "Date": pl.Datetime("us"),
        "Std": pl.Datetime("us"),
        "Clock": pl.Time,
        "Flight": pl.Int64,
        "Late": pl.Float64,
        "Gate": pl.String,
        "None": pl.String,
        "row": pl.UInt32,
    }
    assert frame.rows() == [
        (DAY, dt.datetime(2024, 3, 1, 23, 50), dt.time(6, 5), 100, 5.5, "A1", None, 4),
        (DAY, dt.datetime(2024, 3, 1, 6), dt.time(0), 101, -3, "12", None, 6),
    ]
    assert said == [f"{path}: 1 line above the header is skipped: 'Departures'"]


def test_a_clock_among_words_is_written_as_one(tmp_path: Path) -> None:
    _, frame, _ = opened(
        tmp_path / "a", workbook({"a": [["Std", "b"], [dt.time(6, 5), 1], ["cancelled", 2]]})
    )
    assert frame["Std"].to_list() == ["06:05:00", "cancelled"]


def test_the_first_sheet_with_a_table_is_read_and_said(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    content = workbook({"Cover": [["Hello"]], "Empty": [], "Abril": PLAN[2:], "Mayo": PLAN[2:4]})
    part, frame, said = opened(path, content)
    assert part.where == f"{path}, sheet 'Abril'"
    assert frame.height == 2
    assert said == [f"{path}: sheet 'Abril' is read, not 'Cover', 'Empty', 'Mayo'"]
    part, frame, _ = opened(path, content, sheet="Mayo")
    assert (part.where, frame.height) == (f"{path}, sheet 'Mayo'", 1)
    with pytest.raises(DataError, match="no sheet 'Junio'; wanted: one of 'Cover', 'Empty', 'Abril'"):
        open_parts(path, say=pytest.fail, sheet="Junio")
    with pytest.raises(DataError, match="sheet 'Cover': a header of one column, 'Hello'"):
        open_parts(path, say=pytest.fail, sheet="Cover")


def test_a_workbook_without_a_list_of_its_sheets(tmp_path: Path) -> None:
    (tmp_path / "whole").write_bytes(workbook({"Plan": PLAN}))
    with zipfile.ZipFile(tmp_path / "whole") as whole, zipfile.ZipFile(tmp_path / "bare.xlsx", "w") as bare:
        for name in ("[Content_Types].xml", "xl/worksheets/sheet0.xml"):
            bare.writestr(name, whole.read(name))
    content = (tmp_path / "bare.xlsx").read_bytes()
    _, frame, _ = opened(tmp_path / "bare.xlsx", content)
    assert frame["Flight"].to_list() == [100, 101]


def test_a_workbook_without_a_header(tmp_path: Path) -> None:
    part, frame, _ = opened(tmp_path / "a", workbook({"a": [[DAY, "LA", "SCL"], [DAY, "JA", "SCL"]]}))
    assert not part.has_header
    assert frame.columns == ["column 1", "column 2", "column 3", "row"]
    assert frame["row"].to_list() == [1, 2]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([], "no cell has a value"),
        ([["Date", "Std"]], "a header and no rows"),
        ([["Dear sir"], ["please"]], "a header of one column, 'Dear sir'"),
    ],
)
def test_a_sheet_without_a_table_is_refused(tmp_path: Path, rows: list[list[Cell]], found: str) -> None:
    (tmp_path / "a").write_bytes(workbook({"a": rows}))
    with pytest.raises(DataError) as caught:
        open_parts(tmp_path / "a", say=pytest.fail)
    assert caught.value.found == found


def test_what_is_no_workbook_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.xlsx"

    def found(content: bytes) -> str:
        path.write_bytes(content)
        with pytest.raises(DataError) as caught:
            open_parts(path, say=pytest.fail)
        assert "\n" not in str(caught.value)
        return caught.value.found

    whole = workbook({"Plan": PLAN})
    assert found(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)) == "an old Excel or Word file"
    assert found(whole[:-40]).startswith("a zip file that is damaged")
    with zipfile.ZipFile(path, "w") as broken:
        broken.writestr("xl/workbook.xml", "<workbook>")
    assert found(path.read_bytes()).startswith("a workbook that cannot be read: ")
    monkeypatch.setattr(workbooks, "MAX_WORKBOOK_BYTES", 1000)
    assert found(whole) == "a workbook that unpacks to more than 9.31e-07 GiB"


def test_without_fastexcel_its_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.xlsx").write_bytes(workbook({"Plan": PLAN}))
    monkeypatch.setattr(workbooks, "find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'puntual\[excel\]'"):
        open_parts(tmp_path / "a.xlsx", say=pytest.fail)
