"""Routes, and the way that every request takes, without a server and through the ASGI entry."""

from __future__ import annotations

import asyncio
import gzip
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast

import httpx
import msgspec
import pytest

from puntual.inference.artifact import Artifact
from puntual.serving import handlers, predictions
from puntual.serving.api.schemas import ModelDescription
from puntual.serving.app import Application
from puntual.serving.http.documents import CONTENT_POLICY, MISSING_PAGE, load_files
from puntual.serving.http.messages import NDJSON, Response
from puntual.serving.http.problems import PROBLEM_TYPES
from puntual.serving.http.route import Route
from puntual.serving.routes import ROUTES
from tests.serving.conftest import BODY, FLIGHT, LINE, NEW_YORK, PREDICTIONS, Asker, Sent, decoded, problem

COMPARED = msgspec.json.encode({"before": [FLIGHT], "after": [FLIGHT]})
KEPT_OUT = ("polars", "pandas", "numpy", "scipy", "sklearn", "lightgbm", "holidays", "airportsdata")


def test_tells_of_the_model(ask: Asker, ask_new_york: Asker, artifact: Artifact) -> None:
    described = msgspec.convert(decoded(ask("GET", "/v1/model")), ModelDescription)
    assert (described.threshold_minutes, described.cut) == (15, 0.5)
    for name in ("name", "training", "evaluation", "card", "features"):
        assert getattr(described, name) == getattr(artifact, name)
    assert [(origin.code, origin.iata) for origin in described.origins] == [("SCEL", "SCL")]
    several = decoded(ask_new_york("GET", "/v1/model"))["origins"]
    assert sorted(origin["code"] for origin in several) == sorted(NEW_YORK)


@pytest.mark.parametrize("given", [{"cut": 0.9}, {"cut": 0.0}, {"cost_of_a_missed_delay": 7.0}])
def test_the_cut_may_be_another(ask: Asker, asker: Callable[..., Asker], given: dict[str, float]) -> None:
    """Answers keep their probabilities, and say `delayed` from the other cut on."""
    hours = [FLIGHT | {"scheduled_departure": f"2017-07-14T{hour:02}:35:00"} for hour in range(24)]
    other = asker(**given)
    cut = decoded(other("GET", "/v1/model"))["cut"]
    assert cut == given.get("cut", 1 / 8)
    plain, moved, detailed = (
        decoded(response)["predictions"]
        for response in (
            ask.predict(*hours),
            other.predict(*hours),
            other.predict(*hours, query="detail=full"),
        )
    )
    for one, again in zip(plain, moved, strict=True):
        assert again["delay_probability"] == one["delay_probability"]
        assert one["delayed"] == (one["delay_probability"] >= 0.5)
        assert again["delayed"] == (one["delay_probability"] >= cut)
    delays = [[one["delayed"] for one in answers] for answers in (plain, moved, detailed)]
    assert delays[0] != delays[1] == delays[2]


def test_lists_airlines_and_destinations_by_name(ask: Asker) -> None:
    airlines = [(entry["code"], entry["name"]) for entry in decoded(ask("GET", "/v1/airlines"))]
    assert airlines == [("LAN", "LATAM Airlines"), ("SKU", "Sky Airline")]
    destinations = decoded(ask("GET", "/v1/destinations"))
    assert [next(iter(entry)) for entry in destinations] == ["code", "code"]
    names = [entry["name"] for entry in destinations]
    assert names == sorted(names, key=str.casefold)
    antofagasta = next(entry for entry in destinations if entry["code"] == "SCFA")
    assert {"iata": "ANF", "icao": "SCFA", "country": "CL"}.items() <= antofagasta.items()
    assert antofagasta["city"]


def test_health(ask: Asker, artifact: Artifact) -> None:
    assert decoded(ask("GET", "/healthz")) == {"status": "ok"}
    assert decoded(ask("GET", "/readyz")) == {"model": artifact.name, "status": "ready"}


@pytest.mark.parametrize("given", ["", "nowhere.puntual"])
def test_without_a_model(asker: Callable[..., Asker], given: str, caplog: pytest.LogCaptureFixture) -> None:
    ask = asker(model=given)
    assert ("no such file" in caplog.text) == bool(given)
    caplog.clear()
    assert ask("GET", "/healthz").status == ask("GET", "/").status == 200
    for refused in (
        ask("GET", "/readyz"),
        ask("GET", "/v1/model"),
        ask("POST", PREDICTIONS, BODY),
        ask("POST", PREDICTIONS, LINE, {"content-type": NDJSON}),
    ):
        problem(refused, "no-model")
        assert "retry-after" in dict(refused.headers)
    assert not caplog.records


