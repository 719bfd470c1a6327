"""Keys: who may ask for what, how they are kept, and how soon a change counts."""

from __future__ import annotations

import asyncio
import datetime as dt
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import msgspec
import pytest

from puntual.access.key_file import KeyFile
from puntual.access.keys import SCOPES, create_key, matches
from puntual.errors import SettingError
from puntual.operations.store.keys import StoredKeys
from puntual.serving.access.gate import check_openness
from puntual.serving.access.keyring import Keyring
from puntual.serving.http.messages import Response
from puntual.serving.routes import ROUTES
from puntual.serving.settings import read_settings
from tests.operations.conftest import postgres, postgres_url, url  # noqa: F401 - fixtures
from tests.serving.conftest import FLIGHT, PREDICTIONS, Asker, problem, serving, until

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Mapping[str, str]]:
    """A file of keys, one for each scope, and one that has expired."""
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    made = {}
    for scope in SCOPES:
        key, made[scope] = create_key(scope, [scope], NOW)
        KeyFile(path).add(key)
    key, made["expired"] = create_key("old", ["admin"], NOW, NOW - dt.timedelta(seconds=1))
    KeyFile(path).add(key)
    return path, made


@pytest.fixture(scope="module")
def guarded(asker: Callable[..., Asker], tokens: tuple[Path, Mapping[str, str]]) -> Asker:
    return asker(keys=tokens[0])


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_route_takes_keys_of_its_scope(
    guarded: Asker, tokens: tuple[Path, Mapping[str, str]], route: object
) -> None:
    path, method, scope = route.path, route.method, route.scope  # type: ignore[attr-defined]
    path = path.format(origin="SCEL", date="2017-07-14")

    def ask(headers: Mapping[str, str]) -> Response:
        return guarded(method, path, b"", headers)

    if not scope:
        assert ask({}).status == 200
        return
    for token in ("", "nonsense", tokens[1]["expired"], tokens[1][scope][:-1] + "~"):
        refused = ask(bearer(token))
        assert problem(refused, "unauthorized").allowed
        assert dict(refused.headers)["www-authenticate"].startswith("Bearer ")
    problem(ask({}), "unauthorized")
    problem(ask({"authorization": "Basic YTpi"}), "unauthorized")
    for name in SCOPES:
        response = ask(bearer(tokens[1][name]))
        if name in {scope, "admin"}:
            assert b"the key" not in response.body
            assert response.status != 401
        else:
            assert f"scope {scope}" in str(problem(response, "forbidden").allowed)
            assert f'scope="{scope}"' in dict(response.headers)["www-authenticate"]


def test_the_page_is_given_to_everybody(guarded: Asker) -> None:
    assert {guarded("GET", path).status for path in ("/", "/docs", "/app.js", "/healthz")} == {200}
    problem(guarded("GET", "/nowhere"), "not-found")


def test_the_description_says_which_key_is_needed(
    guarded: Asker, ask: Asker, tokens: tuple[Path, Mapping[str, str]]
) -> None:
    described = msgspec.json.decode(guarded("GET", "/openapi.json", b"", bearer(tokens[1]["read"])).body)
    assert described["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    operations = {
        (path, method): operation.get("security")
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }
    for route in ROUTES:
        if route.answers is not None:
            wanted = [{"key": [route.scope]}] if route.scope else None
            assert operations[route.path, route.method.lower()] == wanted
    assert "securitySchemes" not in msgspec.json.decode(ask("GET", "/openapi.json").body)["components"]


def test_nothing_of_a_key_is_kept_but_its_hash(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    key, token = create_key("desk", ["predict"], NOW)
    KeyFile(path).add(key)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert token.rpartition("_")[2] not in path.read_text()
    assert [one.name for one in tmp_path.iterdir()] == ["keys.json"]
    assert matches(key, token)
    assert not matches(key, token.swapcase())


def test_a_store_keeps_keys(url: str) -> None:  # noqa: F811 - the fixture
    kept = StoredKeys(url)
    desk, _ = create_key("desk", ["operate", "read"], NOW, NOW + dt.timedelta(days=1))
    page, _ = create_key("page", ["predict"], NOW + dt.timedelta(seconds=1))
    for key in (desk, page):
        kept.add(key)
    assert kept.read() == [desk, page]
    assert kept.revoke(desk.id, NOW).revoked == NOW
    assert kept.revoke(desk.id, NOW + dt.timedelta(days=1)).revoked == NOW
    assert [key.revoked for key in kept.read()] == [NOW, None]
    with pytest.raises(SettingError, match="no key's id"):
        kept.revoke("00000000", NOW)
    kept.close()


def test_a_file_that_is_no_longer_there_leaves_the_keys_that_were_read(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    key, token = create_key("desk", ["predict"], NOW)
    KeyFile(path).add(key)
    ring = Keyring(read_settings({"keys": str(path)}, {}))
    path.unlink()

    async def read_again() -> None:
        ring._read_at = 0
        ring.refresh(asyncio.get_running_loop())
        assert ring._reading is not None
        await ring._reading

    asyncio.run(read_again())
    assert ring.find(f"Bearer {token}", "predict") == key


@pytest.mark.parametrize(
    ("host", "settings", "starts"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        ("0.0.0.0", {}, False),
        ("10.1.2.3", {}, False),
        ("::", {}, False),
        ("0.0.0.0", {"open": 1}, True),
        ("0.0.0.0", {"keys": "store"}, True),
        ("0.0.0.0", {"identity_proxy": "iap"}, True),
        ("127.0.0.1", {"keys": "store", "open": 1}, False),
    ],
)
def test_other_machines_are_answered_only_if_that_is_said(
    host: str, settings: Mapping[str, object], starts: bool
) -> None:
    read = read_settings(settings, {})
    if starts:
        check_openness(read, host)
        return
    with pytest.raises(SettingError, match="--open"):
        check_openness(read, host)


def test_a_server_takes_keys_as_they_come_and_go(model: Path, tmp_path: Path) -> None:
    """Every worker; a key that is made or revoked counts within seconds."""
    path, store = tmp_path / "keys.json", f"sqlite:///{tmp_path / 'events.db'}"

    def puntual(*words: str) -> str:
        command = [sys.executable, "-m", "puntual", "keys", *words, "--store", store]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    token = puntual("create", "desk", "--scope", "predict", "--scope", "read")
    with serving(
        model, "--store", store, "--keys", "store", "--host", "0.0.0.0", workers=2, token=token
    ) as served:
        local = f"http://127.0.0.1:{served.port}"

        def statuses(given: str) -> set[int]:
            """Of both workers: each request comes over a connection of its own."""
            asked = {"flights": [FLIGHT]}
            return {
                httpx.post(local + PREDICTIONS, json=asked, headers=bearer(given)).status_code
                for _ in range(12)
            }

        assert statuses(token) == {200}
        assert statuses(token + "x") == {401}
        assert httpx.get(f"{local}/metrics").status_code == 401
        assert httpx.post(f"{local}/v1/events", json=[], headers=bearer(token)).status_code == 403
        operator = puntual("create", "feed", "--scope", "operate")
        until(lambda: httpx.post(f"{local}/v1/events", json=[], headers=bearer(operator)).status_code == 422)
        puntual("revoke", token.split("_")[1])
        until(lambda: statuses(token) == {401})
    assert not path.exists()


def test_a_server_for_others_says_what_it_needs(model: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "puntual",
        "serve",
        "--model",
        str(model),
        "--host",
        "0.0.0.0",
        "--port",
        "0",
    ]
    command[-1] = "1"
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
