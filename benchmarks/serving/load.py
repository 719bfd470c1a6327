"""One measurement: wrk, with the script of `deploy/stress`, against a server that runs."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import NamedTuple

from benchmarks.processes import cpu_s
from benchmarks.serving.contenders import Served

SCRIPT = str(Path(__file__).parents[2] / "deploy" / "stress" / "predictions.lua")


class Measured(NamedTuple):
    """The result.

    Attributes
    ----------
    cpu_us : processor time for each answer, of all processes of the server
    errors : of connections, answers other than 200, timeouts
    """

    answers_per_s: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    errors: int


def measure(served: Served, bodies: Path, seconds: int, connections: int) -> Measured:
    """Load a server for some seconds from one thread, with bodies from a file."""
    before = cpu_s(served.pid)
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", SCRIPT, served.contender.url]
    ended = subprocess.run([*command, "--", str(bodies)], check=True, capture_output=True, text=True)
    result = json.loads(ended.stdout.strip().splitlines()[-1])
    return Measured(
        answers_per_s=(result["requests"] - result["errors"]) / result["seconds"],
        p50_ms=result["p50_ms"],
        p99_ms=result["p99_ms"],
        cpu_us=(cpu_s(served.pid) - before) / max(result["requests"], 1) * 1e6,
        errors=result["errors"],
    )
