"""One measurement: wrk, from the scripts of `deploy/stress`, against a server that runs."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import NamedTuple

from benchmarks.serving.contenders import Served
from benchmarks.serving.processes import cpu_s

SCRIPT = Path(__file__).parents[2] / "deploy" / "stress" / "predictions.lua"


class Measured(NamedTuple):
    """What came of it.

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


class Load(NamedTuple):
    """How wrk loads: always one thread."""

    wrk: str
    connections: int

    def measure(self, served: Served, bodies: Path, seconds: int) -> Measured:
        """Load a server for some seconds, with bodies from a file."""
        before = cpu_s(served.pid)
        command = [self.wrk, "-t1", f"-c{self.connections}", f"-d{seconds}s", "-s", str(SCRIPT)]
        ended = subprocess.run(
            [*command, served.contender.url, "--", str(bodies)], check=True, capture_output=True, text=True
        )
        told = json.loads(ended.stdout.strip().splitlines()[-1])
        took = cpu_s(served.pid) - before
        return Measured(
            answers_per_s=(told["requests"] - told["errors"]) / told["seconds"],
            p50_ms=told["p50_ms"],
            p99_ms=told["p99_ms"],
            cpu_us=took / max(told["requests"], 1) * 1e6,
            errors=told["errors"],
        )
