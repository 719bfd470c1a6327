"""The single-row call of LightGBM's C API that Puntual uses."""

from __future__ import annotations

from collections.abc import Callable

from puntual.inference.artifact import Artifact
from puntual.inference.encoder import Values
from puntual.inference.scorer import Scorer


def prepare(artifact: Artifact) -> Callable[[Values], float]:
    return Scorer(
        artifact.without_timetable.booster, len(artifact.features), artifact.without_timetable.calibration
    ).raw
