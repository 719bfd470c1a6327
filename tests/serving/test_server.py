"""`puntual serve` as a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import granian
import httpx
import pytest

from puntual.errors import ArtifactError, NativeLibraryError, PuntualError, SettingError
from puntual.inference.scorer import Scorer
from puntual.serving import server
from puntual.serving.ops import granian_server
from puntual.serving.settings import SETTINGS, Settings, read_settings
from tests.ports import free_port
from tests.serving.conftest import FLIGHT, Served, serving

END_SECONDS = 8


@pytest.fixture(scope="module")
def served(model: Path) -> Iterator[Served]:
    with serving(model, "--port", free_port()) as server:
        yield server


def worker(served: Served) -> Path:
    pid = served.process.pid
    return Path("/proc") / Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]


def ended(served: Served) -> tuple[int, str, str]:
    out, err = served.process.communicate(timeout=END_SECONDS)
    return served.process.returncode, out, err


def test_answers(served: Served) -> None:
    response = httpx.post(f"{served.url}/v1/predictions", json={"flights": [FLIGHT]})
    assert response.status_code == 200
    assert 0 < response.json()["predictions"][0]["delay_probability"] < 1
    assert httpx.get(f"{served.url}/readyz").status_code == 200
    head = httpx.head(f"{served.url}/")
    assert head.status_code == 200
    assert int(head.headers["content-length"]) == len(httpx.get(f"{served.url}/").content)


def test_refuses_what_is_too_large(served: Served) -> None:
    url = f"{served.url}/v1/predictions"
    assert httpx.post(url, content=b" " * (2**21 + 1)).status_code == 413
    assert httpx.post(url, content=(b" " * 2**16 for _ in range(40))).status_code == 413
    assert httpx.post(url, content=(part for part in (b'{"fli', b'ghts":[]}'))).status_code == 422


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_worker_is_small(served: Served) -> None:
    mapped = (worker(served) / "maps").read_text()
    assert "lib_lightgbm" in mapped
    for library in ("polars", "pandas", "numpy", "scipy", "sklearn"):
        assert f"/{library}" not in mapped
    status = (worker(served) / "status").read_text().split()
    assert int(status[status.index("VmRSS:") + 1]) < 100 * 1024


def test_a_second_one_is_told_of_the_first(served: Served, model: Path) -> None:
    port = served.url.rpartition(":")[2]
    command = [sys.executable, "-m", "puntual", "serve", "--model", str(model), "--port", port]
    second = subprocess.run(command, capture_output=True, text=True, check=False)
    assert second.returncode == 2
    assert second.stderr == f"puntual: port {port} on 127.0.0.1 is in use; choose another with --port\n"
    assert httpx.get(f"{served.url}/healthz").status_code == 200


@pytest.mark.parametrize(("number", "whole_group"), [(signal.SIGINT, True), (signal.SIGTERM, False)])
def test_ends_cleanly_and_without_a_word(model: Path, number: signal.Signals, whole_group: bool) -> None:
    with serving(model, "--port", free_port(), "--workers", "2") as served, httpx.Client() as kept_open:
        assert kept_open.get(f"{served.url}/healthz").status_code == 200
        (os.killpg if whole_group else os.kill)(served.process.pid, number)
        assert ended(served) == (0, "", "")


def settings(**given: object) -> Settings:
    return read_settings({"port": free_port(), **given}, {})


def test_turns_into_the_server_with_its_settings(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda _path, arguments, environ: ran.append((arguments, environ)))
    monkeypatch.setattr(signal, "pthread_sigmask", lambda *_: None)
    wanted = settings(model=model, workers=3, cost_of_a_missed_delay=2.5)
    server.run(wanted)
    (arguments, environ) = ran[0]
    assert arguments == [sys.executable, "-m", "puntual.serving"]
    variables = {setting.variable for setting in SETTINGS}
    assert read_settings({}, {name: environ[name] for name in variables}) == wanted


def test_checks_the_model_first(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingError, match="--model: missing"):
        server.run(settings())
    with pytest.raises(ArtifactError, match="no such file"):
        server.run(settings(model=tmp_path / "nowhere.puntual"))

    def lacking(*_: object) -> NoReturn:
        raise NativeLibraryError("LightGBM needs the system's libgomp.so.1, which is missing")

    monkeypatch.setattr(Scorer, "__init__", lacking)
    with pytest.raises(NativeLibraryError, match=r"libgomp\.so\.1"):
        server.run(settings(model=model))


def test_another_granian_is_named(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(granian, "__version__", "2.99.1")
    granian_server.check_granian()
    assert caplog.messages == [
        "granian 2.99.1 is not the version that Puntual is tested with: pip install 'granian~=2.8.0'"
    ]
    monkeypatch.delattr("granian.server.common.AbstractServer.signal_handler_interrupt")
    with pytest.raises(
        PuntualError, match=r"^granian 2\.99\.1: it has no signal_handler_interrupt; wanted: pip"
    ):
        granian_server.check_granian()


@pytest.mark.parametrize("host", ["192.0.2.1", "no host at all", "a" * 70])
def test_a_host_that_is_none_of_this_machine(host: str) -> None:
    with pytest.raises(SettingError, match="wanted: an address of this machine"):
        server.check_port(settings(host=host))


def test_a_port_that_is_free_is_not_taken() -> None:
    chosen = settings()
    server.check_port(chosen)
    server.check_port(chosen)
