"""Many rows at once by the trees of one mode, a chunk on each core."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np

from puntual.inference.artifact import Trees
from puntual.inference.cancellation import Cancellation
from puntual.inference.exceedance import Exceedance
from puntual.inference.scorer import OptionalScorer, Scorer
from puntual.metrics.arrays import FloatArray, IntArray
from puntual.metrics.calibrated import calibrate
from puntual.processors import count_processors
from puntual.types import Progress, no_progress

CHUNK_ROWS = 5_000
"""So few that the numbers of the leaves which they reach stay in the cache of the processor."""
TREES_AT_ONCE = 40
"""All rows of a chunk go through so many trees before the next ones, so that these stay in the nearest memory
of the processor: 8 to 11 µs a row and 240 trees instead of 12 to 16."""
MANY_ROWS = 5_000
"""With fewer rows it is not worth its preparation."""
ALIKE = ("day_of_year", "minute_of_day", "airline", "destination", "origin")
"""Features by which rows are put in order, the last one first: they then mostly take the same way through the
trees as the row before, so that the processor guesses it, and scoring takes 6.4 µs instead of 10.7."""


class Mode(NamedTuple):
    """What answers some of the flights.

    Attributes
    ----------
    features : names, in the order that the trees read
    rows : positions of the flights
    matrix : shape (rows, features); NaN where missing
    exceedance, cancellation : what reads the same; None: the schedule's cancellation is the answer
    """

    trees: Trees
    features: tuple[str, ...]
    rows: IntArray
    matrix: FloatArray
    exceedance: Exceedance
    cancellation: Cancellation | None = None

    @property
    def scorer(self) -> Scorer:
        """Of the trees."""
        return scorer_of(self.trees, self.matrix)


def score_rows(
    scorer: Scorer,
    matrix: FloatArray,
    progress: Progress = no_progress,
    *,
    features: Sequence[str] = (),
) -> FloatArray:
    """Probability of a delay of each row; bit by bit what `Scorer.probability` gives.

    Parameters
    ----------
    matrix : shape (n, features); NaN where missing
    features : names, by which rows that are alike are scored one after the other; empty: as they come
    """
    keys = [matrix[:, features.index(name)] for name in ALIKE if name in features]
    order = np.lexsort(keys) if keys else np.arange(len(matrix))

    parts = _parts(scorer, TREES_AT_ONCE) if len(matrix) >= MANY_ROWS else []

    def scored(rows: FloatArray, _start: int) -> FloatArray:
        if parts:
            return calibrate(scorer.calibration, _add_leaves(parts, rows))
        raw = np.empty(len(rows))
        scorer.write_raw_rows(rows.ctypes.data, len(rows), raw.ctypes.data)
        return calibrate(scorer.calibration, raw)

    chunks = in_chunks(matrix, CHUNK_ROWS, scored, partial(progress, "scoring"), order)
    found = np.empty(len(matrix))
    found[order] = np.concatenate([np.empty(0), *chunks])
    return found


class _Part(NamedTuple):
    """Some trees that follow each other, and what each leaf of each of them adds to the log-odds."""

    scorer: Scorer
    values: list[FloatArray]


@lru_cache(maxsize=4)
def _parts(scorer: Scorer, trees: int) -> list[_Part]:
    # Models of their own: LightGBM keeps in a model which trees were asked for, where other threads find it.
    name = "leaf_value="
    return [
        _Part(
            Scorer(text, scorer.features, scorer.calibration),
            [
                np.array(line.removeprefix(name).split(), np.float64)
                for line in text.splitlines()
                if line.startswith(name)
            ],
        )
        for text in scorer.parts(trees)
    ]


def _add_leaves(parts: list[_Part], rows: FloatArray) -> FloatArray:
    """Log-odds of rows; bit by bit what `Scorer.raw` gives: leaves are added in the order of the trees."""
    raw = np.zeros(len(rows))
    for scorer, values in parts:
        leaves = np.empty((len(rows), len(values)))
        scorer.write_leaves(rows.ctypes.data, len(rows), leaves.ctypes.data)
        for of_tree, leaf in zip(values, leaves.T.astype(np.intp, order="C"), strict=True):
            raw += of_tree.take(leaf, mode="clip")
    return raw


def score_optional(
    scorer: OptionalScorer, matrix: FloatArray, progress: Progress = no_progress
) -> FloatArray:
    """As `score_rows`; without a booster every row has the same probability."""
    if scorer.scorer is None:
        return np.full(len(matrix), scorer.constant)
    return score_rows(scorer.scorer, matrix, progress)


def scorer_of(trees: Trees, matrix: FloatArray) -> Scorer:
    """The scorer of rows, of which only what several threads may call at once is of use."""
    return _scorer(trees.booster, matrix.shape[1], trees.calibration)


# The trees of each mode are read once for all parts of a folder.
_scorer = lru_cache(maxsize=4)(Scorer)


def in_chunks(
    matrix: FloatArray,
    rows: int,
    work: Callable[[FloatArray, int], FloatArray],
    progress: Callable[[int], None],
    order: IntArray | None = None,
) -> Iterator[FloatArray]:
    """What some work gives for each chunk of rows and its position; a chunk at a time on each core.

    Parameters
    ----------
    order : of the rows; None: as they come
    """
    starts = range(0, len(matrix), rows)

    def worked(start: int) -> FloatArray:
        chunk = slice(start, start + rows)
        return work(np.ascontiguousarray(matrix[chunk if order is None else order[chunk]]), start)

    # The library lets go of the interpreter, so that each core works on a part of its own.
    with ThreadPoolExecutor(count_processors()) as threads:
        for part in threads.map(worked, starts):
            yield part
            progress(len(starts))
