from __future__ import annotations

import json
from pathlib import Path

import pytest

from puntual.data import json_rows
from puntual.data.json_rows import read_json
from puntual.data.parts import open_parts
from puntual.errors import DataError


def rows(text: object, *, say: object = pytest.fail) -> list[dict[str, object]]:
    content = text if isinstance(text, bytes) else json.dumps(text, indent=1).encode()
    return read_json(content, "f.json", say).frame.rows(named=True)  # type: ignore[arg-type]


def test_values_become_the_text_that_stands_there() -> None:
    text = b'[{"a": 12.50, "b": 1451602740, "c": true, "d": "", "e": null, "f": ["LHR", 1.0], "g": {}}]'
    assert rows(text) == [
        {"a": "12.50", "b": "1451602740", "c": "true", "d": None, "e": None, "f": '["LHR",1.0]', "g": None}
        | {"row": 1}
    ]


def test_a_column_is_there_if_any_row_has_it() -> None:
    assert rows([{"a": 1}, {"b": {"c": {"d": "x"}}}]) == [
        {"a": "1", "b.c.d": None, "row": 1},
        {"a": None, "b.c.d": "x", "row": 2},
    ]


def test_the_list_may_lie_anywhere() -> None:
    inner = [{"x": 1}, {"x": 2}]
    for text in (
        inner,
        {"flights": inner, "pages": 3, "links": None},
        {"a": {"b": {"data": inner}, "c": []}},
    ):
        assert rows(text) == [{"x": "1", "row": 1}, {"x": "2", "row": 2}]


def test_several_lists_are_all_read_and_named() -> None:
    said: list[str] = []
    text = {"departures": [{"x": 1}, {"x": 2}], "scheduled": {"departures": [{"x": 3, "list": "own"}]}}
    assert rows(text, say=said.append) == [
        {"x": "1", "list": None, "list (2)": "departures", "row": 1},
        {"x": "2", "list": None, "list (2)": "departures", "row": 2},
        {"x": "3", "list": "own", "list (2)": "scheduled.departures", "row": 3},
    ]
    assert said[0] == "f.json: the rows of 2 lists are read: 'departures', 'scheduled.departures'"


def test_an_object_on_each_line() -> None:
    table = read_json(b'{"a": 1}\n\n{"a": 2, "b": {"c": 3}}\nnot\n{"a"\n[1]\n', "f.json", pytest.fail)
    assert table.frame.rows() == [
        ("1", None, 1),
        ("2", "3", 3),
        (None, None, 4),
        (None, None, 5),
        (None, None, 6),
    ]
    assert table.ragged["row"].to_list() == [4, 5, 6]
    assert table.ragged["reason"][0].startswith("no JSON: ")
    assert table.ragged["reason"][2] == "no object"


def test_lists_longer_than_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_rows, "_ROWS_AT_ONCE", 2)
    assert [row["a"] for row in rows([{"a": k} for k in range(5)])] == list("01234")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b'{"a": 1}', "JSON without objects in a list"),
        (b'{"states": [[1, 2]]}', "JSON without objects in a list"),
        (b'[{"a": 1}', "no JSON: Input data was truncated"),
        (b'{"flights": [{"a": 1}, }', "no JSON: "),
        (b"[" * 100_000 + b"]" * 100_000, "no JSON: "),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "no JSON: "),
        (b'[{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]", "no JSON: "),
    ],
    ids=range(7),
)
def test_other_json_is_refused(text: bytes, found: str) -> None:
    with pytest.raises(DataError) as caught:
        read_json(text, "f.json", pytest.fail)
    assert caught.value.found.startswith(found)


def test_a_thousand_names_for_every_row_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_rows, "MAX_COLUMNS", 1000)
    with pytest.raises(DataError, match="1,001 columns"):
        rows([{f"a{row}": 1} for row in range(1001)])


def test_a_file_of_json_is_a_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "flights"
    path.write_text("\ufeff" + json.dumps({"flights": [{"a": "São", "b": 2}]}, ensure_ascii=False), "utf-8")
    (part,) = open_parts(path, say=pytest.fail)
    assert part.names == ("a", "b")
    (table,) = part.tables(["a"])
    assert table.frame.rows() == [("São", 1)]
    monkeypatch.setattr("puntual.data.opening.MAX_JSON_BYTES", 5)
    with pytest.raises(DataError, match="JSON of more than 0 MiB"):
        open_parts(path, say=pytest.fail)
