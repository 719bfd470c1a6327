from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from puntual.data.delimited import Table, read_delimited
from puntual.errors import DataError

CELLS = st.text(alphabet="aé0. \t#'-", max_size=3)
LINES = st.lists(st.lists(CELLS, max_size=5).map(",".join), max_size=12)


def read_or_refuse(text: str) -> Table | str:
    try:
        return read_delimited(text.encode(), "flights.csv")
    except DataError as error:
        return str(error)


@given(LINES, st.sampled_from(["", "\n", "\n\n"]))
def test_quotes_change_nothing(lines: list[str], end: str) -> None:
    body = "\n".join(lines) + end
    plain = read_or_refuse("x,y,z\n" + body)
    # One quoted cell, in a row of its own at the end, makes the whole text be read cell by cell.
    separator = "" if not body or body.endswith("\n") else "\n"
    quoted = read_or_refuse(f'x,y,z\n{body}{separator}"",,\n')
    if isinstance(plain, str) or isinstance(quoted, str):
        assert plain == quoted
        return
    assert_frame_equal(plain.frame, quoted.frame)
    assert_frame_equal(plain.ragged, quoted.ragged)


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    table = read_delimited(b'\n\na,b\n1,2\n\n"3\n3",4\n5,6\n', "flights.csv")
    assert table.frame.rows() == [("1", "2", 4), ("3\n3", "4", 6), ("5", "6", 7)]


@pytest.mark.parametrize("separator", [b";", b"|", b"\t"])
def test_the_header_settles_the_separator(separator: bytes) -> None:
    text = b'"a";"b"\n1,5;2\n'.replace(b";", separator)
    assert read_delimited(text, "f").frame.rows() == [("1,5", "2", 2)]
    assert read_delimited(b"a,b\n1;5,2\n", "f").frame.rows() == [("1;5", "2", 2)]


def test_a_column_without_a_name_is_called_by_its_place() -> None:
    assert read_delimited(b",b,\n1,2,3\n", "f").frame.columns == ["column 1", "b", "column 3", "row"]


@pytest.mark.parametrize(
    "line", ['5,"6', '"5,6', '"5"x,6', '5,"6"x', f'"{"x" * 200_000}",6', '5,"'], ids=lambda line: line[:9]
)
@pytest.mark.parametrize("below", ["7,8", '7,"8"', '"7",8', '7,"8', "7,8,9"])
def test_a_quote_that_is_not_closed_costs_only_its_own_row(line: str, below: str) -> None:
    table = read_delimited(f'a,b\n1,2\n{line}\n{below}\n"9",10\n'.encode(), "f")
    assert table.frame["row"].to_list() == [2, 3, 4, 5]
    assert table.ragged["row"].to_list()[0] == 3
    assert table.ragged["reason"][0].startswith("quotes that do not pair: ")
    assert (4 in table.ragged["row"]) == (below in ('7,"8', "7,8,9"))
    assert table.frame.row(-1) == ("9", "10", 5)


def test_a_quote_closed_a_line_later_at_the_wrong_place() -> None:
    table = read_delimited(b'a,b\n1,"2\n3",4\n5,6\n', "f")
    assert table.frame.rows()[1:] == [('3"', "4", 3), ("5", "6", 4)]
    assert table.ragged["row"].to_list() == [2]


def test_quoted_files_longer_than_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("puntual.data.delimited._ROWS_AT_ONCE", 3)
    text = b"a,b\n" + b'"1",2\n' * 10
    assert read_delimited(text, "f").frame["row"].to_list() == list(range(2, 12))


@pytest.mark.parametrize("quoted", ["", '"7",8,9\n'])
def test_a_row_of_separators_is_blank_however_many_there_are(quoted: str) -> None:
    table = read_delimited(f"a,b,c\n1,2,3\n,,\n,\n,,,\n\n4,5,6\n{quoted}".encode(), "f")
    assert table.blank["row"].to_list() == [3, 4, 5]
    assert table.ragged.is_empty()
    assert table.frame["row"].to_list()[:2] == [2, 7]
