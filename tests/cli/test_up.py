"""`puntual up --replay`: which model answers, and what is served."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from puntual.cli import played_day
from puntual.errors import SettingError
from puntual.inference.artifact import Artifact, read_artifact, write_artifact
from puntual.inference.estimates import Estimate
from puntual.inference.lead_results import LeadMetrics
from puntual.serving import server
from puntual.serving.settings import Settings
from tests.cli.running import run
from tests.estimates import estimates
from tests.flights import TABLES, artifact_of, small_booster, small_operations
from tests.ports import free_port


@pytest.fixture(scope="module")
def day_model() -> Artifact:
    """A model that knows operations."""
    artifact = artifact_of(TABLES, small_booster())
    metrics = estimates(0.431, 0.42, 0.44)
    leads = (LeadMetrics(120, 900, 0.2, metrics, Estimate(0.02, 0.01, 0.03)),)
    card = msgspec.structs.replace(artifact.card, leads=leads)
    return msgspec.structs.replace(artifact, name="nyc-small", operations=small_operations(), card=card)


class Played:
    """What `up` would have trained, played and served."""

    def __init__(self) -> None:
        self.trained = 0
        self.played: list[Settings] = []
        self.served: list[Settings] = []
        self.ended = 0

    def play(self, settings: Settings) -> Played:
        self.played.append(settings)
        return self

    def terminate(self) -> None:
        self.ended += 1


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    (tmp_path / "puntual").mkdir()
    return tmp_path / "puntual"


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch, day_model: Artifact) -> Played:
    found = Played()

    def train(on_progress: Any) -> Artifact:
        on_progress("the small model", 1)
        found.trained += 1
        return day_model

    monkeypatch.setattr(played_day, "train_small", train)
    monkeypatch.setattr(played_day, "play", found.play)
    monkeypatch.setattr(server, "run", found.served.append)
    return found


def test_a_first_replay_trains_a_small_model_and_keeps_it_beside_the_full_one(
    folder: Path, found: Played
) -> None:
    port = free_port()
    for _ in range(2):
        ended = run("up", "--replay", "--port", port)
        assert ended.status == 0, ended.err
        assert "nyc-small answers, a small model for this: it learned from " in ended.err
        assert "0.431 two hours before departure" in ended.err
        assert "`puntual up` makes the full model" in ended.err
    assert found.trained == 1
    assert read_artifact(folder / "nyc-replay.puntual").name == "nyc-small"
    assert not (folder / "nyc.puntual").exists()
    assert [served.model for served in found.served] == [str(folder / "nyc-replay.puntual")] * 2
    assert {served.store for served in found.served} == {f"sqlite:///{folder / f'replay-{port}.sqlite'}"}
    assert {served.clock for served in found.served} == {"events"}
    assert [played.port for played in found.played] == [int(port)] * 2


@pytest.mark.parametrize("knows", [True, False])
def test_the_full_model_answers_if_it_knows_operations(
    folder: Path, found: Played, day_model: Artifact, knows: bool
) -> None:
    full = msgspec.structs.replace(day_model, name="nyc-full")
    if not knows:
        full = msgspec.structs.replace(full, operations=None)
    write_artifact(full, folder / "nyc.puntual")
    ended = run("up", "--replay", "--port", free_port())
    said = "nyc-full answers, the model of `puntual up`; it has learned from that day, too"
    assert (said in ended.err) is knows
    assert found.trained == (not knows)
    assert Path(found.served[0].model).name == ("nyc.puntual" if knows else "nyc-replay.puntual")


def test_each_replay_begins_with_an_empty_store(folder: Path, found: Played) -> None:
    port = free_port()
    for name in (f"replay-{port}.sqlite", f"replay-{port}.sqlite-wal"):
        (folder / name).write_text("of an earlier day")
    assert run("up", "--replay", "--port", port).status == 0
    assert (folder / f"replay-{port}.sqlite").read_bytes().startswith(b"SQLite format 3")


def test_a_service_that_cannot_start_ends_the_player(
    monkeypatch: pytest.MonkeyPatch, folder: Path, found: Played
) -> None:
    def fail(settings: Settings) -> None:
        raise SettingError("no way")

    monkeypatch.setattr(server, "run", fail)
    ended = run("up", "--replay", "--port", free_port())
    assert (ended.status, ended.err.splitlines()[-1]) == (2, "puntual: no way")
    assert found.ended == 1
