"""A whole schedule at once: frames -> probabilities, by the service's own arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import msgspec
import numpy as np
import polars as pl

from puntual.features import compute_features, in_model_codes
from puntual.inference.artifact import Artifact, Trees
from puntual.inference.catalogue import COUNTED
from puntual.inference.encoder import NAMED, Encoder
from puntual.inference.exceedance import ConditionalScorer, ExceedanceModel, chain_probabilities
from puntual.inference.reason_texts import Encoded, ReasonTexts
from puntual.inference.reasons import BASE, Explainer, groups_of
from puntual.inference.rounding import STEPS
from puntual.inference.scorer import Scorer
from puntual.metrics.arrays import BoolArray, FloatArray
from puntual.processors import count_processors
from puntual.types import Flight, Progress, no_progress

CHUNK_ROWS = 20_000
EXPLAINED_ROWS = 500

MANY_UNSEEN = 0.1
"""Share of the flights from which on values never seen are worth a warning."""
SHOWN_UNSEEN = 5

_READ = (*NAMED, "flight_type", "scheduled_departure")


class Unseen(NamedTuple):
    """A field whose value the model never saw, of many flights.

    Attributes
    ----------
    share : of the flights
    codes : as in the source, the most frequent first
    """

    field: str
    share: float
    codes: list[str]

    def __str__(self) -> str:
        return (
            f"{100 * self.share:.0f} % of the flights have a value of {self.field} that the model never saw, "
            f"mostly {', '.join(self.codes)}; they are answered from the rest"
        )


def predict(
    artifact: Artifact,
    flights: pl.DataFrame,
    timetable: pl.DataFrame | None,
    progress: Progress = no_progress,
    *,
    detail: bool = False,
    language: str | None = None,
    decision_threshold: float | None = None,
) -> pl.DataFrame:
    """The answers of the service, one a flight and in their order.

    Parameters
    ----------
    flights, timetable : canonical frames; None: the timetable is not known
    progress : called after each step with the stage that it belongs to and how many that has
    detail : with P(delay > t) and the reasons too, about a millisecond a flight and core
    language : with `detail`, of the reasons in words (`puntual.i18n.texts.LANGUAGES`); None: without words
    decision_threshold : a flight is `delayed` if its probability reaches it; None: the artifact's

    Returns
    -------
    `row` of the flight, `delay_probability` (four decimals), `delayed`, and `unknown`: what the model never
    saw (`puntual.types.Prediction`), with blanks between; empty where there is nothing. With `detail` also
    `delay_over_T` for each T minutes; `expected_delay`, `median_delay` and `delay_bound_90`, minutes;
    `base_rate` and a column `points_GROUP` for each reason, `points_base` last, which sum to
    `delay_probability` − `base_rate` (`puntual.inference.reasons`); with a language also `reasons`, sentences
    with semicolons between
    """
    features = compute_features(flights, artifact.tables, timetable)
    progress("features", 1)
    matrix = features.select(artifact.features).to_numpy(order="c")
    known = ~np.isnan(features[COUNTED[0]].to_numpy())
    probability = answer_rows(artifact.with_timetable, artifact.without_timetable, matrix, known, progress)
    answered = np.rint(probability * STEPS) / STEPS
    first, last = artifact.tables.near_dates
    far = ~flights["scheduled_departure"].dt.date().is_between(first, last)
    unknown = [
        *(
            pl.when(pl.col(field).is_nan() & pl.lit(flights[field].is_not_null())).then(pl.lit(field))
            for field in NAMED
        ),
        pl.when(pl.col("new_season") == 1).then(pl.lit("season")),
        pl.when(pl.lit(far)).then(pl.lit("date")),
    ]
    threshold = artifact.decision_threshold if decision_threshold is None else decision_threshold
    answers = pl.DataFrame(
        {
            "row": flights["row"],
            "delay_probability": answered,
            "delayed": answered >= threshold,
            "unknown": features.select(pl.concat_str(unknown, separator=" ", ignore_nulls=True)).to_series(),
        }
    )
    if not detail:
        return answers
    reasons = _reasons(artifact, matrix, known, answered, progress)
    detailed = answers.hstack(_exceedance(artifact, matrix, probability, answered, progress)).hstack(reasons)
    if language is None:
        return detailed
    return detailed.with_columns(_words(artifact, language, flights, features, reasons).alias("reasons"))


def count_without_timetable(artifact: Artifact, flights: pl.DataFrame, timetable: pl.DataFrame) -> int:
    """How many flights are predicted without a timetable, since it does not hold their day at their origin.

    Parameters
    ----------
    flights, timetable : canonical frames
    """
    day = [pl.col("origin"), pl.col("scheduled_departure").dt.date().alias("day")]
    asked, held = (in_model_codes(one, artifact.tables).select(day) for one in (flights, timetable))
    return asked.join(held, ["origin", "day"], "anti").height


def unseen(artifact: Artifact, flights: pl.DataFrame) -> list[Unseen]:
    """The fields of which a tenth of the flights or more have a value that the model never saw.

    Parameters
    ----------
    flights : canonical frame
    """
    coded = in_model_codes(flights, artifact.tables)
    found = []
    for field in NAMED:
        known = coded[field].is_null() | coded[field].is_in(artifact.tables.categories[field])
        strange = flights[field].filter(~known)
        share = len(strange) / max(flights.height, 1)
        if share >= MANY_UNSEEN:
            counted = strange.value_counts().sort("count", field, descending=[True, False])
            codes = counted[field].head(SHOWN_UNSEEN).to_list()
            found.append(Unseen(field, share, codes))
    return found


def score(artifact: Artifact, flights: pl.DataFrame, timetable: pl.DataFrame | None) -> FloatArray:
    """Probability of a delay of each flight, not rounded.

    Parameters as in `predict`.

    Returns
    -------
    shape (flights.height,)
    """
    features = compute_features(flights, artifact.tables, timetable)
    known = ~np.isnan(features[COUNTED[0]].to_numpy())
    matrix = features.select(artifact.features).to_numpy(order="c")
    return answer_rows(artifact.with_timetable, artifact.without_timetable, matrix, known)


def answer_rows(
    with_timetable: Trees,
    without_timetable: Trees,
    matrix: FloatArray,
    known: BoolArray,
    progress: Progress = no_progress,
) -> FloatArray:
    """Probability of a delay of each row, by the trees that answer such a flight.

    Parameters
    ----------
    matrix : shape (n, features); NaN where missing
    known : shape (n,), flights whose timetable is known
    """
    probability = np.empty(len(matrix))
    for trees, rows in ((with_timetable, known), (without_timetable, ~known)):
        if rows.any():
            probability[rows] = score_rows(_scorer(trees, matrix), matrix[rows], progress)
    return probability


def score_rows(scorer: Scorer, matrix: FloatArray, progress: Progress = no_progress) -> FloatArray:
    """Probability of a delay of each row; bit by bit what `Scorer.probability` gives.

    Parameters
    ----------
    matrix : shape (n, features); NaN where missing
    """

    def scored(rows: FloatArray, _start: int) -> FloatArray:
        raw = scorer.raw_rows(rows.ctypes.data, len(rows))
        return np.fromiter(map(scorer.calibration.probability, raw), np.float64, len(rows))

    return np.concatenate(
        [np.empty(0), *_in_chunks(matrix, CHUNK_ROWS, scored, partial(progress, "scoring"))]
    )


def predict_exceedance(
    model: ExceedanceModel,
    matrix: FloatArray,
    probability: FloatArray,
    progress: Progress = no_progress,
) -> FloatArray:
    """P(delay > t) of each row; bit by bit what `ExceedanceModel.predict` gives.

    Parameters
    ----------
    matrix : shape (n, features); NaN where missing
    probability : shape (n,), of the answers, not rounded

    Returns
    -------
    shape (n, minutes of the model)
    """

    def predict_conditional(scorers: list[ConditionalScorer]) -> FloatArray:
        columns = [
            np.full(len(matrix), one.constant)
            if one.scorer is None
            else score_rows(one.scorer, matrix, lambda _, chunks: progress("P(delay > t)", chunks * boosters))
            for one in scorers
        ]
        return np.column_stack([np.empty((len(matrix), 0)), *columns])

    boosters = sum(one.scorer is not None for one in (*model.above, *model.below))
    above, below = predict_conditional(model.above), predict_conditional(model.below)
    rows = map(chain_probabilities, probability.tolist(), above.tolist(), below.tolist())
    return np.array([*rows], np.float64).reshape(len(matrix), len(model.minutes))


def _exceedance(
    artifact: Artifact, matrix: FloatArray, probability: FloatArray, answered: FloatArray, progress: Progress
) -> pl.DataFrame:
    model = ExceedanceModel(artifact.exceedance, artifact.threshold_minutes, len(artifact.features))
    probabilities = predict_exceedance(model, matrix, probability, progress)
    given = np.rint(probabilities * STEPS) / STEPS
    given[:, model.minutes.index(artifact.threshold_minutes)] = answered
    delays = [msgspec.structs.astuple(model.delay(row)) for row in probabilities.tolist()]
    schema = dict.fromkeys(("expected_delay", "median_delay", "delay_bound_90"), pl.Float64)
    return pl.DataFrame(given, schema=[f"delay_over_{minutes}" for minutes in model.minutes]).hstack(
        pl.DataFrame(delays, schema=schema, orient="row")
    )


def _reasons(
    artifact: Artifact, matrix: FloatArray, known: BoolArray, answered: FloatArray, progress: Progress
) -> pl.DataFrame:
    base_rate = artifact.training.base_rate
    names = [f"points_{group}" for group in (*groups_of(artifact.features), BASE)]
    points = np.empty((len(matrix), len(names)))
    for trees, rows in ((artifact.with_timetable, known), (artifact.without_timetable, ~known)):
        explainer = Explainer(artifact.features, trees.calibration, base_rate)
        work = partial(_explained, _scorer(trees, matrix), explainer, answered[rows])
        parts = _in_chunks(matrix[rows], EXPLAINED_ROWS, work, partial(progress, "reasons"))
        points[rows] = np.concatenate([np.empty((0, len(names))), *parts])
    return pl.DataFrame(points, schema=names).select(pl.lit(base_rate).alias("base_rate"), *names)


def _words(
    artifact: Artifact, language: str, flights: pl.DataFrame, features: pl.DataFrame, reasons: pl.DataFrame
) -> pl.Series:
    encoder = Encoder(artifact.tables, artifact.features)
    words = ReasonTexts(language, artifact.tables, encoder)
    points = reasons.drop("base_rate")
    groups = [name.removeprefix("points_") for name in points.columns]
    resolved = (encoder.resolve(Flight(**row)) for row in flights.select(_READ).iter_rows(named=True))
    encoded = map(Encoded, resolved, features.select(COUNTED).iter_rows())
    sentences = [
        "; ".join(words.render(one, zip(groups, row, strict=True)))
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


def _scorer(trees: Trees, matrix: FloatArray) -> Scorer:
    return Scorer(trees.booster, matrix.shape[1], trees.calibration)


def _in_chunks(
    matrix: FloatArray,
    rows: int,
    work: Callable[[FloatArray, int], FloatArray],
    progress: Callable[[int], None],
) -> Iterator[FloatArray]:
    """What some work gives for each chunk of rows and its position; a chunk at a time on each core."""
    starts = range(0, len(matrix), rows)

    def worked(start: int) -> FloatArray:
        return work(np.ascontiguousarray(matrix[start : start + rows]), start)

    # The library lets go of the interpreter, so that each core works on a part of its own.
    with ThreadPoolExecutor(count_processors()) as threads:
        for part in threads.map(worked, starts):
            yield part
            progress(len(starts))
