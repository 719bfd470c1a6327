"""A small artifact."""

from __future__ import annotations

import pytest

from puntual.inference.artifact import Artifact
from puntual.inference.scorer import Scorer
from tests.flights import TABLES, artifact_of, small_booster


@pytest.fixture(scope="session")
def small_artifact() -> Artifact:
    return artifact_of(TABLES, small_booster())


@pytest.fixture
def scorer(small_artifact: Artifact) -> Scorer:
    """The scorer of flights without a timetable."""
    trees = small_artifact.without_timetable
    return Scorer(trees.booster, len(small_artifact.features), trees.calibration)
