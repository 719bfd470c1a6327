"""A whole test, with its processes."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from puntual.errors import SettingError, TargetError
from puntual.loadtest import machine
from puntual.loadtest.plan import make_plan
from puntual.loadtest.result import Result
from puntual.loadtest.run import run as run_test
from puntual.loadtest.target import read_url
from puntual.loadtest.worker import READY, Order
from tests import made_up
from tests.cli.running import mistake, run
from tests.loadtest.server import DOCUMENTS, Reply, answer, answering
from tests.loadtest.test_report import interval, result_of
from tests.ports import free_port

DOCUMENTED = {"requests", "answered", "errors", "duration_s", "requests_per_s", "latency_ms"}
LATENCIES = {"mean", "p50", "p90", "p99", "p999", "max"}


def test_the_answer_as_json() -> None:
    with answering() as server:
        ended = run("stress", server.url, "-n", 50, "-c", 4, "--json")
    assert ended.status == 0, ended.err
    assert ended.err == ""
    told = msgspec.json.decode(ended.out)
    assert set(told) >= DOCUMENTED
    assert set(told["latency_ms"]) >= LATENCIES
    assert (told["requests"], told["answered"], told["errors"]) == (50, 50, 0)
    assert msgspec.json.decode(ended.out, type=Result).plan.connections == 4


def test_several_processes_share_the_requests() -> None:
    watched: list[Result] = []
    with answering(lambda number: Reply(delay_s=0.02)) as server:
        plan = make_plan({"requests": 151, "rate": 120.0, "connections": 5, "processes": 2})
        result = run_test(read_url(server.url), plan, watch=watched.append)
    assert (result.requests, result.answered) == (151, 151)
    assert len(server.bodies) == 151
    assert result.connections_opened == 5
    assert 1.1 < result.duration_s < 3
    assert watched
    assert 0 < watched[0].answered < 151


def test_the_report_on_the_terminal() -> None:
    with answering(lambda number: Reply(answer(b"", 503)) if number < 5 else Reply()) as server:
        ended = run("stress", server.url, "-n", 50, "-c", 4)
    assert ended.status == 1
    assert "45 of 50 requests answered" in ended.out
    assert "status 503: 5" in ended.out
    assert "p99.9" in ended.out


@pytest.mark.parametrize(
    ("wrong", "options", "status"),
    [
        (0, [], 0),
        (1, [], 1),
        (5, ["--allow-errors", 0.1], 0),
        (6, ["--allow-errors", 0.1], 1),
        (50, ["--allow-errors", 1], 1),
    ],
)
def test_the_status_tells_of_errors(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wrong: int, options: list[object], status: int
) -> None:
    found = result_of(interval(0, [1] * (50 - wrong), errors={"status 503": wrong}, last=True))
    monkeypatch.setattr("puntual.loadtest.run.run", lambda *given: found)
    ended = run("stress", "http://127.0.0.1:1", *options, "--save", tmp_path / "s.json", "--json")
    told = msgspec.json.decode(ended.out)
    assert (ended.status, told["errors"], ended.err) == (status, wrong, "")
    assert msgspec.json.decode((tmp_path / "s.json").read_bytes()) == told


def test_flights_of_a_file(tmp_path: Path) -> None:
    data = made_up.made_up_scl(tmp_path / "flights.csv", days=3)
    with answering() as server:
        ended = run("stress", server.url, "-n", 30, "-c", 2, "--flights", data, "--json")
    assert ended.status == 0, ended.err
    asked = [msgspec.json.decode(body)["flights"][0] for body in server.bodies]
    assert len({msgspec.json.encode(flight) for flight in asked}) == 30
    assert all(flight["origin"] == "SCEL" for flight in asked)


def test_ctrl_c_gives_the_report_so_far() -> None:
    with answering(lambda number: Reply(delay_s=0.01)) as server:
        command = [sys.executable, "-m", "puntual", "stress", server.url, "-d", "60", "--json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            ends = time.monotonic() + 20
            while len(server.bodies) < 300 and time.monotonic() < ends:
                time.sleep(0.02)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=20)
    told = msgspec.json.decode(out)
    assert told["interrupted"]
    assert told["answered"] >= 100
    assert (process.returncode, err) == (130, b"")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["http://192.0.2.7:8000"], "--i-may-load 192.0.2.7"),
        (["http://192.0.2.7:8000", "--i-may-load", "192.0.2.8"], "is not this machine"),
        (["ftp://127.0.0.1:8000"], "is not spoken to"),
        (["http://"], "is not spoken to"),
        (["http://nowhere.invalid"], "there is no such host"),
        (["http://127.0.0.1:8000", "--profile", "gentle"], "wanted: original"),
        (["http://127.0.0.1:8000", "-c", "2", "--processes", "3"], "--processes: 3"),
    ],
)
def test_a_mistake_is_one_line(arguments: list[str], said: str) -> None:
    assert said in mistake("stress", *arguments)


def test_a_service_that_is_not_there_is_one_line() -> None:
    assert "Connection refused" in mistake("stress", f"http://127.0.0.1:{free_port()}")


def test_another_machine_may_be_loaded_when_that_is_said() -> None:
    assert read_url("http://192.0.2.7:8000", "192.0.2.7").address == "192.0.2.7"
    assert read_url("http://[::1]:8000").authority == "[::1]:8000"


def test_a_service_that_knows_no_flights_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DOCUMENTS, "/v1/airlines", [])
    with answering() as server, pytest.raises(TargetError, match="does not tell"):
        run_test(read_url(server.url), make_plan({"requests": 1}))


def test_the_limit_of_open_files_is_raised_or_said(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda which: (256, 4096))
    monkeypatch.setattr(resource, "setrlimit", lambda which, limits: asked.append(limits))
    machine.allow_connections(100)
    assert asked == []
    machine.allow_connections(1000)
    assert asked == [(1064, 4096)]
    with pytest.raises(SettingError, match=r"5,064 open files .* allows 4,096"):
        machine.allow_connections(5000)


def test_the_generator_ends_with_the_one_that_started_it() -> None:
    order = msgspec.json.encode(Order(make_plan({}), read_url("http://127.0.0.1:1/healthz"), [])) + b"\n"
    command = [sys.executable, "-m", "puntual.loadtest"]
    assert (
        subprocess.run(command, input=order, stdout=subprocess.PIPE, timeout=20, check=True).stdout == READY
    )
