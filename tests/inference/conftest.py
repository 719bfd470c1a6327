"""A small artifact."""

from __future__ import annotations

import msgspec
import pytest

from puntual.inference.artifact import Artifact
from puntual.inference.scorer import Scorer
from tests.flights import TABLES, artifact_of, small_booster, small_operations


@pytest.fixture(scope="session")
def small_artifact() -> Artifact:
    return artifact_of(TABLES, small_booster())


@pytest.fixture(scope="session")
def day_artifact(small_artifact: Artifact) -> Artifact:
    """The same, with trees that know what has happened by the moment of asking."""
    return msgspec.structs.replace(small_artifact, operations=small_operations())


@pytest.fixture
def scorer(small_artifact: Artifact) -> Scorer:
    """The scorer of flights without a timetable."""
    trees = small_artifact.without_timetable
    return Scorer(trees.booster, len(small_artifact.features), trees.calibration)
