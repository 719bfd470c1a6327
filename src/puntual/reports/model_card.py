"""The model card from the artifact alone, as one offline page, or part by part in a notebook."""

from __future__ import annotations

from puntual.charts.pictures import Drawing
from puntual.inference.card import ModelCard
from puntual.inference.tables import Tables
from puntual.reports.card_sections import measured_on, sections
from puntual.reports.card_texts import CardTexts, Table
from puntual.reports.page import draw, render_page

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


class CardCells:
    """The sentences, tables and charts of a card in one language, for a notebook.

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
        texts = CardTexts(language, tables)
        self._sections = {section.name: section for section in sections(card, texts)}
        self.measured_on = measured_on(card, texts)
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
        found = self._sections[section]
        points = "\n".join(f"- {point}" for point in found.points)
        return "\n\n".join(part for part in (*found.notes, points, found.notice) if part)

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
