"""What every source has to hold, whatever its file looks like."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import zipfile
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from puntual.data import SOURCES, Flights, Source, read_flights
from puntual.data.encodings import is_utf_8
from puntual.data.mapped import mapped_source
from puntual.data.mapping import read_mapping
from puntual.data.schema import COLUMNS
from puntual.errors import DataError
from tests.made_up import made_up_elsewhere, made_up_mapped, made_up_nyc, made_up_scl

Read = Callable[..., Flights]

MADE_UP: dict[str, Callable[..., Path]] = {"scl": made_up_scl, "nyc": made_up_nyc, "mapped": made_up_mapped}
FILES = MADE_UP | {"elsewhere": made_up_elsewhere}
"""One with a mapping joined it is read with that."""


@pytest.fixture(scope="module", params=sorted(FILES))
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = FILES[request.param](tmp_path_factory.mktemp(request.param) / "flights.csv", days=7)
    return path


@pytest.fixture
def mapping(file: Path) -> Path | None:
    path = file.with_suffix(".toml")
    return path if path.exists() else None


@pytest.fixture
def read(mapping: Path | None) -> Read:
    return partial(read_flights, source=str(mapping) if mapping else None)


@pytest.fixture
def source(file: Path, mapping: Path | None) -> Source:
    return mapped_source(read_mapping(mapping)) if mapping else SOURCES[read_flights(str(file)).source]


def dialect(file: Path) -> tuple[str, str]:
    """Encoding and separator of a file."""
    content = file.read_bytes()
    return "utf-8" if is_utf_8(content) else "latin-1", ";" if b";" in content.partition(b"\n")[0] else ","


def rows_of(file: Path) -> list[list[str]]:
    """The header and the rows of a file."""
    encoding, separator = dialect(file)
    with file.open(encoding=encoding, newline="") as stream:
        return list(csv.reader(stream, delimiter=separator))


def changed(file: Path, place: Path, change: Callable[[list[list[str]]], list[list[str]]]) -> str:
    """Write a file's rows, changed, to another place; row k of a spreadsheet is item k - 1."""
    encoding, separator = dialect(file)
    with place.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, lineterminator="\n", delimiter=separator).writerows(change(rows_of(file)))
    return str(place)


def without(file: Path, place: Path, columns: Collection[str]) -> str:
    """Write a file without some of its columns to another place."""

    def kept(rows: list[list[str]]) -> list[list[str]]:
        return [
            [cell for name, cell in zip(rows[0], row, strict=True) if name not in columns] for row in rows
        ]

    return changed(file, place, kept)


def test_every_source_is_tested() -> None:
    assert MADE_UP.keys() == SOURCES.keys()


def test_the_frame_is_canonical(file: Path, read: Read) -> None:
    flights = read(str(file))
    assert dict(flights.frame.schema) == {name: column.dtype for name, column in COLUMNS.items()}
    for name, column in COLUMNS.items():
        if column.null == "never":
            assert flights.frame[name].null_count() == 0, name
    assert flights.rows == flights.frame.height == flights.raw.height > 100
    assert flights.rejected.is_empty()
    assert flights.duplicates.is_empty()
    assert flights.complete
    assert flights.frame["row"].to_list() == list(range(2, flights.rows + 2))
    assert flights.frame["actual_departure"].is_null().eq(flights.frame["cancelled"]).all()


def test_values_are_kept_as_they_are_in_the_file(file: Path, read: Read) -> None:
    header, *rows = rows_of(file)
    raw = read(str(file)).raw
    assert raw.columns == [*header, "row"]
    assert [[value or "" for value in row[:-1]] for row in raw.iter_rows()] == rows


def _quoted(content: bytes) -> bytes:
    separator, lines = _separator(content), content.splitlines()
    return b"\n".join(separator.join(b'"%b"' % value for value in line.split(separator)) for line in lines)


def _separator(content: bytes) -> bytes:
    return b";" if b";" in content.partition(b"\n")[0] else b","


