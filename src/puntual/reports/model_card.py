"""The model card from the artifact alone, as one offline page, or part by part in a notebook."""

from __future__ import annotations

import html
from os import PathLike
from pathlib import Path

from puntual.charts.pictures import Drawing
from puntual.errors import SettingError
from puntual.files import check_file
from puntual.inference.card import ModelCard
from puntual.inference.tables import Tables
from puntual.reports.card_sections import measured_on, sections
from puntual.reports.card_texts import CardTexts, Section, Table
from puntual.reports.page import draw, render_page

FRAME_HEIGHT = 720
"""Of a whole card in a notebook, pixels."""
_FACTS = ("log_loss", "auc", "calibration_error")


def render_card(card: ModelCard, tables: Tables, language: str) -> str:
    """Write the page.

    Parameters
    ----------
    tables : of the artifact: names of airlines and airports
    language : of `puntual.i18n.texts.LANGUAGES`

    Returns
    -------
    HTML that asks for nothing from any host
    """
    texts = CardTexts(language, tables)
    made = sections(card, texts)
    origins = ", ".join(texts.label("origin", code) for code in card.origins)
    return render_page(
        "card.html.j2",
        texts,
        model=card.model,
        lead=texts.text("card.lead", origins=origins, minutes=card.threshold_minutes),
        measured=measured_on(card, texts),
        facts=_facts(card, texts),
        sections=made,
        figures=[draw(figure, language) for section in made for figure in section.figures],
    )


def _facts(card: ModelCard, texts: CardTexts) -> list[tuple[str, str]]:
    first = card.evaluation_results.evaluations[0]
    return [
        (texts.text("card.fact.learned"), texts.number(card.training.flights)),
        (texts.text("card.fact.measured"), texts.number(first.flights)),
        (texts.text("card.fact.late"), texts.percent(first.base_rate)),
        *(
            (texts.text(f"card.metric.{name}"), texts.number(metric.value, 3))
            for name in _FACTS
            if (metric := first.with_timetable[name]) is not None
        ),
    ]


class CardView:
    """A card in one language, as a notebook shows it: whole, or its sentences, tables and charts one by one.

    Parameters
    ----------
    tables : of the artifact: names of airlines and airports
    language : of `puntual.i18n.texts.LANGUAGES`

    Attributes
    ----------
    card : its numbers
    texts : how the language names and writes them
    measured_on : on which flights its numbers were measured
    charts : by name
    """

    def __init__(self, card: ModelCard, tables: Tables, language: str) -> None:
        self.card, self._tables = card, tables
        self.texts = texts = CardTexts(language, tables)
        self._sections = {section.name: section for section in sections(card, texts)}
        self.measured_on = measured_on(card, texts)
        self.charts = {
            figure.name: Drawing(figure.picture, language)
            for section in self._sections.values()
            for figure in section.figures
        }

    def __repr__(self) -> str:
        facts = ", ".join(f"{name}: {value}" for name, value in _facts(self.card, self.texts))
        return f"<Card of {self.card.model}: {facts}>"

    def _repr_html_(self) -> str:
        # In a frame of its own the page's styles touch nothing else of the notebook.
        page = html.escape(render_card(self.card, self._tables, self.texts.language))
        return f'<iframe srcdoc="{page}" width="100%" height="{FRAME_HEIGHT}" style="border: 0"></iframe>'

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the card as one offline page, as `puntual evaluate --report` does; give its path."""
        file = check_file("path", path)
        file.write_text(render_card(self.card, self._tables, self.texts.language), "utf-8")
        return file

    @property
    def sections(self) -> list[str]:
        """The names that `text` and `table` take."""
        return list(self._sections)

    def text(self, section: str) -> str:
        """The sentences of a section, in Markdown.

        Raises
        ------
        SettingError : the card has no such section
        """
        found = self._section(section)
        points = "\n".join(f"- {point}" for point in found.points)
        return "\n\n".join(part for part in (*found.notes, points, found.notice) if part)

    def table(self, section: str, number: int = 0) -> str:
        """A table of a section, in Markdown.

        Raises
        ------
        SettingError : the card has no such section, or the section no such table
        """
        tables = self._section(section).tables
        if not isinstance(number, int) or not 0 <= number < len(tables):
            wanted = f"below {len(tables)}" if tables else "a section with tables"
            raise SettingError(f"number: {number!r} of the tables of {section!r}; wanted: {wanted}")
        return markdown(tables[number])

    def _section(self, name: str) -> Section:
        if name not in self._sections:
            raise SettingError(f"section: {name!r}; wanted: one of {', '.join(self._sections)}")
        return self._sections[name]


def markdown(table: Table) -> str:
    """A table in Markdown; numbers stand to the right.

    Examples
    --------
    >>> print(markdown(Table("", ["metric", "flight alone"], [("AUC", "0.66")])))
    | metric | flight alone |
    | :-- | --: |
    | AUC | 0.66 |
    """
    width = len(table.heads) or len(table.rows[0])
    heads = table.heads or [""] * width
    rules = [":--", *["--:"] * (width - 1)]
    lines = [[cell.replace("|", r"\|") for cell in row] for row in (heads, rules, *table.rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
