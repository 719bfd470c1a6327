"""`puntual up`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from puntual.cli.display import evaluated_on
from puntual.cli.options import setting_option
from puntual.console import note, show_progress

if TYPE_CHECKING:
    from puntual.inference.artifact import Artifact
    from puntual.serving.settings import Settings
    from puntual.types import Progress


DAY_ROWS = 150_000
"""Of flights, to learn the day from: half of what `puntual train` takes, to start sooner."""


def up(
    host: Annotated[str | None, setting_option("host")] = None,
    port: Annotated[int | None, setting_option("port")] = None,
    workers: Annotated[int | None, setting_option("workers")] = None,
    *,
    replay: Annotated[
        bool, typer.Option("--replay", help="Play a day of these flights on the board, a minute a second.")
    ] = False,
) -> None:
    """Train on the embedded New York flights if there is no model yet, then serve it."""
    from puntual.errors import SettingError
    from puntual.serving.server import check_port, run
    from puntual.serving.settings import read_settings

    model = data_folder() / "nyc.puntual"
    given = {"host": host, "port": port, "workers": workers}
    settings = read_settings(given | {"model": str(model)})
    check_port(settings)
    try:
        model.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"{model.parent} cannot be created: {error.strerror or error}") from None
    if replay:
        _replay(given, settings, model)
        return
    artifact = _read(model) or _train(model)
    if artifact.operations is not None and not settings.store:
        settings = with_store(settings, model.with_name("events.db"))
    run(settings)


def _replay(given: dict[str, Any], settings: Settings, model: Path) -> None:
    """Serve a day that is played, from a store of its own."""
    from puntual.cli.played_day import play
    from puntual.serving.server import check_store, run
    from puntual.serving.settings import read_settings

    store = model.with_name(f"replay-{settings.port}.sqlite")
    for old in model.parent.glob(f"{store.name}*"):
        old.unlink()
    check_store(f"sqlite:///{store}")
    served = _find_replayed(model)
    player = play(settings)
    try:
        run(read_settings(given | {"model": str(served), "store": f"sqlite:///{store}", "clock": "events"}))
    except BaseException:
        player.terminate()
        raise


def _find_replayed(model: Path) -> Path:
    """The model that answers about the day: the full one if it knows operations, or a small one."""
    from puntual.cli.played_day import describe_small, replay_file, train_small

    full = _read(model, otherwise="a small one answers")
    if full is not None and full.operations is not None:
        note(f"{full.name} answers, the model of `puntual up`; it has learned from that day, too.")
        return model
    small = replay_file(model)
    artifact = _read(small)
    if artifact is None:
        note("Training a small model on eight weeks of the embedded flights, about half a minute.")
        artifact = _fit(small, train_small)
    note(describe_small(artifact))
    note("`puntual up` makes the full model, `puntual train` one of your own flights.")
    return small


def _read(model: Path, otherwise: str = "training a new model") -> Artifact | None:
    from puntual.errors import ArtifactError
    from puntual.inference.artifact import read_artifact

    if not model.exists():
        return None
    try:
        return read_artifact(model)
    except ArtifactError as error:
        note(f"{error}; {otherwise}")
        return None


def with_store(settings: Settings, file: Path) -> Settings:
    """The settings with a store in a file, if the libraries of stores are installed."""
    import msgspec

    from puntual.errors import MissingDependencyError
    from puntual.serving.server import check_store

    url = f"sqlite:///{file}"
    try:
        check_store(url)
    except MissingDependencyError as error:
        note(f"{error}; until then, nothing of the day of the flight is kept")
        return settings
    return msgspec.structs.replace(settings, store=url)


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
    from puntual.data.weather import read_weather
    from puntual.training.cross_validation import FULL
    from puntual.training.pipeline import train

    return train(
        read_flights("nyc"),
        weather=read_weather("nyc"),
        final=True,
        seeds=3,
        budget=FULL._replace(operations_rows=DAY_ROWS),
        progress=on_progress,
    )


def _train(model: Path) -> Artifact:
    note("No model yet: training on the embedded flights (New York 2013), about seven minutes.")
    artifact = _fit(model, train_embedded)
    alone = artifact.evaluation.without_timetable
    note(
        f"{artifact.name} {evaluated_on(artifact.evaluation, artifact.threshold_minutes)}: "
        f"log loss {alone.log_loss:.3f} (always predicting the base rate: {alone.plain_log_loss:.3f}), "
        f"AUC {alone.auc:.3f}; then refitted on all flights. Kept in {model}"
    )
    return artifact


def _fit(file: Path, train: Callable[[Progress], Artifact]) -> Artifact:
    """Train a model and keep it in a file."""
    from puntual.cli.output import check_outputs
    from puntual.inference.artifact import write_artifact

    check_outputs([("the model", file)], ())
    with show_progress() as on_progress:
        artifact = train(on_progress)
    write_artifact(artifact, file)
    return artifact
