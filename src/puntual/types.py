"""What goes in and out: flights, predictions, and the instants at which a value becomes known."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable
from typing import Annotated, Literal

import msgspec

Minutes = Annotated[float, "min"]
Probability = Annotated[float, msgspec.Meta(ge=0, le=1)]
Code = Annotated[str, msgspec.Meta(min_length=2, max_length=8)]
Risk = Literal["low", "raised", "high"]

Progress = Callable[[str, int], None]
"""Called after each step of some work with the stage that it belongs to, and how many steps that has."""


def no_progress(stage: str, steps: int) -> None:
    """Show nothing: the `Progress` of work that nobody watches."""


class KnownAt(enum.IntEnum):
    """When a value becomes known, earliest first; a horizon may use what is known at it or before.

    Examples
    --------
    >>> KnownAt.SCHEDULE < KnownAt.DEPARTURE
    True
    >>> str(KnownAt.SCHEDULE)
    'schedule'
    """

    SCHEDULE = 0
    DEPARTURE = 1

    def __str__(self) -> str:
        return self.name.lower()


class Flight(msgspec.Struct, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True):
    """One scheduled departure.

    Attributes
    ----------
    airline, operator : IATA or ICAO code; the operator flies it, if that is another airline
    origin, destination : IATA or ICAO code; the origin may be left out if the model knows only one
    scheduled_departure : local at the origin; with an offset it is converted
    flight_number : as published, with or without letters
    flight_type : ``N`` domestic, ``I`` international; left out: derived from the countries of the airports
    aircraft : tail number of the aircraft that is planned to fly it, such as ``CC-BAA``; what is answered
        from the schedule does not depend on it
    """

    airline: Code
    destination: Code
    scheduled_departure: dt.datetime
    origin: Code | None = None
    operator: Code | None = None
    flight_number: str | int | None = None
    flight_type: Literal["N", "I"] | None = None
    aircraft: str | None = None


class Prediction(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The answer for one flight.

    Attributes
    ----------
    delay_probability : probability of leaving more than the model's threshold late, rounded to four decimals
    delayed : true if the probability reaches the model's decision threshold (``cut``)
    risk : ``raised`` from the decision threshold on, never below the base rate; ``high`` for the worst tenth
        of the flights that the model was measured on (``risk_levels`` of the model)
    horizon : what the answer is made from: ``schedule``, which is known days ahead, or ``operations``, also
        what was known at ``as_of``
    unknown : what the model never saw: fields with a value that is new to it (``airline``, ``destination``,
        ``origin``, ``operator``); ``season``, if no flight that it learned from left within ten days of that
        day of the year; ``date``, more than a year before the first or after the last of those flights
    as_of : with ``operations``: the moment of asking
    lead_minutes : with ``operations``: from then to the scheduled departure
    """

    delay_probability: Probability
    delayed: bool
    risk: Risk
    horizon: str = "schedule"
    unknown: tuple[str, ...] = ()
    as_of: dt.datetime | msgspec.UnsetType = msgspec.UNSET
    lead_minutes: int | msgspec.UnsetType = msgspec.UNSET


class Reason(msgspec.Struct, frozen=True, gc=False):
    """The contribution of one group of a flight's features to its answer.

    Attributes
    ----------
    group : such as ``hour`` (`puntual.inference.catalogue`); or ``base``, the intercept: the difference of
        the model's starting value and the base rate, plus the rounding of the answer
    points : contribution to the probability, such as 0.031; positive: later than the base rate
    log_odds : exact contribution to the log-odds before calibration; 0 for ``base``
    """

    group: str
    points: float
    log_odds: float


class ExceedanceProbability(msgspec.Struct, frozen=True, gc=False):
    """The probability of a delay of more than some minutes.

    Attributes
    ----------
    probability : rounded to four decimals; does not increase with `minutes`
    """

    minutes: int
    probability: Probability


class DelayMinutes(msgspec.Struct, frozen=True, gc=False):
    """The predicted distribution of the delay, in minutes; negative values are early departures.

    Attributes
    ----------
    expected : mean
    median : 50 % quantile
    bound_90 : 90 % quantile
    """

    expected: Minutes
    median: Minutes
    bound_90: Minutes


class DetailedPrediction(Prediction, frozen=True, kw_only=True, gc=False):
    """The answer for one flight, with the distribution of the delay and the reasons.

    Attributes
    ----------
    ladder : ascending in minutes; at the model's threshold it is ``delay_probability``
    delay_minutes : the distribution of the delay that follows from `ladder`
    cancellation_probability : probability that the flight is cancelled, rounded to four decimals; absent if
        there were too few cancelled flights to learn from
    base_rate : share of delayed flights among those that the model learned from
    base_log_odds : the model's starting value; with the log-odds of the reasons it sums to the log-odds
        before calibration
    reasons : largest first, but ``base``, and ``holiday`` if the nearest public holiday is more than a week
        away, come last; their points sum to ``delay_probability`` − ``base_rate``
    words : a sentence for each reason, and one for all of less than half a point and those that come last;
        only if a language is requested
    """

    exceedance: tuple[ExceedanceProbability, ...] = msgspec.field(name="ladder")
    delay_minutes: DelayMinutes
    cancellation_probability: Probability | msgspec.UnsetType = msgspec.UNSET
    base_rate: float
    base_log_odds: float
    reasons: tuple[Reason, ...]
    words: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
