"""Runs the notebooks anew where they stand, on the flights that PUNTUAL_DATA names.

PUNTUAL_DATA=dataset_SCL.csv PUNTUAL_SPLIT_DATE=2017-09-01 python -m notebooks
python -m notebooks notebooks/02_modelos.ipynb
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent
SECONDS = 600
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def main() -> None:
    """Run those that are named, or all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("notebooks", nargs="*", type=Path, default=sorted(FOLDER.glob("*.ipynb")))
    parser.add_argument("-o", "--output", type=Path, help="folder to write to; else each where it stands")
    arguments = parser.parse_args()
    if data := os.environ.get("PUNTUAL_DATA"):
        os.environ["PUNTUAL_DATA"] = str(Path(data).resolve()) if Path(data).exists() else data
    for path in arguments.notebooks:
        run(path, (arguments.output or path.parent) / path.name)


def run(path: Path, made: Path) -> None:
    """Run a notebook in a folder of its own, and write it without what depends on the machine."""
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook, timeout=SECONDS, kernel_name="python3", resources={"metadata": {"path": folder}}
        )
        client.execute()
    notebook.metadata = METADATA
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if "outputs" in cell:
            # How far long work was, which is another line on another machine.
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    nbformat.write(notebook, made)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
