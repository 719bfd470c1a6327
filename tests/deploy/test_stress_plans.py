"""The plans for JMeter and wrk: that they say what they claim, and run against a real server."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.checks import jmeter as jmeter_here
from deploy.checks.tools import is_installed
from deploy.stress.flights import FIELDS
from puntual.loadtest.plan import PROFILES
from tests.flights import TABLES
from tests.loadtest.server import RIGHT, Reply, answer, answering, predictions
from tests.ports import free_port
from tests.serving.conftest import serving

FOLDER = Path(__file__).parents[2] / "deploy" / "stress"
PLAN = FOLDER / "puntual.jmx"


@pytest.fixture(scope="module")
def url(model: Path) -> Iterator[str]:
    """A real server with a small model."""
    with serving(model, "--port", free_port()) as served:
        yield served.url


def draw(url: str, path: Path, count: int) -> Path:
    command = [sys.executable, str(FOLDER / "flights.py"), url, "-n", str(count), "-o", str(path)]
    subprocess.run(command, check=True)
    return path


def setting(value: str | None) -> tuple[str, float]:
    """The property that a value of the plan is read from, and its default."""
    found = re.search(r"\$\{__P\((\w+),([\d.]+)\)\}", value or "")
    assert found, value
    return found[1], float(found[2])


def test_the_plan_carries_the_originals_numbers() -> None:
    tree = ET.parse(PLAN)
    wanted = {
        "threads": "ThreadGroup.num_threads",
        "ramp": "ThreadGroup.ramp_time",
        "duration": "ThreadGroup.duration",
        "loops": "LoopController.loops",
        "per_minute": "throughput",
    }
    found = dict(setting(tree.findtext(f".//stringProp[@name='{name}']")) for name in wanted.values())
    assert list(found) == list(wanted)
    original = PROFILES["original"]
    assert found["threads"] == original["connections"] == 5000
    assert found["ramp"] == original["ramp_s"] == 1
    assert found["duration"] == original["duration_s"] == 45
    assert found["threads"] * found["loops"] == original["requests"] == 50_000
    assert found["per_minute"] / 60 == pytest.approx(original["rate"])
    timer = {entry.get("name"): entry.text for entry in tree.iterfind(".//PreciseThroughputTimer/*")}
    assert timer["throughputPeriod"] == "60"
    assert setting(timer["duration"]) == ("duration", 45)
    assert int(timer["exactLimit"] or 0) > original["requests"]


def test_every_property_is_documented() -> None:
    used = set(re.findall(r"__P\((\w+),", PLAN.read_text("utf-8")))
    assert {"host", "port", "flights"} < used
    readme = (FOLDER / "README.md").read_text("utf-8")
    assert set(re.findall(r"`-J(\w+)`", readme)) == used


def test_flights_are_drawn_from_what_the_model_knows(url: str, tmp_path: Path) -> None:
    with draw(url, tmp_path / "flights.csv", 200).open(encoding="utf-8", newline="") as file:
        flights = list(csv.DictReader(file))
    assert len({json.dumps(flight) for flight in flights}) == 200
    assert {flight["airline"] for flight in flights} <= {airline.code for airline in TABLES.airlines}
    assert {flight["destination"] for flight in flights} <= set(TABLES.destinations)
    assert {flight["origin"] for flight in flights} <= set(TABLES.origins)


def test_a_service_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    command = [sys.executable, str(FOLDER / "flights.py"), "127.0.0.1:1", "-o", str(tmp_path / "flights.csv")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr == "flights: 127.0.0.1:1: wanted: an address such as http://127.0.0.1:8000\n"


def run_plan(url: str, folder: Path, *properties: str) -> list[dict[str, str]]:
    if shutil.which("java") is None or not is_installed(jmeter_here.LOCK):
        pytest.skip("no JMeter; `make jmeter` puts it together")
    result, port = folder / "result.jtl", url.rpartition(":")[2]
    files = ("-n", "-t", str(PLAN), "-l", str(result), "-j", str(folder / "jmeter.log"))
    command = [*jmeter_here.command(), *files, f"-Jport={port}", *properties]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    with result.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_plan_fails_what_is_wrong(tmp_path: Path) -> None:
    """Each fifth answer is a 503, each fifth a probability above 1, each fifth has none."""
    improbable, edge = (
        answer(predictions(b'{"delay_probability":%s,"delayed":true}' % number))
        for number in (b"1.5", b"1.0")
    )
    contents = [RIGHT, answer(b"{}", 503), improbable, edge, answer(b"{}")]
    flights = tmp_path / "flights.csv"
    flight = "LAN,SCEL,SCFA,2017-07-14T18:10:00"
    lines = (flight.replace(":10:", f":{minute}:") for minute in range(10, 60))
    flights.write_text("\n".join((",".join(FIELDS), *lines, "")), "utf-8")
    with answering(lambda number: Reply(contents[number % 5])) as server:
        found = run_plan(server.url, tmp_path, f"-Jflights={flights}", "-Jthreads=2", "-Jloops=20")
        bodies = list(server.bodies)
    assert len(found) == 40
    assert sorted(one["success"] for one in found) == ["false"] * 24 + ["true"] * 16
    assert sum(one["responseCode"] == "503" for one in found) == 8
    assert len(set(bodies)) == 40
    first = {"flights": [dict(zip(FIELDS, flight.split(","), strict=True))]}
    assert first in map(json.loads, bodies)  # either client may be the first


def wrk(script: str, url: str, flights: Path, connections: int = 4) -> dict[str, float]:
    program = shutil.which("wrk")
    if program is None:
        pytest.skip("no wrk on PATH (Debian: apt-get install wrk)")
    options = ["-t1", f"-c{connections}", "-d1s", "-s", str(FOLDER / script)]
    command = [program, *options, f"{url}/v1/predictions", "--", str(flights)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    result: dict[str, float] = json.loads(ended.stdout.splitlines()[-1])
    return result


@pytest.mark.parametrize(("script", "each"), [("predictions.lua", 1), ("batch.lua", 1000)])
def test_the_scripts_ask_about_other_flights_with_each_request(
    script: str, each: int, url: str, tmp_path: Path
) -> None:
    flights = draw(url, tmp_path / "flights.csv", 2500)
    result = wrk(script, url, flights)
    assert result["requests"] > 0
    assert result["errors"] == 0
    assert result["flights_per_s"] == pytest.approx(result["requests"] * each / result["seconds"], rel=0.01)
    with answering() as server:
        wrk(script, server.url, flights, 1)
        asked = [json.loads(body)["flights"] for body in server.bodies[: 2000 // each]]
    assert {len(one) for one in asked} == {each}
    assert len({json.dumps(one) for one in asked}) == len(asked) > 1


def test_the_scripts_take_whole_bodies(tmp_path: Path) -> None:
    bodies = tmp_path / "bodies.jsonl"
    bodies.write_text('{"any": 1}\n{"any": 2}\n', "utf-8")
    with answering() as server:
        result = wrk("predictions.lua", server.url, bodies, 1)
        assert set(server.bodies) == {b'{"any": 1}', b'{"any": 2}'}
    assert result["errors"] == 0
