"""Trainings of few trees and no calibration, where a test is about something else."""

from __future__ import annotations

from functools import partial

import pytest

from puntual.training import pipeline, tuning
from puntual.training.cross_validation import Budget

QUICK = Budget(
    first_trees=20,
    max_trees=20,
    first_exceedance_trees=20,
    max_exceedance_trees=20,
    cancellation_trees=20,
    steps=2,
    calibrations=("none",),
    feature_fractions=(0.5,),
    importance=False,
)


def command_quickly(patch: pytest.MonkeyPatch) -> None:
    """Have `puntual train` and `puntual tune` try no more than `QUICK`."""
    patch.setattr(pipeline, "train", partial(pipeline.train, budget=QUICK))
    patch.setattr(tuning, "search", partial(tuning.search, budget=QUICK))
