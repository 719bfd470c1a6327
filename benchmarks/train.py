"""`puntual train`: seconds and memory.

python -m benchmarks.train nyc 2013-11-01
python -m benchmarks.train flights.csv 2017-09-01
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("split_date")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.puntual"
        options = ["-o", str(model), "--split-date", arguments.split_date]
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "puntual", "train", arguments.data, *options], check=True)
        seconds = time.perf_counter() - begun
        kibibytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        size = model.stat().st_size / 1024
    print(f"{seconds:.1f} s, {kibibytes / 1024:.0f} MiB at most, model {size:.0f} KiB")


if __name__ == "__main__":
    main()
