"""The weather last observed at each airport."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right

from puntual.inference.operations import CHANGES, OBSERVED, OBSERVED_WITHIN, WEATHER, WEATHER_CHANGE
from puntual.operations.events import LogEntry, Observation, Rank, rank

_MISSING = (math.nan,) * len(WEATHER)
_NOT_OBSERVED = (math.nan,) * len(OBSERVED)
_CHANGES = [OBSERVED.index(name) for name in CHANGES]
_KEPT_MINUTES = OBSERVED_WITHIN + WEATHER_CHANGE

Values = tuple[float, ...]


class Observed:
    """Observations by airport, in the order in which they became known."""

    def __init__(self) -> None:
        self._moments: dict[str, list[int]] = {}
        self._observations: dict[str, list[tuple[Rank, Values]]] = {}
        self._cached: dict[str, tuple[int, Values]] = {}

    def add(self, airport: str, entry: LogEntry, observation: Observation) -> None:
        """Add an observation; of those of the same minute, the one of the greatest rank counts.

        Parameters
        ----------
        airport : in the model's codes
        """
        moment = -(-int(entry.known_at.timestamp()) // 60)
        values = tuple(
            math.nan if (value := getattr(observation, name)) is None else float(value) for name in OBSERVED
        )
        self._cached.pop(airport, None)
        moments = self._moments.setdefault(airport, [])
        observations = self._observations.setdefault(airport, [])
        place = bisect_left(moments, moment)
        found = rank(entry), values
        if place < len(moments) and moments[place] == moment:
            observations[place] = max(observations[place], found, key=lambda one: one[0])
            return
        moments.insert(place, moment)
        observations.insert(place, found)

    def forget(self, moment: int) -> None:
        """Drop what is too old for any moment from one on."""
        for airport, moments in self._moments.items():
            place = bisect_left(moments, moment - 2 * _KEPT_MINUTES)
            del moments[:place], self._observations[airport][:place]

    def values(self, airport: str, moment: int) -> Values:
        """The values `WEATHER`, as `puntual.features.weather` makes them over frames."""
        moments = self._moments.get(airport)
        if moments is None:
            return _MISSING
        cached = self._cached.get(airport)
        if cached is not None and cached[0] == moment:
            return cached[1]
        now, before = (self._last(airport, moments, at) for at in (moment, moment - WEATHER_CHANGE))
        values = (*now, *[now[at] - before[at] for at in _CHANGES])
        self._cached[airport] = moment, values
        return values

    def _last(self, airport: str, moments: list[int], moment: int) -> Values:
        place = bisect_right(moments, moment) - 1
        if place < 0 or moment - moments[place] > OBSERVED_WITHIN:
            return _NOT_OBSERVED
        return self._observations[airport][place][1]
