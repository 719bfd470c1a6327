"""The API's page as a reader sees it, who is offline: a real Chromium against a real server."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from puntual.serving.routes import ROUTES
from tests.page.test_access import faults
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
    expect(predict.locator(".curl")).to_contain_text("/v1/predictions?detail=full&language=en' ")
    predict.get_by_label("language", exact=True).select_option("es")
    expect(predict.locator(".curl")).to_contain_text("/v1/predictions?detail=full&language=es' ")
    predict.get_by_role("button", name="Try it").click()
    expect(predict.locator("pre").nth(1)).to_contain_text('"words": [')
    predict.locator("textarea").fill('{"flights": 7}')
    expect(predict.locator(".curl")).to_contain_text("-d '{\"flights\":7}'")
    predict.get_by_role("button", name="Try it").click()
    expect(predict.locator(".status")).to_contain_text("422")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.get_by_role("link", name="Español").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(predict).to_contain_text("La probabilidad de un atraso, una respuesta por vuelo.")
    expect(page.locator("#about, main > p").first).to_contain_text("Responde el modelo scl-000000000000.")
    expect(page.locator("#busy")).to_contain_text("El servidor tiene demasiado que hacer")
    expect(predict.locator(".curl")).to_contain_text("?detail=full&language=es' ")
    predict.get_by_role("button", name="Probar").click()
    expect(predict.locator(".status")).to_contain_text("200 OK en")
    expect(predict.locator("pre").nth(1)).to_contain_text("puntos")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert faults(page) == []
    page.get_by_role("link", name="Volver a la página").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    page.close()
    assert all(url.startswith(served.url) for url in requests)
    assert [text for text in complaints if "422" not in text] == []


def test_what_does_not_exist_is_a_page_to_people(browser: Browser, served: Served) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740})
    for shade in ("light", "dark"):
        page.emulate_media(color_scheme=shade)
        page.goto(f"{served.url}/no/such")
        expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page")
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.get_by_role("link", name="Consulta un vuelo").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    page.close()
