"""A model card in a notebook."""

from __future__ import annotations

import pytest

from puntual.i18n.texts import LANGUAGES
from puntual.inference.card import describe
from puntual.reports.card_sections import sections
from puntual.reports.card_texts import CardTexts, Table
from puntual.reports.model_card import CardCells, markdown
from tests.cards import full_artifact
from tests.flights import TABLES


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_the_page_tells_is_there(language: str) -> None:
    card = describe(full_artifact())
    cells = CardCells(card, TABLES, language)
    for section in sections(card, CardTexts(language, TABLES)):
        text = cells.text(section.name)
        assert all(said in text for said in (*section.notes, *section.points, section.notice))
        for number, table in enumerate(section.tables):
            assert cells.table(section.name, number).count("\n") == len(table.rows) + 1
        assert {figure.name for figure in section.figures} <= set(cells.charts)
    assert all(chart._repr_svg_().startswith("<svg") for chart in cells.charts.values())


def test_what_was_not_measured_is_no_section() -> None:
    with pytest.raises(KeyError):
        CardCells(describe(full_artifact()), TABLES, "en").text("given")


def test_a_table_without_heads_and_with_a_bar_in_a_cell() -> None:
    assert markdown(Table("", [], [("a|b", "1")])) == "|  |  |\n| :-- | --: |\n| a\\|b | 1 |"
