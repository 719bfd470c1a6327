"""`puntual train`: seconds and memory.

python -m benchmarks.train nyc 2013-11-01
python -m benchmarks.train flights.csv 2017-09-01
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.timing import measure_puntual


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("split_date")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.puntual"
        options = ("-o", str(model), "--split-date", arguments.split_date)
        run = measure_puntual("train", arguments.data, *options)
        print(f"{run} at most, model {model.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
