"""What was known at any moment of a history: the values of `puntual.inference.operations` over frames."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import NamedTuple

import numpy as np
import polars as pl

from puntual.data.schema import GONE
from puntual.features import in_model_codes
from puntual.features.aircraft import Legs
from puntual.features.moments import SPAN, Codes, Sums, ratio, scheduled_moments, to_minutes
from puntual.features.weather import Observations
from puntual.inference.known import MAX_DELAY, MIN_DELAY, NEVER, Known, becomes_known, is_late
from puntual.inference.operations import (
    DAY_START,
    LEAD,
    OPERATIONS,
    OVERDUE_CAP,
    SCOPES,
    Overdue,
    Recent,
    Scope,
)
from puntual.inference.tables import Tables
from puntual.inference.timetable import DAY_MINUTES
from puntual.metrics.arrays import FloatArray, IntArray
from puntual.processors import count_processors

Values = dict[str, FloatArray]


class Outcomes(NamedTuple):
    """What came of the flights of a history, and when it became known; arrays of shape (n,).

    Attributes
    ----------
    scheduled, departed, cancelled : moments; `NEVER` where there is none
    late : whether it left late, or not at all
    """

    scheduled: IntArray
    departed: IntArray
    cancelled: IntArray
    late: IntArray
    known: Known

    def amounts(self, of: str) -> tuple[IntArray, IntArray]:
        """The moments at which what `Recent.of` names becomes known of each flight, and the amounts."""
        if of == "late":
            return self.known.lateness, self.late
        if of == "delay":
            return self.known.delay, np.clip(self.departed - self.scheduled, MIN_DELAY, MAX_DELAY)
        return self.known.cancellation, np.ones(len(self.late), np.int64)


class Asked(NamedTuple):
    """The moments of asking about flights; arrays of shape (n,).

    Attributes
    ----------
    key : of the flight's scope; -1 where the history does not have it
    moment : of asking
    clock : minute of the origin's day at that moment
    """

    key: IntArray
    moment: IntArray
    clock: IntArray


class History:
    """The flights of a history, and what of them was known when.

    Parameters
    ----------
    flights : canonical frame, cancelled ones too; one that neither left nor was cancelled counts as not left,
        as it does for a service that is told no more of it (`puntual.inference.known`)
    tables : codes and time zones
    delay_minutes : a flight is delayed when it leaves more than this late
    weather : canonical weather frame (`puntual.data.weather`); None: the weather is missing
    """

    def __init__(
        self, flights: pl.DataFrame, tables: Tables, delay_minutes: int, weather: pl.DataFrame | None = None
    ) -> None:
        self._tables, coded = tables, in_model_codes(flights, tables)
        self._codes = Codes(coded)
        self._numbers = self._codes.numbers(coded)
        self._outcomes = _outcomes(coded, tables, delay_minutes)
        self._legs = Legs(coded, *self._outcomes[:3])
        self._weather = None if weather is None else Observations(weather, tables)
        self._amounts, self._spells = cache(self._sum), cache(self._sum_spells)

    def values(self, flights: pl.DataFrame, leads: IntArray, into: FloatArray | None = None) -> FloatArray:
        """The values of the operations horizon as of so many minutes before each flight.

        Parameters
        ----------
        flights : canonical frame
        leads : shape (n,), minutes from the moment of asking to the scheduled departure, not negative
        into : where they are written, as columns of a larger matrix; None: an array of their own

        Returns
        -------
        Shape (n, values), in the order of `OPERATIONS`; NaN where nothing is known
        """
        coded = in_model_codes(flights, self._tables)
        scheduled = scheduled_moments(coded, self._tables)
        moment = scheduled - leads
        clock = (coded["scheduled_departure"].dt.epoch("s").to_numpy() // 60 - leads) % DAY_MINUTES
        numbers = self._codes.numbers(coded)
        makers: list[Callable[[], Values]] = [
            partial(self._of_scope, scope, Asked(self._codes.keys(numbers, scope.asked), moment, clock))
            for scope in SCOPES
        ]
        makers.append(partial(self._legs.values, coded, moment, scheduled))
        if self._weather is not None:
            makers.append(partial(self._weather.values, coded["origin"], moment))
        values = np.empty((flights.height, len(OPERATIONS))) if into is None else into
        values[:] = math.nan
        values[:, OPERATIONS.index(LEAD)] = leads
        with ThreadPoolExecutor(count_processors()) as threads:
            for found in threads.map(lambda make: make(), makers):
                for name, column in found.items():
                    values[:, OPERATIONS.index(name)] = column
        return values

    def _of_scope(self, scope: Scope, asked: Asked) -> Values:
        # Searching ascending keys is several times faster than scattered ones.
        order = np.argsort(asked.key * SPAN + asked.moment)
        of_scope = partial(self._amounts, scope.past), partial(self._spells, scope.past)
        measures = _Measures(*of_scope, Asked(*(each[order] for each in asked)))
        values = {}
        for name, measure in zip(scope.names, scope.measures, strict=True):
            values[name] = np.empty(len(order))
            values[name][order] = measures.of(measure)
        return values

    def _sum(self, past: tuple[str, ...], of: str) -> Sums:
        """What `Recent.of` names, by what the departures of a scope have in common."""
        moments, amounts = self._outcomes.amounts(of)
        happens = moments < NEVER
        key = self._codes.keys(self._numbers, past)
        return Sums(key[happens], moments[happens], amounts[happens])

    def _sum_spells(self, past: tuple[str, ...], minutes: int) -> tuple[Sums, Sums]:
        """When flights came to be so many minutes past their time, and when that ended."""
        outcomes = self._outcomes
        begins = outcomes.scheduled + minutes
        gone = np.minimum(outcomes.departed, outcomes.cancelled)
        ends = np.minimum(gone, outcomes.scheduled + OVERDUE_CAP)
        applies = ends > begins
        key = self._codes.keys(self._numbers, past)[applies]
        return Sums(key, begins[applies]), Sums(key, ends[applies])


class _Measures:
    """The measures of one scope for flights in ascending order of their keys and moments.

    Parameters
    ----------
    amounts, spells : of the scope, as `History` makes them
    """

    def __init__(
        self,
        amounts: Callable[[str], Sums],
        spells: Callable[[int], tuple[Sums, Sums]],
        asked: Asked,
    ) -> None:
        self._amounts, self._spells, self._asked = amounts, spells, asked

    def of(self, measure: Recent | Overdue) -> FloatArray:
        return self._overdue(measure) if isinstance(measure, Overdue) else self._recent(measure)

    def _recent(self, measure: Recent) -> FloatArray:
        window = self._asked.key, *self._window(measure)
        number, total = self._amounts(measure.of).between(*window)
        if measure.of != "cancelled":
            return ratio(total, number)
        return ratio(number, number + self._amounts("late").between(*window)[0])

    def _window(self, measure: Recent) -> tuple[IntArray, IntArray]:
        """The moments after which, and until which."""
        moment = self._asked.moment
        if measure.minutes:
            return moment - measure.minutes, moment
        if measure.days:
            today = moment - moment % DAY_MINUTES
            return today - measure.days * DAY_MINUTES - 1, today - 1
        return moment - (self._asked.clock - DAY_START) % DAY_MINUTES - 1, moment

    def _overdue(self, measure: Overdue) -> FloatArray:
        """Those that came to be so many minutes past their time, less those for which that ended."""
        key, moment, _ = self._asked
        always = np.full(len(key), -SPAN // 2)
        begun, ended = (sums.between(key, always, moment)[0] for sums in self._spells(measure.minutes))
        return (begun - ended).astype(np.float64)


def _outcomes(flights: pl.DataFrame, tables: Tables, delay_minutes: int) -> Outcomes:
    scheduled = scheduled_moments(flights, tables)
    gone = scheduled + to_minutes(flights.select(GONE).to_series())
    left = flights["actual_departure"].is_not_null().to_numpy()
    called_off = flights["cancelled"].to_numpy() & ~left
    departed, cancelled = np.where(left, gone, NEVER), np.where(called_off, gone, NEVER)
    late = is_late(scheduled, departed, delay_minutes)
    return Outcomes(
        scheduled, departed, cancelled, late, becomes_known(scheduled, departed, cancelled, delay_minutes)
    )
