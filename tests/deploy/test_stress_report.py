"""docs/stress holds what the command that writes it would write, and keeps what is promised."""

from __future__ import annotations

import json

from deploy.cluster import original, report
from tests.deploy.conftest import DEPLOY

STRESS = DEPLOY.parent / "docs" / "stress"


def test_the_report_of_the_originals_test_shows_its_result() -> None:
    """The pages are what the command makes of the result beside them; the result holds the bars."""
    result = json.loads((STRESS / "original.json").read_text("utf-8"))
    about = json.loads((STRESS / "cluster.json").read_text("utf-8"))
    for name, text in report.pages(result, about).items():
        assert (STRESS / name).read_text("utf-8") == text, name
    assert original.faults(result) == []
    assert result["profile"] == "original"
