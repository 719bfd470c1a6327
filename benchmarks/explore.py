"""`puntual explore`: seconds and memory, whole and --quick; and --quick against ydata-profiling, in turns.

python -m benchmarks.explore flights.csv
python -m benchmarks.explore flights.csv --against ydata-profiling   # installed into a folder of its own
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
import zipfile
from pathlib import Path
from typing import NamedTuple

from puntual.data import EMBEDDED

PROFILER = "ydata-profiling"
# The package's own command in its default setting; without --silent it opens a browser.
PROFILE = "import sys; from ydata_profiling.controller.console import main; main([*sys.argv[1:], '--silent'])"


class Run(NamedTuple):
    """Seconds from start to end, and the most memory that it held."""

    seconds: float
    mebibytes: float


def measure(command: list[str]) -> Run:
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return Run(time.perf_counter() - begun, used.ru_maxrss / 1024)


def explore(data: str, folder: str, *more: str) -> Run:
    return measure([sys.executable, "-m", "puntual", "explore", data, "-o", folder, *more])


def as_csv(data: str, folder: str) -> str:
    """A path that both programs can read; embedded flights are unpacked."""
    if data not in EMBEDDED:
        return data
    packed = EMBEDDED[data].path(EMBEDDED[data].flights)
    with zipfile.ZipFile(io.BytesIO(packed.read_bytes())) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".csv"))
        path = Path(folder) / "flights.csv"
        path.write_bytes(archive.read(name))
    return str(path)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("--against", choices=[PROFILER])
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        whole = explore(arguments.data, f"{folder}/report")
        page = Path(folder, "report", "index.html").stat().st_size / 2**20
        print(f"whole: {whole.seconds:.1f} s, {whole.mebibytes:.0f} MiB at most; page {page:.1f} MiB")
        if not arguments.against:
            quick = explore(arguments.data, f"{folder}/quick", "--quick")
            print(f"quick: {quick.seconds:.1f} s, {quick.mebibytes:.0f} MiB at most")
            return
        data = as_csv(arguments.data, folder)
        venv.create(f"{folder}/rival", with_pip=True)
        rival = f"{folder}/rival/bin/python"
        subprocess.run([rival, "-m", "pip", "install", "--quiet", PROFILER], check=True)
        profile = [rival, "-c", PROFILE, data, f"{folder}/profile.html"]
        ratios = []
        for number in range(arguments.rounds):
            quick, theirs = explore(data, f"{folder}/quick", "--quick"), measure(profile)
            ratios.append(theirs.seconds / quick.seconds)
            print(
                f"round {number + 1}: quick {quick.seconds:.1f} s, {quick.mebibytes:.0f} MiB; "
                f"{PROFILER} {theirs.seconds:.1f} s, {theirs.mebibytes:.0f} MiB: {ratios[-1]:.1f} times"
            )
        print(f"median: {statistics.median(ratios):.1f} times as fast as {PROFILER}")


if __name__ == "__main__":
    main()
