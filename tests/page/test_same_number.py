"""One model, one number: the page, the API, the card and the report say the same of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page

from puntual.charts import web_charts
from puntual.exploration.study import Study
from puntual.i18n.texts import Texts
from puntual.inference.artifact import Artifact
from puntual.inference.card import describe
from puntual.reports.folder import write_folder
from puntual.reports.model_card import render_card
from puntual.training.pipeline import train
from tests.conftest import make_once
from tests.page.served import Open, Server, serving
from tests.quick import QUICK

ROOT = Path(__file__).parents[2]
LOCALES = {"en": "en-GB", "es": "es-CL"}
METRICS = ("auc", "log_loss", "gain", "calibration_error")
MODES = ("alone", "with_timetable")


@pytest.fixture(scope="module")
def model(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    """Of the flights that the report is of."""
    return make_once(
        tmp_path_factory,
        "model-of-study",
        lambda: train(study.flights, budget=QUICK, seeds=1, final=True, operations=False),
    )


@pytest.fixture(scope="module")
def own_server(model: Artifact, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    web_charts.main()
    with serving(model, tmp_path_factory.mktemp("same-number")) as server:
        yield server


@pytest.fixture(scope="module")
def api(own_server: Server) -> dict[str, Any]:
    """The model as the API describes it, and its rates by group."""
    found: dict[str, Any] = httpx.get(f"{own_server.url}v1/model").raise_for_status().json()
    rates = httpx.get(f"{own_server.url}v1/rates").raise_for_status().json()["rates"]
    return found | {"rates": {(one["dimension"], one["value"]): one for one in rates}}


@pytest.fixture(params=LOCALES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def opened(open_page: Open, own_server: Server, language: str) -> Open:
    def opened(query: str) -> Page:
        return open_page(query, at=own_server.url, locale=LOCALES[language])

    return opened


@pytest.fixture
def report(study: Study, language: str, tmp_path: Path) -> str:
    write_folder(study, tmp_path, language)
    return plain((tmp_path / "index.html").read_text("utf-8"))


def card_of(model: Artifact, language: str) -> str:
    return plain(render_card(describe(model), model.tables, language))


def plain(page: str) -> str:
    """What is read of a page, its charts left out, with plain spaces."""
    bare = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", bare)))


def words(page: Page, part: str) -> str:
    return re.sub(r"\s+", " ", page.locator(part).text_content() or "").strip()


def test_metrics(opened: Open, api: dict[str, Any], model: Artifact, language: str) -> None:
    texts, first = Texts("report", language), api["card"]["protocols"][0]
    page, card = opened("?view=model"), card_of(model, language)
    shown = page.locator("#model-metrics td").all_text_contents()
    for row, name in enumerate(METRICS):
        for column, mode in enumerate(MODES):
            value = texts.number(first[mode][name]["value"], 3)
            assert shown[2 * row + column].startswith(value), (name, mode)
        within, alone = (texts.number(first[mode][name]["value"], 3) for mode in reversed(MODES))
        title = re.escape(texts.text(f"card.metric.{name}"))
        assert re.search(rf" {title} {within} (\([^)]+\) )?{alone} ", card), name
    assert first["alone"] == first["alone"] | {"plain_log_loss": first["with_timetable"]["plain_log_loss"]}


def test_what_always_saying_the_base_rate_costs(
    opened: Open, api: dict[str, Any], model: Artifact, language: str
) -> None:
    """In the measures, in the ladder of delays, in the card: the rate of the flights learned from."""
    texts, first = Texts("report", language), api["card"]["protocols"][0]
    (own,) = (one for one in api["card"]["ladder"] if one["minutes"] == api["threshold_minutes"])
    loss = texts.number(first["alone"]["plain_log_loss"]["value"], 3)
    assert texts.number(own["plain_log_loss"], 3) == loss
    page, card = opened("?view=model"), card_of(model, language)
    usual = texts.percent(first["learned_base_rate"]).replace("\u00a0", " ")
    assert re.search(rf"{usual}: {loss}\b", words(page, "#model-metrics"))
    ladder = page.locator("#model-exceedance tr").all()[api["card"]["ladder"].index(own)]
    assert ladder.locator("small").text_content() == loss
    assert f" {texts.text('card.metric.plain_log_loss')} {loss} " in card
    assert f"{usual}," in card


def test_levels_of_risk(opened: Open, api: dict[str, Any], model: Artifact, language: str) -> None:
    texts, first = Texts("report", language), api["card"]["protocols"][0]["with_timetable"]
    raised, high = api["risk_levels"]
    names = ("called", "precision", "recall")
    assert [raised[name] for name in names] == [first[name]["value"] for name in names]
    assert high["precision"] is not None

    def percents(level: dict[str, Any]) -> list[str]:
        return [texts.percent(level[name]).replace("\u00a0", " ") for name in ("cut", *names)]

    page, card = opened("?view=model"), card_of(model, language)
    own = words(page, "#decision-threshold-summary") + words(page, "#decision-threshold-metrics")
    for shown in (own, card):
        assert all(one in shown for one in percents(raised))
        assert re.search(".*".join(map(re.escape, percents(high))), shown)


def test_what_is_weak(opened: Open, api: dict[str, Any], model: Artifact, language: str) -> None:
    """All that stand out: too low or too high a probability, or one that is no better."""
    weak = [one["weakness"] for one in api["weak_slices"]]
    off = sum(one != "no_better" for one in weak)
    counts = [len(api["card"]["slices"]), len(weak), off]
    assert weak
    page, card = opened("?view=model"), card_of(model, language)
    numbers = [int(one) for one in re.findall(r"\d+", words(page, "#weak-summary"))]
    assert numbers[:3] == counts
    assert numbers[-1] == len(weak) - off
    assert page.locator("#weak li, #weak-rest li").count() == len(weak)
    values = {"weak": counts[1], "off": off, "plain": len(weak) - off, "chance": "#"}
    about = Texts("report", language).text("card.weak.note", count=counts[0], **values)
    assert about.partition("#")[0].replace("\u00a0", " ") in card


def test_rates_of_a_group(
    opened: Open, api: dict[str, Any], report: str, model: Artifact, language: str
) -> None:
    """Observed, and with everything else equal: on the page, in the API and in the report."""
    texts = Texts("report", language)
    page = opened("?view=delays&by=airline")
    rows = {row.split("(")[1][:2]: row for row in page.locator("#rates-rows tr").all_text_contents()}
    airlines = {airline.code: airline.iata or "" for airline in model.tables.airlines}
    groups = [value for dimension, value in api["rates"] if dimension == "airline"]
    assert len(groups) == len(rows) == len(airlines)
    for code in groups:
        rate = api["rates"]["airline", code]
        names = ("rate", "low", "high", "adjusted", "adjusted_low", "adjusted_high")
        observed, low, high, adjusted, adjusted_low, adjusted_high = (
            re.escape(texts.percent(rate[name]).replace("\u00a0", " ")) for name in names
        )
        shown = re.sub(r"\s+", " ", rows[airlines[code]])
        assert re.search(f"{observed} .*{low}.*{high}.*{adjusted} .*{adjusted_low}.*{adjusted_high}", shown)
        label = rf"\({airlines[code]}\) {texts.number(rate['flights'])} {texts.number(rate['delayed'])}"
        assert re.search(
            rf"{label} {observed} {low} – {high} \S+ (% )?{adjusted} \({adjusted_low} – {adjusted_high}\)",
            report,
        ), code


def test_the_readme_says_what_its_documents_say() -> None:
    """Each figure of its table, and the log loss of the base rate, stands in the evaluation too."""
    for readme, evaluation in (("README.md", "evaluation.md"), ("README.es.md", "evaluation.es.md")):
        text = (ROOT / readme).read_text("utf-8")
        measured = (ROOT / "docs" / evaluation).read_text("utf-8")
        table = [line for line in text.splitlines() if line.startswith("| ") and "±" in line]
        figures = {one for line in table for one in re.findall(r"0[.,]\d+ ± 0[.,]\d+", line)}
        constants = re.findall(r"0[.,]\d{3}(?= \((?:Santiago|New York|Nueva York)\))", text)
        assert len(figures) >= 12
        assert len(constants) == 2
        assert {one for one in (*figures, *constants) if one not in measured} == set()
