"""`puntual up`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from puntual.cli.display import evaluated_on
from puntual.cli.options import setting_option
from puntual.console import note, show_progress

if TYPE_CHECKING:
    from puntual.inference.artifact import Artifact
    from puntual.types import Progress


def up(
    host: Annotated[str | None, setting_option("host")] = None,
    port: Annotated[int | None, setting_option("port")] = None,
    workers: Annotated[int | None, setting_option("workers")] = None,
) -> None:
    """Train on the embedded New York flights if there is no model yet, then serve it."""
    from puntual.cli.output import check_outputs
    from puntual.errors import SettingError
    from puntual.serving.server import check_port, run
    from puntual.serving.settings import read_settings

    model = data_folder() / "nyc.puntual"
    settings = read_settings({"host": host, "port": port, "workers": workers, "model": str(model)})
    check_port(settings)
    try:
        model.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"{model.parent} cannot be created: {error.strerror or error}") from None
    if not _can_serve(model):
        check_outputs([("the model", model)], ())
        _train(model)
    run(settings)


def _can_serve(model: Path) -> bool:
    from puntual.errors import ArtifactError
    from puntual.inference.artifact import read_artifact

    if not model.exists():
        return False
    try:
        read_artifact(model)
    except ArtifactError as error:
        note(f"{error}; training a new model")
        return False
    return True


def data_folder() -> Path:
    """The folder of a user's models: `$XDG_DATA_HOME/puntual`, or the system's equivalent."""
    if os.environ.get("XDG_DATA_HOME"):
        return Path(os.environ["XDG_DATA_HOME"]) / "puntual"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "puntual"
    if sys.platform == "win32" and os.environ.get("LOCALAPPDATA"):
        return Path(os.environ["LOCALAPPDATA"]) / "puntual"
    return Path.home() / ".local" / "share" / "puntual"


def train_embedded(on_progress: Progress) -> Artifact:
    """Train the model that is served by default, on all embedded flights."""
    from puntual.data import read_flights
    from puntual.training.pipeline import train

    return train(read_flights("nyc"), final=True, seeds=3, progress=on_progress)


def _train(model: Path) -> None:
    from puntual.inference.artifact import write_artifact

    note("No model yet: training on the embedded flights (New York 2013), about four minutes.")
    with show_progress() as on_progress:
        artifact = train_embedded(on_progress)
    write_artifact(artifact, model)
    alone = artifact.evaluation.without_timetable
    note(
        f"{artifact.name} {evaluated_on(artifact.evaluation, artifact.threshold_minutes)}: "
        f"log loss {alone.log_loss:.3f} (always predicting the base rate: {alone.plain_log_loss:.3f}), "
        f"AUC {alone.auc:.3f}; then refitted on all flights. Kept in {model}"
    )
