"""The weather last observed at an airport: the values `WEATHER` over frames."""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from puntual.features.moments import placed
from puntual.inference.operations import CHANGES, OBSERVED, OBSERVED_WITHIN, WEATHER_CHANGE
from puntual.inference.tables import Tables
from puntual.metrics.arrays import FloatArray, IntArray


class Observations:
    """Observations of the weather in time order, by airport.

    Parameters
    ----------
    weather : canonical weather frame (`puntual.data.weather`); airports the model does not know are left out
    """

    def __init__(self, weather: pl.DataFrame, tables: Tables) -> None:
        own_code = pl.col("airport").str.to_uppercase()
        own_code = own_code.replace_strict(tables.airport_codes, default=None, return_dtype=pl.String)
        known = weather.with_columns(own_code).drop_nulls("airport")
        self._numbers = {code: number for number, code in enumerate(known["airport"].unique().sort())}
        rows = known.with_columns(
            number=known["airport"].replace_strict(self._numbers, return_dtype=pl.Int64)
            if self._numbers
            else pl.Series([], dtype=pl.Int64),
            moment=_minutes(known["known_at"]),
        ).sort("number", "moment")
        self._moment, self._number = rows["moment"].to_numpy(), rows["number"].to_numpy()
        self._at = placed(self._number, self._moment)
        self._values = {name: rows[name].fill_null(math.nan).to_numpy() for name in OBSERVED}

    def values(self, airports: pl.Series, moment: IntArray) -> dict[str, FloatArray]:
        """The values by name; NaN where nothing was observed lately, or not that.

        Parameters
        ----------
        airports : in the model's codes
        moment : of asking, shape (n,)
        """
        if not len(self._at):
            return {}
        number = airports.replace_strict(self._numbers, default=-1, return_dtype=pl.Int64).to_numpy()
        now = {name: self._last(name, number, moment) for name in OBSERVED}
        before = {name: self._last(name, number, moment - WEATHER_CHANGE) for name in CHANGES}
        return now | {f"{name}_change": now[name] - before[name] for name in CHANGES}

    def _last(self, name: str, number: IntArray, moment: IntArray) -> FloatArray:
        place = np.searchsorted(self._at, placed(number, moment), "right") - 1
        known = (place >= 0) & (number >= 0)
        place = np.maximum(place, 0)
        known &= (self._number[place] == number) & (moment - self._moment[place] <= OBSERVED_WITHIN)
        return np.where(known, self._values[name][place], math.nan)


def _minutes(moments: pl.Series) -> pl.Series:
    """Whole minutes since 1970, a part of one counting as the next: nothing is known before its time."""
    return -(-moments.dt.epoch("s") // 60)
