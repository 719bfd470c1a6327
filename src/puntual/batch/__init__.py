"""A whole schedule at once: frames -> probabilities, by the service's own arithmetic."""

from __future__ import annotations

import msgspec
import numpy as np
import polars as pl

from puntual.batch.explaining import explain_rows, put_into_words
from puntual.batch.scoring import Mode, score_optional, score_rows, scorer_of
from puntual.features import compute_features, in_model_codes
from puntual.features.as_of import FlightsAsOf, KnownRows
from puntual.inference.artifact import Artifact, Trees
from puntual.inference.cancellation import CancellationModel
from puntual.inference.catalogue import COUNTED
from puntual.inference.encoder import NAMED, Encoder
from puntual.inference.exceedance import EXCEEDANCE_MINUTES, ExceedanceModel, chain_probabilities
from puntual.inference.operations_predictor import schedule_features
from puntual.inference.reason_texts import ReasonTexts
from puntual.inference.risk import RiskScale, risk_scale
from puntual.inference.rounding import STEPS
from puntual.inference.scorer import OptionalScorer
from puntual.metrics.arrays import BoolArray, FloatArray
from puntual.types import Progress, no_progress

__all__ = [
    "answer_rows",
    "count_without_timetable",
    "predict",
    "predict_cancellation",
    "predict_exceedance",
    "score",
    "score_cancellation",
    "score_optional",
    "score_rows",
]


def predict(
    artifact: Artifact,
    flights: pl.DataFrame,
    timetable: pl.DataFrame | None,
    progress: Progress = no_progress,
    *,
    detail: bool = False,
    language: str | None = None,
    decision_threshold: float | None = None,
    as_of: FlightsAsOf | None = None,
) -> pl.DataFrame:
    """The answers of the service, one a flight and in their order.

    Parameters
    ----------
    flights, timetable : canonical frames; None: the timetable is not known
    progress : called after each step with the stage that it belongs to and how many that has
    detail : with P(delay > t) and the reasons too, about a millisecond a flight and core
    language : with `detail`, of the reasons in words (`puntual.i18n.texts.LANGUAGES`); None: without words
    decision_threshold : a flight is `delayed` if its probability reaches it; None: the artifact's
    as_of : the moment of asking and what was known at it; None: flights are answered from the schedule

    Returns
    -------
    `row` of the flight, `delay_probability` (four decimals), `delayed`, `risk`, and `unknown`: what the
    model never saw (`puntual.types.Prediction`), with blanks between; empty where there is nothing. With
    `as_of` also `horizon`, and, of a flight that is answered from what was known, `as_of`, UTC, and
    `lead_minutes`. With `detail` also `delay_over_T` for each T minutes; `expected_delay`, `median_delay`
    and `delay_bound_90`, minutes; `cancellation_probability` (four decimals), if the artifact has a model
    of it; `base_rate` and a column `points_GROUP` for each reason, `points_base` last, which sum to
    `delay_probability` − `base_rate` (`puntual.inference.reasons`), and are null where a flight's horizon
    does not read them; with a language also `reasons`, sentences with semicolons between
    """
    features = compute_features(flights, artifact.tables, timetable)
    progress("features", 1)
    matrix = features.select(artifact.features).to_numpy(order="c")
    known = ~np.isnan(features[COUNTED[0]].to_numpy())
    day = as_of.read(flights) if as_of else None
    modes = _modes(artifact, features, matrix, known, day)
    probability = np.empty(len(matrix))
    for mode in modes:
        probability[mode.rows] = score_rows(mode.scorer, mode.matrix, progress, features=mode.features)
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
    scale = risk_scale(threshold, artifact.training.base_rate, artifact.card.operating_points)
    answers = pl.DataFrame(
        {
            "row": flights["row"],
            "delay_probability": answered,
            "delayed": answered >= threshold,
            "risk": _risks(answered, scale),
            "unknown": features.select(pl.concat_str(unknown, separator=" ", ignore_nulls=True)).to_series(),
        }
    )
    if day:
        answers = answers.hstack(day.columns)
    if not detail:
        return answers
    reasons = explain_rows(artifact, modes, answered, progress)
    detailed = answers.hstack(_exceedance(artifact, modes, probability, answered, progress)).hstack(reasons)
    cancellation = predict_cancellation(artifact, matrix, progress)
    if cancellation is not None:
        for mode in modes:
            if mode.cancellation:
                model = CancellationModel(mode.cancellation, len(mode.features))
                cancellation[mode.rows] = score_optional(model.scorer, mode.matrix)
        rounded = pl.Series("cancellation_probability", np.rint(cancellation * STEPS) / STEPS)
        detailed.insert_column(detailed.columns.index("delay_bound_90") + 1, rounded)
    if language is None:
        return detailed
    encoder = Encoder(artifact.tables, artifact.features)
    texts = ReasonTexts(language, artifact.tables, encoder)
    words = put_into_words(texts, encoder, flights, features, reasons, known=day)
    return detailed.with_columns(words.alias("reasons"))