REFUSALS: dict[str, tuple[str, str, bytes, dict[str, str]]] = {
    "malformed": ("POST", PREDICTIONS, b"{", {}),
    "forbidden": ("POST", "/v1/events", b"{}", {}),
    "not-found": ("GET", "/v2", b"", {}),
    "method": ("GET", PREDICTIONS, b"", {}),
    "too-large": ("POST", PREDICTIONS, b"", {"content-length": "20001"}),
    "media-type": ("POST", PREDICTIONS, BODY, {"content-type": "text/html"}),
    "invalid": ("POST", PREDICTIONS, b"{}", {}),
}
"""The others are those of a server and of a model; other tests bring these about."""


@pytest.mark.parametrize("kind", REFUSALS)
def test_every_error_has_one_shape(ask: Asker, kind: str) -> None:
    problem(ask(*REFUSALS[kind]), kind)
    assert PROBLEM_TYPES.keys() - REFUSALS == {
        "unauthorized",
        "misdirected",
        "quota",
        "timeout",
        "busy",
        "draining",
        "no-model",
        "no-store",
        "internal",
    }


def test_a_mistake_of_the_server_is_logged_and_not_told(
    ask: Asker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> Response:
        raise ZeroDivisionError("the reader shall not see this")

    monkeypatch.setattr(handlers, "Health", broken)
    response = ask("GET", "/healthz")
    problem(response, "internal")
    assert b"ZeroDivisionError" not in response.body
    assert b"shall not see" not in response.body
    assert "GET /healthz" in caplog.text
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    "path", ["/nowhere", "/docs/", "/..", "/../app.py", "/messages/", "//", "/%2e%2e/app.py"]
)
def test_nothing_else_can_be_reached(ask: Asker, path: str) -> None:
    assert ask("GET", path).status == 404


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_a_parameter_that_a_route_does_not_know_is_refused(ask: Asker, route: Route) -> None:
    path, method = route.path.format(origin="SCEL", date="2017-07-14"), route.method
    body = COMPARED if route.name == "compare" else BODY
    others = ("/v1/events", "/v1/timetables", "/v1/weather", "/v1/board", "/v1/workbooks")
    without_store = route.path.startswith(others)
    answered = ask(method, path, body).status
    assert ask(method, f"{path}?", body).status == answered
    assert (answered == 200) == (not without_store and "number" not in (route.parameters or ()))
    refused = problem(ask(method, f"{path}?seite=2%0a", body))
    assert (refused.pointer, refused.found) == ("?seite", "2\n")
    assert refused.detail == f"?seite: unknown parameter; wanted: {refused.allowed}"
    if not route.parameters:
        assert refused.allowed == "no parameters at this path"


def test_a_problem_is_told_on_one_line(ask: Asker) -> None:
    told = problem(ask("GET", "/v1/model?a%0D%0Ab%1B=1")).detail
    assert told == "?a\\r\\nb\\x1b: unknown parameter; wanted: no parameters at this path"


@pytest.mark.parametrize(
    ("path", "unknown", "allowed"),
    [
        ("/v1/predictions?details=full", "details", "only detail, language, as_of, horizon"),
        ("/v1/predictions?detail=full&lang=es", "lang", "only detail, language, as_of, horizon"),
        ("/v1/predictions?Detail=full", "Detail", "only detail, language, as_of, horizon"),
        ("/v1/predictions?=full", "", "only detail, language, as_of, horizon"),
        ("/v1/rates?nearby=x", "nearby", "only by"),
        ("/v1/rates?by=airline&nearby", "nearby", "only by"),
    ],
)
def test_a_misspelt_parameter_is_named(ask: Asker, path: str, unknown: str, allowed: str) -> None:
    method = "POST" if "predictions" in path else "GET"
    for headers in {}, {"content-type": NDJSON}:
        refused = problem(ask(method, path, BODY, headers))
        assert (refused.pointer, refused.allowed) == (f"?{unknown}", allowed)


def test_the_addresses_of_the_page_are_its_own(ask: Asker) -> None:
    assert ask("GET", "/?lang=es&view=board").status == ask("GET", "/app.js?2").status == 200


@pytest.mark.parametrize(("path", "allowed"), [(PREDICTIONS, "POST"), ("/docs", "GET, HEAD")])
def test_another_method_is_told_which(ask: Asker, path: str, allowed: str) -> None:
    response = ask("DELETE", path)
    problem(response, "method")
    assert dict(response.headers)["allow"] == allowed


@pytest.mark.parametrize("path", ["/", "/v1/model", "/readyz", "/nowhere"])
def test_head_is_get_without_the_body(ask: Asker, path: str) -> None:
    got, head = ask("GET", path), ask("HEAD", path)
    assert (head.status, head.body) == (got.status, b"")
    assert dict(head.headers) == dict(got.headers) | {"content-length": str(len(got.body))}


