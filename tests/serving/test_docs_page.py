"""The API's page as a reader sees it, who is offline: a real Chromium against a real server."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from puntual.serving.routes import ROUTES
from tests.serving.conftest import Served

DESCRIBED = [route for route in ROUTES if route.answers is not None]


def test_shows_every_route_and_tries_it(browser: Browser, served: Served) -> None:
    complaints: list[str] = []
    requests: list[str] = []
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(f"{served.url}/docs#no-model")
    expect(page.locator("article.route")).to_have_count(len(DESCRIBED))
    expect(page.locator("#no-model")).to_be_in_viewport()
    for route in (route for route in DESCRIBED if route.media_type != "text/event-stream"):
        article = page.locator(f"#{route.name}")
        article.get_by_role("button", name="Try it").click()
        expect(article.locator(".status")).to_contain_text("200 OK")
    predict = page.locator("#predict")
    for name, value in (("detail", "full"), ("language", "es")):
        predict.get_by_label(name, exact=True).select_option(value)
    expect(predict.locator(".curl")).to_contain_text("/v1/predictions?detail=full&language=es' ")
    predict.get_by_role("button", name="Try it").click()
    expect(predict.locator("pre").nth(1)).to_contain_text('"words": [')
    predict.locator("textarea").fill('{"flights": 7}')
    expect(predict.locator(".curl")).to_contain_text("-d '{\"flights\":7}'")
    predict.get_by_role("button", name="Try it").click()
    expect(predict.locator(".status")).to_contain_text("422")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.close()
    assert all(url.startswith(served.url) for url in requests)
    assert [text for text in complaints if "422" not in text] == []
