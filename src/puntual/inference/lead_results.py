"""What is measured of the operations horizon at each lead time."""

from __future__ import annotations

import msgspec

from puntual.inference.estimates import Estimate, MetricEstimates

LEADS = (10_080, 1_440, 720, 360, 240, 120, 60, 30)
"""Minutes before a flight at which it is asked about, to measure the operations horizon: 7 days to ½ hour."""


class LeadCancellation(msgspec.Struct, frozen=True):
    """How the probability of a cancellation did on the test part, each flight asked about so long before it.

    Attributes
    ----------
    metrics : by name, as in `CancellationAssessment`
    gain : log loss of the schedule with the timetable on the same flights, minus that of this
    """

    metrics: MetricEstimates
    gain: Estimate


class LeadExceedance(msgspec.Struct, frozen=True):
    """How well P(delay > `minutes`) did, asked about so long before each flight.

    Attributes
    ----------
    base_rate : share of flights later than `minutes`
    auc : null if all flights were later, or none
    """

    minutes: int
    base_rate: float
    log_loss: float
    auc: float | None
    calibration_error: float


class LeadMetrics(msgspec.Struct, frozen=True):
    """How the operations horizon did on the test part, each flight asked about so long before it.

    Attributes
    ----------
    lead_minutes : from the moment of asking to the scheduled departure
    flights : how many had not left by then
    base_rate : share of them that were delayed
    metrics : by name, as in `Evaluation`
    gain : log loss of the schedule with the timetable on the same flights, minus that of this
    exceedance : of P(delay > t), ascending in t
    cancellation : null if it has no probability of its own, or no flight was cancelled
    every : 1 if all flights of the test part were asked about; 6: every sixth, in their order, as of many
        flights some say as much
    """

    lead_minutes: int
    flights: int
    base_rate: float
    metrics: MetricEstimates
    gain: Estimate
    exceedance: tuple[LeadExceedance, ...] = ()
    cancellation: LeadCancellation | None = None
    every: int = 1
