"""The models of a cluster: given, trained by `make run`, or a small one that is trained here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec

from deploy.checks.tools import FOLDER
from puntual.cli.up import data_folder
from puntual.inference.artifact import FORMAT, read_artifact, write_artifact

PERIOD = ("--since", "2013-01-01", "--until", "2013-03-01")
"""Of the embedded flights: enough for a model whose answers are like any other's."""


def find_model(given: Path | None) -> Path:
    """The model that answers.

    Raises
    ------
    FileNotFoundError : the one that is given is not there
    """
    if given is not None:
        if not given.is_file():
            raise FileNotFoundError(f"{given}: there is no such file")
        return given
    trained = data_folder() / "nyc.puntual"
    if trained.exists():
        return trained
    small = FOLDER / f"small-{FORMAT}.puntual"
    if not small.exists():
        small.parent.mkdir(parents=True, exist_ok=True)
        sys.stderr.write("No model yet: training a small one on two months of New York, about a minute ...\n")
        command = [sys.executable, "-m", "puntual", "train", "nyc", *PERIOD, "-o", str(small)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return small


def another(model: Path, folder: Path) -> Path:
    """The same model as another version: a file of its own, under another name."""
    artifact = read_artifact(model)
    path = folder / f"{model.stem}-next.puntual"
    write_artifact(msgspec.structs.replace(artifact, name=f"{artifact.name}-next"), path)
    return path
