"""A network's features, tables and boosters on a LocalCluster are those of one machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from distributed import Client

from puntual.batch import score
from puntual.cluster.artifact import train_network
from puntual.cluster.connection import connect
from puntual.cluster.features import DELAYED, read_rows
from puntual.cluster.training import Network, choose_on_sample, compute_network, fit_schedule
from puntual.data.partitions import partitions, read_manifest
from puntual.errors import DataError, SettingError
from puntual.inference.artifact import read_artifact, write_artifact
from puntual.metrics.scores import log_loss
from puntual.models.boosting import FEATURE_NAMES
from puntual.training import scheduled
from puntual.training.cancellation import learn_cancellation, learn_scheduled
from puntual.training.fitting import fit
from puntual.training.splits import Parts, divide
from tests.network import make_network, write_network
from tests.quick import QUICK

SEED_NOISE = 0.006
"""Of log loss, on so few flights."""


@pytest.fixture(scope="module")
def said() -> list[str]:
    return []


@pytest.fixture(scope="module")
def client(said: list[str]) -> Iterator[Client]:
    with connect("local:2", said.append) as client:
        yield client


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_network(make_network(), tmp_path_factory.mktemp("network"))


@pytest.fixture(scope="module")
def parts() -> Parts:
    """What one machine makes of the same flights."""
    return divide(make_network(), 15)


@pytest.fixture(scope="module")
def network(client: Client, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Network:
    return compute(client, folder, tmp_path_factory.mktemp("work"), [])


def compute(client: Client, folder: Path, work: Path, said: list[str], **options: bool) -> Network:
    return compute_network(
        client,
        read_manifest(folder),
        partitions(folder),
        "network",
        str(work),
        delay_minutes=15,
        strict=options.get("strict", False),
        resume=options.get("resume", False),
        say=said.append,
    )


def test_the_dashboard_is_said(client: Client, said: list[str]) -> None:
    assert said == [f"local:2: 2 workers; dashboard: {client.dashboard_link}"]


def test_tables_and_sample_are_those_of_one_machine(network: Network, parts: Parts) -> None:
    assert network.parts.tables == parts.tables
    assert set(network.sampled) == {1}
    for ours, theirs in ((network.parts.learned, parts.learned), (network.parts.test, parts.test)):
        assert ours.frame.equals(theirs.frame)
        assert ours.matrix.tobytes() == theirs.matrix.tobytes()
        assert np.array_equal(ours.delayed, theirs.delayed)


def test_features_in_the_buckets_are_those_of_one_machine_bit_by_bit(network: Network, parts: Parts) -> None:
    rows = pl.concat(read_rows(path) for bucket in network.buckets for path in bucket.files)
    wanted = pl.DataFrame(parts.learned.matrix, schema=FEATURE_NAMES).with_columns(
        pl.Series(DELAYED, parts.learned.delayed)
    )
    order = [*FEATURE_NAMES, DELAYED]
    found = rows.select(order).sort(order)
    assert found.to_numpy().tobytes() == wanted.sort(order).to_numpy().tobytes()
    sizes = [bucket.rows for bucket in network.buckets]
    assert max(sizes) - min(sizes) <= len(network.origins)


def test_boosters_are_within_seed_noise_of_one_machine(
    client: Client, network: Network, parts: Parts
) -> None:
    tuning = choose_on_sample(network, trees=20, budget=QUICK)
    model = fit_schedule(client, network, tuning, say=print)
    alike = fit(parts.learned, tuning, seed=11)
    assert model.base_rate == alike.base_rate
    for ours, theirs in (
        (model.with_timetable, alike.with_timetable),
        (model.without_timetable, alike.without_timetable),
    ):
        assert "machines" not in ours.booster
        assert ours.booster.count("Tree=") == theirs.booster.count("Tree=")
    test = parts.test
    losses = [log_loss(one.probability(test.matrix), test.delayed) for one in (model, alike)]
    assert abs(losses[0] - losses[1]) < SEED_NOISE
    assert losses[0] < log_loss(np.full(len(test.delayed), model.base_rate), test.delayed)


def test_cancellations_are_learned_as_on_one_machine(
    network: Network, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduled, "MIN_LEARNED", 100)
    divided = scheduled.add_cancelled(network.parts, *network.cancelled, 11)
    found = learn_scheduled(divided, budget=QUICK, seed=11)
    alike = learn_cancellation(make_network(), parts, budget=QUICK, seed=11)
    assert found.model is not None
    assert (found.model, found.metrics) == (alike.model, alike.metrics)


def test_what_is_written_is_not_computed_again(client: Client, folder: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    first = compute(client, folder, work, [])
    lost = next(work.glob("done/*.json"))
    before = {path: path.stat().st_mtime_ns for path in work.rglob("*.parquet")}
    content = lost.read_bytes()
    lost.unlink()
    with pytest.raises(SettingError, match="holds a training; wanted: --resume"):
        compute(client, folder, work, [])
    again = compute(client, folder, work, [], resume=True)
    assert again.origins == first.origins
    assert lost.read_bytes() == content
    changed = {path.stem for path, time in before.items() if path.stat().st_mtime_ns != time}
    assert changed == {lost.stem}


def test_a_damaged_partition_is_named_and_left_out(client: Client, folder: Path, tmp_path: Path) -> None:
    damaged = shutil.copytree(folder, tmp_path / "damaged")
    bad = next((damaged / "origin=SEA").glob("month=2001-03/*.parquet"))
    bad.write_bytes(b"PAR1 no longer")
    said: list[str] = []
    found = compute(client, damaged, tmp_path / "work", said)
    assert len(said) == 1
    assert said[0].startswith(f"{bad} is left out: {bad}: damaged: ")
    assert "SEA" in found.origins
    with pytest.raises(DataError, match=r"failed 3 times: .*damaged"):
        compute(client, damaged, tmp_path / "strict", [], strict=True)


def test_the_artifact_of_a_network_answers(
    client: Client, network: Network, parts: Parts, tmp_path: Path
) -> None:
    said: list[str] = []
    artifact = train_network(client, network, "mapped", trees=20, budget=QUICK, say=said.append)
    learned, tested = len(parts.learned.delayed), len(parts.test.delayed)
    sample = f"is chosen on {learned:,} of them (100 %) and measured on {tested:,} of the later ones (100 %)"
    assert said == [f"the boosters learn from all flights; all else {sample}"]
    write_artifact(artifact, tmp_path / "network.puntual")
    read = read_artifact(tmp_path / "network.puntual")
    assert read.name == artifact.name
    assert read.training.flights == learned
    assert (read.training.first, read.training.last) == (parts.learned.first, parts.learned.last)
    probability = score(read, parts.test.frame, None)
    metrics = artifact.evaluation.without_timetable
    assert log_loss(probability, parts.test.delayed) == pytest.approx(metrics.log_loss)
