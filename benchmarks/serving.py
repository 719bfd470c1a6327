"""`POST /v1/predictions`, one flight a request, against a bare Granian application, in turns in one run.

``.venv/bin/python -m benchmarks.serving --model MODEL`` needs `wrk` on PATH and loads 127.0.0.1 only.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import os
import platform
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from puntual.inference.artifact import Artifact, read_artifact

FLIGHTS = 1000
"""Different flights in turn, so that nothing can be answered from a memory of the last one."""

LUA = """
local path, bodies, sent, requests = "/v1/predictions", {}, 0, {}
for body in io.lines("%s") do bodies[#bodies + 1] = body end
init = function(arguments)
  local headers = {["content-type"] = "application/json"}
  for index, body in ipairs(bodies) do requests[index] = wrk.format("POST", path, headers, body) end
end
request = function()
  sent = sent %% #requests + 1
  return requests[sent]
end
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\\n{"requests": %%d, "seconds": %%.3f, "p50_ms": %%.2f, "p99_ms": %%.2f, "errors": %%d}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


class Served(NamedTuple):
    """A server that runs, and how long it took to its first 200."""

    port: int
    pid: int
    start_s: float


def main() -> None:
    options = _options()
    wrk = shutil.which("wrk")
    if wrk is None:
        sys.exit("benchmarks.serving: needs wrk on PATH (Debian: apt-get install wrk)")
    ports = _free_port(), _free_port()
    commands = {
        "bare": ((sys.executable, "-m", "benchmarks.bare", str(ports[0])), ports[0], "/"),
        "puntual": (
            (sys.executable, "-m", "puntual", "serve", "--model", options.model, "--port", str(ports[1])),
            ports[1],
            "/readyz",
        ),
    }
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        script = _write_script(folder, read_artifact(Path(options.model)))
        served = {name: stack.enter_context(_serving(*command)) for name, command in commands.items()}
        load = (wrk, "-t1", f"-c{options.connections}", "-s", str(script))
        for server in served.values():
            _load(load, server, 1)
        rounds = [
            {name: _load(load, server, options.seconds) for name, server in served.items()}
            for _ in range(options.rounds)
        ]
        memory = {name: _memory_mib(server.pid) for name, server in served.items()}
    _report(options, served, rounds, memory)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.serving")
    parser.add_argument("--model", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--connections", type=int, default=64)
    return parser.parse_args()


def _write_script(folder: Path, artifact: Artifact) -> Path:
    chance = random.Random(11)
    tables, first = artifact.tables, dt.datetime.fromisoformat(artifact.training.first)
    bodies = []
    for _ in range(FLIGHTS):
        moment = first + dt.timedelta(days=chance.randrange(365), minutes=chance.randrange(0, 1440, 5))
        flight = {
            "airline": chance.choice(tables.airlines).code,
            "origin": chance.choice(tables.origins),
            "destination": chance.choice(tables.destinations),
            "scheduled_departure": moment.isoformat(),
        }
        bodies.append(json.dumps({"flights": [flight]}))
    (folder / "bodies").write_text("\n".join(bodies))
    script = folder / "flights.lua"
    script.write_text(LUA % (folder / "bodies"))
    return script


@contextlib.contextmanager
def _serving(command: tuple[str, ...], port: int, path: str) -> Iterator[Served]:
    begin = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        while not _answers(f"http://127.0.0.1:{port}{path}"):
            if process.poll() is not None or time.perf_counter() - begin > 30:
                sys.exit(f"benchmarks.serving: did not start: {' '.join(command)}")
            time.sleep(0.005)
        yield Served(port, process.pid, time.perf_counter() - begin)
    finally:
        process.terminate()
        process.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def _load(command: tuple[str, ...], server: Served, seconds: int) -> dict[str, float]:
    run = [*command, f"-d{seconds}s", f"http://127.0.0.1:{server.port}/"]
    before = _cpu_s(server.pid)
    printed = subprocess.run(run, check=True, capture_output=True, text=True).stdout
    figures: dict[str, float] = json.loads(printed.strip().splitlines()[-1])
    return figures | {
        "requests_per_s": figures["requests"] / figures["seconds"],
        "cpu_us": (_cpu_s(server.pid) - before) / figures["requests"] * 1e6,
    }


def _worker(pid: int) -> str:
    """The one process that answers."""
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]


def _cpu_s(pid: int) -> float:
    """Processor time of the worker so far; unlike the clock, it hardly depends on what else runs."""
    fields = Path(f"/proc/{_worker(pid)}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mib(pid: int) -> dict[str, float]:
    """Of the worker, resident and proportional."""
    lines = Path(f"/proc/{_worker(pid)}/smaps_rollup").read_text().splitlines()[1:]
    fields = dict(line.split(":", 1) for line in lines)
    return {name: int(fields[name].split()[0]) / 1024 for name in ("Rss", "Pss")}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _report(
    options: argparse.Namespace,
    served: dict[str, Served],
    rounds: list[dict[str, dict[str, float]]],
    memory: dict[str, dict[str, float]],
) -> None:
    versions = ", ".join(f"{name} {version(name)}" for name in ("puntual", "granian", "lightgbm", "msgspec"))
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {versions}")
    load = f"wrk -t1 -c{options.connections}, one worker"
    print(f"{options.rounds} rounds of {options.seconds} s in turns, {load}")
    heads = ("answers/s", "p50 ms", "p99 ms", "cpu us", "errors", "RSS MiB", "PSS MiB", "start s")
    print(f"{'':8}", *(f"{head:>9}" for head in heads))
    for name, server in served.items():
        own = [one[name] for one in rounds]
        medians = {figure: statistics.median(one[figure] for one in own) for figure in own[0]}
        cells = (
            f"{medians['requests_per_s']:,.0f}",
            *(f"{medians[figure]:.2f}" for figure in ("p50_ms", "p99_ms", "cpu_us")),
            f"{sum(one['errors'] for one in own):.0f}",
            *(f"{memory[name][kind]:.1f}" for kind in ("Rss", "Pss")),
            f"{server.start_s:.2f}",
        )
        print(f"{name:8}", *(f"{cell:>9}" for cell in cells))
    ratios = [one["puntual"]["requests_per_s"] / one["bare"]["requests_per_s"] for one in rounds]
    print(
        f"ratio    {statistics.median(ratios):.3f} (rounds: {', '.join(f'{ratio:.3f}' for ratio in ratios)})"
    )


if __name__ == "__main__":
    main()
