"""`puntual compare`: two schedules in, what changes out."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec
import polars as pl
import pytest

from puntual.batch import predict
from puntual.data import read_flights
from puntual.inference.artifact import read_artifact
from puntual.operations.comparison import Comparison
from tests.cli.running import mistake, run
from tests.made_up import made_up_scl

TIME, NUMBER = "Fecha-I", "Vlo-I"


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Three days; and the same with the first flight three hours later, and without the last one."""
    folder = tmp_path_factory.mktemp("plans")
    made = made_up_scl(folder / "made.csv", days=3)
    plan = pl.read_csv(made, infer_schema=False)
    files = folder / "before.csv", folder / "after.csv"
    plan.write_csv(files[0])
    time = dt.datetime.fromisoformat(plan[TIME][0]) + dt.timedelta(hours=3)
    first = pl.int_range(pl.len()) == 0
    moved = plan.with_columns(pl.when(first).then(pl.lit(f"{time}")).otherwise(TIME).alias(TIME))
    moved[:-1].write_csv(files[1])
    return files


def test_each_flight_has_the_chance_that_predict_gives_it_in_its_schedule(
    small_model: Path, plans: tuple[Path, Path], tmp_path: Path
) -> None:
    before, after = plans
    table = tmp_path / "changes.parquet"
    ended = run("compare", before, after, "--model", small_model, "--json", "-o", table)
    assert ended.status == 0, ended.err
    found = msgspec.json.decode(ended.out, type=Comparison)
    artifact = read_artifact(small_model)
    for file, side in ((before, "before"), (after, "after")):
        flights = read_flights(str(file), history=False).frame
        own = predict(artifact, flights, flights)
        told = [(getattr(one, side), getattr(one, f"{side}_probability")) for one in found.flights]
        asked = zip(flights["scheduled_departure"], own["delay_probability"], strict=True)
        assert sorted(filter(all, told)) == sorted(asked)
        assert sum(getattr(one, f"flights_{side}") for one in found.days) == flights.height
        late = sum(getattr(one, f"late_{side}") for one in found.days)
        assert late == pytest.approx(own["delay_probability"].sum(), abs=0.02)
    kinds = [one.kind for one in found.flights]
    assert (kinds.count("retimed"), kinds.count("removed"), kinds.count("added")) == (1, 1, 0)
    assert "1 retimed, 0 only in" in ended.err
    written = pl.read_parquet(table)
    assert written["kind"].to_list() == kinds
    assert written["change"].to_list() == [one.change for one in found.flights]


def test_what_a_person_reads(small_model: Path, plans: tuple[Path, Path]) -> None:
    before, after = plans
    out = run("compare", before, after, "--model", small_model).out
    assert "Flights expected to leave more than 15 minutes late" in out
    flights = pl.read_csv(before).height
    total = next(line for line in out.splitlines() if line.strip().startswith("all"))
    assert [total.split()[1], total.split()[2]] == [f"{flights:,}", f"{flights - 1:,}"]


def test_days_that_only_one_has_are_said(small_model: Path, plans: tuple[Path, Path], tmp_path: Path) -> None:
    before, _ = plans
    plan = pl.read_csv(before, infer_schema=False)
    shorter = tmp_path / "shorter.csv"
    plan.filter(pl.col(TIME) < "2017-01-02").write_csv(shorter)
    ended = run("compare", before, shorter, "--model", small_model)
    assert ended.status == 0
    assert f"{shorter}: no flights of SCEL on 2017-01-02, and 1 more such days; the other" in ended.err


def test_mistakes_are_one_line(small_model: Path, plans: tuple[Path, Path]) -> None:
    before, after = plans
    assert "nowhere.csv" in mistake("compare", "nowhere.csv", after, "--model", small_model)
    assert "is the input" in mistake("compare", before, after, "--model", small_model, "-o", after)
