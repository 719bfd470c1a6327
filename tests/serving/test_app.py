"""Routes, and the way that every request takes, without a server and through the ASGI entry."""

from __future__ import annotations

import asyncio
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
from puntual.serving import handlers
from puntual.serving.api.schemas import ModelDescription
from puntual.serving.app import Application
from puntual.serving.http.documents import CONTENT_POLICY, WEB, load_files
from puntual.serving.http.messages import NDJSON, Response
from puntual.serving.http.problems import PROBLEM_TYPES, Problem
from puntual.serving.http.route import Route
from puntual.serving.routes import ROUTES
from tests.serving.conftest import FLIGHT, NEW_YORK, Asker, Sent

BODY = msgspec.json.encode({"flights": [FLIGHT]})
KEPT_OUT = ("polars", "pandas", "numpy", "scipy", "sklearn", "lightgbm", "holidays", "airportsdata")


def decoded(response: Response) -> Any:
    assert response.status == 200, response.body
    assert dict(response.headers)["content-type"] == "application/json"
    return msgspec.json.decode(response.body)


def test_tells_of_the_model(ask: Asker, artifact: Artifact) -> None:
    told = decoded(ask("GET", "/v1/model"))
    described = msgspec.convert(told, ModelDescription)
    assert (described.name, described.threshold_minutes, described.cut) == (
        artifact.name,
        15,
        0.5,
    )
    assert (described.training, described.evaluation) == (artifact.training, artifact.evaluation)
    assert described.card == artifact.card
    assert described.features == artifact.features
    assert [(origin.code, origin.iata) for origin in described.origins] == [("SCEL", "SCL")]


@pytest.mark.parametrize("given", [{"cut": 0.9}, {"cut": 0.0}, {"cost_of_a_missed_delay": 7.0}])
def test_the_cut_may_be_another(model: Path, asker: Callable[..., Asker], given: dict[str, float]) -> None:
    """Answers keep their probabilities, and say `delayed` from the other cut on."""
    hours = [FLIGHT | {"scheduled_departure": f"2017-07-14T{hour:02}:35:00"} for hour in range(24)]
    plain, other = asker(model=str(model)), asker(model=str(model), **given)
    cut = decoded(other("GET", "/v1/model"))["cut"]
    assert cut == given.get("cut", 1 / 8)
    answers = [msgspec.json.decode(ask.predict(*hours).body)["predictions"] for ask in (plain, other)]
    for one, again in zip(*answers, strict=True):
        assert again["delay_probability"] == one["delay_probability"]
        assert one["delayed"] == (one["delay_probability"] >= 0.5)
        assert again["delayed"] == (one["delay_probability"] >= cut)
    assert [one["delayed"] for one in answers[0]] != [one["delayed"] for one in answers[1]]
    detailed = other("POST", "/v1/predictions?detail=full", msgspec.json.encode({"flights": hours}))
    told = msgspec.json.decode(detailed.body)["predictions"]
    assert [one["delayed"] for one in told] == [one["delayed"] for one in answers[1]]


def test_lists_airlines_and_destinations_by_name(ask: Asker) -> None:
    airlines = decoded(ask("GET", "/v1/airlines"))
    assert [(entry["code"], entry["name"]) for entry in airlines] == [
        ("LAN", "LATAM Airlines"),
        ("SKU", "Sky Airline"),
    ]
    destinations = decoded(ask("GET", "/v1/destinations"))
    assert [next(iter(entry)) for entry in destinations] == ["code", "code"]
    names = [entry["name"] for entry in destinations]
    assert names == sorted(names, key=str.casefold)
    antofagasta = next(entry for entry in destinations if entry["code"] == "SCFA")
    assert {"iata": "ANF", "icao": "SCFA", "country": "CL"}.items() <= antofagasta.items()
    assert antofagasta["city"]


def test_names_every_origin(new_york_model: Path, asker: Callable[..., Asker]) -> None:
    told = decoded(asker(model=str(new_york_model))("GET", "/v1/model"))
    assert sorted(origin["code"] for origin in told["origins"]) == sorted(NEW_YORK)


def test_health(ask: Asker, artifact: Artifact) -> None:
    assert decoded(ask("GET", "/healthz")) == {"status": "ok"}
    assert decoded(ask("GET", "/readyz")) == {"model": artifact.name, "status": "ready"}


@pytest.mark.parametrize("model", ["", "nowhere.puntual"])
def test_without_a_model(asker: Callable[..., Asker], model: str, caplog: pytest.LogCaptureFixture) -> None:
    ask = asker(model=model)
    assert ("no such file" in caplog.text) == bool(model)
    assert ask("GET", "/healthz").status == ask("GET", "/").status == 200
    for method, path in (("GET", "/readyz"), ("POST", "/v1/predictions"), ("GET", "/v1/model")):
        response = ask(method, path, BODY)
        assert response.status == 503
        assert "retry-after" in dict(response.headers)


