"""The model card as one offline page, from the artifact alone, and where flights were given, on those too."""

from __future__ import annotations

from puntual.charts.words import Words
from puntual.inference.card import ModelCard
from puntual.inference.tables import Tables
from puntual.reports.card_sections import measured_on, sections
from puntual.reports.card_words import CardWords
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
    words = Words(language, tables)
    told = CardWords(words)
    made = sections(card, told)
    figures = {figure.name: draw(figure, words.language) for section in made for figure in section.figures}
    origins = ", ".join(words.label("origin", code) for code in card.origins)
    return render_page(
        "card.html.j2",
        words,
        model=card.model,
        lead=words.text("card.lead", origins=origins, minutes=card.threshold_minutes),
        measured=measured_on(card, told),
        facts=_facts(card, told),
        sections=made,
        figures=figures,
    )


def _facts(card: ModelCard, told: CardWords) -> list[tuple[str, str]]:
    first = card.evaluation_results.evaluations[0]
    return [
        (told.text("card.fact.learned"), told.number(card.training.flights)),
        (told.text("card.fact.measured"), told.number(first.flights)),
        (told.text("card.fact.late"), told.percent(first.base_rate)),
        *(
            (told.text(f"card.metric.{name}"), told.number(one.value, 3))
            for name in _FACTS
            if (one := first.with_timetable[name]) is not None
        ),
    ]
