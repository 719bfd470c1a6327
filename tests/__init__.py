"""Tests of every part.

Several processes run them, so threads of a library in each would only wait for each other: there is one.
"""

import os

for _library in ("OMP", "OPENBLAS"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")
