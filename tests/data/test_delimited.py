from __future__ import annotations

import io

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from puntual.data.delimited import Table, read_tables
from puntual.data.layout import find_layout
from puntual.data.text_blocks import Decoder, read_blocks
from puntual.errors import DataError

CELLS = st.text(alphabet="aé0. \t#'-", max_size=3)
LINES = st.lists(st.lists(CELLS, max_size=5).map(",".join), max_size=12)


def read_delimited(
    text: bytes, where: str, separator: str | None = None, skip_lines: int | None = None
) -> Table:
    """Read a whole text as one block."""
    said: list[str] = []
    layout = find_layout(text, where, said.append, separator=separator, skip_lines=skip_lines)
    frames, ragged, blank = zip(*read_tables(iter([text]), layout, where, said.append), strict=True)
    return Table(pl.concat(frames), pl.concat(ragged), pl.concat(blank))


def read_or_refuse(text: str) -> Table | str:
    try:
        return read_delimited(text.encode(), "flights.csv", ",")
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
    monkeypatch.setattr("puntual.data.delimited._BROKEN_BYTES", 16)
    text = b"a,b\n" + b'"1",2\n' * 9 + b'"1"x,2\n'
    assert read_delimited(text, "f").frame["row"].to_list() == list(range(2, 12))


@pytest.mark.parametrize("quoted", ["", '"7",8,9\n'])
def test_a_row_of_separators_is_blank_however_many_there_are(quoted: str) -> None:
    table = read_delimited(f"a,b,c\n1,2,3\n,,\n,\n,,,\n\n4,5,6\n{quoted}".encode(), "f")
    assert table.blank["row"].to_list() == [3, 4, 5]
    assert table.ragged.is_empty()
    assert table.frame["row"].to_list()[:2] == [2, 7]


def read_in_blocks(text: str, size: int) -> list[Table]:
    layout = find_layout(text.encode(), "f", pytest.fail)
    blocks = read_blocks(io.BytesIO(text.encode()), Decoder("f", None, pytest.fail), size)
    return list(read_tables(blocks, layout, "f", pytest.fail))


QUOTED_CELLS = st.sampled_from(
    ["", "a", "é", "'", " ", '"q"', '"a,b"', '"l\ni"', '"d""d"', '""', 'x"', '"x', '"x"y']
)
QUOTED_LINES = st.lists(st.lists(QUOTED_CELLS, min_size=2, max_size=4).map(",".join), min_size=1, max_size=12)


@given(QUOTED_LINES, st.integers(8, 40))
def test_every_way_of_reading_quotes_gives_the_same(lines: list[str], piece: int) -> None:
    """Well-formed text is read the same fast and slowly, in pieces of any size."""
    text = "x,y,z\n" + "\n".join(lines) + "\n1,2,3\n"
    fast = read_delimited(text.encode(), "f", ",", skip_lines=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("puntual.data.delimited._PIECE_BYTES", piece)
        pieces = read_delimited(text.encode(), "f", ",", skip_lines=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("puntual.data.delimited._find_borders", lambda *_, **__: None)
        slow = read_delimited(text.encode(), "f", ",", skip_lines=0)
    for one in (pieces, slow):
        for found, expected in zip(one, fast, strict=True):
            assert_frame_equal(found, expected)


@pytest.mark.parametrize("cell", ["x", '"x"', '"x,\n""y"""', "é"])
@pytest.mark.parametrize("size", [16, 100, 1000])
def test_blocks_end_at_the_ends_of_rows(cell: str, size: int) -> None:
    text = "a,b\n" + "".join(f"{row},{cell}\n" for row in range(2, 300)) + "\n,\n302," + cell
    tables = read_in_blocks(text, size)
    frame = pl.concat(table.frame for table in tables)
    assert len(tables) > 1
    assert frame["row"].to_list() == [*range(2, 300), 302]
    assert frame["a"].cast(pl.UInt32).to_list() == frame["row"].to_list()
    assert frame["b"].n_unique() == 1
    assert [row for table in tables for row in table.blank["row"]] == [301]


def test_a_stray_quote_costs_no_rows_of_later_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("puntual.data.text_blocks._MAX_QUOTED_BYTES", 100)
    text = "a,b\n" + "1,2\n" * 50 + '1,"2\n' + "1,2\n" * 500
    tables = read_in_blocks(text, 300)
    assert [row for table in tables for row in table.ragged["row"]] == [52]
    assert sum(table.frame.height for table in tables) == 551


def test_only_the_columns_asked_for_are_kept_and_blank_rows_found_without_the_others() -> None:
    text = 'a,b,c\n1,,3\n,,3\n,,\n , ,"  "\n"","",""\n4,5\n'
    layout = find_layout(text.encode(), "f", pytest.fail)
    (table,) = read_tables(iter([text.encode()]), layout, "f", pytest.fail, {"b"})
    assert table.frame.rows() == [(None, 2), (None, 3), ("5", 7)]
    assert table.blank["row"].to_list() == [4, 5, 6]
    assert table.ragged["row"].to_list() == [7]


def test_a_line_without_end_is_refused_before_it_is_read() -> None:
    class Endless:
        read_bytes = 0

        def read(self, size: int) -> bytes:
            self.read_bytes += size
            return b"a" * size

        def close(self) -> None:
            pass

    stream = Endless()
    with pytest.raises(DataError, match="a line of more than 16 MiB"):
        list(read_blocks(stream, Decoder("f", None, pytest.fail), 2**20))
    assert stream.read_bytes < 20 * 2**20


def test_a_million_columns_are_refused() -> None:
    with pytest.raises(DataError, match=r"1,000,000 columns; wanted: at most 16,384"):
        read_delimited(b",".join([b"a"] * 1_000_000) + b"\n1\n", "f")
