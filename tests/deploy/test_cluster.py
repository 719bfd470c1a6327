"""The cluster on one machine: that it has the manifests' values, runs and ends whole, and tells a mistake."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from deploy.cluster import __main__ as command
from deploy.cluster import balancer, original
from deploy.cluster.scenarios import SCENARIOS, outcome_table
from deploy.cluster.values import read_values
from deploy.service import StartError, status_of
from tests.deploy.conftest import DEPLOY
from tests.ports import free_port

needs_haproxy = pytest.mark.skipif(balancer.haproxy() is None, reason="no haproxy (apt-get install haproxy)")


def configured(*, retries: bool) -> str:
    return balancer.configuration(read_values(), 6, 8000, Path("/run/haproxy.sock"), retries=retries)


def test_the_cluster_has_the_manifests_values() -> None:
    text = configured(retries=True)
    for line in (
        "default-server check inter 5000ms fall 2 rise 1 disabled",
        "timeout check 2000ms",
        "http-check send meth GET uri /readyz",
        "timeout server 300000ms",
    ):
        assert f"    {line}\n" in text
    values = read_values()
    assert (values.drain_s, values.settle_s, values.grace_s, values.start_s) == (30, 10, 45, 30)
    assert (values.cpus, values.memory) == (1.0, "512m")
    assert values.environment["PUNTUAL_IDLE_SECONDS"] == "620"
    shorter = values.faster(5)
    assert (shorter.check_s, shorter.check_timeout_s, shorter.settle_s, shorter.drain_s) == (1, 0.4, 2, 6)
    assert shorter.timeout_s == values.timeout_s


def test_only_what_a_crash_takes_along_is_sent_again() -> None:
    assert "retry-on conn-failure empty-response\n" in configured(retries=True)
    assert "    retries 0\n" in configured(retries=False)
    assert "retry-on" not in configured(retries=False)
    assert {name for name, scenario in SCENARIOS.items() if scenario.retries} == {"killed replica"}


@needs_haproxy
def test_it_runs_until_it_is_told_to_end_and_leaves_nothing(model: Path) -> None:
    port = int(free_port())
    line = [sys.executable, "-m", "deploy.cluster", "--model", str(model), "--port", str(port)]
    with subprocess.Popen(
        [*line, "--engine", "process"], cwd=DEPLOY.parent, stdout=-1, stderr=-1, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == f"Puntual is on http://127.0.0.1:{port} (Ctrl-C ends it)\n"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        found = process.stderr.read()
        assert process.wait(20) == 0
    assert "Traceback" not in found
    ports = [*re.findall(r"started, on port (\d+)", found), str(port)]
    assert len(ports) == 4
    for each in ports:
        assert status_of(f"http://127.0.0.1:{each}/readyz") == 0


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--model", "nowhere.puntual"], "deploy.cluster: nowhere.puntual: there is no such file\n"),
        (
            ["test", "earthquake"],
            "no scenario 'earthquake'; there are rolling update, killed replica, new model\n",
        ),
        (["--replicas", "0"], "--replicas and --faster want 1 or more\n"),
    ],
)
def test_a_mistake_of_the_user_is_one_line(
    arguments: list[str], line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["deploy.cluster", "--engine", "process", *arguments])
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with pytest.raises(SystemExit, match="2"):
        command.main()
    assert capsys.readouterr().err.endswith(line)


def test_a_missing_haproxy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(StartError, match="apt-get install haproxy"):
        balancer.Balancer(read_values(), 2, 1, retries=True)


def test_a_result_below_the_bar_is_told() -> None:
    result = {"answered": 49_999, "errors": 1, "latency_ms": {"p99": 51.0}}
    assert original.faults(result) == [
        "49,999 of 50,000 answered, 1 errors",
        "99th percentile 51.0 ms, more than 50",
    ]
    assert outcome_table([]).startswith("| scenario |")
