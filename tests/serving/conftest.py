"""Small models, and the application around them without a server."""

from __future__ import annotations

import asyncio
import ctypes
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import lightgbm
import msgspec
import numpy as np
import pytest

from puntual.data.airports import describe_airports
from puntual.inference.artifact import Artifact, write_artifact
from puntual.models.boosting import FEATURE_NAMES
from puntual.serving.app import Application
from puntual.serving.http.messages import Response
from puntual.serving.settings import read_settings
from tests.flights import TABLES, artifact_of

FLIGHT = {"airline": "LAN", "destination": "SCFA", "scheduled_departure": "2017-07-14T18:35:00"}
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2
NEW_YORK = ("EWR", "JFK", "LGA")


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

    def __call__(
        self,
        method: str,
        path: str,
        body: bytes | Sent = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        if isinstance(body, bytes):
            headers = {"content-length": str(len(body)), **(headers or {})}
            body = Sent(body)
        path, _, query = path.partition("?")
        response = asyncio.run(self._answered(method, path, dict(headers or {}), body, query))
        assert "x-request-id" in dict(response.headers)
        told = [(name, value) for name, value in response.headers if name != "x-request-id"]
        return response._replace(headers=told)

    async def _answered(
        self, method: str, path: str, headers: dict[str, str], body: Sent, query: str
    ) -> Response:
        """The response with its body whole."""
        response = await self.application.respond(method, path, headers, body, query)
        if response.chunks is None:
            return response
        whole = b"".join([chunk async for chunk in response.chunks])
        return Response(response.status, response.headers, whole)

    def predict(self, *flights: Mapping[str, Any], **more: Any) -> Response:
        return self("POST", "/v1/predictions", msgspec.json.encode({"flights": flights, **more}))


class Served(NamedTuple):
    """`puntual serve` in a process of its own, and the address that it said."""

    process: subprocess.Popen[str]
    url: str


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
) -> Iterator[Served]:
    """Start the server; it answers as soon as it says its address."""
    command = [python, "-m", "puntual", "serve", "--model", str(model), *options]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=before,  # noqa: PLW1509 - no thread of the tests runs yet
    ) as process:
        try:
            assert process.stderr is not None
            said = ""
            while (line := process.stderr.readline()) and "http://" not in line:
                said += line  # its log, where every request is a line
            address = re.search(r"http://[^\s\"]+", line)
            assert address, said
            yield Served(process, address[0])
        finally:
            process.terminate()


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
def asker() -> Callable[..., Asker]:
    """Gives an application of its own for some settings."""

    def make(**settings: Any) -> Asker:
        application = Application(read_settings(settings, {}))
        application.start()
        return Asker(application)

    return make


@pytest.fixture(scope="session")
def ask(model: Path, load_test: Path, asker: Callable[..., Asker]) -> Asker:
    limits = {"max_flights": 50, "max_body_bytes": 20_000}
    return asker(model=str(model), stress_report=str(load_test), **limits)
