"""The notebooks: committed as they ran, and they run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.made_up import made_up_scl

ROOT = Path(__file__).parents[1]
EXPLORATION = ROOT / "notebooks" / "01_exploracion.ipynb"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CHARTS = {"01_exploracion": 11, "02_modelos": 5, "03_api": 2, "04_mis_vuelos": 1}
"""At least so many."""

SPLIT_DATE = "2017-09-01"
VARIES = "varies"
"""Tag of a cell that tells seconds, or what depends on them."""


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def sentences(cell: Any) -> list[str]:
    """What a cell gives in words."""
    return [output.data["text/markdown"] for output in cell.outputs if "text/markdown" in output.data]


def executed(notebook: Path, folder: Path, data: Path, split_date: str = "") -> Any:
    split = {"PUNTUAL_SPLIT_DATE": split_date}
    ended = subprocess.run(
        [sys.executable, "-m", "notebooks", str(notebook), "-o", str(folder)],
        cwd=ROOT,
        env=os.environ | {"PUNTUAL_DATA": str(data)} | split,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    return read(folder / notebook.name)


def told(notebook: Any) -> list[str]:
    """The words and tables of its outputs."""
    cells = [cell for cell in code_cells(notebook) if VARIES not in cell.metadata.get("tags", ())]
    outputs = [output for cell in cells for output in cell.outputs]
    kinds = ("text/markdown", "text/html")
    return [output.data[kind] for output in outputs for kind in kinds if kind in output.get("data", {})]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_committed_as_it_ran(path: Path) -> None:
    cells = code_cells(read(path))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        assert all(output.output_type == "execute_result" for output in cell.outputs)
        assert "def " not in cell.source
        assert "lambda" not in cell.source
        assert not re.search(r"^(from|import) puntual\.(?!sklearn)", cell.source, re.MULTILINE)
    assert sum("image/svg+xml" in str(cell.outputs) for cell in cells) >= CHARTS[path.stem]
    assert path.stat().st_size < 1_000_000


def test_a_computed_sentence_follows_every_chart_of_the_exploration() -> None:
    """With a number, in what a cell of its own gives, before the next chart."""
    cells = code_cells(read(EXPLORATION))
    charts = [at for at, cell in enumerate(cells) if "image/svg+xml" in str(cell.outputs)]
    assert len(charts) >= CHARTS["01_exploracion"]
    for at, following in pairwise([*charts, len(cells)]):
        said = [text for cell in cells[at + 1 : following] for text in sentences(cell)]
        assert any(re.search(r"\d", text) for text in said), cells[at].source


def test_the_first_question_ends_with_what_the_imbalance_means() -> None:
    said = " ".join(text for cell in code_cells(read(EXPLORATION)) for text in sentences(cell))
    answers = (ROOT / "docs" / "respuestas.md").read_text("utf-8").partition("## 2.")[0]
    for text in (said, answers):
        for word in ("desbalance", "La métrica", "La línea base", "El modelo", "El corte"):
            assert word in text, word


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_its_words_hold_no_measured_number(path: Path) -> None:
    """Only outputs do: what is written by hand would not change with the model."""
    for cell in read(path).cells:
        if cell.cell_type == "markdown":
            assert not re.search(r"\d[.,]\d", cell.source), cell.source


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_on_made_up_flights(path: Path, tmp_path: Path) -> None:
    assert told(executed(path, tmp_path, made_up_scl(tmp_path / "flights.csv", days=200)))


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_says_of_santiago_what_is_committed(path: Path, tmp_path: Path, scl_file: Path) -> None:
    assert told(executed(path, tmp_path, scl_file, SPLIT_DATE)) == told(read(path))
