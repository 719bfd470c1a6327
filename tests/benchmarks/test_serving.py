"""The benchmark of serving: what it draws, checks, leaves out and tells."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from benchmarks.processes import cpu_s, family, still_running
from benchmarks.serving import environments
from benchmarks.serving.contenders import Contender, NotServedError, Served, serving
from benchmarks.serving.flights import draw_flights, predict
from benchmarks.serving.load import Measured
from benchmarks.serving.report import Outcome, Pair, to_json, write_table
from benchmarks.serving.rivals.answering import FittedModel
from benchmarks.serving.rivals.lineup import RIVALS, Rival
from deploy.service import free_port
from puntual.inference.artifact import write_artifact
from puntual.loadtest.machine import this_machine
from puntual.types import Flight
from tests.flights import TABLES, artifact_of, small_booster

ROOT = Path(__file__).parents[2]
ARTIFACT = artifact_of(TABLES, small_booster())

# Answers every POST with what it is given, once it has started a process of its own.
SERVER = """
import http.server, subprocess, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(sys.argv[2].encode())
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "small.puntual"
    write_artifact(ARTIFACT, path)
    return path


def contender(answer: str, code: str = SERVER) -> Contender:
    port = free_port()
    return Contender(
        title="Made up",
        call="none",
        versions={"made-up": "1"},
        command=(sys.executable, "-c", code, str(port), answer),
        port=port,
        path="/predict",
        body=lambda flight: flight,
        probability=lambda answer: float(answer["probability"]),
    )


def test_the_flights_are_all_different_and_known() -> None:
    flights = draw_flights(ARTIFACT)
    assert len({tuple(flight.values()) for flight in flights}) == len(flights) == 1000
    assert flights == draw_flights(ARTIFACT)
    assert len(set(predict(ARTIFACT, flights))) > 5


@pytest.mark.parametrize("call", ["ordinary", "fast"])
def test_a_rival_answers_as_puntual_does(call: str, model: Path) -> None:
    flights = draw_flights(ARTIFACT)[:200]
    asked = [msgspec.convert(flight, Flight) for flight in flights]
    answered = FittedModel(model, call).answer(asked)
    figures = [answer["delay_probability"] for answer in answered["predictions"]]
    assert figures == predict(ARTIFACT, flights)


@pytest.mark.parametrize("rival", RIVALS.values(), ids=list(RIVALS))
def test_a_rival_is_pinned_and_figures_of(rival: Rival) -> None:
    lines = rival.requirements.read_text("utf-8").splitlines()
    assert all(re.fullmatch(r"[\w.-]+==[\w.+!]+( ; .+)?", line) for line in lines)
    assert list(environments.pinned(rival)) == list(rival.packages)
    assert rival.title in (ROOT / "benchmarks" / "README.md").read_text("utf-8")


def test_what_a_server_started_is_counted_and_ended() -> None:
    flights = draw_flights(ARTIFACT)[:3]
    with serving(contender('{"probability": 0.5}'), flights, [0.5] * 3) as served:
        started = family(served.pid)
        assert len(started) == 2  # the other one in a session of its own
        assert served.start_s > 0
        assert cpu_s(served.pid) >= 0
    ends = time.monotonic() + 5
    while still_running(started) and time.monotonic() < ends:
        time.sleep(0.01)
    assert still_running(started) == []


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        ('{"probability": 0.4}', SERVER, "answers 0.4 where Puntual answers 0.5"),
        ('{"chance": 0.5}', SERVER, "no probability in its answer"),
        ("", "raise SystemExit(3)", "did not start"),
    ],
)
def test_a_server_that_answers_otherwise_is_refused(answer: str, code: str, said: str) -> None:
    flights = draw_flights(ARTIFACT)[:1]
    with pytest.raises(NotServedError, match=said), serving(contender(answer, code), flights, [0.5]):
        pass


def test_what_cannot_be_installed_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused by uv before it asks anyone."""
    monkeypatch.setattr(environments, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(type(RIVALS["robyn"]), "requirements", tmp_path / "requirements.txt")
    (tmp_path / "requirements.txt").write_text("robyn @ file:///nowhere/robyn-1-py3-none-any.whl\n", "utf-8")
    with pytest.raises(environments.NotInstalledError, match="nowhere"):
        environments.prepare(RIVALS["robyn"])


def outcome(title: str, *rates: tuple[float, float]) -> Outcome:
    served = Served(contender("")._replace(title=title), 1, 1.25)
    pairs = [Pair(*(Measured(rate, 5.0, 9.0, 50.0, 0) for rate in pair)) for pair in rates]
    return Outcome(served, pairs, memory_mib=100.0, worker_mib=40.0)


def test_ratios_are_paired() -> None:
    """Puntual's own median would say 4."""
    puntual = outcome("Puntual", (9000, 9000), (3000, 3000), (8000, 8000))
    rival = outcome("Rival", (9000, 3000), (3000, 1500), (8000, 2000))
    assert rival.slower() == [3.0, 2.0, 4.0]
    table = [re.sub(r" +", " ", line) for line in write_table([rival, puntual]).splitlines()]
    assert table[2] == "| Puntual | none | 8,000 | 1 | 5.0 | 9.0 | 50 | 0 | 100 | 1.2 | made-up 1 |"
    assert table[3].startswith("| Rival | none | 2,000 | 3.0 (2.0 to 4.0) |")
    figures = msgspec.json.decode(
        msgspec.json.encode(to_json([rival, puntual], this_machine(), {"rounds": 3}, {"Other": "why"}))
    )
    assert figures["servers"][0]["times_slower"] == [3.0, 2.0, 4.0]
    assert figures["servers"][0]["versions"] == {"made-up": "1"}
    assert figures["left_out"] == {"Other": "why"}
    assert figures["machine"]["cores"] >= 1


def test_the_command_measures_puntual_against_the_bare_application(model: Path, tmp_path: Path) -> None:
    if shutil.which("wrk") is None:
        pytest.skip("no wrk on PATH (Debian: apt-get install wrk)")
    out = tmp_path / "out.json"
    command = [sys.executable, "-m", "benchmarks.serving", "--model", str(model), "--out", str(out)]
    ended = subprocess.run(
        [*command, "--rounds", "1", "--seconds", "1", "--connections", "4"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    assert re.search(r"^\| Puntual, 1 worker +\| fast ", ended.stdout, re.MULTILINE)
    puntual, bare = json.loads(out.read_text("utf-8"))["servers"]
    assert puntual["times_slower"] == [1.0]
    assert puntual["measured"] == bare["puntual_before"]
    assert puntual["measured"][0]["errors"] == bare["measured"][0]["errors"] == 0
    assert puntual["measured"][0]["answers_per_s"] > 0
