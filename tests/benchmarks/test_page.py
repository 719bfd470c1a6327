"""The benchmark of the page: what it measures and tells."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from benchmarks.page import first
from benchmarks.page.__main__ import PARTS, main
from benchmarks.page.figures import Figure, table
from deploy.service import serving
from puntual.inference.artifact import write_artifact
from tests.flights import TABLES, artifact_of, small_booster


def test_measures_the_first_view_and_its_answers(browser: Browser, tmp_path: Path) -> None:
    model = tmp_path / "small.puntual"
    write_artifact(artifact_of(TABLES, small_booster()), model)
    with serving(model) as service:
        usable, answered = first.measure(browser, service.url, 2)
    assert (usable.bar_ms, answered.bar_ms) == (500, 100)
    assert all(len(figure.milliseconds) == 2 for figure in (usable, answered))
    assert all(1 < value < 10_000 for value in (*usable.milliseconds, *answered.milliseconds))


def test_tells_medians_beside_their_bars() -> None:
    lines = table([Figure("a view", [700.0, 1200.0, 100.0], 500)]).splitlines()
    assert lines[2].replace(" ", "") == "|aview|700|100|1,200|3|500|no|"


def test_an_unknown_part_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks.page", "nothing", "--model", "m.puntual"])
    with pytest.raises(SystemExit, match="2"):
        main()
    assert f"no part nothing; wanted: {', '.join(PARTS)}" in capsys.readouterr().err
