"""Flights -> predictions, with one artifact."""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from puntual.inference.artifact import Artifact, read_artifact
from puntual.inference.as_of import AsOf
from puntual.inference.cancellation import CancellationModel
from puntual.inference.encoder import Encoder, Resolved, Values
from puntual.inference.exceedance import ExceedanceModel
from puntual.inference.operations_predictor import Known, Mode, OperationsPredictor
from puntual.inference.reason_texts import Encoded, ReasonTexts, unsaid_groups
from puntual.inference.reasons import Explainer
from puntual.inference.risk import risk_scale
from puntual.inference.rounding import rounded
from puntual.inference.scorer import Scorer
from puntual.inference.timetable import NO_COUNTS, Timetable
from puntual.types import DetailedPrediction, Flight, Prediction


class Predictor:
    """Answers for one artifact, from one thread.

    Parameters
    ----------
    decision_threshold : a prediction is `delayed` if its probability reaches it; None: the artifact's

    Attributes
    ----------
    resolve : a flight, and its position in the request, in the model's own codes (`Encoder.resolve`), as
        `encode` and `answer` take it
    risk_scale : from which probabilities on the risk is raised and high

    Examples
    --------
    ::

        predictor = Predictor(read_artifact(Path("scl.puntual")))
        predictor.predict([Flight(airline="LAN", destination="SCFA", scheduled_departure=when)])
    """

    def __init__(self, artifact: Artifact, *, decision_threshold: float | None = None) -> None:
        self.artifact = artifact
        self._encoder = Encoder(artifact.tables, artifact.features)
        self.resolve = self._encoder.resolve
        self._with_timetable, self._without_timetable = (
            Mode(
                Scorer(trees.booster, len(artifact.features), trees.calibration),
                Explainer(artifact.features, trees.calibration, artifact.training.base_rate),
            )
            for trees in (artifact.with_timetable, artifact.without_timetable)
        )
        self._operations = OperationsPredictor(artifact) if artifact.operations else None
        self._exceedance_model = ExceedanceModel(
            artifact.exceedance, artifact.threshold_minutes, len(artifact.features)
        )
        self._cancellation_model = (
            None
            if artifact.cancellation is None
            else CancellationModel(artifact.cancellation, len(artifact.features))
        )
        self.decision_threshold = (
            artifact.decision_threshold if decision_threshold is None else decision_threshold
        )
        self.risk_scale = risk_scale(
            self.decision_threshold, artifact.training.base_rate, artifact.card.operating_points
        )

    @classmethod
    def load(cls, path: Path, *, decision_threshold: float | None = None, sha256: str = "") -> Predictor:
        """Read a model file; `decision_threshold` as above, `sha256` as in `read_artifact`.

        Raises
        ------
        ArtifactError : the file cannot be used (`puntual.inference.artifact.read_artifact`)
        """
        return cls(read_artifact(path, sha256=sha256), decision_threshold=decision_threshold)

    def timetable(self, flights: Sequence[Flight]) -> Timetable:
        """The timetable that some flights make: complete days of their origins.

        Raises
        ------
        FlightError : a flight that cannot be resolved
        """
        return Timetable(flight.departure for flight in map(self.resolve, flights, itertools.count()))

    def predict(
        self,
        flights: Sequence[Flight],
        *,
        timetable: Timetable | None = None,
        complete_days: bool = False,
        as_of: AsOf | None = None,
    ) -> list[Prediction]:
        """Probabilities, one a flight and in their order.

        Parameters
        ----------
        flights : what is asked
        timetable : the scheduled departures of their days; None: each is predicted without
        complete_days : the flights themselves are the timetable: complete days of their origins
        as_of : the moment of asking and what is known at it; None, and where that says nothing of a flight's
            day: it is answered from the schedule

        Raises
        ------
        FlightError : a flight that cannot be answered; none is
        """
        resolved: Iterable[Resolved] = map(self.resolve, flights, itertools.count())
        if complete_days:
            resolved = [*resolved]
            timetable = Timetable(flight.departure for flight in resolved)
        return self.predict_resolved(resolved, timetable, as_of)

    def predict_resolved(
        self, flights: Iterable[Resolved], timetable: Timetable | None = None, as_of: AsOf | None = None
    ) -> list[Prediction]:
        """What `predict` gives for flights of `resolve`; parameters as there."""
        encode = self._encoder.encode
        known, unknown = self._with_timetable.scorer.probability, self._without_timetable.scorer.probability
        operations = self._operations if as_of is not None else None
        answers = []
        for flight in flights:
            if operations is not None and as_of is not None:
                scored = operations.predict(flight, as_of, timetable)
                if scored is not None:
                    answers.append(self._prediction(flight, scored.probability, scored.lead_minutes, as_of))
                    continue
            counts = timetable.counts(*flight.departure) if timetable else NO_COUNTS
            score = unknown if counts is NO_COUNTS else known
            answers.append(self._prediction(flight, score(encode(flight, counts))))
        return answers

    def _read(self, flight: Resolved, as_of: AsOf, timetable: Timetable | None) -> Known | None:
        return self._operations.read(flight, as_of, timetable) if self._operations else None

    def encode(
        self, flights: Sequence[Resolved], timetable: Timetable | None = None
    ) -> Callable[[], list[float]]:
        """Encode many flights, to be scored by another thread.

        Parameters
        ----------
        timetable : complete days, those of all these flights among them; None: each is predicted without

        Returns
        -------
        What scores them: log-odds before calibration, one a flight; other threads go on meanwhile
        """
        scorer, encode = self._mode(timetable).scorer, self._encoder.encode
        numbers = array("d", bytes(len(flights) * scorer.row_bytes))
        for index, flight in enumerate(flights):
            counts = timetable.counts(*flight.departure) if timetable else NO_COUNTS
            scorer.fill(numbers, index * scorer.row_bytes, *encode(flight, counts))
        return lambda: scorer.raw_rows(numbers.buffer_info()[0], len(flights))

    def answer(
        self, flights: Sequence[Resolved], raw: Sequence[float], timetable: Timetable | None = None
    ) -> list[Prediction]:
        """The answers to flights that were scored; parameters as in `encode`, bit by bit as `predict`."""
        calibrated = self._mode(timetable).scorer.calibration.probability
        return list(map(self._prediction, flights, map(calibrated, raw)))

    def _prediction(
        self, flight: Resolved, probability: float, lead: int | None = None, as_of: AsOf | None = None
    ) -> Prediction:
        answer = rounded(probability)
        delayed, risk = answer >= self.decision_threshold, self.risk_scale.assess(answer)
        if lead is None or as_of is None:
            return Prediction(delay_probability=answer, delayed=delayed, risk=risk, unknown=flight.unknown)
        return Prediction(
            delay_probability=answer,
            delayed=delayed,
            risk=risk,
            horizon="operations",
            unknown=flight.unknown,
            as_of=as_of.at,
            lead_minutes=lead,
        )

    def cancellation_probabilities(
        self, flights: Sequence[Resolved], timetable: Timetable | None = None, as_of: AsOf | None = None
    ) -> list[float] | list[None]:
        """The probability that each flight is cancelled, as `explain` gives it; parameters as in `predict`.

        Returns
        -------
        One a flight; None for each if the artifact has no such model
        """
        model = self._cancellation_model
        if model is None:
            return [None] * len(flights)
        reads_the_day = self._operations is not None and self._operations.others.cancellation is not None
        chances = []
        for flight in flights:
            known = self._read(flight, as_of, timetable) if as_of and reads_the_day else None
            counts = timetable.counts(*flight.departure) if timetable else NO_COUNTS
            chances.append(_cancellation(model, known, self._encoder.encode(flight, counts)))
        return chances

    def _mode(self, timetable: Timetable | None) -> Mode:
        return self._with_timetable if timetable else self._without_timetable

    def explain(
        self,
        flights: Sequence[Flight],
        *,
        timetable: Timetable | None = None,
        complete_days: bool = False,
        language: str | None = None,
        as_of: AsOf | None = None,
    ) -> list[DetailedPrediction]:
        """What `predict` gives, each with P(delay > t) and its reasons; a hundred times slower.

        Parameters and errors as in `predict`.

        Parameters
        ----------
        language : of `puntual.i18n.texts.LANGUAGES`, of the reasons in words; None: without words
        """
        resolved = [*map(self.resolve, flights, itertools.count())]
        if complete_days:
            timetable = Timetable(flight.departure for flight in resolved)
        words = ReasonTexts(language, self.artifact.tables, self._encoder) if language else None
        return [self._detailed(flight, timetable, words, as_of) for flight in resolved]

    def _detailed(
        self,
        flight: Resolved,
        timetable: Timetable | None,
        words: ReasonTexts | None,
        as_of: AsOf | None,
    ) -> DetailedPrediction:
        known = self._read(flight, as_of, timetable) if as_of else None
        if known is None:
            counts = timetable.counts(*flight.departure) if timetable else NO_COUNTS
            mode = self._without_timetable if counts is NO_COUNTS else self._with_timetable
        else:
            counts, mode = known.counts, known.mode
        encoded = self._encoder.encode(flight, counts)
        values, day = (encoded, None) if known is None else (known.values, known.day)
        scorer, explainer = mode
        probability, contributions = scorer.probability(values), scorer.contributions(values)
        answer = self._prediction(flight, probability, None if day is None else int(day[-1]), as_of)
        exceedance = known.others.exceedance if known else self._exceedance_model
        probabilities = exceedance.predict(values, probability)
        unsaid = unsaid_groups(self._encoder, flight)
        reasons = explainer.reasons(contributions, answer.delay_probability, unsaid)
        points = [(reason.group, reason.points) for reason in reasons]
        return DetailedPrediction(
            **msgspec.structs.asdict(answer),
            exceedance=exceedance.round_probabilities(probabilities, answer.delay_probability),
            delay_minutes=exceedance.delay(probabilities),
            cancellation_probability=(
                _cancellation(self._cancellation_model, known, encoded)
                if self._cancellation_model
                else msgspec.UNSET
            ),
            base_rate=explainer.base_rate,
            base_log_odds=contributions[-1],
            reasons=reasons,
            words=words.render(Encoded(flight, counts, day), points) if words else msgspec.UNSET,
        )


def _cancellation(model: CancellationModel, known: Known | None, encoded: Values) -> float:
    """By what is known of the day, if that predicts it; else by the schedule's model."""
    if known and known.others.cancellation:
        return known.others.cancellation.predict(known.values)
    return model.predict(encoded)
