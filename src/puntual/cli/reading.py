"""What commands read: the files of DATA, and what was said about them on the command line."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from puntual.console import note
from puntual.errors import SettingError

if TYPE_CHECKING:
    import polars as pl

    from puntual.data import Flights
    from puntual.data.weather import Observations

NO_WEATHER = "none"
"""Instead of a file of weather."""


def read_data(
    data: list[str],
    *,
    source: str | None,
    given: list[str] | None = None,
    sheet: str | None = None,
    history: bool = True,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    keep_rows: bool = False,
) -> Flights:
    """Read the flights of DATA.

    Parameters
    ----------
    given : of ``--set``, as ``NAME=VALUE``
    since, until : of the options of these names
    history, keep_rows : as in `puntual.data.read_flights`

    Raises
    ------
    SettingError : ``--set`` without a value, or of what no file holds
    """
    from puntual.data import read_flights

    return read_flights(
        data if len(data) > 1 else data[0],
        source=source,
        constants=read_constants(given or []),
        sheet=sheet,
        history=history,
        since=since and since.date(),
        until=until and until.date(),
        keep_rows=keep_rows,
    )


def read_observed(
    weather: list[str] | None, data: list[str], *, month: str | None = None
) -> Observations | None:
    """Read the observed weather, and say on stderr what was read; None if there is none.

    Parameters
    ----------
    weather : of ``--weather``; without any, embedded flights come with their own
    data : the flights' DATA
    month : of ``--weather-month``

    Raises
    ------
    SettingError : ``--weather-month`` without files, or ``none`` beside files
    """
    from puntual.data import EMBEDDED

    if month is not None and not weather:
        raise SettingError("--weather-month: needs --weather")
    files = weather or [name for name in data if name in EMBEDDED]
    if NO_WEATHER in files and len(files) > 1:
        raise SettingError(f"--weather {NO_WEATHER}: beside other files; wanted: it alone, or files")
    if not files or files == [NO_WEATHER]:
        return None
    from puntual.data.weather import read_observations

    observations = read_observations(files, month=month)
    for line in observations.notes():
        note(line)
    return observations


def read_weather_at(
    weather: list[str] | None, data: list[str], flights: Flights, *, month: str | None = None
) -> pl.DataFrame | None:
    """Read the observed weather at the airports that flights leave from; None if there is none.

    Parameters as in `read_observed`.

    Raises
    ------
    DataError : no weather of any of these airports
    """
    from puntual.data.weather_stations import weather_of_flights

    observed = read_observed(weather, data, month=month)
    return observed and weather_of_flights(observed.frame, flights.frame, observed.where)


def read_constants(given: list[str]) -> dict[str, str]:
    """What a file does not hold, by name.

    Examples
    --------
    >>> read_constants(["origin=JFK"])
    {'origin': 'JFK'}
    """
    if not given:
        return {}
    from puntual.data.mapping import Constants

    constants = {}
    for one in given:
        name, _, value = one.partition("=")
        if not (name and value):
            raise SettingError(f"--set {one}: no value; wanted: NAME=VALUE, as in origin=JFK")
        if name.strip() not in Constants.__struct_fields__:
            wanted = f"one of {', '.join(Constants.__struct_fields__)}, as in origin=JFK"
            raise SettingError(f"--set {name}: no such value; wanted: {wanted}")
        constants[name.strip()] = value.strip()
    return constants