def _risks(probability: FloatArray, scale: RiskScale) -> pl.Series:
    """The level of each probability, as `RiskScale.assess` gives it."""
    share = pl.lit(pl.Series(probability))
    low, raised = pl.when(share < scale.raised), share < scale.high
    level = low.then(pl.lit("low")).when(raised).then(pl.lit("raised")).otherwise(pl.lit("high"))
    return pl.select(level).to_series()


def count_without_timetable(artifact: Artifact, flights: pl.DataFrame, timetable: pl.DataFrame) -> int:
    """How many flights are predicted without a timetable, since it does not hold their day at their origin.

    Parameters
    ----------
    flights, timetable : canonical frames
    """
    day = [pl.col("origin"), pl.col("scheduled_departure").dt.date().alias("day")]
    asked, held = (in_model_codes(one, artifact.tables).select(day) for one in (flights, timetable))
    return asked.join(held, ["origin", "day"], "anti").height


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
            probability[rows] = score_rows(scorer_of(trees, matrix), matrix[rows], progress)
    return probability


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

    def predict_conditional(scorers: list[OptionalScorer]) -> FloatArray:
        columns = [
            score_optional(one, matrix, lambda _, chunks: progress("P(delay > t)", chunks * boosters))
            for one in scorers
        ]
        return np.column_stack([np.empty((len(matrix), 0)), *columns])

    boosters = sum(one.scorer is not None for one in (*model.above, *model.below))
    above, below = predict_conditional(model.above), predict_conditional(model.below)
    rows = map(chain_probabilities, probability.tolist(), above.tolist(), below.tolist())
    return np.array([*rows], np.float64).reshape(len(matrix), len(model.minutes))


def predict_cancellation(
    artifact: Artifact, matrix: FloatArray, progress: Progress = no_progress
) -> FloatArray | None:
    """The probability that each flight is cancelled, not rounded; in all else what `CancellationModel` gives.

    Parameters
    ----------
    matrix : shape (n, features of the artifact); NaN where missing

    Returns
    -------
    shape (n,); None if the artifact has no such model
    """
    if artifact.cancellation is None:
        return None
    model = CancellationModel(artifact.cancellation, matrix.shape[1])
    return score_optional(model.scorer, matrix, lambda _, chunks: progress("cancellation", chunks))


def score_cancellation(
    artifact: Artifact, flights: pl.DataFrame, timetable: pl.DataFrame | None
) -> FloatArray | None:
    """As `score`, the probability that each flight is cancelled; None if the artifact has no such model."""
    features = compute_features(flights, artifact.tables, timetable)
    return predict_cancellation(artifact, features.select(artifact.features).to_numpy(order="c"))


def _exceedance(
    artifact: Artifact, modes: list[Mode], probability: FloatArray, answered: FloatArray, progress: Progress
) -> pl.DataFrame:
    threshold = artifact.threshold_minutes
    minutes = sorted({*EXCEEDANCE_MINUTES, threshold})
    probabilities, delays = np.empty((len(probability), len(minutes))), np.empty((len(probability), 3))
    for mode in modes:
        model = ExceedanceModel(mode.exceedance, threshold, len(mode.features))
        found = predict_exceedance(model, mode.matrix, probability[mode.rows], progress)
        probabilities[mode.rows] = found
        delays[mode.rows] = [msgspec.structs.astuple(model.delay(row)) for row in found.tolist()]
    given = np.rint(probabilities * STEPS) / STEPS
    given[:, minutes.index(threshold)] = answered
    return pl.DataFrame(given, schema=[f"delay_over_{minute}" for minute in minutes]).hstack(
        pl.DataFrame(delays, schema=["expected_delay", "median_delay", "delay_bound_90"])
    )


def _modes(
    artifact: Artifact, features: pl.DataFrame, matrix: FloatArray, known: BoolArray, day: KnownRows | None
) -> list[Mode]:
    """What answers which flights: their timetable, or what is known of their day, and how far off that is."""
    rows, operations = np.zeros(len(matrix), bool), artifact.operations
    modes = []
    if day and operations:
        rows, leads = day.rows, day.leads[day.rows]
        scheduled = features.select(schedule_features(operations)).to_numpy()[rows]
        numbers, near = np.column_stack([scheduled, day.values]), leads <= operations.near_minutes
        for trees, some in ((operations.near, near), (operations.far, ~near)):
            of_mode = Mode(
                trees,
                operations.features,
                np.flatnonzero(rows)[some],
                numbers[some],
                operations.exceedance,
                operations.cancellation,
            )
            modes.append(of_mode)
    for trees, some in ((artifact.with_timetable, known), (artifact.without_timetable, ~known)):
        left = np.flatnonzero(some & ~rows)
        modes.append(Mode(trees, artifact.features, left, matrix[left], artifact.exceedance))
    return [mode for mode in modes if len(mode.rows)]
