from __future__ import annotations

import pytest

from puntual.data import layout as module
from puntual.data.delimited import read_tables
from puntual.data.layout import Layout, find_layout
from puntual.errors import DataError

ROWS = "LA,2024-05-01,100,SCL\nJA,2024-05-02,101,SCL\n"
HEADER = "Airline,Date,Flight,To\n"


def laid_out(text: str, **options: object) -> tuple[Layout, list[tuple[object, ...]], list[str]]:
    said: list[str] = []
    content = text.encode()
    layout = find_layout(content, "f", said.append, **options)  # type: ignore[arg-type]
    tables = read_tables(iter([content]), layout, "f", said.append)
    return layout, [row for table in tables for row in table.frame.iter_rows()], said


TITLES = {
    "none": ("", 0),
    "blank": ("\n\n", 0),
    "a title": ("Departures\n", 1),
    "a title, filled up": ("Departures;;;\n".replace(";", ","), 1),
    "a statistics page": (
        "Detailed Statistics Departures\nOrigin Airport: New York, NY\nMonth(s): All\n\n",
        3,
    ),
    "a quoted title": ('"Departures, all of them, of May"\n', 1),
    "groups": ("Plan,,,\n,,,\n", 1),
}


@pytest.mark.parametrize("title", TITLES)
def test_lines_above_the_header_are_skipped_and_said(title: str) -> None:
    above, count = TITLES[title]
    layout, rows, said = laid_out(above + HEADER + ROWS)
    assert layout.names == ("Airline", "Date", "Flight", "To")
    first = above.count("\n") + 2
    assert [row[-1] for row in rows] == [first, first + 1]
    assert len(layout.skipped) == count
    assert len(said) == (count > 0)


@pytest.mark.parametrize(
    "head",
    [
        ",,Arrival,,Departure,\nFlight,To,Scheduled,Actual,Scheduled,Actual\n",
        "Flight,To,Arrival,,Departure,\n,,Scheduled,Actual,Scheduled,Actual\n",
    ],
)
def test_a_header_of_two_lines_is_one(head: str) -> None:
    text = head + "IB1,LHR,8:00,8:10,6:00,6:05\nIB2,LHR,9:00,9:10,7:00,7:05\n"
    layout = find_layout(text.encode(), "f", pytest.fail)
    times = ("Arrival Scheduled", "Arrival Actual", "Departure Scheduled", "Departure Actual")
    assert layout.names == ("Flight", "To", *times)
    assert layout.row == 3


def test_a_first_row_with_blanks_is_no_second_header() -> None:
    text = "Airline,,Date,To\nIB,x,2008-01-03,\nLH,y,2008-01-04,LAX\n"
    assert find_layout(text.encode(), "f", pytest.fail).names == ("Airline", "column 2", "Date", "To")


def test_skipped_lines_may_be_given() -> None:
    layout, rows, said = laid_out("a,b,c,d\n" + HEADER + ROWS, skip_lines=1)
    assert layout.names[0] == "Airline"
    assert len(rows) == 2
    assert said == ["f: 1 line above the header is skipped: 'a,b,c,d'"]


def test_lines_below_the_table_are_rows_of_bad_length() -> None:
    text = HEADER + ROWS + "\nSOURCE: Bureau of Transportation Statistics\n"
    layout = find_layout(text.encode(), "f", pytest.fail)
    (table,) = read_tables(iter([text.encode()]), layout, "f", pytest.fail)
    assert table.ragged.rows() == [(5, "1 fields instead of 4")]


@pytest.mark.parametrize(
    "row",
    [
        "1987,10,14,WN",
        "LA,2024-05-01,x,SCL",
        "LA,01/05/2024 6:00 AM,x,SCL",
        '"1","Goroka","GKA",-6.08',
        "LA,6:05,x,y",
    ],
)
def test_a_first_line_with_a_value_is_no_header(row: str) -> None:
    layout, rows, _ = laid_out(f"{row}\n{row}\n")
    assert not layout.has_header
    assert layout.names == ("column 1", "column 2", "column 3", "column 4")
    assert [one[-1] for one in rows] == [1, 2]


@pytest.mark.parametrize("name", ["Date (MM/DD/YYYY)", "1st class", "T-100", "24h", "Q1", "10-K", "%"])
def test_a_name_with_digits_is_no_value(name: str) -> None:
    assert laid_out(f"Airline,{name},Flight\nLA,1,2\n")[0].has_header


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_the_header_s_even_if_rows_have_others(separator: str) -> None:
    text = "Datum;STD;ATD\n01.03.2024;0,29;0,30\n02.03.2024;0,31;0,33\n".replace(";", separator)
    if separator != ",":
        layout, rows, _ = laid_out(text)
        assert layout.separator == separator
        assert rows[0][:3] == ("01.03.2024", "0,29", "0,30")


def test_a_trailing_comma_makes_no_column() -> None:
    for header, row in (("a,b,", "1,2,"), ("a,b", "1,2,"), ("a,b,", "1,2"), ("a,b,,,", "1,2,,,")):
        layout, rows, said = laid_out(f"{header}\n{row}\n{row}\n")
        assert layout.names == ("a", "b")
        assert rows == [("1", "2", 2), ("1", "2", 3)]
        assert said == []


def test_values_in_a_column_without_a_name_are_kept_or_said() -> None:
    assert laid_out("a,,b\n1,2,3\n")[0].names == ("a", "column 2", "b")
    assert laid_out("a,b,\n1,2,3\n")[0].names == ("a", "b", "column 3")
    _, rows, said = laid_out("a,b,\n" + "1,2,\n" * 500 + "1,2,3\n")
    assert len(rows) == 501
    assert said == ["f: values in column 3, which has no name, are left out"]


def test_row_names_of_r_have_no_header() -> None:
    layout, rows, _ = laid_out('"a","b"\n"1",5,6\n"2",7,8\n')
    assert layout.names == ("column 1", "a", "b")
    assert rows == [("1", "5", "6", 2), ("2", "7", "8", 3)]


def test_names_are_made_unique_and_said() -> None:
    layout, rows, said = laid_out("a,row,a,a (2),A\n1,2,3,4,5\n")
    assert layout.names == ("a", "row (2)", "a (3)", "a (2)", "A")
    assert rows == [("1", "2", "3", "4", "5", 2)]
    assert said == [
        "f: column 'row' names the rows' numbers; it is called 'row (2)'",
        "f: column 'a' is there twice; the second one is called 'a (3)'",
    ]


def test_a_name_may_run_over_several_lines() -> None:
    layout, rows, _ = laid_out('"Scheduled\ndeparture",b\n1,2\n')
    assert layout.names == ("Scheduled departure", "b")
    assert rows == [("1", "2", 2)]


def test_columns_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_COLUMNS", 3)
    with pytest.raises(DataError, match="f: 4 columns; wanted: at most 3"):
        laid_out(HEADER + ROWS)