def _zipped(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/", b"")
        archive.writestr("folder/flights.csv", content)
        archive.writestr("__MACOSX/folder/._flights.csv", b"\0\1")
    return packed.getvalue()


REWRITTEN: dict[str, Callable[[bytes], bytes]] = {
    "byte order mark": lambda content: b"\xef\xbb\xbf" + content,
    "latin-1": lambda content: content.decode("utf-8" if is_utf_8(content) else "latin-1").encode("latin-1"),
    "semicolons": lambda content: content.replace(b",", b";"),
    "CRLF": lambda content: content.replace(b"\n", b"\r\n"),
    "CR": lambda content: content.replace(b"\n", b"\r"),
    "trailing blank lines": lambda content: content + b"\n\r\n   \n" + 3 * _separator(content) + b"\n",
    "no last line end": lambda content: content.rstrip(b"\n"),
    "quoted": _quoted,
    "gzip": lambda content: gzip.compress(content, mtime=0),
    "zip": _zipped,
    "all of it": lambda content: (
        b"\xef\xbb\xbf" + _quoted(content).replace(b",", b";").replace(b"\n", b"\r\n")
    ),
}


@pytest.mark.parametrize("form", REWRITTEN)
@pytest.mark.parametrize("name", ["flights.csv", "flights.dat", "flights"])
def test_however_it_is_written_it_reads_the_same(
    file: Path, read: Read, tmp_path: Path, form: str, name: str
) -> None:
    place = tmp_path / name
    place.write_bytes(REWRITTEN[form](file.read_bytes()))
    assert_frame_equal(read(str(place)).frame, read(str(file)).frame)


@pytest.mark.parametrize("typed", [False, True])
def test_parquet_reads_the_same_with_rows_from_1(file: Path, read: Read, tmp_path: Path, typed: bool) -> None:
    plain = "\n".join(",".join(row) for row in rows_of(file)).encode()
    table = pl.read_csv(
        plain, infer_schema=typed, infer_schema_length=None, null_values="NA" if typed else None
    )
    times = [name for name in table.columns if name.startswith("Fecha-") or name.endswith("_departure")]
    times = times if typed else []
    table.with_columns(pl.col(times).str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="ns")).write_parquet(
        tmp_path / "flights.parquet"
    )
    flights = read(str(tmp_path / "flights.parquet"))
    assert_frame_equal(flights.frame, read(str(file)).frame.with_columns(pl.col("row") - 1))


def test_the_file_is_never_changed(file: Path, read: Read) -> None:
    def state() -> tuple[bytes, int, list[Path]]:
        return file.read_bytes(), file.stat().st_mtime_ns, sorted(file.parent.iterdir())

    before = state()
    read(str(file))
    assert state() == before


def test_blank_lines_within_keep_the_numbers_right(file: Path, read: Read, tmp_path: Path) -> None:
    place = changed(file, tmp_path / "f.csv", lambda rows: [*rows[:3], [], [""] * len(rows[0]), *rows[3:]])
    flights = read(place)
    assert flights.frame["row"].head(4).to_list() == [2, 3, 6, 7]
    assert flights.rows == read(str(file)).rows


def test_ragged_rows_are_left_out(file: Path, read: Read, tmp_path: Path) -> None:
    def ragged(rows: list[list[str]]) -> list[list[str]]:
        return [*rows[:4], [*rows[4], "more"], rows[5][:-2], [], *rows[6:]]

    width = len(read(str(file)).raw.columns) - 1
    reasons = [(5, f"{width + 1} fields instead of {width}"), (6, f"{width - 2} fields instead of {width}")]
    for quoted in (False, True):
        place = tmp_path / f"{quoted}.csv"
        changed(file, place, ragged)
        if quoted:
            place.write_bytes(_quoted(place.read_bytes()).replace(b'""\n', b"\n"))
        flights = read(str(place))
        assert flights.rejected.rows() == reasons
        assert flights.frame["row"].head(4).to_list() == [2, 3, 4, 8]


def test_a_bad_value_is_left_out_with_its_row_and_value(
    file: Path, read: Read, source: Source, tmp_path: Path
) -> None:
    header = read(str(file)).raw.columns
    for column in source.schedule_columns:
        for value, told in (("", f"{column} is missing"), ("¿?", "¿?")):

            def broken(rows: list[list[str]], name: str = column, put: str = value) -> list[list[str]]:
                rows[9][header.index(name)] = put
                return rows

            flights = read(changed(file, tmp_path / "f.csv", broken))
            ((row, reason),) = flights.rejected.rows()
            assert row == 10
            assert told in reason
            assert column in reason
            assert 10 not in flights.frame["row"]
            assert flights.rows == flights.frame.height + 1


