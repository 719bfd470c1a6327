"""How replicas are started: as containers of the image, or as processes if no engine has it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from deploy.cluster.values import Values
from deploy.service import ENGINES, IMAGE, MODEL, Service, has_image, start_container, start_process

Start = Callable[[Path, Values], Service]
"""Starts a replica, given the folder that holds the model."""


def process(folder: Path, values: Values) -> Service:
    """Start `puntual serve` of this Python environment."""
    return start_process(folder / MODEL, **values.environment)


def containers(engine: tuple[str, ...]) -> Start:
    """Start the image with an engine of `ENGINES`."""

    def start(folder: Path, values: Values) -> Service:
        return start_container(engine, folder, cpus=values.cpus, memory=values.memory, **values.environment)

    return start


def choose(wanted: str) -> tuple[str, Start]:
    """`process` or the name of an engine, and what starts a replica with it.

    Parameters
    ----------
    wanted : `process`, a name of `ENGINES`, or `auto`: containers if an engine has the image, else processes

    Raises
    ------
    LookupError : what is wanted is missing
    """
    if wanted == "process":
        return "process", process
    for name in ENGINES if wanted == "auto" else (wanted,):
        if shutil.which(name) is None:
            reason = f"no {name} here"
        elif not has_image(ENGINES[name]):
            reason = f"{name} has no {IMAGE}; `python -m deploy.checks.image --engine {name}` builds it"
        else:
            return name, containers(ENGINES[name])
    if wanted == "auto":
        return "process", process
    raise LookupError(reason)