def test_a_large_body_is_not_read(ask: Asker) -> None:
    sent = Sent(b" " * 30_000)
    assert ask("POST", PREDICTIONS, sent, {"content-length": "30000"}).status == 413
    assert sent.read == 0
    assert ask("POST", PREDICTIONS, sent).status == 413
    assert 20_000 < sent.read < 22_000


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("application/vnd.api+json", 200),
        ("application/x-www-form-urlencoded", 200),
        ("", 200),
        ("application/xml", 415),
        ("multipart/form-data; boundary=json", 415),
    ],
)
def test_what_is_obviously_not_json_is_refused(ask: Asker, content_type: str, status: int) -> None:
    assert ask("POST", PREDICTIONS, BODY, {"content-type": content_type}).status == status


def test_a_compressed_body_is_refused_as_such(ask: Asker) -> None:
    assert ask("POST", PREDICTIONS, BODY, {"content-encoding": "identity"}).status == 200
    refused = ask("POST", PREDICTIONS, gzip.compress(BODY), {"content-encoding": "gzip"})
    assert refused.status == 415
    assert b"content-encoding: gzip" in refused.body


def test_files_of_the_page(ask: Asker) -> None:
    for path in load_files():
        response = ask("GET", path)
        headers = dict(response.headers)
        assert response.status == (404 if path == MISSING_PAGE else 200)
        assert headers["x-content-type-options"] == "nosniff"
        if headers["content-type"].startswith("text/html"):
            assert headers["content-security-policy"] == CONTENT_POLICY
            assert headers["referrer-policy"] == "no-referrer"
    assert dict(ask("GET", "/app.js").headers)["content-type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize("path", ["/nosuch", "/v1/nosuch/deep", "/missing.html"])
def test_a_browser_gets_a_page_for_what_does_not_exist(ask: Asker, path: str) -> None:
    html = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    found = ask("GET", path, headers=html | {"if-none-match": "*"})
    fields = dict(found.headers)
    assert (found.status, fields["content-type"]) == (404, "text/html; charset=utf-8")
    assert fields["content-security-policy"] == CONTENT_POLICY
    assert b"There is no such page" in found.body
    assert b"Esta p\xc3\xa1gina no existe" in found.body
    assert ask("HEAD", path, headers=html).status == 404
    if path != "/missing.html":
        for method, headers in (("GET", {"accept": "*/*"}), ("GET", {}), ("POST", html)):
            problem(ask(method, path, headers=headers), "not-found")


@pytest.mark.parametrize("path", ["/", "/v1/model", "/v1/rates?by=airline", "/v1/days", "/v1/stress"])
def test_what_a_client_has_is_not_sent_again(ask: Asker, path: str) -> None:
    etag = dict(ask("GET", path).headers)["etag"]
    assert ask("GET", path, headers={"if-none-match": f'W/"x", {etag}'}).status == 304
    assert ask("GET", path, headers={"if-none-match": '"x"'}).status == 200
    assert ask("GET", "/v1/rates?by=route", headers={"if-none-match": etag}).status == 200


async def through_asgi(application: Application) -> list[httpx.Response]:
    transport = httpx.ASGITransport(app=cast("Any", application.asgi))

    async def chunks() -> AsyncIterator[bytes]:
        yield BODY[:20]
        yield BODY[20:]

    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return [
            await client.post(PREDICTIONS, content=BODY),
            await client.post(PREDICTIONS, content=chunks()),
            await client.get("/docs"),
            await client.head("/docs"),
            await client.get("/nowhere"),
        ]


def test_through_asgi(ask: Asker) -> None:
    whole, chunked, got, head, nowhere = asyncio.run(through_asgi(ask.application))
    answer = ask("POST", PREDICTIONS, Sent(BODY, chunk=7)).body
    assert whole.content == chunked.content == answer == predictions.predict(ask.service, BODY)
    assert whole.headers["content-length"] == str(len(whole.content))
    assert got.status_code == head.status_code == 200
    assert head.headers["content-length"] == got.headers["content-length"]
    assert head.content == b""
    assert nowhere.status_code == 404


def test_a_client_that_goes_away_is_no_mistake(ask: Asker, caplog: pytest.LogCaptureFixture) -> None:
    sent: list[Any] = []

    async def gone() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": PREDICTIONS, "headers": []}
    with caplog.at_level(logging.INFO):
        asyncio.run(ask.application.asgi(scope, gone, send))
    assert sent[0]["status"] == 400
    assert not caplog.records


def test_lifespan(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUNTUAL_MODEL", str(model))
    messages = iter(["lifespan.startup", "lifespan.shutdown"])
    sent: list[str] = []

    async def receive() -> dict[str, str]:
        return {"type": next(messages)}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    application = Application()
    asyncio.run(application.asgi({"type": "lifespan"}, receive, send))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert Asker(application)("GET", "/readyz").status == 200


def test_importing_loads_no_library_of_training_and_reads_nothing() -> None:
    """Nor does the process that watches over the workers keep what only fetching a model needs."""
    program = (
        "import sys, puntual.serving.__main__, puntual.serving.app as app\n"
        "assert 'puntual.serving.ops.downloads' not in sys.modules\n"
        "import puntual.serving.server\n"
        "assert app.app._service is None\n"
        f"print([name for name in {KEPT_OUT} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
