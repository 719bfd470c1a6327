"""An exploration and a load test in the hand."""

from __future__ import annotations

from pathlib import Path

import pytest

import puntual
from puntual.errors import SettingError
from puntual.features.challenge import COLUMNS
from tests.loadtest.server import answering


def test_an_exploration_gives_numbers_sentences_charts_and_the_report(
    made_up_nyc: Path, tmp_path: Path
) -> None:
    exploration = puntual.explore(made_up_nyc, quick=True, language="es")
    assert exploration.study.explained is None
    assert exploration.findings(most=1) in exploration.findings()
    assert exploration.rates is not None
    assert exploration.rates.columns[:3] == ["dimension", "value", "name"]
    assert exploration.charts["rates_airline"]._repr_svg_().startswith("<svg")
    assert repr(exploration).endswith("late by > 15 minutes>")
    assert exploration._repr_html_().count("<li>") == len(exploration.study.findings)
    assert '<html lang="es">' in exploration.save(tmp_path / "report").read_text("utf-8")


def test_the_challenges_columns_come_after_the_files_own(made_up_scl: Path) -> None:
    columns = puntual.challenge_columns(made_up_scl).columns
    assert columns[-4:] == [*COLUMNS]
    assert columns[0] == "Fecha-I"


def test_a_load_test_is_a_table_charts_and_a_page(tmp_path: Path) -> None:
    with answering() as server:
        test = puntual.stress(f"http://127.0.0.1:{server.port}", requests=200, connections=4, language="es")
    assert test.result.answered == 200
    heads, row = repr(test).splitlines()
    assert heads.split()[0] == "Etiqueta"
    assert row.startswith("esta prueba")
    assert set(test.charts) == {"latency", "throughput", "percentiles"}
    assert '<html lang="es">' in test.save(tmp_path / "test.html").read_text("utf-8")


def test_a_load_test_refuses_what_no_plan_has() -> None:
    with pytest.raises(SettingError, match=r"seconds: no setting of a load test; wanted: .*duration_s"):
        puntual.stress("http://127.0.0.1:9", seconds=3)
