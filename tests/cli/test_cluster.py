"""Commands on a cluster give what they give on one machine, or one line that says why not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from puntual.cli.train_cluster import LEFT_OUT
from puntual.cluster import artifact
from puntual.cluster.connection import connect
from puntual.data import partitions
from puntual.inference.artifact import read_artifact
from tests.cli.running import mistake, run
from tests.network import make_network, write_network
from tests.quick import QUICK


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a scheduler with two workers."""
    with connect("local:2", print) as client:
        yield client.scheduler_info()["address"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_network(make_network(), tmp_path_factory.mktemp("network"))


@pytest.fixture(autouse=True)
def quick_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a training on a cluster try no more than `QUICK`."""
    monkeypatch.setattr(artifact, "train_network", partial(artifact.train_network, budget=QUICK))


@pytest.fixture
def damaged(folder: Path, tmp_path: Path) -> Path:
    """A copy of the folder with one file that is damaged."""
    copy = shutil.copytree(folder, tmp_path / "damaged")
    (copy / "origin=SEA" / "month=2001-03" / "part-0.parquet").write_bytes(b"PAR1 no longer")
    return copy


def test_a_check_is_that_of_one_machine(cluster: str, folder: Path) -> None:
    ended = run("check", folder, "--json", "--cluster", cluster)
    assert (ended.status, ended.out) == (0, run("check", folder, "--json").out)
    assert ended.err.startswith(f"{cluster}: 2 workers; dashboard: http://127.0.0.1:")


def test_a_quick_exploration_is_that_of_one_machine(cluster: str, folder: Path, tmp_path: Path) -> None:
    command = ("explore", folder, "--quick", "--language", "en", "-o")
    for name, options in (("one", ()), ("many", ("--cluster", cluster))):
        assert run(*command, tmp_path / name, *options).status == 0
    for name in ("rates.csv", "findings.json"):
        assert (tmp_path / "many" / name).read_bytes() == (tmp_path / "one" / name).read_bytes()
    whole = ("explore", folder, "-o", tmp_path / "whole", "--cluster", cluster)
    assert mistake(*whole).startswith("puntual: --cluster: needs --quick")


def test_answers_are_those_of_one_machine(
    cluster: str, folder: Path, small_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bit by bit, as one file and as partitions."""
    monkeypatch.setattr(partitions, "ROWS_AT_ONCE", 3000)
    said, answers = [], []
    for options in ((), ("--cluster", cluster)):
        for output in (tmp_path / "answers", tmp_path / "answers.parquet"):
            ended = run("predict", small_model, folder, "-o", output, *options)
            assert (ended.status, ended.out) == (0, "")
            said.append([line for line in ended.err.splitlines() if cluster not in line])
        files = sorted((tmp_path / "answers").rglob("*.parquet"))
        answers.append({path: pl.read_parquet(path) for path in (tmp_path / "answers.parquet", *files)})
        shutil.rmtree(tmp_path / "answers")
    assert said[:2] == said[2:]
    alone, together = answers
    assert [*alone] == [*together]
    for path, answered in together.items():
        assert_frame_equal(answered, alone[path], check_exact=True)


def test_a_damaged_partition_is_named_after_three_tries(
    cluster: str, damaged: Path, small_model: Path, tmp_path: Path
) -> None:
    bad = damaged / "origin=SEA" / "month=2001-03" / "part-0.parquet"
    ended = run("check", damaged, "--cluster", cluster)
    assert ended.status == 0
    assert ended.err.count("is left out") == 1
    assert f"{bad} is left out: {bad}: damaged: " in ended.err
    ended = run("explore", damaged, "-o", tmp_path / "report", "--quick", "--cluster", cluster)
    assert (ended.status, ended.err.count("is left out")) == (0, 1)
    for command in (
        ("check", damaged, "--strict"),
        ("explore", damaged, "-o", tmp_path / "strict", "--quick", "--strict"),
        ("predict", small_model, damaged, "-o", tmp_path / "answers.csv"),
    ):
        ended = run(*command, "--cluster", cluster)
        assert ended.status == 2
        line = ended.err.splitlines()[-1]
        assert line.startswith("puntual: ")
        assert "failed 3 times: " in line
        assert f"{bad}: damaged: " in line
    assert not (tmp_path / "answers.csv").exists()


def test_a_model_of_a_cluster_is_evaluated_and_goes_on_from_what_is_written(
    cluster: str, folder: Path, tmp_path: Path
) -> None:
    model, again, work = tmp_path / "m.puntual", tmp_path / "again.puntual", tmp_path / "work"
    options = ("--trees", 20, "--cluster", cluster, "--work", work)
    ended = run("train", folder, "-o", model, *options, "--seeds", 2)
    assert ended.status == 0, ended.err
    assert "over 2 seeds" in ended.out
    assert f"trained on {read_artifact(model).training.flights:,} flights from 2001-01-01" in ended.out
    assert f"{LEFT_OUT}\n" in ended.err
    boosters = sorted(work.glob("boosters/*.txt"))
    assert len(boosters) == 8
    assert "wanted: --resume, or another folder" in run("train", folder, "-o", again, *options).err
    boosters[0].unlink()
    times = {path: path.stat().st_mtime_ns for path in boosters[1:]}
    ended = run("train", folder, "-o", again, *options, "--seeds", 2, "--resume")
    assert ended.status == 0, ended.err
    assert again.read_bytes() == model.read_bytes()
    assert times == {path: path.stat().st_mtime_ns for path in boosters[1:]}
    command = ("evaluate", model, folder, "--since", "2001-06-01", "--json", "--reliability")
    measured = run(*command, "--cluster", cluster)
    assert (measured.status, measured.out) == (0, run(*command).out)


def test_a_damaged_partition_is_not_learned_from(cluster: str, damaged: Path, tmp_path: Path) -> None:
    options = ("--trees", 5, "--cluster", cluster, "--work", tmp_path / "work")
    ended = run("train", damaged, "-o", tmp_path / "m.puntual", *options, "--final", "--json")
    assert (ended.status, ended.err.count("is left out")) == (0, 1)
    assert "puntual: " not in ended.err
    assert json.loads(ended.out)["model"].startswith("mapped-")
    training = read_artifact(tmp_path / "m.puntual").training
    assert (training.refitted, training.first, training.last) == (True, "2001-01-01", "2001-06-29")
    departed = [
        pl.read_parquet(path)["actual_departure"].count()
        for path in damaged.rglob("*.parquet")
        if path.stat().st_size > 100
    ]
    assert training.flights == sum(departed)


def test_what_a_cluster_does_not_know_is_refused(folder: Path, small_model: Path, tmp_path: Path) -> None:
    file, at = tmp_path / "flights.csv", ("--cluster", "local")
    file.write_text("a,b\n1,2\n")
    wanted = f"puntual: --cluster: {file} is no folder of partitions; wanted: what puntual convert wrote\n"
    assert mistake("check", file, *at) == wanted
    refused = mistake("predict", small_model, folder, "-o", tmp_path / "a.csv", "--timetable", file, *at)
    assert refused == "puntual: --cluster: cannot be combined with --timetable\n"
    assert "wanted: tcp://HOST:PORT, local, local:WORKERS" in mistake("check", folder, "--cluster", "far")
    train = ("train", folder, "-o", tmp_path / "m.puntual")
    assert mistake(*train, "--compare", *at) == "puntual: --cluster: cannot be combined with --compare\n"
    assert mistake(*train, "--work", tmp_path / "w") == "puntual: --work: needs --cluster\n"
    assert mistake(*train, *at, "--resume") == "puntual: --resume: needs --work\n"
    assert mistake(*train, "--cluster", "tcp://127.0.0.1:1") == (
        "puntual: --work: not given; wanted: a folder that every machine of the cluster reaches\n"
    )
