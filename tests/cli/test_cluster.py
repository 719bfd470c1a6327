"""Commands on a cluster give what they give on one machine, or one line that says why not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from puntual.cluster.connection import connect
from puntual.data import partitions
from tests.cli.running import mistake, run
from tests.network import make_network, write_network


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a scheduler with two workers."""
    with connect("local:2", print) as client:
        yield client.scheduler_info()["address"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_network(make_network(), tmp_path_factory.mktemp("network"))


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
    for command in (
        ("check", damaged, "--strict"),
        ("predict", small_model, damaged, "-o", tmp_path / "answers.csv"),
    ):
        ended = run(*command, "--cluster", cluster)
        assert ended.status == 2
        line = ended.err.splitlines()[-1]
        assert line.startswith("puntual: ")
        assert "failed 3 times: " in line
        assert f"{bad}: damaged: " in line
    assert not (tmp_path / "answers.csv").exists()


def test_what_a_cluster_does_not_know_is_refused(folder: Path, small_model: Path, tmp_path: Path) -> None:
    file, at = tmp_path / "flights.csv", ("--cluster", "local")
    file.write_text("a,b\n1,2\n")
    wanted = f"puntual: --cluster: {file} is no folder of partitions; wanted: what puntual convert wrote\n"
    assert mistake("check", file, *at) == wanted
    refused = mistake("predict", small_model, folder, "-o", tmp_path / "a.csv", "--timetable", file, *at)
    assert refused == "puntual: --cluster: cannot be combined with --timetable\n"
    assert "wanted: tcp://HOST:PORT, local, local:WORKERS" in mistake("check", folder, "--cluster", "far")
