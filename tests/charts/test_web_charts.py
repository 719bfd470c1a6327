"""The page's charts are the report's, and are drawn once they have data."""

from __future__ import annotations

import json
from typing import Any

import pytest
import vl_convert

from puntual.charts.texts import ReportTexts
from puntual.charts.web_charts import SHADES, charts_in, without_data
from puntual.exploration.study import Study
from puntual.i18n.texts import LANGUAGES
from puntual.reports.figures import build_charts


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
    }
    for name, specification in exported.items():
        if name in report:
            assert no_data(specification) == no_data(without_data(report[name])), name


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
