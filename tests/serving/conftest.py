"""Small models, and the application around them without a server."""

from __future__ import annotations

import asyncio
import ctypes
import datetime as dt
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import lightgbm
import msgspec
import numpy as np
import pytest

from puntual.data.airports import describe_airports
from puntual.inference.artifact import Artifact, write_artifact
from puntual.models.boosting import FEATURE_NAMES
from puntual.serving.app import Application
from puntual.serving.http.messages import Response
from puntual.serving.http.problems import PROBLEM_TYPES, Problem
from puntual.serving.settings import read_settings
from tests.flights import TABLES, artifact_of, small_operations
from tests.ports import free_port

FLIGHT = {"airline": "LAN", "destination": "SCFA", "scheduled_departure": "2017-07-14T18:35:00"}
SEVERAL = [FLIGHT | {"scheduled_departure": f"2017-07-14T{hour:02}:35:00"} for hour in range(6, 20)]
BODY, LINE = msgspec.json.encode({"flights": [FLIGHT]}), msgspec.json.encode(FLIGHT)
PREDICTIONS = "/v1/predictions"
COMMAND = ("-m", "puntual", "serve")
SERVE = (sys.executable, *COMMAND)
PATIENCE_SECONDS, END_SECONDS = 60, 8
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2
NEW_YORK = ("EWR", "JFK", "LGA")


def flights(count: int) -> list[dict[str, Any]]:
    """No two of them alike."""
    first = dt.datetime(2017, 7, 1)
    moments = (first + dt.timedelta(minutes=7 * number) for number in range(count))
    return [FLIGHT | {"scheduled_departure": moment.isoformat()} for moment in moments]


def decoded(response: Response) -> Any:
    assert response.status == 200, response.body
    assert dict(response.headers)["content-type"] == "application/json"
    return msgspec.json.decode(response.body)


def problem(response: Response, kind: str = "invalid") -> Problem:
    """The problem document of a refusal; every one has the same shape."""
    assert list(msgspec.json.decode(response.body)) == list(Problem.__struct_fields__)
    document = msgspec.json.decode(response.body, type=Problem, strict=True)
    assert (response.status, document.title) == PROBLEM_TYPES[kind], document
    assert (document.status, document.type) == (response.status, f"/docs#{kind}")
    assert dict(response.headers)["content-type"] == "application/problem+json"
    assert "\n" not in document.detail
    return document


class Sent:
    """A body as servers give it: whole, or in chunks."""

    def __init__(self, body: bytes, chunk: int = 1024) -> None:
        self._body, self._chunk = body, chunk
        self.read = 0

    async def __call__(self) -> bytes:
        self.read = len(self._body)
        return self._body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._body), self._chunk):
            chunk = self._body[start : start + self._chunk]
            self.read += len(chunk)
            yield chunk


class Asker:
    """Sends requests to an application without a server."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.service = application.start()

    def __call__(
        self, method: str, path: str, body: bytes | Sent = b"", headers: Mapping[str, str] | None = None
    ) -> Response:
        response = asyncio.run(self.respond(method, path, body, headers))
        assert "x-request-id" in dict(response.headers)
        return response._replace(headers=[field for field in response.headers if field[0] != "x-request-id"])

    async def respond(
        self, method: str, path: str, body: bytes | Sent = b"", headers: Mapping[str, str] | None = None
    ) -> Response:
        """The response with its body whole."""
        headers = dict(headers or {})
        if isinstance(body, bytes):
            headers.setdefault("content-length", str(len(body)))
            body = Sent(body)
        path, _, query = path.partition("?")
        response = await self.application.respond(method, path, headers, body, query)
        if response.chunks is None:
            return response
        return Response(response.status, response.headers, b"".join([part async for part in response.chunks]))

    def predict(self, *flights: Mapping[str, Any], query: str = "", **more: Any) -> Response:
        body = msgspec.json.encode({"flights": flights, **more})
        return self("POST", f"{PREDICTIONS}?{query}", body)


class Served(NamedTuple):
    """`puntual serve` in a process of its own, and the address that it said."""

    process: subprocess.Popen[str]
    url: str
    token: str = ""
    verify: ssl.SSLContext | bool = True
    admin: str = ""

    @property
    def port(self) -> str:
        return self.url.rpartition(":")[2]

    def workers(self) -> list[int]:
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def metric(self, name: str) -> dict[str, float]:
        """The numbers of a metric by their labels."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        place = f"http://127.0.0.1:{self.admin}" if self.admin else self.url
        lines = httpx.get(f"{place}/metrics", headers=headers, verify=self.verify).text.splitlines()
        numbers = (line.removeprefix(name).split(" ") for line in lines if line.startswith(name))
        return {labels: float(number) for labels, number in numbers}

    def ready(self) -> dict[str, str]:
        """What `/readyz` says; nothing where nobody answers."""
        try:
            told: dict[str, str] = httpx.get(f"{self.url}/readyz", timeout=1).json()
        except httpx.TransportError:
            return {}
        return told

    def model(self) -> str:
        """Which model answers a request."""
        return str(httpx.post(self.url + PREDICTIONS, json={"flights": [FLIGHT]}).json()["model"])

    def ended(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=END_SECONDS)
        return self.process.returncode, out, err

    @contextmanager
    def connected(self) -> Iterator[socket.socket]:
        with socket.create_connection(("127.0.0.1", int(self.port)), timeout=PATIENCE_SECONDS) as connection:
            yield connection


