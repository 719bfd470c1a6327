from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from tests.cli.running import mistake, run

ADDED = ["temporada_alta", "dif_min", "atraso_15", "periodo_dia"]


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def by_hand(scheduled: str, actual: str) -> list[str]:
    """The challenge's columns, in words as its own."""
    planned, left = dt.datetime.fromisoformat(scheduled), dt.datetime.fromisoformat(actual)
    year = planned.year
    seasons = (
        (dt.datetime(year, 12, 15), dt.datetime(year + 1, 1, 1)),
        (dt.datetime(year, 1, 1), dt.datetime(year, 3, 4)),
        (dt.datetime(year, 7, 15), dt.datetime(year, 8, 1)),
        (dt.datetime(year, 9, 11), dt.datetime(year, 10, 1)),
    )
    minutes = (left - planned).total_seconds() / 60
    period = "mañana" if 5 <= planned.hour <= 11 else "tarde" if 12 <= planned.hour <= 18 else "noche"
    return [
        str(int(any(first <= planned < end for first, end in seasons))),
        f"{minutes:g}",
        str(int(minutes > 15)),
        period,
    ]


def written(data: Path, output: Path, *flags: str) -> list[list[str]]:
    ended = run("features", data, "-o", output, *flags)
    assert (ended.status, ended.out) == (0, "")
    return rows_of(output)


def hold_by_hand(data: Path, output: Path) -> list[list[str]]:
    """Hold that every row of a file has its own values and the columns worked out by hand beside them."""
    header, *rows = written(data, output)
    own_header, *own_rows = rows_of(data)
    assert header == [*own_header, *ADDED]
    scheduled, actual = own_header.index("Fecha-I"), own_header.index("Fecha-O")
    for row, own in zip(rows, own_rows, strict=True):
        assert row == [*own, *by_hand(own[scheduled], own[actual])]
    return rows


def test_the_columns_of_a_made_up_file(made_up_scl: Path, tmp_path: Path) -> None:
    hold_by_hand(made_up_scl, tmp_path / "synthetic_features.csv")


def test_the_columns_of_the_santiago_flights(scl_file: Path, tmp_path: Path) -> None:
    rows = hold_by_hand(scl_file, tmp_path / "synthetic_features.csv")
    assert len(rows) == 55_768
    assert sum(int(row[-4]) for row in rows) == 19_293
    assert sum(int(row[-2]) for row in rows) == 9_799


def test_cancelled_flights_have_no_delay(made_up_nyc: Path, tmp_path: Path) -> None:
    header, *rows = written(made_up_nyc, tmp_path / "f.csv")
    cancelled = [row for row in rows if row[header.index("dep_delay")] == "NA"]
    assert cancelled
    assert {(row[-3], row[-2]) for row in cancelled} == {("", "")}
    assert all(row[-3] == row[header.index("dep_delay")] for row in rows if row not in cancelled)


def test_bad_rows_are_told_and_left_out_and_copies_kept(made_up_scl: Path, tmp_path: Path) -> None:
    lines = made_up_scl.read_text().splitlines()
    data = tmp_path / "f.csv"
    data.write_text("\n".join([*lines[:4], "soon" + lines[4][19:], lines[1], *lines[5:20]]))
    ended = run("features", data, "-o", tmp_path / "out.csv")
    assert ended.err.splitlines()[0].startswith(f"{data}: row 5 is left out: Fecha-I 'soon' is not")
    rows = rows_of(tmp_path / "out.csv")
    assert [",".join(row[:-4]) for row in rows] == [*lines[:4], lines[1], *lines[5:20]]
    assert rows[4] == rows[1]


def test_many_bad_rows_are_told_in_few_lines(made_up_scl: Path, tmp_path: Path) -> None:
    lines = made_up_scl.read_text().splitlines()
    (tmp_path / "f.csv").write_text(
        "\n".join([*lines[:9], *("soon" + line[19:] for line in lines[9:59]), *lines[59:]])
    )
    told = run("features", tmp_path / "f.csv", "-o", tmp_path / "out.csv").err.splitlines()
    assert len(told) == 22
    assert told[20] == f"{tmp_path / 'f.csv'}: 50 rows are left out in all; see `puntual check`"


def test_half_minutes_and_a_file_that_has_the_columns_already(made_up_scl: Path, tmp_path: Path) -> None:
    half = pl.read_csv(made_up_scl, infer_schema=False).head(9)
    half = half.with_columns((pl.col("Fecha-I").str.head(17) + "30").alias("Fecha-I"), dif_min=pl.lit("?"))
    half.write_csv(tmp_path / "half.csv")
    header, *rows = written(tmp_path / "half.csv", tmp_path / "out.csv")
    assert header[-4:] == ADDED
    assert len(header) == 22
    assert all(row[-3].endswith(".5") for row in rows)


def test_parquet_in_and_out(made_up_scl: Path, tmp_path: Path) -> None:
    typed = pl.read_csv(made_up_scl, infer_schema_length=None).with_columns(
        pl.col("Fecha-I", "Fecha-O").str.to_datetime("%Y-%m-%d %H:%M:%S")
    )
    typed.write_parquet(tmp_path / "f.parquet")
    assert run("features", tmp_path / "f.parquet", "-o", tmp_path / "out.parquet").status == 0
    table = pl.read_parquet(tmp_path / "out.parquet")
    assert table.schema["dif_min"] == pl.Float64()
    assert table.drop(ADDED).equals(typed)
    assert written(tmp_path / "f.parquet", tmp_path / "a.csv") == written(made_up_scl, tmp_path / "b.csv")


def test_nothing_is_left_behind_where_writing_fails(
    made_up_scl: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(table: object, target: object, **options: object) -> None:
        Path(str(target)).write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.LazyFrame, "sink_csv", full)
    (tmp_path / "out.csv").write_text("before")
    assert "No space left on device" in mistake("features", made_up_scl, "-o", tmp_path / "out.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    assert (tmp_path / "out.csv").read_text() == "before"


def test_a_schedule_has_no_delays_to_tell(made_up_scl: Path, tmp_path: Path) -> None:
    pl.read_csv(made_up_scl, infer_schema=False).drop("Fecha-O").write_csv(tmp_path / "f.csv")
    assert "no column 'Fecha-O'" in mistake("features", tmp_path / "f.csv", "-o", tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()
