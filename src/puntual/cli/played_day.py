"""The day that `puntual up --replay` plays, and a model for it that is trained in half a minute."""

from __future__ import annotations

import datetime as dt
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from puntual.console import note

if TYPE_CHECKING:
    from puntual.inference.artifact import Artifact
    from puntual.serving.settings import Settings
    from puntual.types import Progress

DATE = dt.date(2013, 12, 17)
"""A Tuesday of snow in New York."""
BEGIN = "06:00"
SPEED = 60
START_SECONDS = 600
"""At most, until the service answers."""
LEARNED_FROM, MEASURED_FROM = DATE - dt.timedelta(64), DATE - dt.timedelta(7)
"""The small model learns from eight weeks of flights, and is measured on the week before the day."""


def replay_file(model: Path) -> Path:
    """Where the small model is kept beside that of `puntual up`."""
    return model.with_name(f"{model.stem}-replay{model.suffix}")


def train_small(on_progress: Progress) -> Artifact:
    """Train the small model on flights before the day that is played: few trees, and nothing to choose."""
    from puntual.data import read_flights
    from puntual.data.weather import read_weather
    from puntual.training.cross_validation import Budget
    from puntual.training.pipeline import train

    budget = Budget(
        first_trees=50,
        max_trees=50,
        first_exceedance_trees=20,
        max_exceedance_trees=20,
        cancellation_trees=16,
        steps=1,
        calibrations=("none",),
        feature_fractions=(0.5,),
        operations_rows=40_000,
        day_cancellation=False,
        importance=False,
    )
    flights = read_flights("nyc", since=LEARNED_FROM, until=DATE)
    weather = read_weather("nyc")
    return train(
        flights,
        split_date=MEASURED_FROM,
        operations=True,
        weather=weather,
        budget=budget,
        seeds=1,
        progress=on_progress,
    )


def describe_small(artifact: Artifact) -> str:
    """On which flights the small model was trained, and how it was measured."""
    learned, measured = artifact.training, artifact.evaluation
    alone = measured.with_timetable
    later = {one.lead_minutes: one.metrics["log_loss"] for one in artifact.card.leads}[120]
    return (
        f"{artifact.name} answers, a small model for this: it learned from {learned.flights:,} flights of "
        f"New York, {learned.first} to {learned.last}. Log loss on the {alone.flights:,} from "
        f"{measured.first} to {measured.last}: {alone.log_loss:.3f} from the timetable, "
        f"{later.value if later else math.nan:.3f} two hours before departure "
        f"(always predicting the base rate: {alone.plain_log_loss:.3f})."
    )


def play(settings: Settings) -> subprocess.Popen[bytes]:
    """Begin to play the day into the service as soon as it answers; it ends when the service does.

    Nothing is asked: the board shows what is predicted.
    """
    host = "127.0.0.1" if settings.host in {"*", "0.0.0.0"} else settings.host  # noqa: S104
    url = f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"
    note(
        f"The board plays {DATE}, a day of snow in New York, from {BEGIN} on, {SPEED} times as fast as it "
        f"happened: {url}/?view=board"
    )
    options = ("--date", DATE, "--from", BEGIN, "--speed", SPEED, "--wait", START_SECONDS, "--no-questions")
    command = [sys.executable, "-m", "puntual", "replay", "nyc", url, *map(str, options)]
    # On a terminal, its progress is lines, too: the service writes there.
    return subprocess.Popen(command, env=os.environ | {"TTY_COMPATIBLE": "0"})  # noqa: S603
