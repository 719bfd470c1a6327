"""The page's charts are the report's, and are drawn once they have data."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import vl_convert

from puntual.charts import card_charts
from puntual.charts.texts import ReportTexts
from puntual.charts.web_charts import SHADES, charts_in, without_data
from puntual.exploration.study import Study
from puntual.i18n.texts import LANGUAGES
from puntual.inference.lead_results import LEADS
from puntual.reports.figures import build_charts
from tests.cards import LEAD_METRICS
from tests.flights import TABLES

WITHOUT = """
import re, sys
from importlib.metadata import packages_distributions
locked = {"puntual", *sys.argv[1:]}

class Missing:
    @staticmethod
    def find_spec(name, path=None, target=None):
        owners = distributions.get(name.split(".")[0], ())
        if owners and not {re.sub("[-_.]+", "-", owner).lower() for owner in owners} & locked:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

distributions = packages_distributions()
sys.meta_path.insert(0, Missing)
import puntual.charts.web_charts
"""


def test_the_images_stage_that_makes_them_has_what_they_load() -> None:
    lock = Path(__file__).parents[2] / "requirements" / "charts.txt"
    locked = re.findall(r"^([a-z0-9.-]+)==", lock.read_text("utf-8"), re.MULTILINE)
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT, *locked], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


def no_data(specification: dict[str, Any]) -> dict[str, Any]:
    """Without what depends on the flights: the longest rate, and which of the months and hours there are."""
    for param in specification.get("params", []):
        del param["value"]
    for channel in specification.get("encoding", {}).values():
        if isinstance(channel, dict) and isinstance(channel.get("sort"), list):
            del channel["sort"]
    return specification


@pytest.mark.parametrize("language", LANGUAGES)
def test_they_are_the_reports(study: Study, language: str) -> None:
    exported = charts_in(language)["specifications"]
    report = {one.name: one.picture for one in build_charts(study, ReportTexts(language, study.tables))}
    assert {name for name in exported if name not in report} == {
        "rates_origin",
        "rates_route",
        "rates_operator",
        "leads",
    }
    for name, specification in exported.items():
        if name in report:
            assert no_data(specification) == no_data(without_data(report[name])), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_chart_of_lead_times_is_the_cards(language: str) -> None:
    own = charts_in(language)
    card = card_charts.leads(LEAD_METRICS, 0.03, ReportTexts(language, TABLES))
    assert own["specifications"]["leads"] == without_data(card)
    assert [*own["leads"]] == [str(lead) for lead in LEADS]


def test_they_hold_no_data_and_no_colours_of_their_own() -> None:
    told = json.dumps(charts_in("en")["specifications"])
    assert "datasets" not in told
    assert "#" not in told
    assert SHADES[0] in told


def test_they_are_drawn_with_data() -> None:
    specification = charts_in("es")["specifications"]["worst_days"]
    rows = [{"day": "10 de julio", "share_of_minutes": 0.016, "rate": 0.5, "flights": 180}]
    svg = vl_convert.vegalite_to_svg(specification | {"datasets": {"rows": rows}, "width": 300, "height": 20})
    assert "10 de julio" in svg
