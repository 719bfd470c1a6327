from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
from backports import zstd

from puntual.data import containers
from puntual.data.parts import Data, open_parts
from puntual.errors import DataError

HEADER = "Date,Time,Airline\n"
MAY, JUNE = HEADER + "2024-05-01,6:00,LA\n", HEADER + "2024-06-01,7:00,JA\n2024-06-02,7:05,JA\n"


def read(data: Data, **options: object) -> tuple[pl.DataFrame, list[str]]:
    """All rows of all parts, and what was said."""
    said: list[str] = []
    parts = open_parts(data, say=said.append, **options)  # type: ignore[arg-type]
    return pl.concat(table.frame for part in parts for table in part.tables()), said


def found(data: Data) -> str:
    with pytest.raises(DataError) as caught:
        read(data)
    assert "\n" not in str(caught.value)
    assert caught.value.wanted
    return caught.value.found


def zipped(files: dict[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def tarred(files: dict[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            data = content.encode() if isinstance(content, str) else content
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda text: zstd.compress(text, options={zstd.CompressionParameter.checksum_flag: True}),
    "zip": lambda text: zipped({"a.csv": text}),
    "tar": lambda text: tarred({"a.csv": text}),
    "tgz": lambda text: gzip.compress(tarred({"a.csv": text})),
    "tar.xz": lambda text: lzma.compress(tarred({"a.csv": text})),
}


@pytest.mark.parametrize("kind", PACKED)
def test_a_file_is_unpacked_whatever_its_name(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "flights"
    path.write_bytes(PACKED[kind](JUNE.encode()))
    frame, said = read(path)
    assert frame.rows() == [("2024-06-01", "7:00", "JA", 2), ("2024-06-02", "7:05", "JA", 3)]
    assert said == []


def test_several_files_a_folder_and_a_pattern_are_read_in_order(tmp_path: Path) -> None:
    for name, text in (("b.csv", JUNE), ("a.csv", MAY), (".hidden.csv", "nothing")):
        (tmp_path / name).write_text(text)
    several, _ = read([tmp_path / "a.csv", tmp_path / "b.csv"])
    assert several["Date"].to_list() == ["2024-05-01", "2024-06-01", "2024-06-02"]
    assert several["row"].to_list() == [2, 2, 3]
    for data in (tmp_path, str(tmp_path / "*.csv"), str(tmp_path / "[ab].csv")):
        frame, said = read(data)
        assert frame.equals(several)
        assert said == []


def test_parts_are_named_by_their_place_and_read_only_the_columns_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "year.zip"
    path.write_bytes(zipped({"2024/06.csv": JUNE, "2024/05.csv": MAY, "__MACOSX/2024/._05.csv": "\0"}))
    parts = open_parts(path, say=pytest.fail)
    assert [part.where for part in parts] == [f"{path}: 2024/05.csv", f"{path}: 2024/06.csv"]
    assert parts[0].names == ("Date", "Time", "Airline")
    (table,) = parts[1].tables({"Airline", "Date"})
    assert table.frame.columns == ["Date", "Airline", "row"]


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_what_is_no_table_is_left_out_of_an_archive_and_said(
    tmp_path: Path, pack: Callable[[dict[str, str | bytes]], bytes]
) -> None:
    path = tmp_path / "a.archive"
    others = {
        "readme.html": "<html>",
        "b.csv": "",
        "notes.txt": "Dear sir\n",
        "c.csv": "IATA,City\nSCL,Santiago\n",
    }
    path.write_bytes(pack({**others, "flights.csv": JUNE}))
    frame, said = read(path)
    assert frame.height == 2
    assert [sentence.removeprefix(f"{path}: ") for sentence in said] == [
        "b.csv is left out: the file is empty",
        "notes.txt is left out: a header of one column, 'Dear sir'",
        "readme.html is left out: HTML or XML",
        "c.csv is left out: its columns are others",
    ]


def test_files_whose_columns_differ_a_little_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(MAY)
    (tmp_path / "b.csv").write_text(JUNE.replace("Time", "Hour"))
    assert found(tmp_path) == f"no column 'Hour', which {tmp_path / 'b.csv'} has"
    (tmp_path / "b.csv").write_text("Date,Airline,Time,More\n1,2,3,4\n")
    assert found([tmp_path / "a.csv", tmp_path / "b.csv"]) == (
        f"a column 'More', which {tmp_path / 'a.csv'} does not have"
    )
    (tmp_path / "b.csv").write_text("Airline,Time,Date\nJA,7:00,2024-06-01\n")
    parts = open_parts(tmp_path, say=pytest.fail)
    assert [part.names[0] for part in parts] == ["Date", "Airline"]


def test_places_without_files(tmp_path: Path) -> None:
    assert found(tmp_path) == "a folder without files"
    assert found(tmp_path / "none.csv") == "no such file or directory"
    assert found(tmp_path / "*.csv") == "no file matches"
    assert found([]) == "nothing to read"
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.csv").write_text(MAY)
    assert found(tmp_path / "pipe") == "a pipe or a device"
    _, said = read(tmp_path)
    assert said == [
        f"{tmp_path / 'loop'} is left out: no file",
        f"{tmp_path / 'pipe'} is left out: no file",
        f"{tmp_path / 'sub'} is left out: a folder",
    ]


@pytest.mark.parametrize("kind", PACKED)
def test_standard_input_holds_any_kind(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    stream = io.BytesIO(PACKED[kind](JUNE.encode()))
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=stream))
    frame, _ = read("-")
    assert frame.height == 2


class Endless:
    def read(self, size: int) -> bytes:
        return b"a" * size


def test_an_endless_line_of_standard_input_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=Endless()))
    assert found("-") == "a line of more than 16 MiB"


@pytest.mark.parametrize("kind", ["gzip", "bz2", "xz", "zstd", "zip", "tgz"])
def test_what_unpacks_to_far_more_than_its_size_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(PACKED[kind](MAY.encode() + b"2024-05-01,6:00,LA\n" * 500_000))
    monkeypatch.setattr(containers, "FREE_BYTES", 2**20)
    monkeypatch.setattr(containers, "MAX_RATIO", 20)
    assert found(path).endswith(" file that unpacks to more than 20 times its size")


@pytest.mark.parametrize("kind", ["gzip", "bz2", "xz", "zstd", "zip", "tgz"])
def test_a_packed_file_that_is_damaged_is_never_read_in_part(tmp_path: Path, kind: str) -> None:
    text = (HEADER + "".join(f"2024-05-{k * k % 97},{k * 7 % 1013}:00,LA\n" for k in range(50_000))).encode()
    packed = PACKED[kind](text)
    middle = len(packed) // 2
    path = tmp_path / "damaged"
    path.write_bytes(packed[:middle] + bytes(64) + packed[middle + 64 :])
    assert " file that is damaged: " in found(path)
    path.write_bytes(packed[:middle])
    assert " file that is damaged" in found(path)
