"""What the page tells of the model."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from puntual.inference.artifact import Artifact
from puntual.inference.estimates import Estimate
from tests.page.served import Open, is_wide, lengths, untranslated


def test_tells_what_the_model_is(open_page: Open, artifact: Artifact) -> None:
    page = open_page("?view=model")
    first, other = artifact.card.evaluations
    expect(page.locator("#view-model")).to_contain_text(artifact.name)
    expect(page.locator("#model-window")).to_have_text("1 January 2017 to 31 August 2017")
    expect(page.locator("#model-flights")).to_have_text("4,000")
    expect(page.locator("#model-measured")).to_contain_text("1,000 flights from 1 September 2017")
    shown = page.locator("#model-metrics td").all_text_contents()
    for name, cells in zip(
        ("auc", "log_loss", "calibration_error"), (shown[:2], shown[2:4], shown[6:8]), strict=True
    ):
        assert cells == [told(first.without_timetable[name]), told(first.with_timetable[name])]
    assert shown[4:6] == [
        f"{told(way['gain'])} better" for way in (first.without_timetable, first.with_timetable)
    ]
    assert shown[8:] == [f"{first.base_rate:.1%}"] * 2
    expect(page.locator("#model-metrics")).to_contain_text("Always predicting 18.0%: 0.410.")
    expect(page.locator("#model-seeds")).to_contain_text(
        "With 5 random seeds (mean ± standard deviation): log loss 0.4745 ± 0.0011 for one flight alone"
    )
    others = page.locator("#model-others")
    expect(others.locator("[scope=rowgroup]")).to_contain_text(f"on {other.flights} flights")
    expect(others.locator("[scope=rowgroup]")).to_contain_text("drawn at random")
    expect(others.locator("[scope=rowgroup]")).to_contain_text("Optimistic: the model had seen")
    assert others.locator("td").first.text_content() == told(other.without_timetable["auc"])


def test_tells_how_good_the_chance_of_a_cancellation_is(open_page: Open, artifact: Artifact) -> None:
    measured = artifact.card.cancellation
    assert measured is not None
    page = open_page("?view=model")
    section = page.locator("#model-cancellation")
    expect(section).to_contain_text(
        "Of 1,020 scheduled flights, 2.0% were cancelled; of those it learned from, 2.0%"
    )
    names = ("auc", "log_loss", "gain", "average_precision", "calibration_error")
    modes = (measured.without_timetable, measured.with_timetable)
    assert section.locator("td").all_text_contents()[1:] == [
        told(mode[name]) for name in names for mode in modes
    ]
    expect(section).to_contain_text("Always predicting 2.0%: 0.400.")
    expect(section).not_to_contain_text("every flight gets it")


def test_tells_how_good_it_is_by_time_before_departure(open_page: Open, artifact: Artifact) -> None:
    page = open_page("?view=model")
    section = page.locator("#model-leads")
    expect(section).to_contain_text("From 4\u00a0h before the departure on, the chances are better")
    expect(section).to_contain_text("so many that one in 6 was asked about")
    leads, schedule = artifact.card.leads, artifact.card.evaluations[0].with_timetable
    rows = [(one.metrics["auc"], one.metrics["calibration_error"], one.gain) for one in leads]
    shown = [told(one) for row in rows for one in row]
    shown += [told(schedule["auc"]), told(schedule["calibration_error"]), "–"]
    assert section.locator("td").all_text_contents()[1:] == shown
    names = ["7 d", "24 h", "12 h", "6 h", "4 h", "2 h", "1 h", "30 min", "Timetable"]
    heads = section.locator("th[scope=row]").all_text_contents()
    assert [one.replace("\u00a0", " ") for one in heads] == names
    chart = page.locator("#model-leads-chart")
    label = "Gain over the base rate: 0.030 7\u00a0d before the departure, 0.100 30\u00a0min before it"
    expect(chart).to_have_attribute("aria-label", re.compile(label))
    expect(chart.locator("svg")).to_be_visible()
    assert chart.locator(".role-axis-label text").all_text_contents()[:3] == ["7 d", "24 h", "12 h"]


def test_what_was_not_measured_leaves_no_gap(open_page: Open) -> None:
    page = open_page()

    def describe(route: Route) -> None:
        document = route.fetch().json()
        document["card"]["leads"] = document["card"]["importance"] = []
        route.fulfill(json=document)

    page.route("**/v1/model", describe)
    page.goto(f"{page.url}?view=model")
    expect(page.locator("#model-flights")).to_have_text("4,000")
    expect(page.locator("#model-leads")).to_be_hidden()
    expect(page.locator("#model-importance")).to_be_hidden()


@pytest.mark.parametrize("trees", [0, None])
def test_a_base_rate_is_said_to_be_one_and_no_model_of_cancellations_leaves_no_gap(
    open_page: Open, trees: int | None
) -> None:
    page = open_page()

    def describe(route: Route) -> None:
        document = route.fetch().json()
        found = document["card"]["cancellation"]
        document["card"]["cancellation"] = None if trees is None else found | {"trees": trees}
        route.fulfill(json=document)

    page.route("**/v1/model", describe)
    page.goto(f"{page.url}?view=model")
    expect(page.locator("#model-flights")).to_have_text("4,000")
    section = page.locator("#model-cancellation")
    if trees is None:
        expect(section).to_be_hidden()
    else:
        expect(section).to_contain_text("every flight gets it")


def told(estimate: Estimate | None) -> str:
    if estimate is None:
        return "–"
    if estimate.low is None:
        return f"{estimate.value:.3f}".replace("-", "−")
    return f"{estimate.value:.3f} {estimate.low:.3f} to {estimate.high:.3f}".replace("-", "−")


def test_draws_what_was_told_against_what_came(open_page: Open, artifact: Artifact) -> None:
    page = open_page("?view=model")
    picture = page.get_by_role("img", name="Asked about single flights")
    expect(picture).to_be_visible()
    bins = artifact.card.without_timetable.bins
    dots = picture.locator("circle").evaluate_all(
        "dots => dots.map((dot) => [dot.cx, dot.cy].map((at) => at.baseVal.value))"
    )
    bars = picture.locator(".interval").evaluate_all(
        "bars => bars.map((bar) => [bar.y1, bar.y2].map((at) => at.baseVal.value))"
    )
    assert len(dots) == len(bars) == len(bins)
    (exact,) = picture.locator(".exact").evaluate_all(
        "lines => lines.map((line) => [line.x1, line.y1, line.x2, line.y2].map((at) => at.baseVal.value))"
    )
    for one, (x, y), (low, high) in zip(bins, dots, bars, strict=True):
        assert low > y > high
        on_the_line = exact[1] + (exact[3] - exact[1]) * (x - exact[0]) / (exact[2] - exact[0])
        assert (y < on_the_line) == (one.rate > one.expected)
    expect(page.locator("#calibration-summary")).to_contain_text(
        "it predicted 23.3% on average, and 25.3% left late"
    )


def test_tells_what_it_reads_where_it_is_weak_and_what_it_is_not_for(open_page: Open) -> None:
    page = open_page("?view=model")
    expect(page.locator("#importance li")).to_have_text(
        [
            re.compile(r"Hour\s+0\.010 0\.005 to 0\.020"),
            re.compile(r"Time of year\s+−0\.001 −0\.002 to 0\.000"),
        ]
    )
    assert lengths(page, "#importance .gauge", "--to") == [pytest.approx(50), 0]
    assert lengths(page, "#importance .gauge", "--high") == [pytest.approx(100), 0]
    expect(page.locator("#weak-summary")).to_contain_text("Of 12 airlines, destinations and months")
    expect(page.locator("#weak-summary")).to_contain_text("11 stand out: 10 got too low or too high")
    expect(page.locator("#weak-summary")).to_contain_text("1 a chance no better than the usual")
    expect(page.locator("#weak li").first).to_have_text(
        "Buenos Aires (EZE): too low. Predicted 10%; 30% of 90 flights left late (20% to 40%)."
    )
    expect(page.locator("#weak li")).to_have_count(5)
    rest = page.locator("#weak-rest li")
    expect(rest.first).to_be_hidden()
    page.locator("#weak-count").focus()
    page.keyboard.press("Enter")
    expect(rest).to_have_count(11 - 5)
    expect(rest.last).to_be_visible()
    expect(page.locator("#weak-rest")).to_contain_text("September 2017: no better than the usual chance")
    expect(page.locator("#few li")).to_have_text(re.compile("Late flights measured: 190. That is too few"))
    expect(page.locator("#limits li")).to_have_count(6)
    expect(page.locator("#limits")).to_contain_text("other than Santiago (SCL)")
    expect(page.locator("#limits")).to_contain_text("September, October")
    expect(page.locator("#decision-threshold-summary")).to_contain_text(
        "as many flights have a raised risk as leave late"
    )
    expect(page.locator("#decision-threshold-summary")).to_contain_text(
        "The risk is raised from a chance of 50.0%."
    )
    expect(page.locator("#decision-threshold-metrics li")).to_have_text(
        [
            "The risk is raised for 40.0% of the 1,000 flights; 19.0% left late.",
            "Of the flights with a raised risk, 40.0% leave late.",
            "Of the flights that leave late, 40.0% had a raised risk.",
            re.compile("The risk is high from 90.0% on, which 10.0% of the flights reached; 30.0% of those"),
        ]
    )


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_too_few_days_leave_open_fits_a_phone(open_page: Open, language: str) -> None:
    """A sentence stands where the end of an interval would."""

    def describe(route: Route) -> None:
        document = route.fetch().json()
        first = document["card"]["protocols"][0]
        for mode in (first["with_timetable"], first["alone"]):
            mode |= {name: metric and metric | {"low": None, "high": None} for name, metric in mode.items()}
        route.fulfill(json=document)

    page = open_page(width=360)
    page.route("**/v1/model", describe)
    page.goto(page.url.split("?")[0] + f"?view=model&lang={language}")
    expect(page.locator("#model-metrics")).to_contain_text(
        "too few days to decide" if language == "en" else "muy pocos días para saberlo"
    )
    assert not is_wide(page)


def test_speaks_spanish(open_page: Open) -> None:
    page = open_page("?view=model", locale="es-CL")
    expect(page.locator("#weak li").first).to_contain_text("demasiado baja. Predijo 10")
    expect(page.locator("#limits")).to_contain_text("septiembre, octubre")
    expect(page.locator("#model-seeds")).to_contain_text(
        "Con 5 semillas del azar (media ± desviación estándar): pérdida logarítmica 0,4745 ± 0,0011"
    )
    assert untranslated(page) == []


def test_stands_beside_other_families_and_each_month_by_what_came_before(
    open_page: Open, artifact: Artifact
) -> None:
    page = open_page("?view=model")
    best, other = page.locator("#families tr").all()
    expect(best).to_have_text(
        re.compile(r"^Boosted trees.*The best\. Learned in 1\.5\ss\. This one answers here")
    )
    expect(other).to_contain_text("Linear regression0.012 above the best (0.005 to 0.020).")
    assert other.locator("td").first.text_content() == told(artifact.card.families[1].metrics["log_loss"])
    assert lengths(page, "#families .gauge", "--high") == [pytest.approx(100)]
    expect(page.locator("#backtest-summary")).to_contain_text(
        "0.430 with the day’s timetable, 0.530 alone; 0.500 for"
    )
    expect(page.locator("#backtest-summary")).to_contain_text("lower than that in 2 of 2 months")
    picture = page.get_by_role("img", name="As if the model were trained again")
    expect(picture.locator("circle")).to_have_count(3 * len(artifact.card.rolling))
    expect(picture).to_contain_text("Mar")
    steps = page.locator("#model-exceedance tr")
    expect(steps).to_have_count(5)
    expect(steps.nth(1)).to_have_text(re.compile(r"more than 15 min20\.0%0\.7000\.400\s*0\.500"))
    expect(page.locator("#model-exceedance-summary")).to_contain_text(
        "expected delays of 8.0 minutes on average; they were 9.0"
    )


def test_a_model_alone_says_how_to_compare_it(open_page: Open) -> None:
    page = open_page()

    def without_others(route: Route) -> None:
        model = route.fetch().json()
        route.fulfill(json=model | {"card": model["card"] | {"families": [], "rolling": []}})

    page.route("**/v1/model", without_others)
    page.goto(f"{page.url}?view=model")
    expect(page.locator("#families-none")).to_contain_text("puntual train --compare")
    expect(page.locator("#families-content")).to_be_hidden()
    expect(page.locator("#backtest")).to_be_hidden()
