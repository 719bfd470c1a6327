"""How far the work is, where no terminal shows it."""

from __future__ import annotations

import contextlib
import io
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from puntual import console
from puntual.cli.stress_display import show_running
from puntual.cli.tune import _progress as tuning
from puntual.loadtest.plan import make_plan
from puntual.loadtest.run import run as run_test
from puntual.loadtest.target import read_url
from tests.loadtest.server import answering

WAITED_S = 30


@pytest.fixture(autouse=True)
def _short_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "LINE_SECONDS", 0.01)


@contextlib.contextmanager
def heard() -> Iterator[Callable[[str], None]]:
    """Stderr as a file; gives what waits for the end of a line of it."""
    err = io.StringIO()

    def wait_for(ending: str) -> None:
        end = time.monotonic() + WAITED_S
        while not any(line.endswith(ending) for line in err.getvalue().splitlines()):
            assert time.monotonic() < end, err.getvalue()
            time.sleep(0.005)

    with contextlib.redirect_stderr(err):
        yield wait_for


def test_a_line_says_how_far_each_stage_is() -> None:
    with heard() as wait_for, console.show_progress() as report:
        wait_for("0 min: at work")
        report("months", 3)
        wait_for("0 min: months 1 of 3")
        report("trees", 200)
        wait_for("0 min: months 1 of 3, trees 1 of 200")
        report("months", 3)
        report("months", 3)
        wait_for("0 min: trees 1 of 200")
        for _ in range(199):
            report("trees", 200)
        wait_for("0 min: after trees")
    assert not [one.name for one in threading.enumerate() if one.name == console.THREAD]


def test_a_search_of_settings_says_its_trial() -> None:
    with heard() as wait_for, tuning(600):
        wait_for("0 min: trial 1: the usual settings")


def test_a_load_test_says_what_is_answered() -> None:
    with answering() as server, heard() as wait_for:
        plan = make_plan({"requests": 60, "rate": 55.0, "connections": 4})
        with show_running(plan) as watch:
            run_test(read_url(server.url), plan, watch=watch)
            wait_for("0 errors (0.00%)")


def test_the_first_minute_is_silent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(console, "LINE_SECONDS", 60)
    with console.show_progress() as report:
        report("months", 3)
    assert capsys.readouterr().err == ""
