"""A model card in a notebook: the sentences, tables and charts of the page, one at a time."""

from __future__ import annotations

from puntual.charts.pictures import Drawing
from puntual.charts.words import Words
from puntual.inference.card import ModelCard
from puntual.inference.tables import Tables
from puntual.reports.card_parts import Table
from puntual.reports.card_sections import measured_on, sections
from puntual.reports.card_words import CardWords


class CardCells:
    """What a card tells in one language, by the names of its sections and charts.

    Parameters
    ----------
    tables : of the artifact: names of airlines and airports
    language : of `puntual.i18n.texts.LANGUAGES`

    Attributes
    ----------
    measured_on : on which flights its numbers were measured
    charts : by name
    """

    def __init__(self, card: ModelCard, tables: Tables, language: str) -> None:
        told = CardWords(Words(language, tables))
        self._sections = {section.name: section for section in sections(card, told)}
        self.measured_on = measured_on(card, told)
        self.charts = {
            figure.name: Drawing(figure.picture, language)
            for section in self._sections.values()
            for figure in section.figures
        }

    def text(self, section: str) -> str:
        """The sentences of a section, in Markdown.

        Raises
        ------
        KeyError : the card has no such section
        """
        told = self._sections[section]
        points = "\n".join(f"- {point}" for point in told.points)
        return "\n\n".join(part for part in (*told.notes, points, told.notice) if part)

    def table(self, section: str, number: int = 0) -> str:
        """A table of a section, in Markdown.

        Raises
        ------
        KeyError, IndexError : the card has no such section, or the section no such table
        """
        return markdown(self._sections[section].tables[number])


def markdown(table: Table) -> str:
    """A table in Markdown; numbers stand to the right.

    Examples
    --------
    >>> print(markdown(Table("", ["metric", "alone"], [("AUC", "0.66")])))
    | metric | alone |
    | :-- | --: |
    | AUC | 0.66 |
    """
    width = len(table.heads) or len(table.rows[0])
    heads = table.heads or [""] * width
    rules = [":--", *["--:"] * (width - 1)]
    lines = [[cell.replace("|", r"\|") for cell in row] for row in (heads, rules, *table.rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