def test_a_row_and_its_copies(file: Path, read: Read, tmp_path: Path) -> None:
    flights = read(changed(file, tmp_path / "f.csv", lambda rows: [*rows[:5], rows[2], *rows[5:], rows[2]]))
    assert flights.duplicates.rows() == [(6, 3), (flights.rows + 1, 3)]
    assert flights.frame.height == flights.rows - 2
    assert flights.raw.height == flights.rows


def test_more_than_half_bad_is_refused_and_half_is_not(
    file: Path, read: Read, source: Source, tmp_path: Path
) -> None:
    at = read(str(file)).raw.columns.index(source.schedule_columns[0])

    def broken(rows: list[list[str]], bad: int) -> list[list[str]]:
        return (
            [rows[0]] + [[*row[:at], "?", *row[at + 1 :]] for row in rows[1 : bad + 1]] + rows[bad + 1 : 11]
        )

    flights = read(changed(file, tmp_path / "half.csv", lambda rows: broken(rows, 5)))
    assert (flights.frame.height, flights.rejected.height) == (5, 5)
    with pytest.raises(DataError, match=r"6 of 10 rows cannot be used; the first is row 2: .*\?"):
        read(changed(file, tmp_path / "more.csv", lambda rows: broken(rows, 6)))


def test_a_schedule_is_enough_where_no_history_is_wanted(
    file: Path, read: Read, source: Source, mapping: Path | None, tmp_path: Path
) -> None:
    """One without the columns of outcomes, or with these all blank."""

    def blank(rows: list[list[str]]) -> list[list[str]]:
        kept = [name not in source.known_afterwards for name in rows[0]]
        return [rows[0], *([cell * keep for cell, keep in zip(row, kept, strict=True)] for row in rows[1:])]

    # A mapping says which columns there are; a source's own form may lack all but the necessary.
    header = set(rows_of(file)[0])
    columns = source.known_afterwards if mapping else header - set(source.schedule_columns)
    told = ["row", "scheduled_departure", "airline", "origin", "destination"]
    for place, found in (
        (without(file, tmp_path / "without.csv", columns), source.outcome_columns[0]),
        (changed(file, tmp_path / "blank.csv", blank), "no flight has an actual time"),
    ):
        schedule = read(place, history=False)
        assert not schedule.complete
        assert not schedule.frame["cancelled"].any()
        assert schedule.frame["actual_departure"].null_count() == schedule.rows
        assert_frame_equal(schedule.frame.select(told), read(str(file)).frame.select(told))
        with pytest.raises(DataError, match=found):
            read(place)


def test_a_missing_column_is_named_with_its_source(
    file: Path, read: Read, source: Source, mapping: Path | None, tmp_path: Path
) -> None:
    by_values = source.name == "mapped" and mapping is None
    for column in source.schedule_columns + source.outcome_columns:
        place = without(file, tmp_path / "f.csv", {column})
        if by_values and column == "airline":
            assert read(place).frame["airline"].is_null().all()
            continue
        found = "no column" if by_values else rf"no column '{column}'; wanted: "
        with pytest.raises(DataError, match=found) as caught:
            read(place)
        named = f"{mapping}: columns." if mapping else f"(source {source.name})"
        assert named in str(caught.value) or (by_values and "(by its headings)" in str(caught.value))


def test_dates_narrow_the_flights(file: Path, read: Read) -> None:
    everything = read(str(file))
    days = sorted(set(everything.frame["scheduled_departure"].dt.date()))
    some = read(str(file), since=days[2], until=days[4])
    assert sorted(set(some.frame["scheduled_departure"].dt.date())) == days[2:4]
    assert some.rows == everything.rows
    with pytest.raises(
        DataError, match=f"no flight from 1999-01-01 until 2000-01-01; .*{days[0]} and {days[-1]}"
    ):
        read(str(file), since=dt.date(1999, 1, 1), until=dt.date(2000, 1, 1))


def test_rows_beside_others_keep_their_order(file: Path, read: Read, tmp_path: Path) -> None:
    flights = read(changed(file, tmp_path / "f.csv", lambda rows: [*rows[:9], rows[3], ["x"], *rows[9:]]))
    joined = flights.join_rows(flights.frame.select("row", twice=pl.col("row") * 2))
    assert joined.columns == [*flights.raw.columns[:-1], "twice"]
    assert joined["twice"].head(10).to_list() == [4, 6, 8, 10, 12, 14, 16, 18, 8, 24]
