"""A small artifact."""

from __future__ import annotations

import pytest

from puntual.inference.artifact import Artifact
from tests.flights import TABLES, artifact_of, small_booster


@pytest.fixture(scope="session")
def small_artifact() -> Artifact:
    return artifact_of(TABLES, small_booster())
