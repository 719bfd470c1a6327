"""Where the aircraft of a flight was last, and how late: the values `AIRCRAFT` over frames."""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from puntual.features.moments import placed
from puntual.inference.known import NEVER
from puntual.inference.operations import AIRCRAFT, LEGS_WITHIN, PLANNED_WITHIN
from puntual.metrics.arrays import BoolArray, FloatArray, IntArray


class Legs:
    """The flights of each aircraft.

    Parameters
    ----------
    flights : in the model's codes
    scheduled, departed, cancelled : moments, shape (n,); `NEVER` where there is none
    """

    def __init__(
        self, flights: pl.DataFrame, scheduled: IntArray, departed: IntArray, cancelled: IntArray
    ) -> None:
        names = flights["aircraft"].drop_nulls().unique().sort()
        self._numbers = {name: number for number, name in enumerate(names)}
        rows = flights.select(
            "destination",
            aircraft=self._number(flights["aircraft"]),
            scheduled=scheduled,
            departed=departed,
            cancelled=cancelled,
        ).filter(pl.col("aircraft") >= 0)
        self._planned = rows.sort("aircraft", "scheduled", "destination", "departed")
        self._left = rows.filter(pl.col("departed") < NEVER).sort(
            "aircraft", "departed", "scheduled", "destination"
        )

    def values(self, asked: pl.DataFrame, moment: IntArray, scheduled: IntArray) -> dict[str, FloatArray]:
        """The values by name; NaN without a tail number, before it is planned, and without an earlier flight.

        Parameters
        ----------
        asked : in the model's codes
        moment, scheduled : of asking and of departure, shape (n,)
        """
        number = self._number(asked["aircraft"]).to_numpy()
        number = np.where(scheduled - moment <= PLANNED_WITHIN, number, -1)
        since = scheduled - LEGS_WITHIN
        last = _Row(self._left, "departed", number, since, moment)
        leg = _Row(self._planned, "scheduled", number, since, scheduled - 1)
        here = last.of("destination") == asked["origin"].to_numpy()
        left, called_off = leg.of("departed") <= moment, leg.of("cancelled") <= moment
        past = np.maximum(moment - leg.of("scheduled"), -1)
        delay = np.where(left, leg.of("departed") - leg.of("scheduled"), past)
        found = (
            last.known(last.of("departed") - last.of("scheduled")),
            last.known(scheduled - last.of("departed")),
            last.known(here),
            leg.known(scheduled - leg.of("scheduled")),
            np.where(called_off, math.nan, leg.known(delay)),
            leg.known(left),
        )
        return dict(zip(AIRCRAFT, found, strict=True))

    def _number(self, aircraft: pl.Series) -> pl.Series:
        if not self._numbers:
            return pl.Series(np.full(len(aircraft), -1))
        return aircraft.replace_strict(self._numbers, default=-1, return_dtype=pl.Int64)


class _Row:
    """For each asked flight, the last row of its aircraft from a moment until another."""

    def __init__(
        self, rows: pl.DataFrame, by: str, aircraft: IntArray, since: IntArray, until: IntArray
    ) -> None:
        self._rows = rows
        at = placed(rows["aircraft"].to_numpy(), rows[by].to_numpy())
        place = np.searchsorted(at, placed(aircraft, until), "right") - 1
        self._place = np.maximum(place, 0)
        self._known: BoolArray = (place >= 0) & (aircraft >= 0)
        if rows.height:
            self._known &= rows["aircraft"].to_numpy()[self._place] == aircraft
            self._known &= rows[by].to_numpy()[self._place] >= since

    def of(self, column: str) -> np.ndarray:
        """The column's value; any where there is no such row."""
        if not self._rows.height:
            return np.zeros(len(self._place), np.int64)
        return self._rows[column].to_numpy()[self._place]

    def known(self, values: np.ndarray) -> FloatArray:
        """The values as numbers; NaN where there is no such row."""
        return np.where(self._known, values, math.nan).astype(np.float64)
