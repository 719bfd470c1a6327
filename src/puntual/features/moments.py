"""Moments of flights in UTC, keys of the groups that they belong to, and sums between two moments."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import polars as pl

from puntual.inference.local_time import utc_offset
from puntual.inference.tables import Tables
from puntual.metrics.arrays import FloatArray, IntArray

SPAN = 1 << 28
"""More minutes than there are between any two moments."""
_UNKNOWN = -1


def scheduled_moments(flights: pl.DataFrame, tables: Tables) -> IntArray:
    """The scheduled departures in UTC, minutes since 1970, as `puntual.inference.local_time.utc_minute`.

    Parameters
    ----------
    flights : ``origin`` in the model's codes, and ``scheduled_departure``
    """
    local = pl.col("scheduled_departure").dt.epoch("s") // 60
    zones = {airport.code: airport.timezone for airport in tables.airports}
    known = flights.select(
        zone=pl.col("origin").replace_strict(zones, default=None, return_dtype=pl.String), local=local
    ).with_columns(hour=pl.col("local") // 60)
    hours = known.select("zone", "hour").unique()
    offsets = [utc_offset(zone, hour) for zone, hour in hours.iter_rows()]
    hours = hours.with_columns(offset=pl.Series(offsets, dtype=pl.Int64))
    joined = known.join(hours, ["zone", "hour"], "left", nulls_equal=True, maintain_order="left")
    moments = joined.select(pl.col("local") - pl.col("offset")).to_series()
    utc: IntArray = moments.to_numpy()
    return utc


def to_minutes(minutes: pl.Series) -> IntArray:
    """Minutes as whole numbers, a part of one left out."""
    whole: IntArray = np.floor(minutes.to_numpy()).astype(np.int64)
    return whole


class Codes:
    """A number for each code of a history, so that the fields of a flight make one key."""

    def __init__(self, flights: pl.DataFrame) -> None:
        airports = pl.concat([flights["origin"], flights["destination"].alias("origin")])
        self._numbers = {"airport": _numbered(airports), "airline": _numbered(flights["airline"])}

    def numbers(self, flights: pl.DataFrame) -> dict[str, IntArray]:
        """The numbers of each field's codes, shape (n,), a quarter of the memory that the codes take.

        -1 where the history does not have a code.
        """
        return {field: self._number(flights[field]) for field in ("origin", "destination", "airline")}

    def keys(self, numbers: dict[str, IntArray], fields: Sequence[str]) -> IntArray:
        """One number for the fields together, shape (n,); -1 where the history does not have a code.

        Parameters
        ----------
        numbers : as `numbers` gives them

        Examples
        --------
        >>> flights = pl.DataFrame({"origin": ["A", "B"], "destination": ["B", "A"], "airline": ["X", "Y"]})
        >>> codes, asked = Codes(flights), flights.vstack(flights[:1].with_columns(airline=pl.lit("Z")))
        >>> codes.keys(codes.numbers(asked), ("airline",))
        array([ 0,  1, -1])
        """
        key = np.zeros(len(numbers["origin"]), np.int64)
        for field in fields:
            number = numbers[field]
            known = (key >= 0) & (number >= 0)
            key = np.where(known, key * len(self._of(field)) + number, _UNKNOWN)
        return key

    def _of(self, field: str) -> dict[str, int]:
        return self._numbers["airline" if field == "airline" else "airport"]

    def _number(self, codes: pl.Series) -> IntArray:
        numbers = self._of(codes.name)
        if not numbers:
            return np.full(len(codes), _UNKNOWN)
        return codes.replace_strict(numbers, default=_UNKNOWN, return_dtype=pl.Int32).to_numpy()


def _numbered(codes: pl.Series) -> dict[str, int]:
    return {code: number for number, code in enumerate(codes.drop_nulls().unique().sort())}


class Sums:
    """Amounts, each of a key and a moment; how many there are, and their sum, between two moments.

    Parameters
    ----------
    key, moment, amount : shape (n,), whole numbers; a negative key is left out; None: each amount is 1, which
        takes no memory

    Examples
    --------
    >>> late = Sums(np.array([0, 0, 1]), np.array([10, 20, 15]), np.array([1, 0, 1]))
    >>> [each.tolist() for each in late.between(np.array([0, -1]), np.array([5, 5]), np.array([20, 20]))]
    [[2, 0], [1, 0]]
    """

    def __init__(self, key: IntArray, moment: IntArray, amount: IntArray | None = None) -> None:
        has_key = key >= 0
        at = placed(key[has_key], moment[has_key])
        order = np.argsort(at, kind="stable")
        self._at, self._sums = at[order], None
        if amount is not None:
            sums = np.concatenate([[0], np.cumsum(amount[has_key][order].astype(np.int64))])
            fits = max(sums.max(), -sums.min()) < 2**31
            self._sums = sums.astype(np.int32) if fits else sums

    def between(self, key: IntArray, after: IntArray, until: IntArray) -> tuple[IntArray, IntArray]:
        """How many, and their sum, of moments after one and until another; 0 for a negative key."""
        first = np.searchsorted(self._at, placed(key, after), "right")
        last = np.searchsorted(self._at, placed(key, until), "right")
        number: IntArray = np.where(key < 0, 0, last - first)
        if self._sums is None:
            return number, number
        return number, np.where(key < 0, 0, self._sums[last] - self._sums[first])


def placed(key: IntArray, moment: IntArray) -> IntArray:
    """One ascending number for a key and a moment."""
    return key * SPAN + moment + SPAN // 2


def ratio(total: IntArray, number: IntArray) -> FloatArray:
    """The mean; NaN of none."""
    return np.where(number > 0, total / np.maximum(number, 1), math.nan)
