"""The moment of `puntual predict --as-of`, and what had happened by then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from puntual.console import note
from puntual.errors import SettingError

if TYPE_CHECKING:
    import polars as pl

    from puntual.data import Flights
    from puntual.features.as_of import FlightsAsOf
    from puntual.inference.artifact import Artifact


class Known(NamedTuple):
    """Where what had happened is read from, as the options say.

    Attributes
    ----------
    as_of : of ``--as-of``; None: flights are answered from the schedule
    history, weather, weather_month : of these options
    """

    as_of: str | None
    history: list[str] | None
    weather: list[str] | None
    weather_month: str | None

    @property
    def files(self) -> tuple[str, ...]:
        """What is read, beside the flights that are asked about."""
        return (*(self.history or ()), *(self.weather or ()))

    def moment(self, *, alone: bool) -> dt.datetime | None:
        """The moment of asking.

        Raises
        ------
        SettingError : it is none, or an option that needs it or excludes it
        """
        from puntual.data.dates import parse_moment

        if self.as_of is not None:
            if alone:
                raise SettingError("--alone: cannot be combined with --as-of, which knows the day's flights")
            return parse_moment("--as-of", self.as_of)
        for name in ("history", "weather", "weather_month"):
            if getattr(self, name):
                raise SettingError(f"--{name.replace('_', '-')}: needs --as-of, the moment of asking")
        return None

    def read(
        self,
        artifact: Artifact,
        moment: dt.datetime,
        data: list[str],
        flights: Flights,
        *,
        planned: pl.DataFrame,
        reading: Callable[[list[str]], Flights],
    ) -> FlightsAsOf:
        """Read what had happened by the moment, and say on stderr what was read.

        Parameters
        ----------
        data, flights : what is asked about: the options, and all flights of their files
        planned : the timetable
        reading : reads files of flights as histories

        Raises
        ------
        DataError : nothing says what had happened
        """
        from puntual.cli.display import note_dropped
        from puntual.cli.reading import read_weather_at
        from puntual.features.as_of import FlightsAsOf

        past = reading(self.history) if self.history else None
        if past:
            note_dropped(past)
        observed = read_weather_at(
            self.weather, [*data, *(self.history or ())], flights, month=self.weather_month
        )
        return FlightsAsOf(artifact, moment, flights, history=past, planned=planned, weather=observed)


def check_model(artifact: Artifact) -> None:
    """Refuse a model that does not know the day of the flight.

    Raises
    ------
    SettingError : it answers from the timetable alone
    """
    if artifact.operations is None:
        found = f"{artifact.name} answers from the timetable alone"
        raise SettingError(f"--as-of: {found}; wanted: a model of `puntual train --operations`")


def note_horizons(moment: dt.datetime, answers: pl.DataFrame) -> None:
    """Say what the moment was taken for, and how many flights were answered from what had happened."""
    known = int((answers["horizon"] == "operations").sum())
    zone = f"UTC{moment:%z}" if moment.tzinfo else "local time at each origin"
    others = f", {answers.height - known:,} from the timetable" if answers.height > known else ""
    note(f"as of {moment:%Y-%m-%d %H:%M}, {zone}: {known:,} flights from what had happened by then{others}")
