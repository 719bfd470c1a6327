from __future__ import annotations

import gzip
import io
import json
import os
import zipfile
from pathlib import Path

import polars as pl
import pytest

from puntual.data import read_flights
from puntual.errors import DataError

HEADER = b"Fecha-I,Ori-I,Des-I,Emp-I\n"
ROW = b"2017-01-01 23:30:00,SCEL,KMIA,AAL\n"


def found(path: Path) -> str:
    """The one line that a file is refused with, without its path."""
    with pytest.raises(DataError) as caught:
        read_flights(str(path), history=False)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert caught.value.wanted
    return caught.value.found


def zipped(*names: str, inside: bytes = HEADER + ROW) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, inside)
    return stream.getvalue()


def with_password(packed: bytes) -> bytes:
    flagged = bytearray(packed)
    flagged[6] |= 1
    flagged[packed.index(b"PK\x01\x02") + 8] |= 1
    return bytes(flagged)


def damaged(packed: bytes) -> bytes:
    middle = len(packed) // 2
    return packed[: middle - 8] + b"\xa5" * 16 + packed[middle + 8 :]


MANY = HEADER + b"".join(ROW.replace(b"AAL", b"A%02d" % (k * k % 97)) for k in range(5_000))

REFUSED = {
    "empty": (b"", "the file is empty"),
    "blank": (b"\xef\xbb\xbf \r\n\r\n", "the file is empty"),
    "header": (HEADER, "a header and no rows"),
    "header and blank lines": (HEADER + b"\n\n  \n,,,\n", "a header and no rows"),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
    "PNG": (b"\x89PNG\r\n\x1a\n\0\0", "a PNG image"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old Excel or Word file"),
    "JSON object": (json.dumps({"flights": []}).encode(), "JSON without objects in a list"),
    "JSON list": (b'[\n ["Fecha-I"]\n]', "JSON without objects in a list"),
    "web page": (b"\n<!DOCTYPE html><html>", "HTML or XML"),
    "UTF-16": ("Fecha-I\tOri-I\n".encode("utf-16"), "a header and no rows"),
    "binary": (b"\x01\x02\x00\x03" * 50, "binary data"),
    "prose": (b"Dear sir\nplease find attached\n", "a header of one column, 'Dear sir'"),
    "other columns": (b"a,b,c\n1,2,3\n", "the columns are 'a', 'b', 'c'"),
    "gzip, damaged": (damaged(gzip.compress(MANY)), "a gzip file that is damaged: "),
    "gzip, cut off": (gzip.compress(MANY)[:-20], "a gzip file that is damaged: "),
    "gzip of nothing": (gzip.compress(b""), "the file is empty"),
    "gzip of a PDF": (gzip.compress(b"%PDF-1.7"), "a PDF document"),
    "gzip of gzip": (gzip.compress(gzip.compress(MANY)), "a gzip file"),
    "zip, cut off": (zipped("a.csv")[:-10], "a zip file that is damaged"),
    "zip, damaged": (damaged(zipped("a.csv", inside=MANY)), "a zip file that is damaged: "),
    "zip of nothing": (zipped(), "a zip file without files in it"),
    "zip with a password": (with_password(zipped("a.csv")), "a zip file with a password"),
    "zip of a zip": (zipped("a.zip", inside=zipped("a.csv")), "a zip file"),
    "Excel": (zipped("[Content_Types].xml", "xl/workbook.xml"), "a workbook that cannot be read: "),
    "Parquet, cut off": (b"PAR1" + b"\0" * 50, "a Parquet file that is damaged: "),
}


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_what_is_no_file_of_flights_is_refused_in_one_line(tmp_path: Path, kind: str, suffix: str) -> None:
    content, message = REFUSED[kind]
    path = tmp_path / f"flights{suffix}"
    path.write_bytes(content)
    if message.endswith(": "):
        assert found(path).startswith(message)
    else:
        assert found(path) == message


def test_places_that_are_no_files(tmp_path: Path) -> None:
    assert found(tmp_path) == "a folder without files"
    assert found(tmp_path / "none.csv") == "no such file or directory"
    assert found(tmp_path / ("n" * 300)) == "file name too long"
    os.mkfifo(tmp_path / "pipe")
    assert found(tmp_path / "pipe") == "a pipe or a device"


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "flights.csv"
    path.write_bytes(HEADER + ROW)
    monkeypatch.setattr(Path, "open", refuse)
    assert found(path) == "permission denied"


def test_a_header_that_begins_like_a_zip(tmp_path: Path) -> None:
    path = tmp_path / "keys.csv"
    path.write_bytes(b"PK," + HEADER + b"1," + ROW)
    assert read_flights(str(path), history=False).rows == 1


def test_parquet_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "flights.parquet"
    flights = pl.read_csv(HEADER + ROW * 3)
    flights.clear().write_parquet(path)
    assert found(path) == "no rows"
    flights.with_columns(row=pl.lit(1)).write_parquet(path)
    assert found(path) == "a column named 'row'"
    flights.with_columns(many=pl.lit([1])).write_parquet(path)
    assert found(path) == "column 'many' holds List(Int64)"
    monkeypatch.setattr("puntual.data.parquet.MAX_ROWS", 2)
    assert found(path) == "3 rows"


def test_parquet_with_its_own_types(tmp_path: Path) -> None:
    path = tmp_path / "flights.parquet"
    flights = pl.read_csv(HEADER + ROW * 2, try_parse_dates=True).with_columns(
        pl.col("Emp-I").cast(pl.Categorical), **{"Vlo-I": pl.Series([226.0, None])}
    )
    flights.write_parquet(path)
    frame = read_flights(str(path), history=False).frame
    assert frame["flight_number"].to_list() == ["226", None]
    assert frame["airline"].to_list() == ["AAL", "AAL"]
    flights.with_columns(pl.col("Fecha-I").dt.replace_time_zone("UTC")).write_parquet(path)
    assert found(path).startswith("2 of 2 rows cannot be used; the first is row 1: Fecha-I '2017-01-01 23:30")
