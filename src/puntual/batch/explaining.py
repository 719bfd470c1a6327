"""The reasons of many answers, in points of probability and in words."""

from __future__ import annotations

import itertools
import math
from functools import partial

import numpy as np
import polars as pl

from puntual.batch.scoring import Mode, in_chunks
from puntual.features.as_of import KnownRows
from puntual.inference.artifact import Artifact
from puntual.inference.catalogue import COUNTED
from puntual.inference.encoder import NAMED, Encoder
from puntual.inference.reason_texts import Encoded, ReasonTexts
from puntual.inference.reasons import BASE, Explainer, groups_of
from puntual.inference.scorer import Scorer
from puntual.metrics.arrays import FloatArray
from puntual.types import Flight, Progress

EXPLAINED_ROWS = 500

_READ = (*NAMED, "flight_type", "aircraft", "scheduled_departure")


def explain_rows(
    artifact: Artifact, modes: list[Mode], answered: FloatArray, progress: Progress
) -> pl.DataFrame:
    """``base_rate``, and the points of each group; null where a flight's trees do not read it.

    Parameters
    ----------
    modes : between them, what answers every flight
    answered : shape (n,), the probabilities as they are answered
    """
    base_rate = artifact.training.base_rate
    of_modes = [groups_of(mode.features) for mode in modes]
    groups = [*dict.fromkeys((*groups_of(artifact.features), *itertools.chain(*of_modes))), BASE]
    points = np.full((len(answered), len(groups)), math.nan)
    for mode, own in zip(modes, of_modes, strict=True):
        explainer = Explainer(mode.features, mode.trees.calibration, base_rate)
        work = partial(_explained, mode.scorer, explainer, answered[mode.rows])
        parts = in_chunks(mode.matrix, EXPLAINED_ROWS, work, partial(progress, "reasons"))
        columns = [groups.index(group) for group in (*own, BASE)]
        points[mode.rows[:, None], columns] = np.concatenate([*parts])
    names = [f"points_{group}" for group in groups]
    found = pl.DataFrame(points, schema=names).select(pl.lit(base_rate).alias("base_rate"), *names)
    return found.with_columns(pl.col(names).fill_nan(None))


def put_into_words(
    words: ReasonTexts,
    encoder: Encoder,
    flights: pl.DataFrame,
    counts: pl.DataFrame,
    points: pl.DataFrame,
    *,
    known: KnownRows | None = None,
) -> pl.Series:
    """Sentences with semicolons between, of each flight.

    Parameters
    ----------
    flights : canonical frame
    counts : of the timetable, `puntual.inference.catalogue.COUNTED`
    points : of `explain_rows`
    known : what flights are answered from; None: the schedule
    """
    points = points.drop("base_rate")
    groups = [name.removeprefix("points_") for name in points.columns]
    resolved = (encoder.resolve(Flight(**row)) for row in flights.select(_READ).iter_rows(named=True))
    days = itertools.repeat(None) if known is None else known.each()
    encoded = map(Encoded, resolved, counts.select(COUNTED).iter_rows(), days)
    sentences = [
        "; ".join(words.render(one, [pair for pair in zip(groups, row, strict=True) if pair[1] is not None]))
        for one, row in zip(encoded, points.iter_rows(), strict=True)
    ]
    return pl.Series(sentences, dtype=pl.String)


def _explained(
    scorer: Scorer, explainer: Explainer, answered: FloatArray, rows: FloatArray, start: int
) -> FloatArray:
    width = rows.shape[1] + 1
    numbers = scorer.contributions_rows(rows.ctypes.data, len(rows))
    answers = answered[start : start + len(rows)].tolist()
    return np.array(
        [
            explainer.points(numbers[row * width : (row + 1) * width], answer)
            for row, answer in enumerate(answers)
        ]
    )
