"""`Booster.predict` on a numpy row."""

from __future__ import annotations

from collections.abc import Callable

import lightgbm
import numpy as np

from puntual.inference.artifact import Artifact
from puntual.inference.encoder import Values


def prepare(artifact: Artifact) -> Callable[[Values], float]:
    booster = lightgbm.Booster(model_str=artifact.without_timetable.booster)
    return lambda values: float(booster.predict(np.array([values]), raw_score=True, num_threads=1)[0])
