"""Every benchmark on the embedded flights, one after the other: `make bench`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        model = str(Path(folder) / "nyc.puntual")
        for module, *arguments in (
            ("puntual", "train", "nyc", "-o", model, "--final"),
            ("benchmarks.train", "nyc", "2013-11-01"),
            ("benchmarks.explore", "nyc"),
            ("benchmarks.predict", "--model", model),
            ("benchmarks.serving", "--model", model),
            ("benchmarks.page", "--model", model),
        ):
            print(f"\n$ python -m {module} {' '.join(arguments)}", flush=True)
            subprocess.run([sys.executable, "-m", module, *arguments], check=True)


if __name__ == "__main__":
    main()
