"""Delay rates of groups of past flights, as an artifact carries them."""

from __future__ import annotations

import msgspec


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """How often, and how much, the flights of one group were late.

    Attributes
    ----------
    dimension : what groups the flights, such as ``airline``
    value : of the group, as in the source: a code, a number, or a word of the challenge
    flights, delayed : how many departed, and how many of them were delayed
    rate : delayed / flights
    low, high : 95 % interval of the rate, from resampled blocks of consecutive days; null if the group's days
        form too few
    shrunk : the rate shrunk to the mean of all groups by its uncertainty; groups are ranked by it
    small : whether the group has too few flights to say much
    adjusted : the rate that all flights would have in this group with everything else unchanged; null if the
        group is confounded, or if all flights were late, or none
    adjusted_low, adjusted_high : its 95 % interval; null as for the rate
    mean_delay, median_delay, p90_delay : of the group's delays, minutes; early departures are negative
    confounder, confounder_value : another dimension, and its value that nearly all flights of the group have
        and too few other groups to compare with (`find_confounders` of `puntual.statistics.adjusted_rates`);
        null if there is none
    """

    dimension: str
    value: str
    flights: int
    delayed: int
    rate: float
    low: float | None
    high: float | None
    shrunk: float
    small: bool
    adjusted: float | None
    adjusted_low: float | None
    adjusted_high: float | None
    mean_delay: float
    median_delay: float
    p90_delay: float
    confounder: str | None = None
    confounder_value: str | None = None


class InteractionRate(msgspec.Struct, frozen=True, kw_only=True):
    """How often the flights of one pair of groups, such as July at 18 h, were late.

    Attributes
    ----------
    first, second : what groups the flights: ``month`` and ``hour``
    first_value, second_value : the groups; months count from 1, hours from 0
    flights, delayed : how many departed, and how many of them were delayed
    rate : delayed / flights
    low, high : 95 % interval of the rate, from resampled blocks of consecutive days; null if the pair's days
        form too few
    expected : the rate that airline, airports, month, weekday and hour predict without interactions
    small : the pair has fewer than 50 flights, too few to say much
    """

    first: str
    first_value: str
    second: str
    second_value: str
    flights: int
    delayed: int
    rate: float
    low: float | None
    high: float | None
    expected: float
    small: bool


class AirlineRoute(msgspec.Struct, frozen=True, kw_only=True):
    """The flights of one airline on one route.

    Attributes
    ----------
    airline, origin, destination : codes, as the flights use them
    flights, delayed : how many departed, and how many of them were delayed
    hours : how many left in each hour of the local clock, by schedule; 24 counts, from midnight on
    """

    airline: str
    origin: str
    destination: str
    flights: int
    delayed: int
    hours: tuple[int, ...]


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """How late the flights of one day were.

    Attributes
    ----------
    day : local date, ISO 8601
    flights, delayed : how many departed, and how many of them were delayed
    rate : delayed / flights
    mean_delay : minutes; early departures are negative
    late_minutes : sum of the delays; a flight that left early counts as none
    share : of the late minutes of all days
    holiday : whether it is one where the flights leave from
    """

    day: str
    flights: int
    delayed: int
    rate: float
    mean_delay: float
    late_minutes: float
    share: float
    holiday: bool
