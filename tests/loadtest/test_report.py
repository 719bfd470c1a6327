"""What is made of a result: the page, the table, the comparison."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from string import Formatter
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import pytest
from playwright.sync_api import Browser, expect

import puntual
from puntual.i18n.texts import LANGUAGES
from puntual.loadtest.aggregator import Aggregator
from puntual.loadtest.intervals import Interval, new_histogram
from puntual.loadtest.machine import Machine
from puntual.loadtest.plan import make_plan
from puntual.loadtest.result import Result, read_result
from puntual.loadtest.summary import PUBLISHED, LoadTestTexts, rows_of
from puntual.reports.load_test import compare, render
from tests.cli.running import mistake, run
from tests.loadtest.server import answering

MACHINE = Machine(system="Linux 6", processor="a <fast> processor", cores=2, memory_gb=4.0, python="3.12.0")


def interval(index: int, latencies_ms: list[float], *, last: bool = False, **given: Any) -> Interval:
    histogram = new_histogram()
    for latency in latencies_ms:
        histogram.record_value(int(latency * 1000))
    sent = {"sent_bytes": 1024, "received_bytes": 2048, "late_us": 500, "cpu_s": 0.25}
    counts = {"index": index, "answered": len(latencies_ms), "end_s": index + 1.0, "open": 4, **sent, **given}
    return Interval(latencies=histogram.encode(), last=last, **counts)


def result_of(*intervals: Interval, processes: int = 1, profile: str = "") -> Result:
    about = {"url": "http://x/<&>", "model": "m", "plan": make_plan({}), "machine": MACHINE}
    aggregator = Aggregator(processes, about | {"profile": profile})
    for each in intervals:
        aggregator.add(each)
    return aggregator.result()


@pytest.fixture
def result() -> Result:
    return result_of(
        interval(0, [1, 2, 3, 4], opened=4),
        interval(1, [10], errors={"status 503": 3}),
        interval(2, [], end_s=2.0, last=True),
        profile="original",
    )


def test_a_result_adds_up(result: Result) -> None:
    assert (result.requests, result.answered, result.errors) == (8, 5, 3)
    assert result.duration_s == 2.0
    assert (result.requests_per_s, result.answered_per_s) == (4.0, 2.5)
    assert result.latency_ms.mean == pytest.approx(4, rel=0.001)
    assert result.latency_ms.min == pytest.approx(1, rel=0.001)
    assert result.latency_ms.max == pytest.approx(10, rel=0.001)
    assert [(second.answered, second.errors) for second in result.seconds] == [(4, 0), (1, 3)]
    assert result.latency_curve[-1][0] == 100


def test_processes_that_end_apart_are_put_together() -> None:
    result = result_of(
        interval(0, [1]),
        interval(0, [3], errors={"reset": 1}),
        interval(1, [5], last=True, end_s=1.5),
        interval(1, [7]),
        interval(2, [9], last=True, end_s=2.5),
        processes=2,
    )
    assert [second.answered for second in result.seconds] == [2, 2, 1]
    assert result.duration_s == 2.5
    assert result.latency_ms.p50 == pytest.approx(5, rel=0.001)


def test_the_row_of_jmeter(result: Result) -> None:
    ours, published = rows_of(result)
    assert published == PUBLISHED
    assert ours.samples == 8
    assert ours.error_percent == 37.5
    assert (ours.received, ours.sent, ours.average_bytes) == (3.0, 1.5, 768.0)
    assert ours.deviation == pytest.approx(3.162, rel=0.01)


def test_the_page_is_whole_and_offline(result: Result) -> None:
    page = render(result, result)
    assert "http://x/&lt;&amp;&gt;" in page
    assert "a &lt;fast&gt; processor" in page
    assert "20,214" in page
    assert "status 503" in page
    charts = re.findall(r"<div class=.chart. .*?(<svg.*?</svg>)</div>", page, re.DOTALL)
    assert len(charts) == 3
    for chart in charts:
        drawn = ET.fromstring(chart)
        lines = [path.get("d", "") for path in drawn.iter("{http://www.w3.org/2000/svg}path")]
        assert "NaN" not in chart
        assert any(line.count("L") >= 1 for line in lines)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_fits_and_asks_for_nothing(
    result: Result, browser: Browser, tmp_path: Path, language: str
) -> None:
    file = tmp_path / "report.html"
    file.write_text(render(result, result, language), "utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    requests: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: faults.append(message.text))
    page.goto(file.as_uri())
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        for chart in page.locator(".chart").all():
            chart.scroll_into_view_if_needed()
            expect(chart.locator(".vega-embed svg")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert (requests, faults) == ([file.as_uri()], [])
    page.close()


def test_a_page_of_nothing_answered() -> None:
    page = render(result_of(interval(0, [], errors={"refused": 3}, last=True)))
    assert "0 of 3 requests answered" in page
    assert "NaN" not in "".join(re.findall(r"<svg.*?</svg>", page, re.DOTALL))


def test_two_tests_side_by_side(result: Result) -> None:
    earlier = result_of(interval(0, [2, 4, 6, 8, 20], last=True))
    by_name = {figure.name: figure for figure in compare(result, earlier)}
    assert by_name["answered"] == ("answered", "5", "5", "× 1.00")
    assert by_name["worst, ms"].change == "× 0.50"
    assert compare(result)[0].before == "–"


def test_what_is_saved_can_be_compared_and_reported(tmp_path: Path) -> None:
    old, new, page = tmp_path / "old.json", tmp_path / "new.json", tmp_path / "report.html"
    with answering() as server:
        assert run("stress", server.url, "-n", 20, "-c", 2, "--save", old).status == 0
        ended = run(
            "stress", server.url, "-n", 30, "-c", 2, "--save", new, "--report", page, "--compare", old
        )
    assert ended.status == 0, ended.err
    assert (read_result(old).answered, read_result(new).answered) == (20, 30)
    assert "the one of" in ended.out
    assert "Beside the earlier test" in page.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--compare", "none.json"], "none.json: no such file"),
        (["--compare", "odd.json"], "it is no result of a load test"),
    ],
)
def test_a_file_that_cannot_be_used_is_said_before_the_test(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "odd.json").write_text("{}", "utf-8")
    assert said in mistake("stress", "http://127.0.0.1:1", *arguments)


@pytest.mark.parametrize("document", ["docs/commands.md", "docs/commands.es.md", "docs/stress.md"])
def test_the_documented_commands_are_understood(document: str, monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path(__file__).parents[2]
    lines = re.findall(r"^puntual stress .*$", (root / document).read_text("utf-8"), re.MULTILINE)
    assert len(lines) >= 3
    result = result_of(interval(0, [1], last=True))
    monkeypatch.setattr("puntual.loadtest.run.run", lambda *given: result)
    monkeypatch.setattr("puntual.cli.output.write_text", lambda *given: None)
    monkeypatch.setattr("puntual.reports.load_test.render", lambda *given: "")
    monkeypatch.setattr("puntual.loadtest.result.read_result", lambda path: result)
    for line in lines:
        ended = run(*shlex.split(line, comments=True)[1:])
        assert ended.status == 0, (line, ended.err)


def test_the_result_is_what_the_documents_name(result: Result) -> None:
    text = (Path(__file__).parents[2] / "docs" / "stress.md").read_text("utf-8")
    told = msgspec.to_builtins(result)
    names = {"requests", "answered", "errors", "duration_s", "seconds", "generator_cores", "plan", "machine"}
    assert names <= set(told)
    assert all(f"`{name}`" in text for name in names)


def test_both_languages_say_the_same() -> None:
    english, spanish = (LoadTestTexts(language).messages for language in LANGUAGES)
    assert english.keys() == spanish.keys()
    rooms = (Path(puntual.__file__).parent / room for room in ("loadtest", "reports"))
    sources = "".join(path.read_text() for room in rooms for path in room.rglob("*.[pj][y2]"))
    for key in english:
        fields = {field for _, field, _, _ in Formatter().parse(english[key])}
        assert fields == {field for _, field, _, _ in Formatter().parse(spanish[key])}, key
        group, _, name = key.partition(".")
        assert f'"{key}"' in sources or (name and f"{group}." in sources and name in sources), key


def test_the_page_speaks_spanish(result: Result) -> None:
    page = re.sub("<script.*?</script>", "", render(result, result, "es"), flags=re.DOTALL)
    assert '<html lang="es">' in page
    for text in ("Prueba de carga de", "Latencia en el tiempo", "esta prueba", "Qué se ejecutó", "antes"):
        assert text in page
    for left in ("Load test", "Latency", "answered", "this test", "before", "cores of"):
        assert left not in page
