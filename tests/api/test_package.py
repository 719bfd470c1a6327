"""What `import puntual` gives, and what it loads."""

from __future__ import annotations

import subprocess
import sys

import pytest

import puntual

LIBRARIES = (
    "airportsdata",
    "altair",
    "lightgbm",
    "narwhals",
    "numpy",
    "pandas",
    "polars",
    "scipy",
    "sklearn",
)


def test_every_public_name_is_there() -> None:
    assert dir(puntual) == sorted(puntual.__all__)
    for name in puntual.__all__:
        assert getattr(puntual, name) is not None


def test_another_name_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        getattr(puntual, "nothing")  # noqa: B009


def test_importing_the_package_loads_no_library_of_tables_or_models() -> None:
    program = f"import sys, puntual; print([name for name in {LIBRARIES} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
