"""`puntual predict` answers a file row by row: every row out in its place, with its answer or the reason."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from puntual.batch import predict
from puntual.data import read_flights
from puntual.inference.artifact import read_artifact
from tests.cli.running import Ended, run
from tests.made_up import made_up_elsewhere, made_up_mapped, made_up_nyc, made_up_scl

MADE_UP: dict[str, Callable[..., Path]] = {
    "scl": made_up_scl,
    "nyc": made_up_nyc,
    "mapped": made_up_mapped,
    "elsewhere": made_up_elsewhere,
}
ANSWER = ["delay_probability", "delayed", "risk", "unknown"]


@pytest.fixture(scope="module", params=sorted(MADE_UP))
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return MADE_UP[request.param](tmp_path_factory.mktemp(request.param) / "flights.csv", days=4)


def lines_of(file: Path) -> tuple[list[list[str]], str, str]:
    mapped = file.with_suffix(".toml").exists()
    encoding, separator = ("latin-1", ";") if mapped else ("utf-8", ",")
    with file.open(encoding=encoding, newline="") as opened:
        return [*csv.reader(opened, delimiter=separator)], encoding, separator


def written(file: Path, lines: list[list[str]], encoding: str = "utf-8", separator: str = ",") -> Path:
    with file.open("w", encoding=encoding, newline="") as opened:
        csv.writer(opened, delimiter=separator, lineterminator="\n").writerows(lines)
    return file


def source_of(file: Path) -> list[object]:
    mapping = file.with_suffix(".toml")
    return ["--source", mapping] if mapping.exists() else []


def notes(ended: Ended) -> list[str]:
    """What is said on stderr, but for values that the small model of these tests never saw."""
    return [line for line in ended.err.splitlines() if "the model never saw" not in line]


def spoilt(row: list[str], how: str) -> list[str]:
    """A row that cannot be read, or one that is like another."""
    if how == "short":
        return row[:-1]
    if how == "blank":
        return [""] * len(row)
    if how == "long":
        return [*row, "more"]
    return ["no time", *row[1:]] if how == "time" else row


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_as_many_rows_out_as_in_each_in_its_place(
    small_model: Path, file: Path, tmp_path: Path, data: st.DataObject
) -> None:
    (header, *rows), encoding, separator = lines_of(file)
    odd = data.draw(st.lists(st.sampled_from(["short", "long", "time", "repeat", "blank"]), max_size=6))
    for how in odd:
        place = data.draw(st.integers(0, len(rows)))
        rows.insert(place, spoilt(rows[data.draw(st.integers(0, len(rows) - 1))], how))
    asked = written(tmp_path / "in.csv", [header, *rows], encoding, separator)
    options = data.draw(st.sampled_from([[], ["--detail"], ["--detail", "--language", "es"], ["--alone"]]))
    dates = data.draw(st.sampled_from([[], ["--since", "2017-01-02"], ["--until", "2017-01-03"]]))
    if "nyc" in file.parent.name:
        dates = [one.replace("2017", "2013") for one in dates]
    suffix = data.draw(st.sampled_from(["csv", "parquet"]))
    out = tmp_path / f"out.{suffix}"
    ended = run("predict", small_model, asked, "-o", out, *source_of(file), *options, *dates)
    assert ended.status == 0, ended.err
    assert len(notes(ended)) == 1, ended.err
    table = pl.read_csv(out, infer_schema=False) if suffix == "csv" else pl.read_parquet(out)
    assert table.height == len(rows)
    assert table.columns[: len(header)] == header
    assert table.columns[-1] == "problem"
    given = [[cell or None for cell in [*row, *header][: len(header)]] for row in rows]
    whole = [len(row) == len(header) for row in rows]
    told = [list(row) for row in table.select(header).iter_rows()]
    assert [row for row, is_whole in zip(told, whole, strict=True) if is_whole] == [
        row for row, is_whole in zip(given, whole, strict=True) if is_whole
    ]
    for column in set(table.columns) - {*header, "problem", "unknown"}:
        assert table[column].is_null().equals(table["problem"].is_not_null().rename(column)), column
    answers: dict[tuple[str | None, ...], tuple[object, ...]] = {}
    for row, answer in zip(given, table.select(pl.exclude(*header)).iter_rows(), strict=True):
        assert answer[-1] is not None or answers.setdefault(tuple(row), answer) == answer


def test_the_answers_of_good_rows_are_those_without_the_bad_ones(
    small_model: Path, file: Path, tmp_path: Path
) -> None:
    (header, *rows), encoding, separator = lines_of(file)
    source = source_of(file)
    odd = [*rows[:3], spoilt(rows[3], "time"), *rows[3:9], rows[0], spoilt(rows[4], "short"), *rows[9:]]
    asked = written(tmp_path / "in.csv", [header, *odd], encoding, separator)
    ended = run("predict", small_model, asked, "-o", tmp_path / "out.parquet", *source)
    flights = read_flights(str(file), source=str(source[1]) if source else None, history=False)
    wanted = predict(read_artifact(small_model), flights.frame, flights.frame)
    out = pl.read_parquet(tmp_path / "out.parquet")
    kept = out.with_row_index().filter(~pl.col("index").is_in([3, 10, 11]))
    assert kept.select(ANSWER).equals(wanted.select(ANSWER))
    assert out.row(10) == out.row(0)
    reasons = out["problem"].drop_nulls().to_list()
    assert "no time" in reasons[0]
    assert reasons[1] == f"{len(header) - 1} fields instead of {len(header)}"
    # A flight without an actual time may still leave: nothing marks it as cancelled.
    cancelled = flights.frame["cancelled"].sum() - flights.assumed_cancelled.height
    marked = f", {cancelled} of them marked as cancelled" if cancelled else ""
    said = f"{len(odd)} rows, {len(rows)} flights answered{marked}, 1 that repeat another answered as it"
    why = "2 without an answer (the column problem says why)"
    assert notes(ended) == [
        f"{tmp_path / 'out.parquet'}: {said}, {why}, by {read_artifact(small_model).name}"
    ]


def test_a_column_of_any_name_does_no_harm(small_model: Path, tmp_path: Path) -> None:
    rows = pl.read_csv(made_up_mapped(tmp_path / "f.csv", days=2), infer_schema=False).head(20)
    rows = rows.with_columns(first_row=pl.lit("mine"), problem=pl.lit("mine"), reason=pl.lit("mine"))
    pl.concat([rows, rows.head(1)]).write_csv(tmp_path / "f.csv")
    assert run("predict", small_model, tmp_path / "f.csv", "-o", tmp_path / "out.csv").status == 0
    out = pl.read_csv(tmp_path / "out.csv", infer_schema=False)
    assert out.columns == [*rows.drop("problem").columns, *ANSWER, "problem"]
    assert out.row(20) == out.row(0)
    assert out["problem"].null_count() == 21


def test_a_timetable_of_another_month_is_said(small_model: Path, tmp_path: Path) -> None:
    flights = made_up_scl(tmp_path / "flights.csv", days=6)
    (header, *rows), _, _ = lines_of(flights)
    for name, begin, end in (("asked", 1, 3), ("other", 5, 6), ("part", 3, 4)):
        days = [f"2017-01-{day:02d}" for day in range(begin, end + 1)]
        written(tmp_path / f"{name}.csv", [header, *(row for row in rows if row[0][:10] in days)])
    count = sum(row[0] < "2017-01-04" for row in rows)
    third = sum(row[0].startswith("2017-01-03") for row in rows)
    for name, alone, told in (("other", count, "2017-01-05 to 2017-01-06"), ("part", count - third, "")):
        ended = run(
            *("predict", small_model, tmp_path / "asked.csv", "-o", tmp_path / f"{name}.out.csv"),
            *("--timetable", tmp_path / f"{name}.csv"),
        )
        assert ended.status == 0
        first, last = notes(ended)
        assert first.startswith(f"{tmp_path / name}.csv: the timetable of {told}")
        assert f"lacks the day and origin of {alone} of {count} flights, which are predicted alone" in first
        assert "flights answered" in last
    run("predict", small_model, tmp_path / "asked.csv", "-o", tmp_path / "alone.csv", "--alone")
    assert (tmp_path / "alone.csv").read_bytes() == (tmp_path / "other.out.csv").read_bytes()
    ended = run(
        *("predict", small_model, tmp_path / "asked.csv", "-o", tmp_path / "whole.csv"),
        *("--timetable", flights),
    )
    assert len(notes(ended)) == 1


def test_columns_of_the_file_that_give_way_are_said(small_model: Path, tmp_path: Path) -> None:
    file = made_up_scl(tmp_path / "flights.csv", days=4)
    header, *rows = file.read_text("utf-8").splitlines()
    file.write_text("\n".join([f"{header},problem", *(f"{row},mine" for row in rows)]) + "\n", "utf-8")
    ended = run("predict", small_model, file, "-o", tmp_path / "out.csv")
    assert f"{file}: the predictions replace its columns problem" in ended.err
    assert pl.read_csv(tmp_path / "out.csv")["problem"].null_count() == len(rows)
