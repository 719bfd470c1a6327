"""A load test in the hand."""

from __future__ import annotations

from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

from puntual.api.arguments import check_choice
from puntual.charts.pictures import Drawing
from puntual.errors import SettingError
from puntual.files import check_file
from puntual.i18n.texts import LANGUAGES
from puntual.loadtest.plan import Plan, make_plan
from puntual.loadtest.result import Result
from puntual.loadtest.run import run
from puntual.loadtest.summary import LoadTestTexts, cells, heads, rows_of
from puntual.loadtest.target import read_url
from puntual.reports.load_test import build_charts, render


class LoadTest:
    """What a load test found.

    Attributes
    ----------
    result : its numbers (`puntual.loadtest.result.Result`)
    """

    def __init__(self, result: Result, language: str) -> None:
        self.result = result
        self._texts = LoadTestTexts(language)

    @cached_property
    def charts(self) -> dict[str, Drawing]:
        """The charts of the report: ``latency`` and ``throughput`` by second, and ``percentiles``."""
        figures = build_charts([self.result], self._texts)
        return {figure.name: Drawing(figure.picture, self._texts.language) for figure in figures}

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the report of `puntual stress` as one offline page; give its path."""
        file = check_file("path", path)
        file.write_text(render(self.result, language=self._texts.language), "utf-8")
        return file

    def __repr__(self) -> str:
        rows = [cells(row, self._texts) for row in rows_of(self.result, texts=self._texts)]
        table = [heads(self._texts), *rows]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = ("  ".join(map(str.rjust, row, widths)).rstrip() for row in table)
        return "\n".join(lines)


def stress(url: str, *, profile: str | None = None, language: str = "en", **plan: Any) -> LoadTest:
    """Put a service of this machine under load.

    Parameters
    ----------
    url : of the service
    profile : a named plan of `puntual.loadtest.plan.PROFILES`; None: the defaults
    language : of the table and the charts: ``en`` or ``es``
    plan : what is other than there, by the names of `puntual.loadtest.plan.Plan`: ``requests=20_000``,
        ``rate=1000``, ``duration_s=10``, ``connections=64``, …

    Raises
    ------
    SettingError : a name that a plan has not, or another machine's address
    TargetError : nothing answers there
    """
    for name in plan:
        if name not in Plan.__struct_fields__:
            wanted = ", ".join(Plan.__struct_fields__)
            raise SettingError(f"{name}: no setting of a load test; wanted: {wanted}")
    check_choice("language", language, LANGUAGES)
    return LoadTest(run(read_url(url), make_plan(plan, profile)), language)
