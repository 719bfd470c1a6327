"""The page as a reader sees it: a real Chromium against a real server."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, Route, expect

from puntual.inference.artifact import Artifact, write_artifact
from puntual.inference.measured import Estimate
from tests.cards import full_artifact
from tests.flights import small_booster

WEB = Path(str(files("puntual.serving"))) / "web"
STYLES = ("style.css", "question.css", "answer.css", "detail.css", "model.css")
OWN = ("index.html", *STYLES, "favicon.svg", "messages/en.json", "messages/es.json")
COMMAND = (sys.executable, "-m", "puntual", "serve")
START_SECONDS = 20
ASKED = "?destination=SCFA&airline=SKU&departure=2017-07-14T18:35"
FLIGHT = {"destination": "SCFA", "airline": "SKU", "scheduled_departure": "2017-07-14T18:35:00"}

Open = Callable[..., Page]


class Server:
    """`puntual serve` in a process of its own, on a port that stays the same when it comes back."""

    def __init__(self, model: Path) -> None:
        self._model = model
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}/"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [*COMMAND, "--model", str(self._model), "--port", str(self._port)]
        log = self._model.with_suffix(".log")
        with log.open("wb") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}readyz").status_code == 200:
                    return
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        self.stop()
        pytest.fail(f"puntual serve did not start: {log.read_text()}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=10)
            self._process = None


@contextlib.contextmanager
def serving(artifact: Artifact, folder: Path) -> Iterator[Server]:
    model = folder / "page.puntual"
    write_artifact(artifact, model)
    server = Server(model)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def artifact() -> Artifact:
    return full_artifact(small_booster())


@pytest.fixture(scope="module")
def server(artifact: Artifact, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(artifact, tmp_path_factory.mktemp("page")) as server:
        yield server


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    """One tab for all tests: opening one takes longer than most of them."""
    context = browser.new_context(locale="en-GB", timezone_id="America/Santiago")
    yield context.new_page()
    context.close()


@pytest.fixture
def open_page(tab: Page, server: Server) -> Iterator[Open]:
    """Opens the page; at the end, nothing may have gone wrong in it or been fetched from elsewhere."""
    complaints: list[str] = []
    requests: list[str] = []
    url = server.url

    def hear(message: ConsoleMessage) -> None:
        complaints.append(f"{message.type}: {message.text}")

    def suffer(error: Error) -> None:
        complaints.append(str(error))

    def see(request: Request) -> None:
        requests.append(request.url)

    def open_page(
        query: str = "",
        *,
        width: int = 1280,
        height: int = 900,
        at: str = url,
        dark: bool = False,
        still: bool = True,
    ) -> Page:
        nonlocal url
        url = at
        tab.set_viewport_size({"width": width, "height": height})
        tab.emulate_media(
            color_scheme="dark" if dark else "light", reduced_motion="reduce" if still else "no-preference"
        )
        tab.goto(url + query)
        expect(tab.locator("#answer")).to_have_attribute("aria-busy", "false")
        return tab

    tab.on("console", hear)
    tab.on("pageerror", suffer)
    tab.on("request", see)
    yield open_page
    tab.unroute_all(behavior="ignoreErrors")
    tab.remove_listener("console", hear)
    tab.remove_listener("pageerror", suffer)
    tab.remove_listener("request", see)
    tab.goto("about:blank")
    expected = re.compile(r"error: Failed to load resource: (net::ERR_|.* status of (422|500|503))")
    assert [complaint for complaint in complaints if not expected.match(complaint)] == []
    assert [address for address in requests if not address.startswith((url, "data:"))] == []


def api_chance(server: Server, **changes: str) -> float:
    response = httpx.post(f"{server.url}v1/predictions", json={"flights": [FLIGHT | changes]})
    response.raise_for_status()
    return float(response.json()["predictions"][0]["delay_probability"])


def shown_chance(page: Page) -> float:
    expect(page.locator("#answer")).to_have_attribute("data-state", "answered")
    expect(page.locator("#answer")).to_have_attribute("aria-busy", "false")
    return float(page.locator("#probability").get_attribute("value") or "nan")


def flaps(page: Page, figure: str) -> str:
    return "".join(page.locator(f"#{figure} .flap").all_text_contents())


def test_asks_by_typing_names(open_page: Open, server: Server, artifact: Artifact) -> None:
    page = open_page()
    expect(page.locator("#origin-field")).to_be_hidden()
    page.get_by_role("combobox", name="To").fill("antofa")
    page.get_by_role("option", name="Antofagasta").click()
    page.get_by_role("combobox", name="Airline").fill("sky air")
    page.get_by_role("option", name="Sky Airline").click()
    page.get_by_label("Date").fill("2017-07-14")
    page.get_by_label("Departs").fill("18:35")
    expect(page).to_have_url(server.url + ASKED)
    shown_chance(page)
    chance = api_chance(server)
    expect(page.locator("#probability")).to_have_attribute("value", str(chance))
    assert flaps(page, "probability") == f"{round(chance * 100)}"
    assert flaps(page, "base-rate") == f"{round(artifact.training.base_rate * 100)}"
    remark = "Delay warning" if chance >= artifact.cut else "No delay warning"
    expect(page.locator("#remark")).to_have_text(remark)
    expect(page.locator("#announcement")).to_contain_text(f"{remark}: {round(chance * 100)}%.")
    expect(page).to_have_title(re.compile("H2 to ANF"))


def test_tells_what_the_model_is(open_page: Open, artifact: Artifact) -> None:
    page = open_page()
    first, other = artifact.card.protocols
    expect(page.locator("#lead")).to_contain_text("from Santiago (SCL)")
    expect(page.locator("#model")).to_contain_text(artifact.name)
    expect(page.locator("#model-window")).to_have_text("1 January 2017 to 31 August 2017")
    expect(page.locator("#model-flights")).to_have_text("4,000")
    expect(page.locator("#model-measured")).to_contain_text("1,000 flights from 1 September 2017")
    shown = page.locator("#model-metrics td").all_text_contents()
    for name, cells in zip(
        ("auc", "log_loss", "calibration_error"), (shown[:2], shown[2:4], shown[4:6]), strict=True
    ):
        assert cells == [told(first.alone[name]), told(first.with_timetable[name])]
    assert shown[6:] == [f"{first.base_rate:.1%}"] * 2
    others = page.locator("#model-others")
    expect(others.locator("[scope=rowgroup]")).to_contain_text(f"on {other.flights} flights")
    expect(others.locator("[scope=rowgroup]")).to_contain_text("drawn at random")
    expect(others.locator("[scope=rowgroup]")).to_contain_text("Too good to hope for")
    assert others.locator("td").first.text_content() == told(other.alone["auc"])


def told(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} {estimate.low:.3f} to {estimate.high:.3f}"


def test_draws_what_was_told_against_what_came(open_page: Open, artifact: Artifact) -> None:
    page = open_page()
    picture = page.get_by_role("img", name="Asked about one flight alone")
    expect(picture).to_be_visible()
    bins = artifact.card.alone.bins
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
    expect(page.locator("#truth-level")).to_contain_text("it told 23.3% on average, and 25.3% left late")


def test_tells_what_it_reads_where_it_is_weak_and_what_it_is_not_for(open_page: Open) -> None:
    page = open_page()
    expect(page.locator("#importance li")).to_have_text(
        [
            re.compile(r"Hour\s+0\.010 0\.005 to 0\.020"),
            re.compile(r"Time of year\s+-0\.001 -0\.002 to 0\.000"),
        ]
    )
    assert lengths(page, "#importance .gauge", "--to") == [pytest.approx(50), 0]
    assert lengths(page, "#importance .gauge", "--high") == [pytest.approx(100), 0]
    expect(page.locator("#weak-said")).to_contain_text("Of 12 airlines, destinations and months")
    expect(page.locator("#weak-said")).to_contain_text("10 were told too low or too high")
    expect(page.locator("#weak li").first).to_have_text(
        "Ezeiza (EZE): too low. Told 10%; 30% of 90 flights left late (20% to 40%)."
    )
    expect(page.locator("#weak li")).to_have_count(5)
    rest = page.locator("#weak-rest li")
    expect(rest.first).to_be_hidden()
    page.locator("#weak-count").focus()
    page.keyboard.press("Enter")
    expect(rest).to_have_count(6)
    expect(rest.last).to_be_visible()
    expect(page.locator("#weak-rest")).to_contain_text("September 2017: no better than the usual chance")
    expect(page.locator("#limits li")).to_have_count(6)
    expect(page.locator("#limits")).to_contain_text("other than Santiago (SCL)")
    expect(page.locator("#limits")).to_contain_text("April, May")
    expect(page.locator("#cut-said")).to_contain_text("From a chance of 50.0% on")
    expect(page.locator("#cut-meant li")).to_have_text(
        [
            "It is said of 50 in 100 of the 1,000 flights.",
            "Of 100 flights that it says so of, 30 leave late.",
            "Of 100 flights that leave late, it says so of 50.",
        ]
    )


def test_keyboard_alone(open_page: Open, server: Server) -> None:
    page = open_page("?departure=2017-07-14T17:35")
    destination, airline = page.locator("#destination"), page.locator("#airline")
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(destination).to_be_focused()
    assert page.locator(".cell").nth(1).evaluate("cell => getComputedStyle(cell).outlineStyle") == "solid"
    page.keyboard.press("ArrowDown")
    expect(destination).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(destination).to_have_attribute("aria-expanded", "false")
    page.keyboard.type("e")
    page.keyboard.press("ArrowDown")
    active = destination.get_attribute("aria-activedescendant")
    expect(page.locator(f"#{active}.active")).to_be_visible()
    page.keyboard.press("Control+A")
    page.keyboard.type("scfa")
    page.keyboard.press("Enter")
    expect(destination).to_have_value("Antofagasta")
    expect(destination).to_have_accessible_description(re.compile("ANF"))
    page.keyboard.press("Tab")
    page.keyboard.type("H2")
    page.keyboard.press("Tab")
    expect(airline).to_have_value("Sky Airline")
    for _ in range(5):
        if page.locator("#time").evaluate("time => time === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page).to_have_url(server.url + ASKED)
    expect(page.locator("#probability")).to_have_attribute("value", str(api_chance(server)))


def test_phone_never_scrolls_sideways(open_page: Open, server: Server) -> None:
    page = open_page(width=360, height=740)
    wide = "() => document.documentElement.scrollWidth > window.innerWidth"
    for query in ("", ASKED, ASKED.replace("SKU", "XQ").replace("2017", "2031")):
        page.goto(server.url + query)
        expect(page.locator("#answer")).to_have_attribute("aria-busy", "false")
        page.locator("#ask").click()
        assert not page.evaluate(wide)
        page.locator("#airline").click()
        expect(page.locator("#airline-list")).to_be_visible()
        assert not page.evaluate(wide)


def test_unknown_airline_is_answered_and_told(open_page: Open, server: Server) -> None:
    page = open_page(ASKED)
    page.locator("#airline").fill("xq")
    page.get_by_role("option", name="Ask with this code").click()
    expect(page.locator("#notes")).to_contain_text("never seen the airline XQ")
    expect(page.locator("#airline")).to_have_accessible_description(re.compile("Not among those"))
    assert shown_chance(page) == api_chance(server, airline="XQ")


def test_nonsense_is_told_at_its_field(open_page: Open) -> None:
    page = open_page(ASKED)
    page.locator("#airline").fill("Blorp Airways")
    expect(page.locator("#list-status")).to_contain_text("Nothing by that name")
    page.keyboard.press("Tab")
    expect(page.locator("#airline-error")).to_contain_text("No airline “Blorp Airways” here")
    expect(page.locator("#answer")).to_have_attribute("data-state", "waiting")
    page.locator("#airline").fill("LATAM")
    page.keyboard.press("Tab")
    expect(page.locator("#airline-error")).to_be_empty()
    shown_chance(page)


def test_empty_form_says_what_is_missing(open_page: Open) -> None:
    page = open_page()
    page.locator("#date").fill("")
    page.get_by_role("button", name="Ask").click()
    for name in ("destination", "airline", "date"):
        expect(page.locator(f"#{name}")).to_have_attribute("aria-invalid", "true")
        expect(page.locator(f"#{name}-error")).not_to_be_empty()
    expect(page.locator("#destination")).to_be_focused()
    expect(page.locator("#time-error")).to_be_empty()


def test_server_down_and_back(open_page: Open, artifact: Artifact, tmp_path: Path) -> None:
    with serving(artifact, tmp_path) as server:
        page = open_page(ASKED, at=server.url)
        server.stop()
        page.locator("#time").fill("07:00")
        expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
        assert flaps(page, "probability") == ""
        server.start()
        page.get_by_role("button", name="Try again").click()
        assert shown_chance(page) == api_chance(server, scheduled_departure="2017-07-14T07:00:00")
        expect(page.get_by_role("alert")).to_be_hidden()


def test_knowledge_that_cannot_be_had_is_asked_for_again(open_page: Open) -> None:
    page = open_page()
    page.route("**/v1/model", lambda route: route.abort())
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
    expect(page.locator("#destination")).to_be_disabled()
    page.unroute("**/v1/model")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#answer")).to_have_attribute("data-state", "waiting")
    expect(page.locator("#destination")).to_be_enabled()


def test_refusal_is_shown_at_its_field(open_page: Open) -> None:
    page = open_page()

    def spoil(route: Route) -> None:
        body = json.loads(route.request.post_data or "")
        body["flights"][0]["airline"] = "X"
        route.continue_(post_data=json.dumps(body))

    page.route("**/v1/predictions?*", spoil)
    page.goto(page.url + ASKED)
    expect(page.get_by_role("alert")).to_contain_text("The server cannot answer this")
    expect(page.locator("#airline-error")).not_to_be_empty()
    expect(page.locator("#airline-error")).not_to_contain_text("$.flights")
    expect(page.locator("#airline")).to_have_attribute("aria-invalid", "true")


def test_every_failure_says_what_to_do(open_page: Open) -> None:
    page = open_page(ASKED)
    statuses = [503, 500, 200]

    def fail(route: Route) -> None:
        route.fulfill(status=statuses[0], body="<oops>")

    page.route("**/v1/predictions?*", fail)
    for words in ("not ready", "something unexpected", "something unexpected"):
        page.get_by_role("button", name="Ask").click()
        expect(page.get_by_role("alert")).to_contain_text(words)
        statuses.pop(0)
    page.unroute("**/v1/predictions?*")
    page.get_by_role("button", name="Try again").click()
    shown_chance(page)


def test_wait_shows_itself(open_page: Open) -> None:
    page = open_page(ASKED)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/v1/predictions?*", hold)
    page.locator("#time").fill("07:00")
    expect(page.locator("#remark")).to_have_text("Asking …")
    expect(page.locator("#answer")).to_have_attribute("aria-busy", "true")
    held[0].continue_()
    shown_chance(page)
    expect(page.locator("#remark")).to_have_text(re.compile("elay warning"))


def test_reload_keeps_the_question(open_page: Open) -> None:
    page = open_page(ASKED)
    before = shown_chance(page)
    page.reload()
    expect(page.locator("#destination")).to_have_value("Antofagasta")
    expect(page.locator("#airline")).to_have_value("Sky Airline")
    expect(page.locator("#date")).to_have_value("2017-07-14")
    expect(page.locator("#time")).to_have_value("18:35")
    assert shown_chance(page) == before


def test_asks_for_the_origin_where_the_model_knows_several(
    open_page: Open, artifact: Artifact, tmp_path: Path
) -> None:
    tables = msgspec.structs.replace(artifact.tables, origins=("KJFK", "SCEL"))
    with serving(msgspec.structs.replace(artifact, tables=tables), tmp_path) as server:
        page = open_page(ASKED, at=server.url)
        page.get_by_role("button", name="Ask").click()
        expect(page.locator("#origin-error")).not_to_be_empty()
        page.locator("#origin").fill("new york")
        page.keyboard.press("Enter")
        expect(page.locator("#origin")).to_have_value("New York")
        assert shown_chance(page) == api_chance(server, origin="KJFK")
        assert "origin=KJFK" in page.url


def explained(server: Server, language: str) -> dict[str, Any]:
    query = f"?detail=full&language={language}"
    response = httpx.post(f"{server.url}v1/predictions{query}", json={"flights": [FLIGHT]})
    answer: dict[str, Any] = response.json()["predictions"][0]
    return answer


def lengths(page: Page, bars: str, name: str) -> list[float]:
    read = "(bars, name) => bars.map((bar) => parseFloat(bar.style.getPropertyValue(name)))"
    found: list[float] = page.locator(bars).evaluate_all(read, name)
    return found


def test_tells_how_late_it_may_be(open_page: Open, server: Server) -> None:
    page = open_page()
    expect(page.locator("#ladder")).to_be_hidden()
    page.goto(server.url + ASKED)
    answer = explained(server, "en")
    shares = [f"{max(1, round(rung['probability'] * 100))}%" for rung in answer["ladder"]]
    minutes = [f"more than {rung['minutes']} min" for rung in answer["ladder"]]
    said = [f"{over} {share}" for over, share in zip(minutes, shares, strict=True)]
    expect(page.locator("#ladder li")).to_have_text(said)
    expect(page.locator("#ladder .decides")).to_contain_text("more than 15 min")
    assert lengths(page, "#ladder .bar", "--to") == pytest.approx(
        [rung["probability"] * 100 for rung in answer["ladder"]]
    )
    expected = round(answer["delay_minutes"]["expected"])
    expect(page.locator("#delay")).to_contain_text(f"leaves {expected} minutes late")


def test_the_reasons_lead_from_the_usual_to_the_answer(open_page: Open, server: Server) -> None:
    page, answer = open_page(ASKED), explained(server, "en")
    shown_chance(page)
    usual, *told, total = page.locator("#reasons li").all_text_contents()
    assert (usual, total) == ("Usual: 19.0%", f"This flight: {answer['delay_probability']:.1%}")
    assert told == answer["words"]
    starts, ends = (lengths(page, "#reasons .bar", name) for name in ("--from", "--to"))
    kinds = page.locator("#reasons li").evaluate_all("lines => lines.map(line => line.className)")
    reached = ends[0]
    for start, end, kind in zip(starts[1:-1], ends[1:-1], kinds[1:-1], strict=True):
        before, after = (end, start) if kind == "fewer" else (start, end)
        assert before == pytest.approx(reached, abs=0.2)
        reached = after
    assert reached == pytest.approx(ends[-1], abs=0.2)


def test_speaks_the_readers_language(browser: Browser, server: Server) -> None:
    with browser.new_context(locale="es-CL") as context:
        page = context.new_page()
        page.goto(server.url + ASKED)
        shown_chance(page)
        expect(page.locator("html")).to_have_attribute("lang", "es")
        expect(page.get_by_role("heading", name="Por qué")).to_be_visible()
        answer = explained(server, "es")
        assert page.locator("#reasons li").all_text_contents()[1:-1] == answer["words"]
        expect(page.locator("#reasons li").last).to_contain_text(
            f"{answer['delay_probability']:.1%}".replace(".", ",")
        )
        expect(page.locator("#weak li").first).to_contain_text("demasiado baja. Dijo 10")
        expect(page.locator("#limits")).to_contain_text("abril, mayo")
        keys = r"\b(page|form|answer|ladder|delay|reasons|model|card)\.\w"
        assert not re.search(keys, page.inner_text("body"))


def test_follows_the_reader_to_the_dark(open_page: Open, tmp_path: Path) -> None:
    page = open_page(ASKED, dark=True)
    background = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert background == "rgb(11, 14, 17)"
    assert len(page.screenshot(path=tmp_path / "dark.png", full_page=True)) > 10_000


@pytest.mark.parametrize("still", [True, False])
def test_moves_only_where_wanted(open_page: Open, still: bool) -> None:
    page = open_page(ASKED, still=still)
    shown_chance(page)
    movement = page.locator("#probability .flap").last.evaluate(
        "flap => getComputedStyle(flap).animationName"
    )
    assert movement == ("none" if still else "turn")


def scripts() -> dict[str, str]:
    return {path.name: path.read_text() for path in WEB.glob("*.js") if path.stem != "docs"}


def test_every_text_exists_and_is_used() -> None:
    texts, spanish = (
        json.loads((WEB / f"messages/{language}.json").read_text("utf-8")) for language in ("en", "es")
    )
    assert list(texts) == list(spanish)
    for key, told in texts.items():
        assert sorted(re.findall(r"\{\w+\}", told)) == sorted(re.findall(r"\{\w+\}", spanish[key])), key
    sections = "|".join(sorted({key.split(".")[0] for key in texts}))
    named = re.compile(rf"""["'`]((?:{sections})\.[a-z0-9_.]+)["'`]""")
    sources = "".join([*scripts().values(), (WEB / "index.html").read_text()])
    used = {key for key in named.findall(sources) if not key.endswith((".js", ".css"))}
    counted = {re.sub(r"\.(zero|one|two|few|many|other)$", "", key) for key in texts}
    assert used == counted
    assert all(f"{key}.other" in texts for key in used if key not in texts)


def test_every_script_is_preloaded_and_nothing_is_inline() -> None:
    html = (WEB / "index.html").read_text()
    assert sorted(re.findall(r'modulepreload" href="([^"]+)"', html)) == sorted(scripts())
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", html)
    everything = "".join((WEB / name).read_text() for name in OWN) + "".join(scripts().values())
    addresses = set(re.findall(r"https?://[^\s\"'<)]+", everything))
    assert addresses <= {"http://www.w3.org/2000/svg"}


def test_first_view_is_light() -> None:
    sizes = [(WEB / name).stat().st_size for name in OWN]
    assert sum(sizes) + sum(len(source.encode()) for source in scripts().values()) < 300 * 1024
