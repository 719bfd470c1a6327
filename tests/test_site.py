"""The site of the documents: built as ``make docs`` builds it, and opened in a browser."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.slow
pytest.importorskip("zensical", reason="make docs installs what builds the site")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from docs.site.__main__ import build

    folder = tmp_path_factory.mktemp("docs")
    assert build(folder) == []
    return folder / "site"


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    handler = functools.partial(_Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Leave stderr to the tests."""


def test_every_page_of_the_repository_is_there(site: Path) -> None:
    pages = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    assert {
        "index.html",
        "README.es.html",
        "docs/architecture.html",
        "docs/decisions/0001-timetable.html",
        "notebooks/01_exploracion.ipynb.html",
        "reference/command-line.html",
        "reference/puntual.html",
    } <= pages


def test_the_reference_comes_from_the_code(site: Path) -> None:
    command_line = (site / "reference" / "command-line.html").read_text("utf-8")
    assert "--cost-of-a-missed-delay" in command_line
    metrics = (site / "reference" / "metrics.html").read_text("utf-8")
    assert 'id="puntual.metrics.scores.log_loss"' in metrics
    assert "Mean negative log-likelihood" in metrics


@pytest.mark.parametrize("width", [1280, 390])
def test_a_reader_finds_and_sees_pages_without_a_network(browser: Browser, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(f"{address}/docs/architecture.html")
    drawing = page.locator("img[src*='drawing-']")
    drawing.scroll_into_view_if_needed()
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=drawing.element_handle())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.keyboard.press("/")
    page.keyboard.type("prevalence")
    expect(page.get_by_role("option").filter(has_text="prevalence").first).to_be_visible()
    page.close()
    assert [url for url in requested if not url.startswith((address, "data:", "blob:"))] == []


def test_faults_are_found(tmp_path: Path) -> None:
    from docs.site.links import find_faults

    (tmp_path / "page.html").write_text(
        '<p id="here"></p><a href="#here">a</a><a href="#there">b</a><a href="no.html">c</a>'
        '<a href="https://example.org">d</a><script src="https://example.org/x.js"></script>',
        "utf-8",
    )
    (tmp_path / "style.css").write_text("@import url(//example.org/font.css);", "utf-8")
    assert find_faults(tmp_path) == [
        "style.css: loads from another host",
        "page.html: loads https://example.org/x.js",
        "page.html: #there leads nowhere",
        "page.html: no.html leads nowhere",
    ]
