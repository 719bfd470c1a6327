"""Two plans dropped on the page: what changes from the one to the other."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import FilePayload, Page, expect

from puntual.inference.artifact import Artifact
from puntual.inference.predictor import Predictor
from puntual.types import Flight
from tests.page.served import Open, is_wide, untranslated

HEADER = "scheduled_departure,airline,origin,destination,flight_number"
BEFORE = (
    "2017-07-14T07:05,LAN,SCEL,SAEZ,450",
    "2017-07-14T07:40,SKU,SCEL,SAEZ,802",
    "2017-07-14T18:35,SKU,SCEL,SCFA,101",
    "2017-07-15T12:00,SKU,SCEL,SCFA,7",
)
AFTER = ("2017-07-14T19:05,LAN,SCEL,SAEZ,450", *BEFORE[1:3], "2017-07-14T21:00,SKU,SCEL,SAEZ,=1+2")
COMPARE = "?view=compare"


def give(page: Page, side: str, rows: tuple[str, ...], name: str = "") -> None:
    data = "\n".join((HEADER, *rows)).encode()
    page.set_input_files(
        f"#file-{side}", FilePayload(name=name or f"{side}.csv", mimeType="text/csv", buffer=data)
    )


def expected(artifact: Artifact, rows: tuple[str, ...]) -> dict[str, float]:
    """The chance of each flight within its plan, by number."""
    whole = [row.replace(",", ":00,", 1).split(",") for row in rows]
    fields = [dict(zip(HEADER.split(","), row, strict=True)) for row in whole]
    flights = msgspec.convert(fields, list[Flight], strict=False)
    answers = Predictor(artifact).predict(flights, complete_days=True)
    return {
        one["flight_number"]: answer.delay_probability for one, answer in zip(fields, answers, strict=True)
    }


def rows_of(page: Page) -> list[list[str]]:
    read = "(rows) => rows.map((row) => [...row.children].map((cell) => cell.innerText))"
    found: list[list[str]] = page.locator("#changes tr").evaluate_all(read)
    return found


@pytest.mark.parametrize(("locale", "width"), [("en-GB", 1280), ("es-CL", 390)])
def test_two_plans_side_by_side(
    open_page: Open, artifact: Artifact, locale: str, width: int, tmp_path: Path
) -> None:
    page = open_page(COMPARE, locale=locale, width=width)
    give(page, "before", BEFORE)
    expect(page.locator("#plan-before")).to_contain_text("before.csv: 4 ")
    assert page.locator("#compared").is_hidden()
    give(page, "after", AFTER)
    expect(page.locator("#compared")).to_be_visible()
    before, after = expected(artifact, BEFORE), expected(artifact, AFTER)
    page.locator("#only-changed").click()
    rows = {row[0].split("\n")[0].split()[-1]: row[1:] for row in rows_of(page)}
    assert sorted(rows) == sorted({*before, *after})
    assert "07:05" in rows["450"][0].split("\n")[0]
    assert "19:05" in rows["450"][0].split("\n")[1]
    with page.expect_download() as download:
        page.locator("#compare-download").click()
    told = csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig")))
    by_number = {one["flight_number"].lstrip("'"): one for one in told}
    for side, own in (("before", before), ("after", after)):
        given = {number: one[f"{side}_probability"] for number, one in by_number.items()}
        assert {number: float(text) for number, text in given.items() if text} == own
    assert by_number["=1+2"]["flight_number"] == "'=1+2"
    assert [by_number[number]["kind"] for number in ("450", "802", "7", "=1+2")] == [
        *("retimed", "kept", "removed", "added")
    ]
    assert page.locator("#compared-days-rows tr").count() == 2
    assert not untranslated(page)
    assert not is_wide(page)


def test_a_file_that_is_no_plan_leaves_the_others(open_page: Open) -> None:
    page = open_page(COMPARE)
    give(page, "before", BEFORE)
    expect(page.locator("#plan-before")).to_contain_text("before.csv")
    page.set_input_files("#file-after", FilePayload(name="x.csv", mimeType="text/csv", buffer=b"a,b\n1,2\n"))
    expect(page.locator("#compare-failure")).to_be_visible()
    expect(page.locator("#plan-before")).to_contain_text("before.csv")
    give(page, "after", AFTER)
    expect(page.locator("#compared")).to_be_visible()
    expect(page.locator("#compare-failure")).to_be_hidden()


def test_columns_of_ones_own_and_a_change_of_language(open_page: Open, artifact: Artifact) -> None:
    """What a header does not say is asked, as on the board; both files stay in the other language."""
    page = open_page(COMPARE)
    own = "\n".join(("a,b,c", *(f"{row[:10]} {row[11:16]},LAN,SAEZ" for row in BEFORE[:2]))).encode()
    page.set_input_files("#file-before", FilePayload(name="own.csv", mimeType="text/csv", buffer=own))
    form = page.locator("#compare-columns")
    expect(form).to_contain_text("own.csv")
    for field, name in {"scheduled": "a", "airline": "b", "destination": "c"}.items():
        form.locator(f"[name={field}]").select_option(name)
    form.get_by_role("button", name="Read with these columns").click()
    expect(page.locator("#plan-before")).to_contain_text("own.csv: 2 ")
    give(page, "after", AFTER)
    expect(page.locator("#compared")).to_be_visible()
    shown = page.locator("#late-after").get_attribute("value")
    page.locator("#other-language").click()
    expect(page.locator("#plan-before")).to_contain_text("own.csv: 2 vuelos")
    expect(page.locator("#plan-after")).to_contain_text("after.csv: 4 vuelos")
    expect(page.locator("#compared")).to_be_visible()
    assert (page.locator("#late-after").get_attribute("value") or "").replace(",", ".") == shown
    assert not untranslated(page)


def test_the_board_leads_here_and_back(open_page: Open) -> None:
    page = open_page("?view=board")
    page.locator("a[data-view=compare]").first.click()
    expect(page.locator("#view-compare h1")).to_have_text("Two plans compared")
    assert page.title().startswith("Compare")
    page.locator("#view-compare a[data-view=board]").click()
    expect(page.locator("#view-board")).to_be_visible()
    page.go_back()
    expect(page.locator("#view-compare")).to_be_visible()
