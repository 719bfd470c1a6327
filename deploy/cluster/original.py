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
from deploy.cluster.load import stress
from deploy.cluster.scenarios import Around

RUNS = 3
WANTED = 50_000
BAR_MS = 50.0


def run(around: Around, engine: str, out: Path | None) -> int:
    """Run the test some times, tell each, keep the middle one; 1 where that is not as it is promised.

    Parameters
    ----------
    engine : what the replicas run with
    out : a folder for the report; none: only told

    Raises
    ------
    BalancerError, ClusterError, LoadError : it could not be run
    """
    with around.cluster() as cluster:
        results = []
        for number in range(1, RUNS + 1):
            results.append(stress(cluster.balancer.url, "--profile", "original"))
            around.told(f"run {number} of {RUNS}: {report.line(results[-1])}")
    results.sort(key=lambda result: (result["errors"], result["latency_ms"]["p99"] or float("inf")))
    middle = results[len(results) // 2]
    wrong = faults(middle)
    sys.stdout.write(f"the middle one: {report.line(middle)}\n")
    sys.stderr.writelines(f"deploy.cluster: {line}\n" for line in wrong)
    if out is not None:
        about = {
            "replicas": around.replicas,
            "engine": engine,
            "haproxy": _version(),
            "priority": -os.getpriority(os.PRIO_PROCESS, 0),
            "runs": [report.short(result) for result in results],
        }
        keep(middle, about, out)
    return int(bool(wrong))


def faults(result: dict[str, Any]) -> list[str]:
    """What is not as it is promised."""
    told = []
    if result["answered"] != WANTED or result["errors"]:
        told.append(f"{result['answered']:,} of {WANTED:,} answered, {result['errors']:,} errors")
    if (p99 := result["latency_ms"]["p99"]) is None or p99 > BAR_MS:
        told.append(f"99th percentile {p99} ms, more than {BAR_MS:g}")
    return told


def keep(result: dict[str, Any], about: dict[str, Any], folder: Path) -> None:
    """Write the result, what it was measured on, and the pages that show them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "original.json").write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    (folder / "cluster.json").write_text(json.dumps(about, indent=1) + "\n", "utf-8")
    for name, text in report.pages(result, about).items():
        (folder / name).write_text(text, "utf-8")


def _version() -> str:
    told = subprocess.run([haproxy() or "haproxy", "-v"], capture_output=True, text=True, check=False).stdout
    return told.split()[2].split("-")[0] if told else ""
