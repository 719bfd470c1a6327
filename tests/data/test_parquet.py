from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from puntual.data import parquet
from puntual.data.parts import open_parts
from puntual.errors import DataError

STD = dt.datetime(2024, 5, 1, 6)
FLIGHTS = pl.DataFrame(
    {
        "airline": ["LA", "JA", "LA"],
        "std": [STD] * 3,
        "late": [dt.timedelta(minutes=90), None, dt.timedelta(minutes=-3)],
    }
)


def write(kind: str, path: Path) -> None:
    if kind == "parquet":
        FLIGHTS.write_parquet(path)
    elif kind == "arrow":
        FLIGHTS.write_ipc(path, compression="zstd")
    else:
        FLIGHTS.write_ipc_stream(path)


@pytest.mark.parametrize("kind", ["parquet", "arrow", "stream"])
def test_columns_keep_their_types_in_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    path = tmp_path / "flights"
    write(kind, path)
    monkeypatch.setattr(parquet, "_ROWS_AT_ONCE", 2)
    (part,) = open_parts(path, say=pytest.fail)
    assert part.names == ("airline", "std", "late")
    first, second = (table.frame for table in part.tables())
    assert first.rows() == [
        ("LA", dt.datetime(2024, 5, 1, 6), 90.0, 1),
        ("JA", dt.datetime(2024, 5, 1, 6), None, 2),
    ]
    assert second["row"].to_list() == [3]
    assert next(part.tables({"late"})).frame.columns == ["late", "row"]


@pytest.mark.parametrize("kind", ["parquet", "arrow", "stream"])
def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "flights"
    write(kind, path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DataError, match=r"an? (Parquet|Arrow) file that is damaged: ") as caught:
        open_parts(path, say=pytest.fail)
    assert "\n" not in str(caught.value)
