"""Reports of the weather at airports (METAR and SPECI) -> observations."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from puntual.errors import EmptyReportError, MissingDependencyError, ReportError, printable
from puntual.operations.events import Observation
from puntual.operations.quantities import INCH_MM, TRACE_MM, keep_possible

if TYPE_CHECKING:
    from metar.Metar import Metar

MAX_REPORT_CHARACTERS = 1_000
"""Longest report; real ones have less than 400."""
REPORT = re.compile(r"(?:(?:METAR|SPECI|COR|AUTO)\s+)*[A-Z][A-Z0-9]{3}\s+(?:COR\s+)?\d{6}Z(?=\s|$)")
"""How a report begins."""

_WHERE = "METAR report"
_WANTED = "a report such as 'SCEL 201200Z 18004KT 9999 SCT020 18/12 Q1013'"
_FORECAST = re.compile(r"TAF\b|.*?\d{6}Z\s+\d{4}/\d{4}\b")
_REMARKS = {"RMK", "RMKS", "NOSPECI"}
_NOT_OBSERVED = {"TEMPO", "BECMG", "NOSIG", "FCST", "INTER", *_REMARKS}
_USED_REMARK = re.compile(r"T[01]\d{3}(?:[01]\d{3})?|P\d{4}")
_TIME, _WIND = re.compile(r"\d{6}Z"), re.compile(r".*\d(?:KTS?|MPS|KMH)")
_MODIFIERS = {"AUTO", "COR", "CORR", "NIL", *(f"CC{letter}" for letter in "ABCDEFG")}


class Report(NamedTuple):
    """A report, as it was written.

    Attributes
    ----------
    station : its ICAO code
    day, hour, minute : UTC; it has neither month nor year
    values : what was measured, by name of `puntual.operations.quantities.QUANTITIES`, impossible values
        included
    """

    station: str
    day: int
    hour: int
    minute: int
    values: dict[str, float]

    def observed_in(self, year: int, month: int) -> dt.datetime | None:
        """When it was observed, if it was in that month; None if the month does not have its day."""
        with suppress(ValueError):
            return dt.datetime(year, month, self.day, self.hour, self.minute, tzinfo=dt.UTC)
        return None

    def observed_near(self, near: dt.datetime) -> dt.datetime:
        """When it was observed, in the month that brings it nearest to a moment.

        Parameters
        ----------
        near : with its offset to UTC

        Examples
        --------
        >>> report = parse_report("KJFK 312351Z 31018KT 10SM 01/M09 A3002")
        >>> str(report.observed_near(dt.datetime(2017, 2, 1, 0, 10, tzinfo=dt.timezone.utc)))
        '2017-01-31 23:51:00+00:00'
        """
        moment = near.astimezone(dt.UTC)
        first = moment.year * 12 + moment.month - 1
        months = (divmod(month, 12) for month in range(first - 2, first + 3))
        found = (self.observed_in(year, month + 1) for year, month in months)
        return min((one for one in found if one), key=lambda one: abs(one - moment))


def read_metar(line: str, *, near: dt.datetime) -> Observation:
    """Read a report as an observation; impossible values are left out.

    Parameters
    ----------
    line : with or without ``METAR`` before it and ``=`` behind it
    near : a moment, with its offset to UTC, that gives the month and the year

    Raises
    ------
    ReportError : no report, or a forecast
    EmptyReportError : a report without any value that is used
    MissingDependencyError : the parser is not installed

    Examples
    --------
    >>> noon = dt.datetime(2017, 1, 20, 12, tzinfo=dt.timezone.utc)
    >>> seen = read_metar("METAR SCEL 201200Z 18004MPS CAVOK 28/12 Q1013 NOSIG=", near=noon)
    >>> seen.airport, seen.temperature_c, seen.wind_kt, seen.visibility_km, seen.gust_kt
    ('SCEL', 28.0, 7.8, 10.0, None)
    """
    report = parse_report(line)
    values = keep_possible(report.values)
    if not values:
        raise EmptyReportError(_WHERE, "no value in it is possible", wanted=_WANTED)
    fields: dict[str, Any] = {**values}
    return Observation(airport=report.station, observed_at=report.observed_near(near), **fields)


def parse_report(line: str) -> Report:
    """Take a report apart.

    Visibility of CAVOK, 9999 and P6SM is what it is at least. Where precipitation is measured (AO2), none
    reported is none. A trend forecast and remarks that are not used are not read.

    Raises
    ------
    ReportError : no report, or a forecast
    EmptyReportError : a report without any value that is used
    MissingDependencyError : the parser is not installed

    Examples
    --------
    >>> parse_report("KJFK 021351Z 31018G27KT 1 1/2SM 01/M09 A3002 RMK AO2 P0012 T00061089").values
    {'temperature_c': 0.6, 'dew_point_c': -8.9, 'wind_kt': 18.0, 'gust_kt': 27.0,
     'pressure_hpa': 1016.5966..., 'visibility_km': 2.414016, 'precipitation_mm': 3.047...}
    """
    text = line.strip().rstrip("=").upper()
    _check(text)
    body, remarks = _split(text.split())
    # Of the remarks only those used are handed on: on some others the parser takes minutes.
    parsed = _parser()(" ".join([*_unambiguous(body), "RMK", *filter(_USED_REMARK.fullmatch, remarks)]))
    if parsed is None or parsed.time is None or parsed.station_id is None:
        raise ReportError(_WHERE, f"{_shown(text)} cannot be read", wanted=_WANTED)
    values = dict(_values(parsed, body)) | _precipitation(parsed, remarks)
    if not values:
        raise EmptyReportError(_WHERE, f"{_shown(text)} has no value", wanted=_WANTED)
    time = parsed.time
    return Report(parsed.station_id, time.day, time.hour, time.minute, values)


def _check(text: str) -> None:
    if len(text) > MAX_REPORT_CHARACTERS:
        found = f"{len(text):,} characters"
        raise ReportError(_WHERE, found, wanted=f"at most {MAX_REPORT_CHARACTERS:,}")
    if _FORECAST.match(text):
        raise ReportError(_WHERE, f"{_shown(text)} is a forecast (TAF)", wanted=_WANTED)
    if not (text.isascii() and REPORT.match(text)):
        raise ReportError(_WHERE, f"{_shown(text)} is no report", wanted=_WANTED)


def _shown(text: str) -> str:
    return f"'{printable(text[:40])}{'…' if len(text) > 40 else ''}'"


def _split(groups: list[str]) -> tuple[list[str], list[str]]:
    """The groups of the observation, and of the remarks."""
    end = next((at for at, group in enumerate(groups) if group in _NOT_OBSERVED), len(groups))
    remarks = next((at for at, group in enumerate(groups) if group in _REMARKS), len(groups))
    return groups[:end], groups[remarks + 1 :]


def _unambiguous(body: list[str]) -> list[str]:
    """The groups without what the parser misreads.

    It takes slashes that stand for a missing visibility for 10 km, and a visibility of 0800 for the wind if
    that is missing.
    """
    groups = [group for group in body if set(group) != {"/"}]
    if not any(map(_WIND.fullmatch, body)):
        time = next(at for at, group in enumerate(groups) if _TIME.fullmatch(group))
        rest = next((at for at in range(time + 1, len(groups)) if groups[at] not in _MODIFIERS), len(groups))
        groups.insert(rest, "/////KT")
    return groups


def _values(parsed: Metar, body: list[str]) -> Iterator[tuple[str, float]]:
    if parsed.temp:
        yield "temperature_c", parsed.temp.value("C")
    if parsed.dewpt:
        yield "dew_point_c", parsed.dewpt.value("C")
    # Where the unit is missing, the parser guesses one by the station.
    if any(map(_WIND.fullmatch, body)):
        if parsed.wind_speed:
            yield "wind_kt", parsed.wind_speed.value("KT")
        if parsed.wind_gust:
            yield "gust_kt", parsed.wind_gust.value("KT")
    if parsed.press:
        yield "pressure_hpa", parsed.press.value("HPA")
    if parsed.vis:
        yield "visibility_km", parsed.vis.value("KM")


def _precipitation(parsed: Metar, remarks: list[str]) -> dict[str, float]:
    if parsed.precip_1hr:
        return {"precipitation_mm": parsed.precip_1hr.value("IN") * INCH_MM or TRACE_MM}
    is_measured = "AO2" in remarks and not {"PNO", "P////"} & {*remarks}
    return {"precipitation_mm": 0.0} if is_measured else {}


@cache
def _parser() -> Callable[[str], Metar | None]:
    """The parser, loaded where the first report is read; it gives None where it fails."""
    try:
        from metar.Metar import Metar, ParserError  # noqa: PLC0415
    except ModuleNotFoundError:
        raise MissingDependencyError("metar", extra="train") from None

    class Lenient(Metar):
        """A report of which groups that nobody knows are skipped, without warnings."""

        def __init__(self, text: str) -> None:
            self.failed = False
            try:
                super().__init__(text, month=1, year=2000, strict=True)  # a month that has every day
            except ParserError:
                self.failed = self.decode_completed

    def parse(text: str) -> Metar | None:
        report = Lenient(text)
        return None if report.failed else report

    return parse
