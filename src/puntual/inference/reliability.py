"""How well predicted probabilities agree with the observed delay rates, as an artifact carries it."""

from __future__ import annotations

import msgspec


class Group(msgspec.Struct, frozen=True):
    """Flights that were given similar probabilities, or that left in one month.

    Attributes
    ----------
    name : least and most probability given, as in ``0.12-0.15``; or the month, as in ``2017-09``
    expected : mean probability given
    rate : share that was delayed
    low, high : 95 % interval of the rate, from resampled blocks of consecutive days; null if these are too
        few
    """

    name: str
    flights: int
    expected: float
    rate: float
    low: float | None
    high: float | None


class Bin(Group, frozen=True):
    """Flights that were given similar probabilities.

    Attributes
    ----------
    least, most : probability given to a flight of the bin
    """

    least: float
    most: float


class BrierParts(msgspec.Struct, frozen=True):
    """The parts of a Brier score, which is reliability - resolution + uncertainty + within.

    Attributes
    ----------
    reliability : mean squared difference of expected and observed rate over the bins; 0 is perfect
    resolution : mean squared difference of the bins' rates and the rate of all flights
    uncertainty : variance of the outcomes
    within : part of the variation within the bins
    """

    reliability: float
    resolution: float
    uncertainty: float
    within: float


class NoiseFloor(msgspec.Struct, frozen=True):
    """The calibration error that perfectly calibrated probabilities would show on the same flights.

    Attributes
    ----------
    expected : mean
    most : 97.5 % of such errors do not exceed it
    """

    expected: float
    most: float


class Reliability(msgspec.Struct, frozen=True):
    """How well probabilities agree with outcomes on some flights.

    Attributes
    ----------
    bins : of equally many flights, ascending in probability
    months : local months
    block_days : length of the blocks of consecutive days that are resampled for the intervals
    calibration_error : mean absolute difference of expected and observed rate over the bins
    noise_floor : what chance alone makes of the calibration error; null if there are too few blocks of days
    without_shift : calibration error after all odds are scaled so that the mean probability equals the
        observed rate
    """

    bins: list[Bin]
    months: list[Group]
    block_days: int
    calibration_error: float
    noise_floor: NoiseFloor | None
    without_shift: float
    brier: BrierParts
