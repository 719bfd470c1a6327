"""Files at addresses: a store in memory, and one that speaks S3 on a port of this machine."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import fsspec
import polars as pl
import pytest
from moto.server import ThreadedMotoServer
from polars.testing import assert_frame_equal

from puntual.data import read_flights
from puntual.data.conversion import convert
from puntual.data.partitions import MANIFEST, partitions
from puntual.errors import DataError
from tests.made_up import made_up_nyc
from tests.ports import free_port


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A bucket of an object store on this machine."""
    port = free_port()
    server = ThreadedMotoServer("127.0.0.1", int(port), verbose=False)
    server.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "made-up")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        fsspec.filesystem("s3").mkdir("flights")
        yield "s3://flights"
    server.stop()


@pytest.fixture(params=["memory", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty folder at an address."""
    if request.param == "s3":
        return f"{request.getfixturevalue('s3')}/{tmp_path.name}"
    return f"memory://{tmp_path.name}"


def put(address: str, content: bytes) -> None:
    with fsspec.open(address, "wb") as file:
        file.write(content)


def test_files_at_an_address_are_read_as_those_of_this_machine(tmp_path: Path, place: str) -> None:
    file = made_up_nyc(tmp_path / "flights.csv", days=9)
    lines = file.read_bytes().splitlines(keepends=True)
    halves = [b"".join(lines[:100]), b"".join([lines[0], *lines[100:]])]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("more.csv", halves[1])
    put(f"{place}/2013/1.csv.gz", gzip.compress(halves[0]))
    put(f"{place}/2013/2.zip", packed.getvalue())
    put(f"{place}/2013/.hidden", b"x")
    put(f"{place}/2013/within/3.csv", halves[0])
    wanted = read_flights(file).frame.drop("row")
    found = read_flights(f"{place}/2013")
    assert_frame_equal(found.frame.drop("row"), wanted)
    assert any("within is left out: a folder" in line for line in found.read_as)
    assert_frame_equal(read_flights(f"{place}/2013/*.[gz]*").frame.drop("row"), wanted)
    whole = io.BytesIO()
    wanted.write_parquet(whole)
    put(f"{place}/flights.parquet", whole.getvalue())
    assert_frame_equal(read_flights(f"{place}/flights.parquet").frame.drop("row"), wanted)


def test_partitions_at_an_address_are_those_of_this_machine(tmp_path: Path, place: str) -> None:
    file = str(made_up_nyc(tmp_path / "flights.csv", days=40))
    done = convert(file, tmp_path / "out")
    assert convert(file, f"{place}/out").manifest == done.manifest
    assert_frame_equal(read_flights(f"{place}/out").frame, read_flights(tmp_path / "out").frame)
    for one, other in zip(partitions(f"{place}/out"), partitions(tmp_path / "out"), strict=True):
        with fsspec.open(one.path) as remote:
            assert remote.read() == Path(other.path).read_bytes()


def test_partitions_at_an_address_are_replaced_only_on_demand(tmp_path: Path, place: str) -> None:
    convert(str(made_up_nyc(tmp_path / "flights.csv", days=40)), f"{place}/out")
    fewer = str(made_up_nyc(tmp_path / "fewer.csv", days=3))
    with pytest.raises(DataError, match="are there already"):
        convert(fewer, f"{place}/out")
    convert(fewer, f"{place}/out", replace=True)
    system, path = fsspec.url_to_fs(f"{place}/out")
    left = [one.rpartition("/out/")[2] for one in system.find(path)]
    assert sorted(left) == sorted(
        [MANIFEST, *(one.path.partition("/out/")[2] for one in partitions(f"{place}/out"))]
    )
    assert (
        read_flights(f"{place}/out").frame["scheduled_departure"].max()
        < pl.Series(["2013-01-04"]).str.to_datetime()[0]
    )


def test_foreign_files_at_an_address_are_not_written_over(tmp_path: Path, place: str) -> None:
    put(f"{place}/out/notes.txt", b"mine")
    with pytest.raises(DataError, match="it exists, and has no"):
        convert(str(made_up_nyc(tmp_path / "flights.csv", days=3)), f"{place}/out", replace=True)


@pytest.mark.parametrize(
    ("name", "found"),
    [("none.csv", "no such file"), ("*.csv", "no file matches"), ("empty.csv", "the file is empty")],
)
def test_what_is_not_at_an_address_is_one_line(place: str, name: str, found: str) -> None:
    put(f"{place}/empty.csv", b"")
    name = f"x{name}" if name == "*.csv" else name
    with pytest.raises(DataError, match=found) as error:
        read_flights(f"{place}/{name}")
    assert "\n" not in str(error.value)


def test_an_address_of_no_known_kind_is_one_line() -> None:
    with pytest.raises(DataError, match=r"cannot be read: protocol not known: nowhere"):
        read_flights("nowhere://flights.csv")


def test_a_store_that_lets_nobody_in_is_one_line(s3: str) -> None:
    with pytest.raises(DataError, match="s3://nobody"):
        read_flights("s3://nobody/flights.csv")