def test_lines_without_a_model(asker: Callable[..., Asker], caplog: pytest.LogCaptureFixture) -> None:
    response = asker()("POST", "/v1/predictions", msgspec.json.encode(FLIGHT), {"content-type": NDJSON})
    problem = msgspec.json.decode(response.body, type=Problem, strict=True)
    assert (response.status, problem.title) == PROBLEM_TYPES["no-model"]
    assert "retry-after" in dict(response.headers)
    assert not caplog.records


REFUSALS: dict[str, tuple[str, str, bytes, dict[str, str]]] = {
    "malformed": ("POST", "/v1/predictions", b"{", {}),
    "not-found": ("GET", "/v2", b"", {}),
    "method": ("GET", "/v1/predictions", b"", {}),
    "too-large": ("POST", "/v1/predictions", b"", {"content-length": "20001"}),
    "media-type": ("POST", "/v1/predictions", BODY, {"content-type": "text/html"}),
    "invalid": ("POST", "/v1/predictions", b"{}", {}),
    "internal": ("GET", "/healthz", b"", {}),
    "no-model": ("GET", "/readyz", b"", {}),
}


OF_A_SERVER = {"timeout", "busy", "draining"}
"""What a request alone cannot bring about; `tests.serving.test_limits` does."""


def refused(kind: str, asker: Callable[..., Asker], model: Path, monkeypatch: pytest.MonkeyPatch) -> Response:
    def broken(*_: Any) -> Response:
        raise ZeroDivisionError("the reader shall not see this")

    if kind == "internal":
        monkeypatch.setattr(handlers, "Health", broken)
    ask = asker(model="" if kind == "no-model" else str(model), max_body_bytes=20_000)
    method, path, body, headers = REFUSALS[kind]
    return ask(method, path, body, headers)


