"""Charts are valid Vega-Lite, and a quick study loads no library of models."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from puntual.charts.charts import MAX_ROWS, rates
from puntual.charts.texts import ReportTexts
from puntual.charts.vega import vega
from puntual.exploration.study import Study
from puntual.i18n.texts import LANGUAGES
from puntual.reports.figures import build_charts
from puntual.statistics.rates import delay_rates
from tests.flights import TABLES
from tests.planted import Plan, grouped


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_chart_is_valid(study: Study, language: str) -> None:
    figures = build_charts(study, ReportTexts(language, study.tables))
    assert len({figure.name for figure in figures}) == len(figures) > 15
    for figure in figures:
        specification = figure.picture.to_dict(validate=True)
        assert specification["title"]
        assert figure.description


def test_a_chart_of_many_groups_shows_the_largest() -> None:
    plan = Plan(days=40)
    plan.airline = plan.draw.choice([f"A{number:02}" for number in range(60)], len(plan.airline))
    chart = rates(delay_rates(grouped(plan.flights())), "airline", 0.2, ReportTexts("en", TABLES)).to_dict()
    shown = {row["airline"] for rows in chart["datasets"].values() for row in rows if "airline" in row}
    assert len(shown) == MAX_ROWS


def test_the_script_fits_into_a_page() -> None:
    assert "vegaEmbed" in vega()
    assert "</script" not in vega()


def test_a_quick_study_loads_no_library_of_models(made_up_scl: Path, tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from puntual.cli import app\n"
        f"app(['explore', {str(made_up_scl)!r}, '-o', {str(tmp_path)!r}, '--quick'], standalone_mode=False)\n"
        "loaded = {'sklearn', 'lightgbm', 'scipy', 'pandas'} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
