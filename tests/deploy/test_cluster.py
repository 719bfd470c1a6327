"""The cluster on one machine: that it has the manifests' values, loses no request, and tells a mistake."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from deploy.cluster import balancer, original
from deploy.cluster.__main__ import read_options
from deploy.cluster.scenarios import SCENARIOS, outcome_table
from deploy.cluster.values import read_values
from deploy.service import status_of
from tests.deploy.conftest import DEPLOY
from tests.ports import free_port

ROOT = DEPLOY.parent
Objects = dict[tuple[str, str], dict[str, Any]]

needs_haproxy = pytest.mark.skipif(balancer.haproxy() is None, reason="no haproxy (apt-get install haproxy)")


def cluster(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deploy.cluster", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False
    )


def configured(*, retries: bool) -> dict[str, str]:
    """Each line of HAProxy's configuration, by its first words."""
    text = balancer.configuration(read_values(), 6, 8000, Path("/run/haproxy.sock"), retries=retries)
    found = {}
    for line in text.splitlines():
        match = re.match(r"\s+((?:timeout|option|http-check|retry-on|stats)? ?\S+) ?(.*)", line)
        if match:
            found[match[1].strip()] = match[2]
    return found


def test_the_load_balancer_has_the_manifests_values(base: Objects) -> None:
    check = base["HealthCheckPolicy", "puntual"]["spec"]["default"]
    found = configured(retries=True)
    assert found["default-server"] == (
        f"check inter {check['checkIntervalSec'] * 1000}ms fall {check['unhealthyThreshold']} "
        f"rise {check['healthyThreshold']} disabled"
    )
    assert found["timeout check"] == f"{check['timeoutSec'] * 1000}ms"
    assert found["http-check send"] == f"meth GET uri {check['config']['httpHealthCheck']['requestPath']}"
    backend = base["GCPBackendPolicy", "puntual"]["spec"]["default"]
    assert found["timeout server"] == f"{backend['timeoutSec'] * 1000}ms"


def test_the_replicas_have_the_manifests_values(base: Objects, container: dict[str, Any]) -> None:
    values, deployment = read_values(), base["Deployment", "puntual"]["spec"]
    assert values.environment == {each["name"]: each["value"] for each in container["env"]}
    assert values.drain_s == int(values.environment["PUNTUAL_DRAIN_SECONDS"])
    assert values.settle_s == deployment["minReadySeconds"]
    assert values.grace_s == deployment["template"]["spec"]["terminationGracePeriodSeconds"]
    probe = container["startupProbe"]
    assert values.start_s == probe["periodSeconds"] * probe["failureThreshold"]
    assert (values.cpus, values.memory) == (1.0, "512m")
    assert container["resources"]["limits"] == {"cpu": "1", "memory": "512Mi", "ephemeral-storage": "64Mi"}
    # Replaced as `roll` replaces them: new ones first; a quarter of so few is one.
    assert deployment["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": "25%"}


def test_shorter_times_keep_their_proportions() -> None:
    values, shorter = read_values(), read_values().faster(5)
    for name in ("check_s", "check_timeout_s", "settle_s", "drain_s"):
        assert getattr(shorter, name) == getattr(values, name) / 5
    assert shorter.timeout_s == values.timeout_s


def test_only_what_a_crash_takes_along_is_sent_again() -> None:
    found = configured(retries=True)
    assert found["retry-on conn-failure"] == "empty-response"
    assert found["option redispatch"] == "1"
    assert configured(retries=False)["retries"] == "0"
    assert "retry-on conn-failure" not in configured(retries=False)
    assert {name for name, scenario in SCENARIOS.items() if scenario.retries} == {"killed replica"}


@needs_haproxy
@pytest.mark.parametrize("retries", [True, False])
def test_haproxy_takes_its_configuration(retries: bool, tmp_path: Path) -> None:
    path = tmp_path / "haproxy.cfg"
    text = balancer.configuration(read_values(), 6, int(free_port()), tmp_path / "socket", retries=retries)
    path.write_text(text, "utf-8")
    command = [str(balancer.haproxy()), "-c", "-f", str(path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "WARNING" not in ended.stderr


SHORT = ("--engine", "process", "--faster", "10", "--rate", "150")


@pytest.mark.slow
@needs_haproxy
def test_nothing_fails_while_replicas_leave_die_and_change_their_model(model: Path) -> None:
    ended = cluster("test", "--model", str(model), *SHORT)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in ended.stdout.splitlines()[2:]]
    assert [row[0] for row in rows] == list(SCENARIOS)
    for row in rows:
        requests, answered, failed = row[2:5]
        assert int(requests.replace(",", "")) > 500
        assert (answered, failed) == (requests, "0")
    assert ended.stderr.count("SIGTERM") == ended.stderr.count("SIGKILL") == 3
    assert "answers with" in ended.stderr


@pytest.mark.slow
@needs_haproxy
@pytest.mark.parametrize(
    ("scenario", "mistake"), [("rolling update", ("--drain", "0")), ("killed replica", ("--no-retries",))]
)
def test_a_mistake_is_found(scenario: str, mistake: tuple[str, ...], model: Path) -> None:
    ended = cluster("test", scenario, "--model", str(model), *SHORT, *mistake)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert f"\n{scenario} failed: " in ended.stdout


@needs_haproxy
def test_it_runs_until_it_is_told_to_end_and_leaves_nothing(model: Path) -> None:
    port = int(free_port())
    command = [sys.executable, "-m", "deploy.cluster", "--model", str(model), "--port", str(port)]
    with subprocess.Popen(
        [*command, "--engine", "process"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
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
def test_a_mistake_of_the_user_is_one_line(arguments: list[str], line: str) -> None:
    ended = cluster(*arguments, "--engine", "process") if arguments[0] != "test" else cluster(*arguments)
    assert ended.returncode == 2
    assert ended.stderr.endswith(line)
    assert "Traceback" not in ended.stderr


def test_a_missing_haproxy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(balancer.BalancerError, match="apt-get install haproxy"):
        balancer.Balancer(read_values(), 2, 1, retries=True)


def test_the_targets_of_make_are_commands() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    for what in ("", " test"):
        assert re.search(rf"-m deploy\.cluster{what}\b", text)
    assert read_options(["test", "rolling update", "--drain", "0"]).drain == 0


def test_a_result_below_the_bar_is_told() -> None:
    result = {"answered": 49_999, "errors": 1, "latency_ms": {"p99": 51.0}}
    assert original.faults(result) == [
        "49,999 of 50,000 answered, 1 errors",
        "99th percentile 51.0 ms, more than 50",
    ]
    assert outcome_table([]).startswith("| scenario |")
