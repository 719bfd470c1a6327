"""What a history says was known at a moment, about many flights; `puntual.inference.as_of` is for one."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
import polars as pl

from puntual.data import Flights
from puntual.data.schema import DELAY
from puntual.errors import DataError
from puntual.features import in_model_codes
from puntual.features.moments import scheduled_moments
from puntual.features.operations import History
from puntual.inference.artifact import Artifact
from puntual.inference.operations import ANSWERED_WITHIN
from puntual.inference.timetable import DAY_MINUTES
from puntual.metrics.arrays import BoolArray, FloatArray, IntArray

OPEN_MINUTES = DAY_MINUTES
"""Before the moment: a flight that was due since then and has no actual time may still leave."""
_IDENTITY = ["origin", "airline", "scheduled_departure", "flight_number", "destination"]
_HAS_OUTCOME = pl.col("actual_departure").is_not_null() | pl.col("cancelled")


class KnownRows(NamedTuple):
    """What is known of flights at a moment.

    Attributes
    ----------
    rows : shape (n,), flights that are answered from what is known
    moments : shape (n,), of asking, minutes since 1970
    leads : shape (n,), minutes from then to the scheduled departure
    values : shape (rows, `puntual.inference.operations.OPERATIONS`)
    """

    rows: BoolArray
    moments: IntArray
    leads: IntArray
    values: FloatArray

    @property
    def columns(self) -> pl.DataFrame:
        """``horizon``, ``as_of`` and ``lead_minutes`` of each flight, as in `puntual.types.Prediction`."""
        at = pl.Series(self.moments * 60).cast(pl.Int64)
        return pl.DataFrame({"known": self.rows, "as_of": at, "lead_minutes": self.leads}).select(
            pl.when("known").then(pl.lit("operations")).otherwise(pl.lit("schedule")).alias("horizon"),
            pl.when("known").then(pl.from_epoch("as_of").dt.strftime("%Y-%m-%dT%H:%M:%SZ")),
            pl.when("known").then("lead_minutes"),
        )

    def each(self) -> Iterator[tuple[float, ...] | None]:
        """The values of each flight in turn; None where it is answered from the schedule."""
        values = map(tuple, self.values.tolist())
        return (next(values) if known else None for known in self.rows.tolist())


class FlightsAsOf:
    """What was known of flights at a moment.

    Parameters
    ----------
    at : the moment; without an offset, local at the origin of each flight that is asked about
    asked : the flights that are asked about, and what their file says of them and of others. If its last
        departure is before the moment, it was written by then: a flight of the last day that neither left nor
        was cancelled by a column of its own has not left yet. If it has no actual times, it says nothing
        of the flights that were due by then
    history : what happened before; it says nothing of the flights that were due after its last departure and
        have no outcome
    planned : the timetable, canonical frame
    weather : canonical weather frame (`puntual.data.weather`); None: the weather is missing

    Raises
    ------
    DataError : nothing says what happened
    """

    def __init__(
        self,
        artifact: Artifact,
        at: dt.datetime,
        asked: Flights,
        *,
        history: Flights | None = None,
        planned: pl.DataFrame | None = None,
        weather: pl.DataFrame | None = None,
    ) -> None:
        self._at, self._tables, self._threshold = at, artifact.tables, artifact.threshold_minutes
        if history is None and not asked.complete:
            raise DataError(asked.where, "no actual times", wanted="some, or a history: what has happened")
        own = in_model_codes(asked.frame, self._tables)
        past = own.clear() if history is None else in_model_codes(history.frame, self._tables)
        plans = pl.concat([past, own, *([] if planned is None else [in_model_codes(planned, self._tables)])])
        self._days = plans.select("origin", day=pl.col("scheduled_departure").dt.date(), held=True).unique()
        known = _join(_as_far_as_written(past), self._as_far_as_known(own, asked))
        self._history = History(known, self._tables, self._threshold, weather)

    def read(self, flights: pl.DataFrame) -> KnownRows:
        """What is known of flights.

        Those that were due long before the moment or are due more than a week after it, and those of an
        origin without a timetable of that day, are answered from the schedule.

        Parameters
        ----------
        flights : canonical frame
        """
        coded = in_model_codes(flights, self._tables)
        scheduled, moments = scheduled_moments(coded, self._tables), self._moments(coded)
        leads = scheduled - moments
        clock = coded["scheduled_departure"].dt.epoch("s").to_numpy() // 60 - leads
        day = pl.Series(clock // DAY_MINUTES).cast(pl.Int32).cast(pl.Date)
        asked = coded.select("origin").with_columns(day=day)
        held = asked.join(self._days, ["origin", "day"], "left", maintain_order="left")["held"]
        rows = held.is_not_null().to_numpy() & (leads >= -self._threshold) & (leads <= ANSWERED_WITHIN)
        return KnownRows(rows, moments, leads, self._history.values(flights.filter(rows), leads[rows]))

    def _moments(self, flights: pl.DataFrame) -> IntArray:
        """The moment, at the origins of flights."""
        if self._at.tzinfo is not None:
            return np.full(flights.height, int(self._at.timestamp() // 60))
        return scheduled_moments(flights.with_columns(scheduled_departure=pl.lit(self._at)), self._tables)

    def _as_far_as_known(self, own: pl.DataFrame, asked: Flights) -> pl.DataFrame:
        """The flights of a file; those that may still leave are not cancelled."""
        lead = scheduled_moments(own, self._tables) - self._moments(own)
        delay = own.select(DELAY.fill_null(-math.inf)).to_series().to_numpy()
        if (lead + delay > 0).any():
            return own
        assumed = own["row"].is_in(asked.assumed_cancelled["row"].implode())
        unsaid = own["actual_departure"].is_null() & (~own["cancelled"] | assumed)
        is_open = unsaid & pl.Series(lead > (-OPEN_MINUTES if asked.complete else 0))
        known = own.with_columns(cancelled=pl.col("cancelled") & ~is_open)
        return known if asked.complete else known.filter(_HAS_OUTCOME | is_open)


def _as_far_as_written(history: pl.DataFrame) -> pl.DataFrame:
    """The flights of a history, but for those without an outcome that were due after its last departure."""
    last = history["actual_departure"].max()
    return history.filter(_HAS_OUTCOME | (pl.col("scheduled_departure") <= pl.lit(last, pl.Datetime("us"))))


def _join(past: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """The flights of a history and a file; of what both hold, an outcome counts, the history's first."""
    without = partial(pl.DataFrame.join, on=_IDENTITY, how="anti", nulls_equal=True)
    own = without(own, past.filter(_HAS_OUTCOME))
    past = pl.concat([past.filter(_HAS_OUTCOME), without(past.filter(~_HAS_OUTCOME), own)])
    return pl.concat([past, own])
