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


@pytest.mark.parametrize("library", ["numpy", "sklearn"])
def test_the_classifier_without_its_libraries_names_the_extra(library: str) -> None:
    program = f"import sys; sys.modules['{library}'] = None; import puntual.sklearn"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    last = done.stderr.strip().splitlines()[-1]
    assert last.endswith(f"this needs {library}, which is not installed: pip install 'puntual[train]'")


def test_a_frame_of_pandas_without_pyarrow_names_the_extra() -> None:
    program = """
import sys

class Without:
    def find_spec(self, name, *_):
        if name.partition(".")[0] == "pyarrow":
            raise ModuleNotFoundError("No module named 'pyarrow'", name="pyarrow")

sys.meta_path.insert(0, Without())
import pandas, puntual
puntual.read(pandas.DataFrame({"airline": ["LA"], "when": pandas.to_datetime(["2017-01-01"])}))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    last = done.stderr.strip().splitlines()[-1]
    assert last.endswith("this needs pyarrow, which is not installed: pip install 'puntual[pandas]'")


def test_importing_the_package_loads_no_library_of_tables_or_models() -> None:
    program = f"import sys, puntual; print([name for name in {LIBRARIES} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
