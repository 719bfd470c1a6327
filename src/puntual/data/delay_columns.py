"""Which column is the delay of departure: one that is the actual time less the scheduled one, in a unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from puntual.data.cells import parse_delay, time_of_day, within_half_a_day
from puntual.data.file_sample import File, Times
from puntual.formats.headings import normalise

MIN_AGREEING = 0.9
"""Share of flights whose delay is the actual time less the scheduled one, if it is the delay of that time."""
MIN_COMPARED = 12
"""Flights below which nothing is concluded from shares."""

_MINUTE = 60_000_000  # µs
_TOLERATED = 1.5 * _MINUTE
_UNITS = ("minutes", "seconds", "hours", "clock")


class Delay(NamedTuple):
    """A column of delays, its unit and the sign that groups its digits."""

    column: str
    unit: str
    thousands: str | None = None


def first_delay(file: File, scheduled: Times | None, actual: Times | None, doubts: list[str]) -> Delay | None:
    """The first column that is a delay of departure; why others are not goes to `doubts`."""
    for column in file.columns("delay"):
        checked = _check_delay(file, column, scheduled, actual)
        if isinstance(checked, Delay):
            return checked
        doubts.append(f"{column!r} is no delay of departure: {checked}")
    return None


def _check_delay(file: File, column: str, scheduled: Times | None, actual: Times | None) -> Delay | str:
    """The delay that a column holds, or why it holds none."""
    thousands = _thousands(file.texts(column))
    units = [unit for unit in _UNITS if _readable_share(file, column, unit, thousands) > 0.8]
    if not units:
        return "its values are no numbers"
    value = file.select(value=parse_delay(column, units[0], thousands).cast(pl.Int64))["value"].drop_nulls()
    if set(value.unique()) <= {0, *(int(scale) for scale in (60e6, 1e6, 3600e6))} and value.n_unique() == 2:
        return "it holds only 0 and 1"
    if scheduled and actual and len(elapsed(file, scheduled, actual)) >= MIN_COMPARED:
        shares = {
            unit: _agreement(file, parse_delay(column, unit, thousands), scheduled, actual) for unit in units
        }
        best = max(shares, key=lambda unit: shares[unit])
        if shares[best] < MIN_AGREEING:
            return (
                f"it is the time from scheduled to actual of {100 * shares[best]:.0f} % of the flights only"
            )
        return Delay(column, best, thousands)
    if len(value) >= MIN_COMPARED and int(value.min()) >= 0 and float((value == 0).mean()) > 0.2:  # type: ignore[arg-type]
        return "it is never negative and often 0, as if cut at 0"
    return Delay(column, _unit(column, value, units), thousands)


def _readable_share(file: File, column: str, unit: str, thousands: str | None) -> float:
    return file.matching_share(column, parse_delay(column, unit, thousands).is_not_null())


def _agreement(file: File, delay: pl.Expr, scheduled: Times, actual: Times) -> float:
    """Share of the sampled rows whose delay is the actual time less the scheduled one."""
    planned, left = file.read(scheduled).moment(), file.read(actual)
    clock = left.clock if left.clock is not None else pl.lit(None, pl.Duration("us"))
    if left.day is None:
        apart = within_half_a_day(clock - time_of_day(planned) - delay)
    else:
        apart = left.moment() - planned - delay
    apart = apart.cast(pl.Int64).abs()
    near = (apart <= _TOLERATED) | ((apart - 60 * _MINUTE).abs() <= _TOLERATED)
    shown = file.select(near=near)["near"].drop_nulls()
    return float(shown.mean() or 0) if len(shown) else 0.0  # type: ignore[arg-type]


def _unit(column: str, value: pl.Series, units: Sequence[str]) -> str:
    """The unit of a delay that nothing can be compared with, by its heading or its size."""
    words = set(normalise(column).split())
    for unit, names in (
        ("seconds", {"seconds", "sec", "secs", "s", "segundos", "seg"}),
        ("hours", {"hours", "horas", "h"}),
    ):
        if words & names and unit in units:
            return unit
    if units[0] == "minutes" and len(value) >= MIN_COMPARED:
        sizes = (value.abs() // _MINUTE).filter(value != 0)
        if len(sizes) and float((sizes % 60 == 0).mean()) > MIN_AGREEING and float(sizes.median()) >= 120:  # type: ignore[arg-type]
            return "seconds"
    return units[0]


def _thousands(values: Sequence[str]) -> str | None:
    """The sign that groups the digits of numbers, if every number that has it groups them."""
    for sign, point in ((".", ","), (",", ".")):
        grouped = [value for value in values if sign in value]
        whole = [value.lstrip("+-").split(point)[0].split(sign) for value in grouped]
        if grouped and all(
            1 <= len(one[0]) <= 3 and len(one) > 1 and all(len(part) == 3 for part in one[1:])
            for one in whole
        ):
            return sign
    return None


def elapsed(file: File, scheduled: Times, actual: Times) -> pl.Series:
    """Microseconds from scheduled to actual of the sampled rows that have both."""
    planned, left = file.read(scheduled).moment(), file.read(actual)
    if left.clock is None:
        return pl.Series([], dtype=pl.Int64)
    if left.day is None:
        later = within_half_a_day(left.clock - time_of_day(planned))
    else:
        later = left.moment() - planned
    return file.select(later=later.cast(pl.Int64))["later"].drop_nulls()