def until(holds: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.03)


def drop_privileges() -> None:
    """Have this process, where root runs it, hold to the permissions of files from its next program on."""
    libc = ctypes.CDLL(None)
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


@contextmanager
def serving(
    model: Path,
    *options: str,
    python: str = sys.executable,
    before: Callable[[], None] | None = None,
    token: str = "",
    verify: ssl.SSLContext | bool = True,
    **settings: object,
) -> Iterator[Served]:
    """Start the server, on a free port unless the options name one; all its workers answer by now.

    Parameters
    ----------
    token : a key with which its metrics may be read
    verify : how its certificate is
    settings : as variables of its environment
    """
    with subprocess.Popen(
        [python, *COMMAND, "--model", str(model), "--port", free_port(), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {f"PUNTUAL_{name.upper()}": str(value) for name, value in settings.items()},
        preexec_fn=before,  # noqa: PLW1509 - no thread of the tests runs yet
    ) as process:
        try:
            assert process.stderr is not None
            said = ""
            while (line := process.stderr.readline()) and "://" not in line:
                said += line  # its log, where every request is a line
            address = re.search(r"https?://[^\s\"]+", line)
            assert address, said
            served = Served(process, address[0], token, verify, str(settings.get("admin_port", "")))
            count = int(str(settings.get("workers", 1)))
            until(lambda: served.metric("puntual_worker_starts_total")[""] == count)
            yield served
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def day_model(artifact: Artifact, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Answers from what is known of the day, too."""
    path = tmp_path_factory.mktemp("models") / "day.puntual"
    write_artifact(msgspec.structs.replace(artifact, operations=small_operations()), path)
    return path


@pytest.fixture(scope="session")
def artifact() -> Artifact:
    """One origin: Santiago. Later departures of busier days are late more often."""
    draw = np.random.default_rng(1)
    rows = draw.integers(0, 20, (4000, len(FEATURE_NAMES))).astype(float)
    minute, busy = (FEATURE_NAMES.index(name) for name in ("minute_of_day", "departures_day"))
    rows[:, minute] = draw.integers(0, 1440, len(rows))
    delayed = rows[:, minute] / 72 + rows[:, busy] + draw.normal(0, 5, len(rows)) > 25
    rows[::3, busy] = np.nan
    settings = {"objective": "binary", "num_leaves": 7, "num_threads": 1, "verbosity": -1}
    learned = lightgbm.Dataset(rows, delayed, feature_name=FEATURE_NAMES)
    return artifact_of(TABLES, lightgbm.train(settings, learned, num_boost_round=40).model_to_string())


@pytest.fixture(scope="session")
def model(artifact: Artifact, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("serving") / "scl.puntual"
    write_artifact(artifact, path)
    return path


@pytest.fixture
def file(model: Path, tmp_path: Path) -> Path:
    """A model's file that a test may change."""
    return Path(shutil.copy(model, tmp_path / "served.puntual"))


@pytest.fixture
def another(artifact: Artifact, tmp_path: Path) -> Path:
    """A model of another name, beside that file."""
    path = tmp_path / "another"
    write_artifact(msgspec.structs.replace(artifact, name="scl-another"), path)
    return path


@pytest.fixture(scope="session")
def new_york_model(artifact: Artifact, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three origins."""
    tables = msgspec.structs.replace(
        TABLES,
        airports=describe_airports([*NEW_YORK, "SCEL", "SCFA"]),
        origins=NEW_YORK,
        categories=TABLES.categories | {"origin": NEW_YORK},
    )
    path = tmp_path_factory.mktemp("serving") / "nyc.puntual"
    write_artifact(msgspec.structs.replace(artifact, name="nyc-000000000000", tables=tables), path)
    return path


@pytest.fixture(scope="session")
def load_test(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small load test, as `puntual stress --save` writes it."""
    from tests.loadtest.test_report import interval, result_of

    first, last = interval(0, [1.0, 2.0, 40.0], errors={"timeout": 1}), interval(1, [3.0], last=True)
    path = tmp_path_factory.mktemp("stress") / "stress.json"
    path.write_bytes(msgspec.json.encode(result_of(first, last, profile="original")))
    return path


@pytest.fixture(scope="session")
def asker(model: Path) -> Callable[..., Asker]:
    """Gives an application of its own for some settings."""

    def make(**settings: Any) -> Asker:
        return Asker(Application(read_settings({"model": model, **settings}, {})))

    return make


@pytest.fixture(scope="session")
def ask(load_test: Path, asker: Callable[..., Asker]) -> Asker:
    return asker(stress_report=load_test, max_flights=50, max_body_bytes=20_000)


@pytest.fixture(scope="session")
def ask_new_york(new_york_model: Path, asker: Callable[..., Asker]) -> Asker:
    return asker(model=new_york_model)


@pytest.fixture(scope="session")
def served(model: Path, load_test: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server, for tests that leave it as it is; it gives a body a second."""
    store = f"sqlite:///{tmp_path_factory.mktemp('served') / 'events.db'}"
    with serving(model, "--stress-report", str(load_test), body_seconds=1, store=store) as started:
        yield started
