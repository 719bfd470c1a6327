"""A bad day in short: nothing is answered wrongly, and nothing that was acknowledged is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.chaos.__main__ import another, answers_of, asked_flights, spoil
from puntual.inference.artifact import Artifact, write_artifact
from tests.flights import TABLES, artifact_of, small_booster


@pytest.fixture(scope="module")
def artifact() -> Artifact:
    return artifact_of(TABLES, small_booster())


def test_the_other_model_gives_other_answers(artifact: Artifact) -> None:
    flights = asked_flights(artifact)
    first, other = answers_of(artifact, flights), answers_of(another(artifact), flights)
    assert all(one != two for one, two in zip(first, other, strict=True))


@pytest.mark.slow
def test_a_bad_day(artifact: Artifact, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """How many requests fail on a busy machine, which refuses what it cannot do, is for the benchmark."""
    model = tmp_path / "model.puntual"
    write_artifact(artifact, model)
    spoil(model, 0.8, "sqlite", None)
    told = capsys.readouterr().out
    assert "wrong answers: 0" in told
    assert "of those lost: 0" in told
    assert "in the end it is ready" in told
