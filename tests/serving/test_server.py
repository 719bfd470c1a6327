"""`puntual serve` as a process."""

from __future__ import annotations

import os
import resource
import shlex
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import NoReturn

import granian
import httpx
import pytest

from puntual.errors import ArtifactError, NativeLibraryError, PuntualError, SettingError
from puntual.inference.scorer import Scorer
from puntual.loadtest.result import WANTED
from puntual.serving import server
from puntual.serving.ops import granian_server
from puntual.serving.settings import SETTINGS, Settings, read_settings
from tests.ports import free_port
from tests.serving.conftest import FLIGHT, PREDICTIONS, SERVE, Served, drop_privileges, serving, until


def test_answers(served: Served) -> None:
    response = httpx.post(served.url + PREDICTIONS, json={"flights": [FLIGHT]})
    assert response.status_code == 200
    assert 0 < response.json()["predictions"][0]["delay_probability"] < 1
    plain = {"accept-encoding": "identity"}
    head = httpx.head(f"{served.url}/", headers=plain)
    assert head.status_code == 200
    assert int(head.headers["content-length"]) == len(httpx.get(f"{served.url}/", headers=plain).content)


def test_refuses_what_is_too_large(served: Served) -> None:
    url = served.url + PREDICTIONS
    assert httpx.post(url, content=b" " * (2**21 + 1)).status_code == 413
    assert httpx.post(url, content=(b" " * 2**16 for _ in range(40))).status_code == 413
    assert httpx.post(url, content=(part for part in (b'{"fli', b'ghts":[]}'))).status_code == 422


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_worker_is_small(served: Served) -> None:
    worker = Path("/proc") / str(*served.workers())
    mapped = (worker / "maps").read_text()
    assert "lib_lightgbm" in mapped
    for library in ("polars", "pandas", "numpy", "scipy", "sklearn"):
        assert f"/{library}" not in mapped
    status = (worker / "status").read_text().split()
    assert int(status[status.index("VmRSS:") + 1]) < 100 * 1024


@pytest.mark.parametrize(("number", "whole_group"), [(signal.SIGINT, True), (signal.SIGTERM, False)])
def test_finishes_what_is_in_flight_and_ends_without_a_word(
    model: Path, number: signal.Signals, whole_group: bool
) -> None:
    counts: list[int] = []
    with serving(model, workers=2) as served, httpx.Client() as kept_open:

        def ask() -> None:
            url, body = served.url + PREDICTIONS, {"flights": [FLIGHT] * 10_000}
            counts.append(len(httpx.post(url, json=body, timeout=60).json()["predictions"]))

        assert kept_open.get(f"{served.url}/healthz").status_code == 200
        asking = threading.Thread(target=ask)
        asking.start()
        until(lambda: served.metric("puntual_requests_in_flight")[""] > 1 or bool(counts))
        (os.killpg if whole_group else os.kill)(served.process.pid, number)
        asking.join()
        assert counts == [10_000]
        assert served.ended() == (0, "", "")


def refused(*options: str) -> str:
    """What the server says that refuses to start."""
    ran = subprocess.run(
        [*SERVE, *options], capture_output=True, text=True, check=False, preexec_fn=drop_privileges
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    return ran.stderr


def test_a_second_one_is_told_of_the_first(served: Served, model: Path) -> None:
    told = f"puntual: port {served.port} on 127.0.0.1 is in use; choose another with --port\n"
    assert refused("--model", str(model), "--port", served.port) == told
    assert served.ready()


def test_a_model_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    found = "cannot be read: permission denied; wanted: a model written by `puntual train`"
    told = refused("--model", str(closed / "model"), "--port", free_port())
    assert told == f"puntual: {closed / 'model'}: {found}\n"


def settings(**given: object) -> Settings:
    return read_settings({"port": free_port(), **given}, {})


@pytest.mark.parametrize(
    ("name", "found"), [("pipe", "not a regular file"), ("a" * 300, "file name too long")]
)
@pytest.mark.parametrize(
    ("option", "wanted"), [("model", "a model written by `puntual train`"), ("stress_report", WANTED)]
)
def test_what_is_no_file_is_refused_and_not_waited_for(
    tmp_path: Path, option: str, wanted: str, name: str, found: str
) -> None:
    os.mkfifo(tmp_path / "pipe")
    path = tmp_path / name
    with pytest.raises(PuntualError) as raised:
        server.run(settings(**{"model": "any", option: path}))
    assert str(raised.value) == f"{path}: cannot be read: {found}; wanted: {wanted}"


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


@pytest.mark.parametrize(
    ("host", "address"),
    [("localhost", "127.0.0.1"), ("0", "0.0.0.0"), ("*", "0.0.0.0"), ("127.1", "127.0.0.1")],
)
def test_a_port_that_is_free_is_not_taken(host: str, address: str) -> None:
    """Neither by one look at it nor by another; a host is a name or a number."""
    chosen = settings(host=host)
    assert server.check_port(chosen) == server.check_port(chosen) == address


def test_too_few_open_files_are_refused_in_one_line(model: Path) -> None:
    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))

    command = [*SERVE, "--model", str(model), "--port", free_port()]
    ended = subprocess.run(command, capture_output=True, text=True, preexec_fn=few, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "puntual: ulimit -n: 24 open files; wanted: at least 128\n"


def test_serves_though_its_outputs_are_closed(model: Path) -> None:
    port = free_port()
    command = [*SERVE, "--model", str(model), "--port", port]
    closed = f"exec {shlex.join(command)} >&- 2>&-"
    with subprocess.Popen(["sh", "-c", closed]) as process:
        try:
            until(lambda: answers(f"http://127.0.0.1:{port}/healthz"))
        finally:
            process.terminate()


def answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounts a file system of its own")
def test_shared_memory_without_room_is_one_line(model: Path) -> None:
    full = 'mount -t tmpfs -o size=4k none /dev/shm && cat /dev/zero > /dev/shm/full 2>/dev/null; exec "$@"'
    command = (
        "unshare",
        "--mount",
        "sh",
        "-c",
        full,
        "sh",
        *SERVE,
        "--model",
        str(model),
        "--port",
        free_port(),
    )
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if "unshare: " in ended.stderr or "mount: " in ended.stderr:
        pytest.skip(ended.stderr)
    assert ended.stderr == (
        "puntual: /dev/shm: no space left on device; wanted: room for a semaphore of 32 bytes\n"
    )
    assert (ended.returncode, ended.stdout) == (2, "")
