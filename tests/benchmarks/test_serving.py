"""The benchmark of serving: what it draws, checks, leaves out and tells."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from benchmarks.processes import family, still_running
from benchmarks.serving import environments
from benchmarks.serving.contenders import Contender, NotServedError, Served, serving
from benchmarks.serving.flights import draw_flights, predict
from benchmarks.serving.load import Measured
from benchmarks.serving.report import Outcome, Pair, to_json, write_table
from benchmarks.serving.rivals.answering import FittedModel
from benchmarks.serving.rivals.lineup import BARE, PUNTUAL, RIVALS, Rival
from puntual.inference.artifact import write_artifact
from puntual.loadtest.machine import this_machine
from puntual.types import Flight
from tests.flights import TABLES, artifact_of, small_booster
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
ARTIFACT = artifact_of(TABLES, small_booster())
FLIGHTS = draw_flights(ARTIFACT)

# Answers every POST with what it is given, once it has started a process of its own.
SERVER = """
import http.server, subprocess, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(ANSWER)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("serving") / "small.puntual"
    write_artifact(ARTIFACT, path)
    return path


@pytest.fixture
def contender(tmp_path: Path) -> Callable[[str], Contender]:
    """A server of a few lines."""

    def make(code: str) -> Contender:
        (tmp_path / "server.py").write_text(code, "utf-8")
        command, programs = "python {folder}/server.py {port}", Path(sys.executable).parent
        rival = Rival("made-up", "Made up", (), command, probability=lambda answer: answer["probability"])
        return Contender(rival, "none", tmp_path, programs, tmp_path, int(free_port()))

    return make


def test_the_flights_are_all_different_and_known() -> None:
    assert len({tuple(flight.values()) for flight in FLIGHTS}) == len(FLIGHTS) == 1000
    assert draw_flights(ARTIFACT) == FLIGHTS
    assert len(set(predict(ARTIFACT, FLIGHTS))) > 5


@pytest.mark.parametrize("call", ["ordinary", "fast"])
def test_a_rival_answers_as_puntual_does(call: str, model: Path) -> None:
    flights = FLIGHTS[:200]
    answered = FittedModel(model, call).answer(msgspec.convert(flight, Flight) for flight in flights)
    assert [each["delay_probability"] for each in answered["predictions"]] == predict(ARTIFACT, flights)


@pytest.mark.parametrize("rival", RIVALS.values(), ids=list(RIVALS))
def test_a_rival_is_pinned_and_figures_of(rival: Rival) -> None:
    lines = rival.requirements.read_text("utf-8").splitlines()
    assert all(re.fullmatch(r"[\w.-]+==[\w.+!]+( ; .+)?", line) for line in lines)
    assert list(environments.pinned(rival)) == list(rival.packages)
    assert rival.title in (ROOT / "benchmarks" / "README.md").read_text("utf-8")


def wait_gone(started: dict[int, list[str]]) -> None:
    ends = time.monotonic() + 5
    while still_running(started) and time.monotonic() < ends:
        time.sleep(0.01)
    assert still_running(started) == []


def test_what_a_server_started_is_ended(contender: Callable[[str], Contender]) -> None:
    code = SERVER.replace("ANSWER", """b'{"probability": 0.5}'""")
    with serving(contender(code), FLIGHTS[:3], [0.5] * 3) as served:
        started = family(served.pid)
        assert len(started) == 2  # the other one in a session of its own
    wait_gone(started)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (SERVER.replace("ANSWER", """b'{"probability": 0.4}'"""), "answers 0.4 where Puntual answers 0.5"),
        (SERVER.replace("ANSWER", """b'{"chance": 0.5}'"""), "no probability in its answer"),
        ("raise SystemExit(3)", "did not start"),
    ],
)
def test_a_server_that_answers_otherwise_is_refused(
    contender: Callable[[str], Contender], code: str, said: str
) -> None:
    with pytest.raises(NotServedError, match=said), serving(contender(code), FLIGHTS[:1], [0.5]):
        pass


def test_what_cannot_be_installed_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused by uv before it asks anyone."""
    monkeypatch.setattr(environments, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(Rival, "requirements", tmp_path / "requirements.txt")
    (tmp_path / "requirements.txt").write_text("robyn @ file:///nowhere/robyn-1-py3-none-any.whl\n", "utf-8")
    with pytest.raises(environments.NotInstalledError, match="nowhere"):
        environments.prepare(RIVALS["robyn"])


def outcome(rival: Rival, *rates: tuple[float, float]) -> Outcome:
    served = Served(Contender(rival, "none", ROOT, ROOT, ROOT, 1), 1, 1.25)
    pairs = [Pair(*(Measured(rate, 5.0, 9.0, 50.0, 0) for rate in pair)) for pair in rates]
    return Outcome(served, pairs, memory_mib=100.0, worker_mib=40.0)


def test_ratios_are_paired() -> None:
    """Puntual's own median would say 4."""
    puntual = outcome(PUNTUAL._replace(packages=()), (9000, 9000), (3000, 3000), (8000, 8000))
    rival = outcome(BARE, (9000, 3000), (3000, 1500), (8000, 2000))
    table = [re.sub(r" +", " ", line) for line in write_table([rival, puntual]).splitlines()]
    assert table[2] == "| Puntual, 1 worker | none | 8,000 | 1 | 5.0 | 9.0 | 50 | 0 | 100 | 1.2 | |"
    assert table[3].startswith(f"| {BARE.title} | none | 2,000 | 3.0 (2.0 to 4.0) |")
    figures = to_json([rival, puntual], this_machine(), {"rounds": 3}, {"Other": "why"})
    assert figures["servers"][0]["times_slower"] == [3.0, 2.0, 4.0]
    assert list(figures["servers"][0]["versions"]) == ["granian"]
    assert figures["left_out"] == {"Other": "why"}


def benchmark(model: Path, *options: str) -> subprocess.Popen[str]:
    if shutil.which("wrk") is None:
        pytest.skip("no wrk on PATH (Debian: apt-get install wrk)")
    command = [
        sys.executable,
        "-m",
        "benchmarks.serving",
        "--model",
        str(model),
        "--connections",
        "4",
        *options,
    ]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_the_command_measures_puntual_against_the_bare_application(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    with benchmark(model, "--rounds", "1", "--seconds", "1", "--out", str(out)) as process:
        said, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert re.search(r"^\| Puntual, 1 worker +\| fast ", said, re.MULTILINE)
    puntual, bare = json.loads(out.read_text("utf-8"))["servers"]
    assert puntual["times_slower"] == [1.0]
    assert puntual["measured"] == bare["puntual_before"]
    assert puntual["measured"][0]["errors"] == bare["measured"][0]["errors"] == 0
    assert puntual["measured"][0]["answers_per_s"] > 0


def test_a_benchmark_that_is_terminated_leaves_no_server(model: Path) -> None:
    with benchmark(model, "--seconds", "240") as process:
        started: dict[int, list[str]] = {}
        ends = time.monotonic() + 180
        while len(started) < 4 and time.monotonic() < ends:  # itself, Puntual with a worker, the bare one
            started = family(process.pid)
            time.sleep(0.05)
        process.terminate()
        assert process.wait(90) == 143
    wait_gone(started)
