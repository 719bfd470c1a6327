"""The card of a model as a page: everything that was measured, in both languages, seen whole."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, expect

from puntual.charts.card_charts import rolling
from puntual.charts.texts import ReportTexts
from puntual.errors import SettingError
from puntual.i18n.texts import LANGUAGES
from puntual.inference.card import Assessment, ModelCard, describe
from puntual.inference.estimates import Estimate
from puntual.inference.evaluation_results import Card, Importance
from puntual.metrics.intervals import METRICS
from puntual.reports.card_sections import sections
from puntual.reports.card_texts import CardTexts, Table
from puntual.reports.model_card import CardView, markdown, render_card
from tests.browser import SIZES, opened, see_every_chart
from tests.cards import ALONE, LEAD_METRICS, ROLLING, full_artifact
from tests.estimates import estimates
from tests.flights import TABLES, artifact_of, small_operations


def given(learned: int = 0) -> Assessment:
    card = full_artifact().card
    return Assessment(
        data="other.csv",
        first="2018-01-01",
        last="2018-02-28",
        learned=learned,
        flights=4321,
        base_rate=0.222,
        block_days=7,
        with_timetable=estimates(0.61, 0.6, 0.62),
        without_timetable=ALONE,
        reliability=card.with_timetable,
        reliability_without_timetable=card.without_timetable,
        cancellation=card.cancellation,
    )


def text_of(page: str, section: str = "") -> str:
    """What is read of a page, or of one section of it, its charts left out."""
    if section:
        page = page.partition(f'<section id="section-{section}"')[2].partition("</section>")[0]
    bare = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", bare)))


@pytest.fixture(scope="module")
def card() -> ModelCard:
    return describe(full_artifact(), given())


@pytest.fixture(scope="module")
def pages(card: ModelCard) -> dict[str, str]:
    return {language: render_card(card, TABLES, language) for language in LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_chart_is_valid_and_told(card: ModelCard, language: str) -> None:
    made = sections(card, CardTexts(language, TABLES))
    figures = [figure for section in made for figure in section.figures]
    names = {figure.name for figure in figures}
    assert len(names) == len(figures)
    assert names == {
        *("truth_own", "truth_given", "months_own", "months_given", "cuts", "importance"),
        *("slices_airline", "slices_destination", "families", "rolling", "leads"),
    }
    for figure in figures:
        assert figure.picture.to_dict(validate=True)["title"]
        assert len(figure.description) > 10


def test_both_splits_are_told_and_the_random_one_warned_of(pages: dict[str, str]) -> None:
    told = text_of(pages["en"], "worth")
    assert "later flights, with timetable" in told
    assert "flights at random, flight alone" in told
    assert "numbers of the random split are optimistic" in told
    assert "0.400 (0.300 to 0.500)" in told
    assert "0.410 (0.310 to 0.510)" in told
    assert " 777 " in told
    assert "Las cifras de la división al azar son optimistas" in text_of(pages["es"], "worth")


def test_lead_times_stand_beside_the_timetable(card: ModelCard, pages: dict[str, str]) -> None:
    english, spanish = (text_of(pages[language], "leads").replace("\u00a0", " ") for language in LANGUAGES)
    assert "From 4 h before the departure on, the log loss is lower than the timetable's by more" in english
    assert "1 h 0.410 (0.380 to 0.440)" in english
    assert "0.0250 (0.0130 to 0.0370)" in english
    assert "timetable 0.400 (0.300 to 0.500)" in english
    assert "Tail numbers count as planned a day ahead" in english
    assert "Desde 4 h antes de la salida, la pérdida logarítmica es menor que la del itinerario" in spanish
    assert english.count("7 d ") == 3  # the tables, and the chart in words
    given_too = msgspec.structs.replace(card.given or given(), leads=LEAD_METRICS)
    both = msgspec.structs.replace(card, given=given_too)
    assert text_of(render_card(both, TABLES, "en"), "leads").count("7 d ") == 4


def test_cancellations_by_lead_time_stand_below(pages: dict[str, str]) -> None:
    english = text_of(pages["en"], "leads").replace("\u00a0", " ")
    table = english.split("How well cancellations are predicted by lead time")[1]
    assert "1 h 0.080 (0.040 to 0.120)" in table
    assert "0.0125" in table
    assert "Cancellations are measured on the flights that at the moment of asking" in english
    made = full_artifact()
    leads = tuple(msgspec.structs.replace(one, cancellation=None) for one in LEAD_METRICS)
    card = msgspec.structs.replace(made.card, leads=leads)
    page = render_card(describe(msgspec.structs.replace(made, card=card)), TABLES, "en")
    assert "ancellations are" not in text_of(page, "leads")


@pytest.mark.parametrize(
    ("gain", "sentence"),
    [
        (Estimate(0.001, -0.01, 0.01), "At no lead time up to the last is the log loss lower"),
        (Estimate(0.05, None, None), "The days are too few to say whether the differences are chance"),
    ],
)
def test_what_is_not_shown_by_lead_time_is_not_said(gain: Estimate, sentence: str) -> None:
    made = full_artifact()
    leads = tuple(msgspec.structs.replace(one, gain=gain) for one in LEAD_METRICS)
    card = msgspec.structs.replace(made.card, leads=leads)
    page = render_card(describe(msgspec.structs.replace(made, card=card)), TABLES, "en")
    assert sentence in text_of(page, "leads")


def test_it_says_when_some_of_the_flights_were_asked_about(pages: dict[str, str]) -> None:
    made = full_artifact()
    leads = tuple(msgspec.structs.replace(one, flights=99_990, every=6) for one in LEAD_METRICS)
    described = describe(msgspec.structs.replace(made, card=msgspec.structs.replace(made.card, leads=leads)))
    sentences = {"en": "one in 6, evenly spaced in time, was asked", "es": "uno de cada 6, repartidos"}
    for language, sentence in sentences.items():
        said = text_of(render_card(described, TABLES, language), "leads")
        assert sentence in said
        assert {"en": "99,990", "es": "99.990"}[language] in said
        assert sentence not in text_of(pages[language], "leads")


def test_a_model_of_the_timetable_alone_has_no_lead_times() -> None:
    made = full_artifact()
    card = msgspec.structs.replace(made.card, leads=())
    page = render_card(describe(msgspec.structs.replace(made, card=card)), TABLES, "en")
    assert 'id="section-leads"' not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_it_is_for_depends_on_what_it_knows(language: str) -> None:
    schedule = full_artifact()
    day = msgspec.structs.replace(schedule, operations=small_operations())
    horizons = {"en": ("Its horizon is the schedule", "on the day also from what has happened")}
    horizons["es"] = ("Su horizonte es", "el mismo día, también de lo que ha ocurrido")
    limits = {"en": ("those say more than it can", "unless it is given what has happened")}
    limits["es"] = ("eso dice más de lo que él puede", "si no se le entrega lo que ha ocurrido")
    for place, made in enumerate((schedule, day)):
        page = render_card(describe(made), TABLES, language)
        assert horizons[language][place] in text_of(page, "use")
        assert limits[language][place] in text_of(page, "limits")


def test_the_spread_of_seeds_stands_beside_the_metrics(pages: dict[str, str]) -> None:
    english, spanish = (text_of(pages[language], "worth") for language in ("en", "es"))
    assert "Of 5 models that differ in their random seed only" in english
    assert "log loss 0.4712 ± 0.0008 with the timetable and 0.4745 ± 0.0011 without" in english
    assert "lowers the log loss by 0.0033 (-0.0004 to 0.0071)" in english.replace("\u00a0", " ").replace(
        "−", "-"
    )
    assert "12% of the flights changes" in english.replace("\u00a0", "").replace(" %", "%")
    assert "pérdida logarítmica 0,4712 ± 0,0008 con el itinerario" in spanish.replace("\u00a0", " ")


def test_every_number_says_on_which_flights(pages: dict[str, str]) -> None:
    head = text_of(pages["en"].partition("<main>")[0])
    assert "every number is measured on 1,000 flights from 1 September 2017 to 31 October 2017" in head
    assert "all later than those" in head
    head = text_of(pages["es"].partition("<main>")[0])
    assert "1.000 vuelos del 1 de septiembre de 2017 al 31 de octubre de 2017" in head


def test_the_flights_given_have_a_section_of_their_own(card: ModelCard, pages: dict[str, str]) -> None:
    told = text_of(pages["en"], "given")
    assert "other.csv, 4,321 flights from 1 January 2018 to 28 February 2018" in told
    assert "0.610 (0.600 to 0.620)" in told
    assert "not a fair measure" not in told
    assert "0.610 (0.600" not in text_of(pages["en"].replace("section-given", "", 1), "worth")
    learned = render_card(msgspec.structs.replace(card, given=given(learned=12)), TABLES, "en")
    assert "trained on the days of 12 of these flights" in text_of(learned, "given")
    without = render_card(msgspec.structs.replace(card, given=None), TABLES, "en")
    assert "section-given" not in without
    assert "other.csv" not in without


def test_the_chance_of_a_cancellation_is_measured_on_all_scheduled_flights(
    card: ModelCard, pages: dict[str, str]
) -> None:
    said = text_of(pages["en"], "cancellation")
    assert "Of 4,080 scheduled flights learned from, 80 were cancelled (2.0%)." in said
    assert "every flight gets it" not in said
    own = card.evaluation_results.cancellation
    assert own is not None
    constant = msgspec.structs.replace(
        card.evaluation_results, cancellation=msgspec.structs.replace(own, trees=0)
    )
    changed = msgspec.structs.replace(card, evaluation_results=constant)
    assert "todo vuelo la recibe" in text_of(render_card(changed, TABLES, "es"), "cancellation")
    made = {one.name: one for one in sections(card, CardTexts("en", TABLES))}["cancellation"]
    (table,) = made.tables
    whose = ["its own test", "given"]
    modes = ["with timetable", "flight alone"]
    assert table.heads == ["metric", *(f"{of}, {mode}" for of in whose for mode in modes)]
    assert [row[0] for row in table.rows[:3]] == ["scheduled flights", "cancelled", "share cancelled"]
    assert [row[1] for row in table.rows[:3]] == ["1,020", "20", "2.0%"]


def test_weak_places_are_told_worst_first(card: ModelCard, pages: dict[str, str]) -> None:
    told = text_of(pages["en"], "weak")
    assert len(card.weak_slices) == 11
    assert "11 stand out: for 10 the mean probability lies outside" in told
    assert "and 1 are predicted no better than by the base rate" in told
    assert [one.value for one in card.weak_slices][:2] == ["SAEZ", "SCAX"]
    assert told.index("Buenos Aires") < told.index("Sky Airline")
    assert "Flights of Sky Airline (H2) get too high a probability: 35.0%" in told
    assert "Flights in September 2017 are predicted no better than by the base rate" in told
    assert "3 more" in told
    assert "Los vuelos de Sky Airline (H2) reciben una probabilidad demasiado alta: 35,0 %" in text_of(
        pages["es"], "weak"
    )


def test_months_told_by_what_came_before_them(card: ModelCard, pages: dict[str, str]) -> None:
    told = text_of(pages["en"], "rolling")
    assert "mean of the months: 0.430 with the timetable, 0.530 for a flight alone; 0.500 for always" in told
    assert "lower than with that base rate in 2 of 2 months" in told
    assert "The hardest month with the timetable: April 2017, 0.460 (0.440 to 0.480)" in told
    assert "March 2017 3,000 900 20.0% 0.400 (0.380 to 0.420) 0.500 (0.380 to 0.620) 0.500 (0.450" in told
    assert "mean of the months – – 20.0% 0.430 0.530 0.500 0.430 0.530" in told
    assert "Each month from the months before it" in told
    told = text_of(pages["es"], "rolling")
    assert "media de los meses: 0,430 con el itinerario, 0,530 para un vuelo solo" in told
    assert "marzo de 2017 3.000 900 20,0 % 0,400 (0,380 a 0,420)" in told


def test_the_chart_of_the_months_shows_their_intervals() -> None:
    specification = rolling(ROLLING, ReportTexts("en", TABLES)).to_dict()
    ends = specification["layer"][0]["encoding"]
    assert (ends["y"]["field"], ends["y2"]["field"]) == ("low", "high")


def test_families_cut_and_limits_are_told(pages: dict[str, str]) -> None:
    assert "0.0123 (0.0045 to 0.0200)" in text_of(pages["en"], "families")
    cut = text_of(pages["en"], "cut")
    assert "From 50.0% on: the probability from which as many flights are called delayed as were" in cut
    assert "That calls 40.0% (30.0% to 50.0%) of the flights delayed; 19.0% were late." in cut
    assert "Late flights measured: 190. That is too few for the calibration error" in text_of(
        pages["en"], "worth"
    )
    limits = text_of(pages["en"], "limits")
    assert "Flights from airports other than Santiago (SCL)" in limits
    assert "September, October" in limits
    assert text_of(pages["es"], "limits").count(".") == limits.count(".") == 6


def test_a_card_of_less_is_still_a_page() -> None:
    bare = artifact_of(TABLES, "")
    empty = msgspec.structs.replace(
        bare.card,
        tuning=msgspec.structs.replace(bare.card.tuning, losses={}),
        slices=(),
        cost_of_a_missed_delay=4.0,
    )
    page = render_card(describe(msgspec.structs.replace(bare, card=empty)), TABLES, "en")
    assert "section-families" not in page
    assert "section-rolling" not in page
    assert "as much as 4 false alarms" in page
    assert "too few months" in page
    assert "None of 0 airlines" in page


def test_numbers_of_too_few_days_stand_without_intervals() -> None:
    """And what is not defined is a dash; the calibration error stands beside what chance would make of it."""
    made = full_artifact()
    (first, other), card = made.card.evaluations, made.card
    bare: dict[str, Estimate | None] = {name: Estimate(0.41, None, None) for name in METRICS} | {"auc": None}
    held = msgspec.structs.replace(
        card.with_timetable,
        noise_floor=None,
        bins=[msgspec.structs.replace(one, low=None, high=None) for one in card.with_timetable.bins],
        months=[msgspec.structs.replace(one, low=None, high=None) for one in card.with_timetable.months],
    )
    few = msgspec.structs.replace(
        card,
        evaluations=(msgspec.structs.replace(first, with_timetable=bare), other),
        with_timetable=held,
        slices=tuple(msgspec.structs.replace(one, low=None, high=None) for one in card.slices),
        importance=(Importance("hour", Estimate(0.01, None, None), {"2017-09": 0.011}),),
        families=(msgspec.structs.replace(card.families[0], metrics=bare),),
    )
    told = msgspec.convert(msgspec.to_builtins(few), Card)
    assert told == few
    page = text_of(render_card(describe(msgspec.structs.replace(made, card=few)), TABLES, "en"))
    assert "None" not in page
    assert "nan" not in page
    assert "AUC – 0.410 (0.310 to 0.510)" in page
    assert "The days are too few to say how large chance alone would make that error." in page
    assert "blocks of 9 consecutive days are resampled" in page
    usual = text_of(render_card(describe(made), TABLES, "es"))
    assert "el puro azar daría un error cercano a 0,011, y solo una vez en cuarenta más de 0,015" in usual
    assert "bloques de 9 días seguidos" in usual


def test_importance_that_was_not_measured_is_left_out(card: ModelCard) -> None:
    results = msgspec.structs.replace(card.evaluation_results, importance=())
    without = msgspec.structs.replace(card, evaluation_results=results)
    texts = CardTexts("en", TABLES)
    missing = {one.name for one in sections(card, texts)} - {one.name for one in sections(without, texts)}
    assert missing == {"reads"}
    assert "What it reads in a flight" not in text_of(render_card(without, TABLES, "en"))


@pytest.mark.parametrize(("language", "width"), SIZES)
def test_it_fits_and_its_charts_are_drawn(
    browser: Browser, pages: dict[str, str], tmp_path: Path, language: str, width: int
) -> None:
    file = tmp_path / "card.html"
    file.write_text(pages[language], "utf-8")
    with opened(browser, file, width) as page:
        see_every_chart(page)
        assert page.locator(".chart").count() == 11
        page.locator("nav a").last.click()
        expect(page.locator("#section-method")).to_be_in_viewport()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_notebook_has_all_that_the_page_has(card: ModelCard, language: str) -> None:
    cells = CardView(card, TABLES, language)
    for section in sections(card, CardTexts(language, TABLES)):
        text = cells.text(section.name)
        assert all(sentence in text for sentence in (*section.notes, *section.points, section.notice))
        for number, table in enumerate(section.tables):
            assert cells.table(section.name, number).count("\n") == len(table.rows) + 1
        assert {figure.name for figure in section.figures} <= set(cells.charts)
    assert all(chart._repr_svg_().startswith("<svg") for chart in cells.charts.values())


def test_what_was_not_measured_is_no_section_of_a_notebook() -> None:
    with pytest.raises(SettingError, match="section: 'given'; wanted: one of "):
        CardView(describe(full_artifact()), TABLES, "en").text("given")


def test_a_table_without_heads_and_with_a_bar_in_a_cell() -> None:
    assert markdown(Table("", [], [("a|b", "1")])) == "|  |  |\n| :-- | --: |\n| a\\|b | 1 |"
