"""`Booster.predict` on a frame of one row, as most examples do."""

from __future__ import annotations

from collections.abc import Callable

import lightgbm
import pandas as pd

from puntual.inference.artifact import Artifact
from puntual.inference.encoder import Values


def prepare(artifact: Artifact) -> Callable[[Values], float]:
    booster, columns = lightgbm.Booster(model_str=artifact.without_timetable.booster), list(artifact.features)

    def call(values: Values) -> float:
        frame = pd.DataFrame([values], columns=columns)
        return float(booster.predict(frame, raw_score=True, num_threads=1)[0])

    return call
