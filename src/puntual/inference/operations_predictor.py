"""One flight, and what is known by now -> its probability: the operations horizon."""

from __future__ import annotations

from typing import NamedTuple

from puntual.errors import ArtifactError
from puntual.inference.artifact import Artifact, Operations
from puntual.inference.as_of import AsOf
from puntual.inference.cancellation import CancellationModel
from puntual.inference.encoder import Encoder, Resolved, Values
from puntual.inference.exceedance import ExceedanceModel
from puntual.inference.operations import OPERATIONS
from puntual.inference.reasons import Explainer
from puntual.inference.scorer import Scorer
from puntual.inference.timetable import Timetable

MAX_SCORED = 4096
"""Flights whose probability is kept."""


class Mode(NamedTuple):
    """What predicts, and explains, flights of which the same is known."""

    scorer: Scorer
    explainer: Explainer


class Others(NamedTuple):
    """What predicts the rest of an answer.

    Attributes
    ----------
    cancellation : None: the schedule's, if there is one
    """

    exceedance: ExceedanceModel
    cancellation: CancellationModel | None


class Known(NamedTuple):
    """A flight with what is known of its day.

    Attributes
    ----------
    counts : of its day's timetable
    day : values of `puntual.inference.operations.OPERATIONS`
    values : what the trees of `mode` read, and the models of `others`
    """

    mode: Mode
    others: Others
    counts: Values
    day: Values
    values: Values


class Scored(NamedTuple):
    """A flight that was scored, and what of its day its probability is made from.

    Attributes
    ----------
    day, counts : as in `Known`
    probability : calibrated
    """

    day: Values
    counts: Values
    probability: float

    @property
    def lead_minutes(self) -> int:
        """From the moment of asking to the scheduled departure."""
        return int(self.day[-1])


def schedule_features(operations: Operations) -> tuple[str, ...]:
    """The names of what trees read of the schedule, before what is known of the day.

    Raises
    ------
    ArtifactError : they read what this version does not know
    """
    scheduled = operations.features[: -len(OPERATIONS)]
    if operations.features[len(scheduled) :] != OPERATIONS:
        raise ArtifactError("operations", "other values", wanted="a model of this version")
    return scheduled


class OperationsPredictor:
    """What an artifact answers from what is known on the day.

    Attributes
    ----------
    others : what predicts the rest of an answer

    Raises
    ------
    ArtifactError : it reads what this version does not know
    """

    def __init__(self, artifact: Artifact) -> None:
        operations = artifact.operations
        if operations is None:
            raise ArtifactError(artifact.name, "no model of the operations horizon")
        names, scheduled = operations.features, schedule_features(operations)
        self._encode = Encoder(artifact.tables, scheduled).encode
        self.others = Others(
            ExceedanceModel(operations.exceedance, artifact.threshold_minutes, len(names)),
            None
            if operations.cancellation is None
            else CancellationModel(operations.cancellation, len(names)),
        )
        self._near_minutes = operations.near_minutes
        self._scored: dict[Resolved, Scored] = {}
        self._near, self._far = (
            Mode(
                Scorer(trees.booster, len(names), trees.calibration),
                Explainer(names, trees.calibration, artifact.training.base_rate),
            )
            for trees in (operations.near, operations.far)
        )

    def read(self, flight: Resolved, as_of: AsOf, timetable: Timetable | None = None) -> Known | None:
        """What is known of a flight at a moment.

        Parameters
        ----------
        timetable : of the flight's day; None: the state's own

        Returns
        -------
        None : nothing is known of the day
        """
        day = as_of.state.values(flight, as_of.moment)
        if day is None:
            return None
        return self._known(flight, day, _counts(flight, as_of, timetable))

    def predict(self, flight: Resolved, as_of: AsOf, timetable: Timetable | None = None) -> Scored | None:
        """The probability of a flight at a moment; parameters as in `read`.

        A flight is not scored again for as long as the state gives the same values and counts of it.

        Returns
        -------
        None : nothing is known of the day
        """
        day = as_of.state.values(flight, as_of.moment)
        if day is None:
            return None
        counts = _counts(flight, as_of, timetable)
        scored = self._scored.get(flight)
        if scored is not None and scored.day is day and scored.counts is counts:
            return scored
        known = self._known(flight, day, counts)
        scored = Scored(day, counts, known.mode.scorer.probability(known.values))
        if len(self._scored) >= MAX_SCORED:
            self._scored.clear()
        self._scored[flight] = scored
        return scored

    def _known(self, flight: Resolved, day: Values, counts: Values) -> Known:
        mode = self._near if day[-1] <= self._near_minutes else self._far
        return Known(mode, self.others, counts, day, self._encode(flight, counts) + day)


def _counts(flight: Resolved, as_of: AsOf, timetable: Timetable | None) -> Values:
    return timetable.counts(*flight.departure) if timetable else as_of.state.counts_of(flight)
