"""A server with keys: the page asks for one, once, and sends it from then on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from puntual.access.key_file import KeyFile
from puntual.access.keys import create_key
from puntual.inference.artifact import Artifact
from tests.page.served import ASKED, Server, serving


@pytest.fixture(scope="module")
def guarded(artifact: Artifact, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    folder = tmp_path_factory.mktemp("guarded")
    key, token = create_key("page", ["predict", "read"], dt.datetime.now(dt.UTC))
    KeyFile(folder / "keys.json").add(key)
    store = f"sqlite:///{folder / 'events.db'}"
    with serving(artifact, folder, "--keys", str(folder / "keys.json"), "--store", store) as server:
        yield server, token


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="es-CL")
    yield context.new_page()
    context.close()


def test_the_page_asks_for_a_key_once(guarded: tuple[Server, str], page: Page) -> None:
    server, token = guarded
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request))  # noqa: PLW0108 - not a built-in method
    page.goto(server.url + ASKED)
    dialog = page.get_by_role("dialog", name="Este servidor pide una clave")
    dialog.get_by_label("Clave de la API").fill(token)
    dialog.get_by_role("button", name="Usarla").click()
    expect(page.locator("#answer")).to_be_visible()
    expect(dialog).to_have_count(0)
    assert not any(token in request.url for request in sent)
    page.reload()
    expect(page.locator("#answer")).to_be_visible()
    expect(dialog).to_have_count(0)


def test_a_wrong_key_is_refused_and_asked_for_again(guarded: tuple[Server, str], page: Page) -> None:
    server, token = guarded
    page.goto(server.url + ASKED)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Clave de la API").fill("puntual_no")
    dialog.get_by_role("button", name="Usarla").click()
    expect(dialog.get_by_role("alert")).to_have_text("Esa clave no es válida.")
    dialog.get_by_label("Clave de la API").fill(token)
    dialog.get_by_role("button", name="Usarla").click()
    expect(page.locator("#answer")).to_be_visible()


def test_the_api_page_asks_for_a_key_too(guarded: tuple[Server, str], page: Page) -> None:
    server, token = guarded
    page.goto(f"{server.url}docs")
    page.get_by_role("dialog").get_by_label("Clave de la API").fill(token)
    page.keyboard.press("Enter")
    predict = page.locator("#predict")
    expect(predict.locator(".curl")).to_contain_text("$PUNTUAL_KEY")
    predict.get_by_role("button", name="Probar").click()
    expect(predict.get_by_role("status")).to_contain_text("200")
