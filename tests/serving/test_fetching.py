"""A model from a bucket, from an address, or a file: fetched, checked, or one clear line."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from puntual.errors import ArtifactError, SettingError
from puntual.serving.ops import downloads
from puntual.serving.ops import model_source as fetching
from puntual.serving.ops.google_cloud import TOKEN_PATH
from puntual.serving.ops.model_source import fetch_model
from puntual.serving.routes import ROUTES
from puntual.serving.settings import read_settings
from puntual.serving.state import LoadedModel
from tests.ports import free_port
from tests.serving.conftest import SERVE, Served

HEALTH = (sys.executable, "-m", "puntual.serving.ops.health")
CONTENT = b"what a model is made of " * 100_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
OBJECT = "gs://flights/models/2017 SCL.puntual"
OBJECT_PATH = "/storage/v1/b/flights/o/models%2F2017%20SCL.puntual?alt=media"
TOKEN = {"access_token": "abc", "token_type": "Bearer", "expires_in": 3599}


class Asked(NamedTuple):
    path: str
    headers: dict[str, str]


class Google:
    """Plays the metadata server and the storage, on one address."""

    def __init__(self) -> None:
        self.content = CONTENT
        self.token: Any = TOKEN
        self.failures: dict[str, list[int]] = {}
        """Path -> statuses that it answers first."""
        self.cut: list[int] = []
        """Bytes after which an answer ends early, the first ones."""
        self.asked: list[Asked] = []
        google = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                google.asked.append(Asked(self.path, {k.lower(): v for k, v in self.headers.items()}))
                self.answer(*google.answer(self.path, self.headers))

            def answer(self, status: int, body: bytes, where: str = "") -> None:
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                if where:
                    self.send_header("location", where)
                self.end_headers()
                cut = google.cut.pop(0) if google.cut and body is google.content else len(body)
                self.wfile.write(body[:cut])

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.environ = {"GCE_METADATA_HOST": self.host, "STORAGE_EMULATOR_HOST": f"http://{self.host}/"}

    def answer(self, path: str, headers: Any) -> tuple[int, bytes] | tuple[int, bytes, str]:
        if self.failures.get(path):
            return self.failures[path].pop(0), b"not now"
        if path == TOKEN_PATH:
            known = headers["metadata-flavor"] == "Google"
            return (200, json.dumps(self.token).encode()) if known else (403, b"")
        if path == OBJECT_PATH:
            known = headers["authorization"] == "Bearer abc"
            return (200, self.content) if known else (401, b"")
        if path == "/models/moved.puntual":
            return 302, b"", f"http://{self.host}/models/scl.puntual?signature=secret"
        if path == "/storage/v1/b/moved/o/scl.puntual?alt=media":
            return 302, b"", f"http://{self.host}{OBJECT_PATH}"
        if path.startswith("/models/scl.puntual"):
            return 200, self.content
        return 404, b""


@pytest.fixture
def google() -> Iterator[Google]:
    played = Google()
    thread = threading.Thread(target=played.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield played
    played.server.shutdown()
    thread.join()
    played.server.server_close()


@pytest.fixture(autouse=True)
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is fetched lies here."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def fetch(model: str, environ: dict[str, str] | None = None, sha256: str = "", patience: float = 20) -> Path:
    settings = read_settings({"model": model, "model_sha256": sha256, "private_downloads": 1}, {})
    waited: list[float] = []
    fetched = fetch_model(settings, environ or {}, patience, waited.append)
    assert sum(waited) <= patience
    assert msgspec.structs.replace(fetched, model=model) == settings
    return Path(fetched.model)


def test_an_object_of_a_bucket_with_the_accounts_token(google: Google, room: Path) -> None:
    path = fetch(OBJECT, google.environ)
    assert (path.name, path.parent.parent) == ("2017 SCL.puntual", room)
    assert path.read_bytes() == CONTENT
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [asked.path for asked in google.asked] == [TOKEN_PATH, OBJECT_PATH]
    assert "authorization" not in google.asked[0].headers


def test_an_emulator_alone_is_told_no_token(google: Google) -> None:
    with pytest.raises(ArtifactError, match="401 Unauthorized; wanted: an account that may read it"):
        fetch(OBJECT, {"STORAGE_EMULATOR_HOST": google.host})
    assert [asked.headers.get("authorization") for asked in google.asked] == [None]


def test_the_digest_is_checked(google: Google, room: Path) -> None:
    for sha256 in (SHA256, SHA256.upper(), f"sha256:{SHA256}"):
        assert fetch(OBJECT, google.environ, sha256).exists()
    there = set(room.iterdir())
    with pytest.raises(ArtifactError, match=f"its SHA-256 is {SHA256}; wanted: {'0' * 64}"):
        fetch(OBJECT, google.environ, "0" * 64)
    assert set(room.iterdir()) == there


def test_a_file_stays_where_it_is(google: Google, room: Path) -> None:
    path = room / "scl.puntual"
    path.write_bytes(CONTENT)
    assert fetch(str(path)) == fetch(str(path), sha256=SHA256) == path
    with pytest.raises(ArtifactError, match="its SHA-256 is"):
        fetch(str(path), sha256="1" * 64)
    with pytest.raises(ArtifactError, match=r"nowhere\.puntual: no such file"):
        fetch(str(room / "nowhere.puntual"), sha256=SHA256)
    with pytest.raises(SettingError, match="PUNTUAL_MODEL_SHA256: 'abc'; wanted: 64 hexadecimal digits"):
        fetch(str(path), sha256="abc")
    assert google.asked == []


def test_an_address_needs_a_digest(google: Google) -> None:
    address = f"http://{google.host}/models/scl.puntual?signature=secret"
    with pytest.raises(SettingError, match="PUNTUAL_MODEL_SHA256: missing") as raised:
        fetch(address)
    assert "secret" not in str(raised.value)
    path = fetch(address, sha256=SHA256)
    assert (path.name, path.read_bytes()) == ("scl.puntual", CONTENT)
    assert "authorization" not in google.asked[0].headers


def test_an_address_may_lead_elsewhere_but_not_with_a_token(google: Google) -> None:
    assert fetch(f"http://{google.host}/models/moved.puntual", sha256=SHA256).read_bytes() == CONTENT
    with pytest.raises(ArtifactError, match="302 Found; wanted: 200"):
        fetch("gs://moved/scl.puntual", google.environ)


@pytest.mark.parametrize(
    "address", ["gs://flights", "gs:///scl.puntual", "gs://flights/", "ftp://a/b", "s3://a/b", "file:///b"]
)
def test_other_forms_are_refused(address: str) -> None:
    with pytest.raises(SettingError, match="wanted: a file, gs://BUCKET/OBJECT, or an https address"):
        fetch(address)


def test_what_passes_is_waited_for(google: Google) -> None:
    google.failures = {TOKEN_PATH: [503], OBJECT_PATH: [500, 429]}
    google.cut = [1000]
    assert fetch(OBJECT, google.environ).read_bytes() == CONTENT
    assert [asked.path for asked in google.asked].count(OBJECT_PATH) == 4


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"failures": {OBJECT_PATH: [503] * 99}}, "503 Service Unavailable; wanted: a server that answers"),
        ({"failures": {TOKEN_PATH: [503] * 99}}, "no token from 127.0.0.1:.*: 503 Service Unavailable"),
        ({"failures": {OBJECT_PATH: [403]}}, "403 Forbidden; wanted: .*roles/storage.objectViewer"),
        ({"failures": {OBJECT_PATH: [404]}}, "404 Not Found; wanted: what is there"),
        ({"failures": {TOKEN_PATH: [404]}}, "no token: .*404 Not Found.*; wanted: a service account"),
        ({"cut": [1000] * 99}, f"ended after 1000 of {len(CONTENT)} bytes"),
        ({"token": ""}, "wanted: a service account"),
        ({"token": {}}, "wanted: a service account"),
        ({"token": []}, "wanted: a service account"),
        ({"token": {"access_token": "abc"}}, "wanted: a service account"),
    ],
)
def test_what_does_not_pass_is_said(google: Google, changes: dict[str, Any], found: str, room: Path) -> None:
    vars(google).update(changes)
    with pytest.raises(ArtifactError, match=found) as raised:
        fetch(OBJECT, google.environ)
    assert "\n" not in str(raised.value)
    assert list(room.iterdir()) == []


def test_nobody_answers() -> None:
    environ = {"GCE_METADATA_HOST": f"127.0.0.1:{free_port()}"}
    with pytest.raises(ArtifactError, match=r"gs://flights/scl\.puntual: no token from .*refused"):
        fetch("gs://flights/scl.puntual", environ)


def test_more_than_a_model_is_not_kept(google: Google, monkeypatch: pytest.MonkeyPatch, room: Path) -> None:
    monkeypatch.setattr(downloads, "MAX_BYTES", len(CONTENT) - 1)
    with pytest.raises(ArtifactError, match=f"more than {len(CONTENT) - 1} bytes"):
        fetch(OBJECT, google.environ)
    assert list(room.iterdir()) == []


def test_no_room(google: Google, monkeypatch: pytest.MonkeyPatch, room: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(room / "nowhere"))
    with pytest.raises(ArtifactError, match=r"the temporary directory: .*; wanted: room"):
        fetch(OBJECT, google.environ)
    monkeypatch.setattr(tempfile, "tempdir", str(room))
    monkeypatch.setattr(fetching, "_folder", lambda: room / "removed")
    with pytest.raises(ArtifactError, match=r"removed: no such file or directory; wanted: room"):
        fetch(OBJECT, google.environ)


def test_a_changed_file_has_to_have_the_digest_too(model: Path, room: Path) -> None:
    served = room / "served.puntual"
    served.write_bytes(model.read_bytes())
    sha256 = hashlib.sha256(model.read_bytes()).hexdigest()
    settings = read_settings({"model": served, "model_sha256": sha256, "private_downloads": 1}, {})
    LoadedModel.load(served.read_bytes(), settings, ROUTES)
    with pytest.raises(ArtifactError, match="its SHA-256 is"):
        LoadedModel.load(model.read_bytes() + b" ", settings, ROUTES)


def test_the_server_serves_what_it_fetched(google: Google, model: Path, room: Path) -> None:
    google.content = model.read_bytes()
    sha256 = hashlib.sha256(google.content).hexdigest()
    settings = {"PUNTUAL_MODEL": OBJECT, "PUNTUAL_MODEL_SHA256": sha256, "PORT": free_port()}
    environ = os.environ | google.environ | settings | {"TMPDIR": str(room)}
    with subprocess.Popen(SERVE, env=environ, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            said = process.stderr.readline()
            served = Served(process, next(word for word in said.split() if word.startswith("http://")))
            assert served.port == environ["PORT"]
            assert served.model()
            assert subprocess.run(HEALTH, env=environ, check=False).returncode == 0
        finally:
            process.terminate()
    assert subprocess.run(HEALTH, env=environ, check=False).returncode == 1


def test_a_slow_attempt_takes_its_part_of_the_patience(
    google: Google, room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network that swallows everything is waited for at each attempt; so few of them may be made."""
    asked: list[str] = []

    def never_answered(*_: object) -> None:
        asked.append("again")
        clock[0] += 10
        raise downloads.TransientError("timed out")

    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(fetching, "open_url", never_answered)
    with pytest.raises(ArtifactError, match="timed out; wanted: a server that answers"):
        fetch(OBJECT, google.environ)
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("command", "environ", "status", "said"),
    [
        (SERVE, {"PUNTUAL_MODEL": "gs://nowhere/scl"}, 2, r"http://.*/storage/v1/b/nowhere/o/scl.*: 404"),
        (HEALTH, {"PUNTUAL_PORT": "many"}, 1, "PUNTUAL_PORT: 'many'"),
    ],
)
def test_a_failure_is_one_line(
    google: Google, command: tuple[str, ...], environ: dict[str, str], status: int, said: str
) -> None:
    environ = os.environ | google.environ | {"PORT": free_port()} | environ
    ended = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (status, "")
    assert re.match(f"puntual: {said}", ended.stderr)
    assert ended.stderr.count("\n") == 1
