"""The original's load test through the load balancer, and its report beside the original's own figures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from deploy.cluster import report
from deploy.cluster.balancer import haproxy
from deploy.cluster.scenarios import Setup
from deploy.service import stress

RUNS = 3
BAR_MS = 50.0


def run(setup: Setup, engine: str, out: Path | None) -> int:
    """Run the test some times, print each, keep the middle one; 1 if that one misses a bar.

    Parameters
    ----------
    engine : what the replicas run with
    out : a folder for the report; None: it is not written

    Raises
    ------
    StartError, LoadError : it could not be run
    """
    with setup.cluster() as cluster:
        results = []
        for number in range(1, RUNS + 1):
            results.append(stress(cluster.balancer.url, "--profile", "original"))
            setup.log(f"run {number} of {RUNS}: {report.summary_line(results[-1])}")
    results.sort(key=lambda result: (result["errors"], result["latency_ms"]["p99"] or float("inf")))
    middle = results[len(results) // 2]
    wrong = faults(middle)
    sys.stdout.write(f"the middle one: {report.summary_line(middle)}\n")
    sys.stderr.writelines(f"deploy.cluster: {line}\n" for line in wrong)
    if out is not None:
        conditions = {
            "replicas": setup.replicas,
            "engine": engine,
            "haproxy": _version(),
            "priority": -os.getpriority(os.PRIO_PROCESS, 0),
            "runs": [
                {"errors": result["errors"]}
                | {name: result["latency_ms"][name] for name in ("p50", "p99", "max")}
                for result in results
            ],
        }
        out.mkdir(parents=True, exist_ok=True)
        (out / "original.json").write_text(json.dumps(middle, indent=1) + "\n", "utf-8")
        (out / "cluster.json").write_text(json.dumps(conditions, indent=1) + "\n", "utf-8")
        for name, text in report.pages(middle, conditions).items():
            (out / name).write_text(text, "utf-8")
    return int(bool(wrong))


def faults(result: dict[str, Any]) -> list[str]:
    """The bars that a result misses, a line each."""
    wrong = []
    if result["answered"] != report.WANTED or result["errors"]:
        wrong.append(f"{result['answered']:,} of {report.WANTED:,} answered, {result['errors']:,} errors")
    if (p99 := result["latency_ms"]["p99"]) is None or p99 > BAR_MS:
        wrong.append(f"99th percentile {p99} ms, more than {BAR_MS:g}")
    return wrong


def _version() -> str:
    words = subprocess.run([haproxy() or "haproxy", "-v"], capture_output=True, text=True, check=False).stdout
    return words.split()[2].split("-")[0] if words else ""
