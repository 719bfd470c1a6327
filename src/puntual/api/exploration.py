"""How the delays of a history are composed, in the hand: numbers, sentences and charts."""

from __future__ import annotations

import html
from collections.abc import Mapping
from contextlib import nullcontext
from functools import cached_property
from os import PathLike
from pathlib import Path

import polars as pl

from puntual.api.arguments import MAX_THRESHOLD, check_choice, check_whole
from puntual.api.flights import Reading, flights_of
from puntual.charts.charts import MAX_CELLS, MAX_ROWS
from puntual.charts.pictures import Drawing
from puntual.charts.texts import ReportTexts
from puntual.console import show_progress
from puntual.data.dates import DateLike
from puntual.data.flights import Flights
from puntual.data.reading import Data, SourceLike
from puntual.exploration.explanation import explain
from puntual.exploration.study import THRESHOLD_MINUTES, Study
from puntual.exploration.study import explore as study_flights
from puntual.files import check_path
from puntual.i18n.texts import LANGUAGES
from puntual.reports.figures import drawings
from puntual.reports.folder import PAGE, rates_table, write_folder
from puntual.reports.sentences import listed, sentence
from puntual.types import Progress


class Exploration:
    """How the delays of a history are composed.

    Attributes
    ----------
    study : its numbers (`puntual.exploration.study.Study`)
    texts : how the language names and writes them: `texts.percent(.2)`, `texts.label("airline", "LAN")`
    max_rows, max_cells : how many groups a chart of rates shows at most, and a chart of pairs on each side
    """

    max_rows, max_cells = MAX_ROWS, MAX_CELLS

    def __init__(self, study: Study, language: str) -> None:
        self.study = study
        self.texts = ReportTexts(language, study.tables)

    @cached_property
    def charts(self) -> dict[str, Drawing]:
        """The charts of the report, by name; a notebook shows each as a picture."""
        return drawings(self.study, self.texts)

    @property
    def rates(self) -> pl.DataFrame | None:
        """The share of delayed flights of each group, one row a group; None if no flight departed.

        Returns
        -------
        ``dimension``, ``value``, ``name`` in the language, and the columns of
        `puntual.statistics.rates.delay_rates`
        """
        return None if self.study.rates is None else rates_table(self.study.rates, self.texts)

    def findings(self, kind: str = "", most: int | None = None) -> str:
        """What stands out, as a list in Markdown; what concerns most flights first.

        Parameters
        ----------
        kind : the beginning of the kinds that are wanted, such as ``odd``; empty: all
        most : how many at most; None: all
        """
        found = [finding for finding in self.study.findings if finding.kind.startswith(kind)]
        return listed(found[:most], self.texts)

    def __repr__(self) -> str:
        study = self.study
        late = 100 * (study.base_rate or 0)
        return (
            f"<Exploration of {study.flights.where}: {study.departed:,} flights departed, "
            f"{late:.1f} % late by > {study.threshold} minutes>"
        )

    def _repr_html_(self) -> str:
        sentences = "".join(
            f"<li>{html.escape(sentence(one, self.texts))}</li>" for one in self.study.findings
        )
        return f"<p>{html.escape(repr(self))}</p><ol>{sentences}</ol>"

    def save(self, folder: str | PathLike[str]) -> Path:
        """Write the report that `puntual explore` writes: a page, its numbers and its charts; give its path.

        Raises
        ------
        SettingError : the folder cannot be written
        """
        path = check_path("folder", folder)
        write_folder(self.study, path, self.texts.language)
        return path / PAGE


def explore(
    data: Data | Flights,
    *,
    threshold: int = THRESHOLD_MINUTES,
    quick: bool = False,
    language: str = "en",
    source: SourceLike = None,
    since: DateLike = None,
    until: DateLike = None,
    constants: Mapping[str, str] | None = None,
    sheet: str | None = None,
    progress: Progress | None = None,
) -> Exploration:
    """Describe flights, their delays, and what explains these.

    Parameters
    ----------
    data : a history: a data frame, a path, or what `puntual.read` gave; of a schedule only the flights are
        described
    threshold : minutes; a flight is delayed when it leaves more than this late
    quick : without the models that say what explains the delays
    language : of the names, sentences and charts: ``en`` or ``es``
    source : a source's name, or a mapping: a TOML file's path or its content; None: recognised
    since, until : first local scheduled date, and the first one after the last; a date, or text
    constants, sheet : what the data do not hold, as ``{"origin": "JFK"}``; the sheet of a workbook
    progress : called after each step with the stage that it belongs to and how many that has; None: shown on
        stderr, as a bar on a terminal, otherwise as a line a minute

    Raises
    ------
    DataError : no flights, or a source that does not fit them
    SettingError : an argument that cannot be used

    Examples
    --------
    >>> exploration = explore("nyc", until="2013-02-01", quick=True)
    >>> exploration
    <Exploration of nyc: 26,483 flights departed, 18.6 % late by > 15 minutes>
    >>> exploration.rates.filter(pl.col("dimension") == "origin").select("name", "flights").row(0)
    ('Newark (EWR)', 9655)
    """
    threshold = check_whole("threshold", threshold, 0, MAX_THRESHOLD)
    check_choice("language", language, LANGUAGES)
    flights = flights_of(data, Reading(source, since, until, constants, sheet), history=False)
    explain_delays = None if quick else explain
    with nullcontext(progress) if progress else show_progress() as on_progress:
        study = study_flights(flights, threshold=threshold, explain=explain_delays, progress=on_progress)
    return Exploration(study, language)
