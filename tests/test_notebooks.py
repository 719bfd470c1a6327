"""The notebooks: committed as they ran, and they run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.made_up import made_up_scl

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
RUN = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[2])
"""


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def executed(notebook: Path, folder: Path, data: Path) -> Any:
    made = folder / notebook.name
    ended = subprocess.run(
        [sys.executable, "-c", RUN, str(notebook), str(made)],
        cwd=folder,
        env=os.environ | {"PUNTUAL_DATA": str(data)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    return read(made)


def told(notebook: Any) -> list[str]:
    """The words and tables of its outputs."""
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    kinds = ("text/markdown", "text/html")
    return [output.data[kind] for output in outputs for kind in kinds if kind in output.get("data", {})]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_committed_as_it_ran(path: Path) -> None:
    notebook = read(path)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        assert all(output.output_type == "execute_result" for output in cell.outputs)
        assert "def " not in cell.source
        assert "lambda" not in cell.source
    assert sum("image/svg+xml" in str(cell.outputs) for cell in cells) > 10


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_on_made_up_flights(path: Path, tmp_path: Path) -> None:
    assert told(executed(path, tmp_path, made_up_scl(tmp_path / "flights.csv", days=200)))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_says_of_santiago_what_is_committed(path: Path, tmp_path: Path, scl_file: Path) -> None:
    assert told(executed(path, tmp_path, scl_file)) == told(read(path))
