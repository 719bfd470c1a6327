"""`puntual explore`: seconds and memory, whole and --quick; and --quick against ydata-profiling, in turns.

python -m benchmarks.explore flights.csv
python -m benchmarks.explore flights.csv --against ydata-profiling   # installed into a folder of its own
"""

from __future__ import annotations

import argparse
import io
import statistics
import subprocess
import tempfile
import venv
import zipfile
from pathlib import Path

from benchmarks.timing import measure, measure_puntual
from puntual.data import EMBEDDED

PROFILER = "ydata-profiling"
# The package's own command in its default setting; without --silent it opens a browser.
PROFILE = "import sys; from ydata_profiling.controller.console import main; main([*sys.argv[1:], '--silent'])"


def as_csv(data: str, folder: str) -> str:
    """A path that both programs can read; embedded flights are unpacked."""
    if data not in EMBEDDED:
        return data
    packed = EMBEDDED[data].path(EMBEDDED[data].flights)
    with zipfile.ZipFile(io.BytesIO(packed.read_bytes())) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".csv"))
        return archive.extract(name, folder)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("--against", choices=[PROFILER])
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        whole = measure_puntual("explore", arguments.data, "-o", f"{folder}/report")
        page = Path(folder, "report", "index.html").stat().st_size / 2**20
        print(f"whole: {whole} at most; page {page:.1f} MiB")
        if not arguments.against:
            quick = measure_puntual("explore", arguments.data, "-o", f"{folder}/quick", "--quick")
            print(f"quick: {quick} at most")
            return
        data = as_csv(arguments.data, folder)
        venv.create(f"{folder}/rival", with_pip=True)
        rival = f"{folder}/rival/bin/python"
        subprocess.run([rival, "-m", "pip", "install", "--quiet", PROFILER], check=True)
        ratios = []
        for number in range(arguments.rounds):
            quick = measure_puntual("explore", data, "-o", f"{folder}/quick", "--quick")
            profile = measure(rival, "-c", PROFILE, data, f"{folder}/profile.html")
            ratios.append(profile.seconds / quick.seconds)
            print(f"round {number + 1}: quick {quick}; {PROFILER} {profile}: {ratios[-1]:.1f} times")
        print(f"median: {statistics.median(ratios):.1f} times as fast as {PROFILER}")


if __name__ == "__main__":
    main()
