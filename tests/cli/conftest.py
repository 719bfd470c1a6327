"""Commands that try little, where a test is about something else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from puntual.inference.artifact import write_artifact
from tests.flights import TABLES, artifact_of, small_booster
from tests.quick import command_quickly


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        command_quickly(patch)
        yield


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of random rows, for Santiago's flights."""
    path = tmp_path_factory.mktemp("model") / "model.puntual"
    write_artifact(artifact_of(TABLES, small_booster()), path)
    return path
