"""What the page tells of the service."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from puntual.inference.artifact import Artifact
from tests.page.served import FLIGHT, Open, Server, serving


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server looks for a load test; none is there at first."""
    return tmp_path_factory.mktemp("stress") / "stress.json"


@pytest.fixture(scope="module")
def server(artifact: Artifact, report: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(artifact, tmp_path_factory.mktemp("service"), "--stress-report", str(report)) as server:
        yield server


def ask(server: Server, count: int, **changes: object) -> None:
    for _ in range(count):
        httpx.post(f"{server.url}v1/predictions", json={"flights": [FLIGHT | changes]})


def test_tells_what_was_asked(open_page: Open, server: Server, artifact: Artifact) -> None:
    ask(server, 4)
    page = open_page("?view=service")
    expect(page.locator("#service-state")).to_have_text("Up")
    facts = page.locator("#service-facts dd")
    expect(facts.first).to_have_text(artifact.name)
    expect(facts.nth(1)).to_contain_text(re.compile(r"\d{1,2} \w+ \d{4}, \d\d:\d\d:\d\d"))
    expect(facts.nth(2)).to_have_text(re.compile(r"1, in [1-9]\d+ MiB"))
    expect(facts.nth(3)).to_have_text("0")
    expect(page.locator("#service-lately")).to_have_text(re.compile(r"The last \d+\ss"))
    ask(server, 20)
    ask(server, 5, airline=7)
    rows = page.locator("#service-counts tr")
    requests = rows.filter(has=page.get_by_role("rowheader", name="Requests")).locator("td")
    expect(requests).to_have_text(["25", "29"])
    refused = rows.filter(has=page.get_by_role("rowheader", name="422")).locator("td")
    expect(refused).to_have_text(["5", "5"])
    expect(page.locator("#service-summary")).to_contain_text(
        re.compile(r"25 requests .* 5 of them .* median")
    )
    figures = page.locator("#service-figures .flap")
    expect(figures.nth(3)).to_have_text(re.compile(r"[1-9]\d*\.\d%"))
    assert 0 < float(figures.nth(1).inner_text()) < 1000
    pictures = page.get_by_role("img")
    expect(pictures).to_have_count(3)
    expect(pictures.first).to_have_accessible_name(re.compile(r"^Requests a second\. requests: .* At most "))


def test_the_address_says_what_is_counted(open_page: Open, server: Server) -> None:
    page = open_page("?view=service")
    httpx.get(f"{server.url}nowhere")
    page.get_by_label("Counting").select_option("all requests")
    expect(page).to_have_url(f"{server.url}?view=service&count=all")
    row = page.locator("#service-counts tr").filter(has=page.get_by_role("rowheader", name="404"))
    expect(row).to_contain_text("nothing at this path")
    page.reload()
    expect(page.get_by_label("Counting")).to_have_value("all")
    expect(row).to_contain_text("nothing at this path")


def test_a_load_test_appears_once_there_is_one(
    open_page: Open, load_test: bytes, report: Path, server: Server
) -> None:
    page = open_page("?view=service")
    expect(page.locator("#service-test-summary")).to_contain_text("No load test recorded yet")
    expect(page.locator("#service-commands")).to_contain_text(f"puntual stress {server.url.rstrip('/')}")
    report.write_bytes(load_test)
    table = page.locator("#service-test tbody tr")
    expect(table).to_have_text(
        [
            re.compile("Requests520,214"),
            re.compile("Took2 s65 s"),
            re.compile("Requests a second2.5308.9"),
            re.compile("Errorstimeout: 120.00%45.89%"),
            re.compile("Mean.*1,635 ms"),
            re.compile("Median2.0 ms–"),
            re.compile("99th percentile40 ms–"),
            re.compile("Worst40 ms64,800 ms"),
        ]
    )
    expect(page.locator("#service-test-summary")).to_contain_text("a <fast> processor, 2 cores")
    expect(page.locator("#service-test-pictures").get_by_role("img")).to_have_count(2)


def test_a_server_that_is_down_is_told_and_comes_back(open_page: Open) -> None:
    page = open_page("?view=service")
    state = page.locator("#service-state")
    expect(state).to_have_text("Up")
    page.context.set_offline(True)
    expect(state).to_have_text("The server does not answer")
    expect(page.locator("#service-remedy")).to_contain_text("asked again every 2 seconds")
    page.context.set_offline(False)
    expect(state).to_have_text("Up")
    expect(page.locator("#service-remedy")).to_be_hidden()


def test_looks_only_while_it_is_seen(browser: Browser, server: Server) -> None:
    with browser.new_context(locale="en-GB") as context:
        page = context.new_page()
        page.clock.install()
        looks: list[str] = []
        page.on("request", lambda request: looks.append(request.url) if "metrics" in request.url else None)
        page.goto(f"{server.url}?view=service")
        expect(page.locator("#service-state")).to_have_text("Up")
        with page.expect_response("**/metrics"):
            page.clock.run_for(2500)
        page.get_by_role("link", name="The model").click()
        expect(page.locator("#model-name")).to_be_visible()
        page.clock.run_for(2500)
        seen = len(looks)
        page.clock.run_for(20_000)
        page.locator("#model-name").click()
        assert len(looks) == seen
        with page.expect_response("**/metrics"):
            page.get_by_role("link", name="The service").click()


def test_reads_what_prometheus_reads(open_page: Open) -> None:
    page = open_page("?view=service")
    told = page.evaluate(
        """async () => {
          const { readMetrics } = await import("./service/metrics.js");
          const found = readMetrics('# HELP a b\\na{x="1,\\\\"}",le="+Inf"} 2.5\\na 1e3\\nb +Inf\\n');
          return [found.get("a"), found.get("b")[0].value === Infinity, found.size];
        }"""
    )
    assert told == [
        [{"labels": {"x": '1,"}', "le": "+Inf"}, "value": 2.5}, {"labels": {}, "value": 1000}],
        True,
        2,
    ]


def test_quantiles_are_prometheus_own(open_page: Open) -> None:
    page = open_page("?view=service")
    told = page.evaluate(
        """async () => {
          const { between } = await import("./service/readings.js");
          const buckets = (counts) => [0.1, 0.2, Infinity].map((seconds, at) => {
            return { route: "r", seconds, count: counts[at] };
          });
          const look = (at, counts) => ({ at, requests: [], flights: 0, buckets: buckets(counts) });
          const found = between(look(0, [5, 5, 5]), look(2000, [5, 15, 25]), () => true);
          return [0.25, 0.5, 0.99].map(found.within);
        }"""
    )
    assert told == [pytest.approx(150), pytest.approx(200), pytest.approx(200)]