@pytest.mark.parametrize("kind", [kind for kind in PROBLEM_TYPES if kind not in OF_A_SERVER])
def test_every_error_has_one_shape(
    kind: str, asker: Callable[..., Asker], model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    response = refused(kind, asker, model, monkeypatch)
    problem = msgspec.json.decode(response.body, type=Problem, strict=True)
    assert list(msgspec.json.decode(response.body)) == list(Problem.__struct_fields__)
    assert dict(response.headers)["content-type"] == "application/problem+json"
    assert (response.status, problem.title) == PROBLEM_TYPES[kind]
    assert (problem.status, problem.type) == (response.status, f"/docs#{kind}")
    assert "\n" not in problem.detail


def test_a_mistake_of_the_server_is_logged_and_not_told(
    asker: Callable[..., Asker],
    model: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    response = refused("internal", asker, model, monkeypatch)
    assert b"ZeroDivisionError" not in response.body
    assert b"shall not see" not in response.body
    assert "GET /healthz" in caplog.text
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    "path", ["/nowhere", "/docs/", "/..", "/../app.py", "/messages/", "//", "/%2e%2e/app.py"]
)
def test_nothing_else_can_be_reached(ask: Asker, path: str) -> None:
    assert ask("GET", path).status == 404


PREDICTIONS_TAKE = "only detail, language"


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_a_parameter_that_a_route_does_not_know_is_refused(ask: Asker, route: Route) -> None:
    path, method = route.path, route.method
    assert ask(method, f"{path}?", BODY).status == ask(method, path, BODY).status == 200
    response = ask(method, f"{path}?seite=2%0a", BODY)
    problem = msgspec.json.decode(response.body, type=Problem, strict=True)
    assert (response.status, problem.title) == PROBLEM_TYPES["invalid"]
    assert (problem.pointer, problem.found) == ("?seite", "2\n")
    assert problem.detail == f"?seite: unknown parameter; wanted: {problem.allowed}"
    if not route.parameters:
        assert problem.allowed == "no parameters at this path"


@pytest.mark.parametrize(
    ("path", "unknown", "allowed"),
    [
        ("/v1/predictions?details=full", "details", PREDICTIONS_TAKE),
        ("/v1/predictions?detail=full&lang=es", "lang", PREDICTIONS_TAKE),
        ("/v1/predictions?Detail=full", "Detail", PREDICTIONS_TAKE),
        ("/v1/predictions?=full", "", PREDICTIONS_TAKE),
        ("/v1/rates?nearby=x", "nearby", "only by"),
        ("/v1/rates?by=airline&nearby", "nearby", "only by"),
    ],
)
def test_a_misspelt_parameter_is_named(ask: Asker, path: str, unknown: str, allowed: str) -> None:
    method = "POST" if "predictions" in path else "GET"
    for headers in {}, {"content-type": NDJSON}:
        problem = msgspec.json.decode(ask(method, path, BODY, headers).body, type=Problem, strict=True)
        assert (problem.status, problem.pointer, problem.allowed) == (422, f"?{unknown}", allowed)


def test_the_addresses_of_the_page_are_its_own(ask: Asker) -> None:
    assert ask("GET", "/?lang=es&view=board").status == ask("GET", "/app.js?2").status == 200


@pytest.mark.parametrize(("path", "allowed"), [("/v1/predictions", "POST"), ("/docs", "GET, HEAD")])
def test_another_method_is_told_which(ask: Asker, path: str, allowed: str) -> None:
    response = ask("DELETE", path)
    assert response.status == 405
    assert dict(response.headers)["allow"] == allowed


def test_head_is_get_without_the_body(ask: Asker) -> None:
    for path in ("/", "/v1/model", "/readyz", "/nowhere"):
        got, head = ask("GET", path), ask("HEAD", path)
        assert head.body == b""
        assert head.status == got.status
        assert dict(head.headers) == dict(got.headers) | {"content-length": str(len(got.body))}


def test_a_large_body_is_not_read(ask: Asker) -> None:
    sent = Sent(b" " * 30_000)
    assert ask("POST", "/v1/predictions", sent, {"content-length": "30000"}).status == 413
    assert sent.read == 0
    assert ask("POST", "/v1/predictions", sent).status == 413
    assert 20_000 < sent.read < 22_000


def test_a_body_in_chunks(ask: Asker) -> None:
    assert ask("POST", "/v1/predictions", Sent(BODY, chunk=7)) == ask("POST", "/v1/predictions", BODY)


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
    assert ask("POST", "/v1/predictions", BODY, {"content-type": content_type}).status == status


def test_files_of_the_page(ask: Asker) -> None:
    for path in load_files():
        response = ask("GET", path)
        headers = dict(response.headers)
        assert response.status == 200
        assert headers["x-content-type-options"] == "nosniff"
        if headers["content-type"].startswith("text/html"):
            assert headers["content-security-policy"] == CONTENT_POLICY
            assert headers["referrer-policy"] == "no-referrer"
    assert dict(ask("GET", "/app.js").headers)["content-type"] == "text/javascript; charset=utf-8"


def test_a_file_that_is_known_is_not_sent_again(ask: Asker) -> None:
    for path in ("/", "/v1/model"):
        etag = dict(ask("GET", path).headers)["etag"]
        assert ask("GET", path, headers={"if-none-match": f'W/"x", {etag}'}).status == 304
        assert ask("GET", path, headers={"if-none-match": '"x"'}).status == 200


def test_the_docs_page_is_offline_and_has_nothing_inline() -> None:
    html = (WEB / "docs.html").read_text()
    assert "style=" not in html
    assert "onclick" not in html
    for name in ("docs.html", "docs.js", "docs.css"):
        assert "//cdn" not in (WEB / name).read_text()
        assert "http://" not in (WEB / name).read_text().replace("http://www.w3.org", "")
        assert "https://" not in (WEB / name).read_text()


async def through_asgi(application: Application) -> list[httpx.Response]:
    transport = httpx.ASGITransport(app=cast("Any", application.asgi))

    async def chunks() -> AsyncIterator[bytes]:
        yield BODY[:20]
        yield BODY[20:]

    async with httpx.AsyncClient(transport=transport, base_url="http://puntual") as client:
        return [
            await client.post("/v1/predictions", content=BODY),
            await client.post("/v1/predictions", content=chunks()),
            await client.get("/docs"),
            await client.head("/docs"),
            await client.get("/nowhere"),
        ]


def test_through_asgi(ask: Asker) -> None:
    whole, chunked, got, head, nowhere = asyncio.run(through_asgi(ask.application))
    assert whole.content == chunked.content == ask("POST", "/v1/predictions", BODY).body
    assert whole.headers["content-length"] == str(len(whole.content))
    assert got.status_code == head.status_code == 200
    assert head.headers["content-length"] == str(len(got.content))
    assert head.content == b""
    assert nowhere.status_code == 404


def test_a_client_that_goes_away_is_no_mistake(ask: Asker, caplog: pytest.LogCaptureFixture) -> None:
    sent: list[Any] = []

    async def gone() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/v1/predictions", "headers": []}
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
    program = (
        "import sys, puntual.serving.app as app, puntual.serving.server\n"
        "assert app.app._service is None\n"
        f"print([name for name in {KEPT_OUT} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_handlers_need_no_server(ask: Asker) -> None:
    service = ask.application.start()
    assert handlers.predict(service, BODY) == ask("POST", "/v1/predictions", BODY).body
