"""The models of a cluster: given, trained by `make run`, or a small one that is trained here."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import msgspec

from deploy.checks.tools import FOLDER
from puntual.cli.up import data_folder
from puntual.data import read_flights
from puntual.inference.artifact import FORMAT, read_artifact, write_artifact
from puntual.training.cross_validation import Budget
from puntual.training.pipeline import train

UNTIL = dt.date(2013, 3, 1)
"""Two months of the embedded flights: enough for a model whose answers are like any other's."""
QUICK = Budget(
    first_trees=40,
    max_trees=40,
    first_exceedance_trees=20,
    max_exceedance_trees=20,
    steps=2,
    calibrations=("platt",),
    feature_fractions=(0.5,),
)


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
        sys.stderr.write("No model yet: training a small one on two months of New York ...\n")
        write_artifact(train(read_flights("nyc", until=UNTIL), budget=QUICK, seeds=1), small)
    return small


def another(model: Path, folder: Path) -> Path:
    """The same model as another version: a file of its own, under another name."""
    artifact = read_artifact(model)
    path = folder / f"{model.stem}-next.puntual"
    write_artifact(msgspec.structs.replace(artifact, name=f"{artifact.name}-next"), path)
    return path
