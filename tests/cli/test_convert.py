"""`puntual convert`, and commands that read what it wrote."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import fsspec
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from puntual.batch import predict
from puntual.data import partitions, read_flights
from puntual.inference.artifact import read_artifact
from tests.cli.running import mistake, run
from tests.made_up import made_up_nyc


def test_what_is_converted_is_said_and_read_by_other_commands(tmp_path: Path) -> None:
    file, folder = made_up_nyc(tmp_path / "flights.csv", days=40), tmp_path / "out"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines, lines[1], lines[2].replace("2013", "20x3")]))
    ended = run("convert", file, "-o", folder)
    assert (ended.status, ended.out) == (0, "")
    left_out, repeats, said = ended.err.splitlines()
    assert f"{file}: row {len(lines) + 2} is left out: year, month, day, sched_dep_time '20x3 " in left_out
    assert repeats == f"{file}: 1 row repeats an earlier one; see `puntual check`"
    flights = len(lines) - 1
    assert said == f"{folder}: {flights:,} flights from 2013-01-01 to 2013-02-09, origins: 3, partitions: 6"
    assert f"{flights:,}" in run("check", folder).out


def test_answers_of_partitions_are_those_of_the_file(
    tmp_path: Path, small_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bit by bit, whatever is answered together; as one file or as partitions."""
    file, folder = made_up_nyc(tmp_path / "flights.csv", days=40), tmp_path / "out"
    run("convert", file, "-o", folder)
    monkeypatch.setattr(partitions, "ROWS_AT_ONCE", 300)
    wanted = predict(read_artifact(small_model), frame := read_flights(file).frame, frame, detail=True).drop(
        "row"
    )
    wanted = frame.drop("row").hstack(wanted).with_columns(problem=pl.lit(None, pl.String))
    order = ["origin", "scheduled_departure", "airline", "flight_number", "destination"]
    for name in ("answers.parquet", "answers"):
        ended = run("predict", small_model, folder, "-o", tmp_path / name, "--detail")
        assert (ended.status, ended.out) == (0, "")
        assert f"{frame.height:,} flights answered, " in ended.err
        files = [tmp_path / name] if "." in name else sorted((tmp_path / name).rglob("*.parquet"))
        found = pl.concat(map(pl.read_parquet, files))
        assert_frame_equal(found.sort(order), wanted.sort(order), check_exact=True)
    assert len(files) == 6
    assert (
        run("predict", small_model, folder, "-o", tmp_path / "few.csv", "--since", "2013-02-09").status == 0
    )
    some = pl.read_csv(tmp_path / "few.csv", try_parse_dates=True)
    last = wanted.filter(pl.col("scheduled_departure").dt.date() == dt.date(2013, 2, 9))
    assert (
        some["delay_probability"].to_list()
        == last.sort("origin", maintain_order=True)["delay_probability"].to_list()
    )
    assert "answers exists; wanted: a new folder" in mistake(
        "predict", small_model, folder, "-o", tmp_path / "answers"
    )
    assert "no flight of these dates" in mistake(
        "predict", small_model, folder, "-o", tmp_path / "n.csv", "--since", "2014-01-01"
    )


def test_mistakes_are_one_line(tmp_path: Path) -> None:
    file, folder = made_up_nyc(tmp_path / "flights.csv", days=3), tmp_path / "out"
    run("convert", file, "-o", folder)
    assert mistake("convert", file, "-o", folder).endswith(
        "wanted: another folder, or --force to replace them\n"
    )
    assert run("convert", file, "-o", folder, "--force").status == 0
    assert "source: 'nyc'; wanted: none" in mistake("check", folder, "--source", "nyc")
    assert "no flight from 2014-01-01" in mistake(
        "explore", folder, "-o", tmp_path / "r", "--since", "2014-01-01"
    )
    assert "protocol not known" in mistake("convert", file, "-o", "nowhere://flights")


def test_answers_at_an_address_are_those_of_this_machine(tmp_path: Path, small_model: Path) -> None:
    """Whole, or none of them if a file of the flights is damaged."""
    place = f"memory://{tmp_path.name}"
    folder = tmp_path / "flights"
    run("convert", made_up_nyc(tmp_path / "flights.csv", days=40), "-o", folder)
    for name in ("answers", "answers.parquet"):
        assert run("predict", small_model, folder, "-o", tmp_path / name).status == 0
        assert run("predict", small_model, folder, "-o", f"{place}/{name}").status == 0
        again = mistake("predict", small_model, folder, "-o", f"{place}/{name}")
        assert again == f"puntual: --output: {place}/{name} exists; wanted: another name\n"
    system, path = fsspec.url_to_fs(place)
    for one in [*(tmp_path / "answers").rglob("*.parquet"), tmp_path / "answers.parquet"]:
        assert system.cat_file(f"{path}/{one.relative_to(tmp_path)}") == one.read_bytes()
    Path(partitions.partitions(folder)[-1].path).write_bytes(b"PAR1")
    said = mistake("predict", small_model, folder, "-o", f"{place}/damaged")
    assert "damaged: " in said
    assert not system.exists(f"{path}/damaged")
