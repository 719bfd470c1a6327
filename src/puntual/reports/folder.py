"""The folder that `puntual explore` writes: the page, the rates, the findings, and the charts as pictures."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import polars as pl

from puntual.charts.pictures import draw_png
from puntual.charts.texts import ReportTexts
from puntual.errors import SettingError
from puntual.exploration.study import Study
from puntual.files import atomic_folder
from puntual.i18n.texts import LANGUAGES
from puntual.reports.figures import build_charts
from puntual.reports.page import draw
from puntual.reports.report import render
from puntual.reports.sentences import sentence
from puntual.types import Progress, no_progress

PAGE, FINDINGS, RATES, CHARTS = "index.html", "findings.json", "rates.csv", "charts"
NAMES = (FINDINGS, RATES, CHARTS)
"""Of what stands beside the page."""


def write_folder(study: Study, folder: Path, language: str, progress: Progress = no_progress) -> None:
    """Write a study, whole or not at all; files of an earlier one give way, others stay.

    ``index.html``, ``findings.json`` (both languages), ``charts/NAME.svg``, with actual times ``rates.csv``,
    and unless the study is a quick one ``charts/NAME.png``.

    Parameters
    ----------
    language : of `LANGUAGES`
    progress : called after each step with the stage that it belongs to and how many that has

    Raises
    ------
    SettingError : the folder cannot be written
    """
    try:
        earlier = _written(folder)
        with atomic_folder(folder, PAGE) as new:
            _write(study, new, language, progress)
            written = _written(new)
        for name in earlier - written:
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise SettingError(f"--output: {folder} cannot be written: {error.strerror or error}") from error


def _write(study: Study, folder: Path, language: str, progress: Progress) -> None:
    texts = ReportTexts(language, study.tables)
    (folder / CHARTS).mkdir()
    figures, drawn = build_charts(study, texts), []
    for figure in figures:
        one = draw(figure, language)
        drawn.append(one)
        (folder / CHARTS / f"{one.name}.svg").write_text(one.svg, "utf-8")
        if not study.quick:
            (folder / CHARTS / f"{one.name}.png").write_bytes(draw_png(one.svg))
        progress("charts", len(figures))
    if study.rates is not None:
        rates_table(study.rates, texts).write_csv(folder / RATES)
    (folder / FINDINGS).write_text(_findings(study), "utf-8")
    (folder / PAGE).write_text(render(study, drawn, texts), "utf-8")


def _written(folder: Path) -> set[str]:
    """Paths within a folder of the files of the study whose page lies there, as far as they are there."""
    page = folder / PAGE
    if not page.is_file():
        return set()
    charts = re.findall(r'<figure id="(\w+)">', page.read_text("utf-8", errors="replace"))
    pictures = [f"{CHARTS}/{name}.{kind}" for name in charts for kind in ("svg", "png")]
    return {name for name in (RATES, *pictures) if (folder / name).is_file()}


def rates_table(rates: pl.DataFrame, texts: ReportTexts) -> pl.DataFrame:
    """The rates as a tidy table: values as in the source, and the name of each in a language.

    Parameters
    ----------
    rates : from `puntual.statistics.rates.delay_rates`
    """
    names = [
        texts.label(dimension, value) for dimension, value in rates.select("dimension", "value").iter_rows()
    ]
    named = rates.with_columns(name=pl.Series(names, dtype=pl.String))
    first = ("dimension", "value", "name")
    return named.select(*first, pl.exclude(first))


def _findings(study: Study) -> str:
    languages = {language: ReportTexts(language, study.tables) for language in LANGUAGES}
    rows = [
        {
            "kind": finding.kind,
            "chart": finding.chart,
            "flights": finding.flights,
            "group": [{"dimension": name, "value": value} for name, value in finding.group],
            "numbers": finding.numbers,
            "text": {language: sentence(finding, texts) for language, texts in languages.items()},
        }
        for finding in study.findings
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1, default=dt.date.isoformat) + "\n"
