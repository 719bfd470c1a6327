"""The moment that a model is asked at, and what had happened by then."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import polars as pl

from puntual.api.flights import Reading, flights_of
from puntual.api.weather import WeatherLike, observed_weather
from puntual.data.dates import parse_moment
from puntual.data.flights import Flights
from puntual.data.reading import Data
from puntual.errors import SettingError
from puntual.features.as_of import FlightsAsOf
from puntual.inference.artifact import Artifact


class Past(NamedTuple):
    """What `Model.predict` takes beside the flights that are asked about."""

    as_of: dt.datetime | str | None
    history: Data | Flights | None
    weather: WeatherLike

    def read(
        self,
        artifact: Artifact,
        flights: Flights,
        how: Reading,
        *,
        planned: pl.DataFrame | None,
        timetable: object,
    ) -> FlightsAsOf | None:
        """What had happened by the moment; None without one.

        Parameters
        ----------
        planned, timetable : as read, and as given

        Raises
        ------
        SettingError : no moment, or what excludes one, or a model that answers from the timetable alone
        DataError : nothing says what had happened
        """
        if self.as_of is None:
            if self.history is not None or (self.weather is not None and self.weather is not False):
                raise SettingError("history, weather: need as_of, the moment of asking")
            return None
        if artifact.operations is None:
            found = f"{artifact.name} answers from the timetable alone"
            raise SettingError(f"as_of: {found}; wanted: a model of train(…, operations=True)")
        if timetable is False:
            raise SettingError("as_of: knows the day's flights; wanted: no timetable=False")
        moment = parse_moment("as_of", self.as_of)
        past = None if self.history is None else flights_of(self.history, how, history=True)
        weather = observed_weather(self.weather, flights)
        return FlightsAsOf(artifact, moment, flights, history=past, planned=planned, weather=weather)
