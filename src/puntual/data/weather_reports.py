"""Texts of weather reports (METAR), one a line, as archives give them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

import polars as pl

from puntual.data.weather_rows import WEATHER_COLUMNS, WeatherRows, reasons
from puntual.errors import DataError, ReportError, SettingError
from puntual.operations.metar import REPORT, Report, parse_report
from puntual.operations.quantities import QUANTITIES, keep_possible

_DATED = re.compile(
    r'"?(?:[A-Z0-9]{3,4}[,;\t])?'  # the station of a CSV
    r"(?P<date>\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?|\d{12}|\d{4},\d\d,\d\d,\d\d,\d\d)Z?"
    r'[,;\s]\s*"?(?P<report>.*)'
)
_NOT_DIGITS = re.compile(r"\D")
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
_SAMPLED_LINES = 200
_TOLERANCE = dt.timedelta(days=1)
_MONTH_WANTED = "the month of the reports, as 2017-01 (--weather-month), or lines that begin with the date"


class Line(NamedTuple):
    """A report within a text.

    Attributes
    ----------
    number : of its first line, from 1
    date : that the archive wrote before it
    """

    number: int
    date: dt.datetime | None
    report: str


def parse_month(month: str | None) -> tuple[int, int] | None:
    """Year and month of a setting.

    Raises
    ------
    SettingError : anything but a month

    Examples
    --------
    >>> parse_month("2017-01")
    (2017, 1)
    """
    if month is None:
        return None
    if not _MONTH.fullmatch(month):
        raise SettingError(f"month: {month!r}; wanted: a month as 2017-01")
    return int(month[:4]), int(month[5:])


def are_reports(text: str) -> bool:
    """Whether a text begins with lines of which one is a report.

    Examples
    --------
    >>> are_reports("201701201200 METAR SCEL 201200Z 18004KT CAVOK="), are_reports("station,valid,tmpf")
    (True, False)
    """
    return any(REPORT.match(line.report) for line in islice(split_lines(text.split("\n")), _SAMPLED_LINES))


def split_lines(lines: Iterable[str]) -> Iterator[Line]:
    r"""The reports of a text; one goes on in lines that begin with a blank, unless ``=`` ended it.

    Examples
    --------
    >>> text = "# Santiago\n2017-01-20 12:00,SCEL 201200Z\n   18004KT CAVOK\nSCEL 201300Z 18004KT"
    >>> [(line.number, str(line.date), line.report) for line in split_lines(text.split("\n"))]
    [(2, '2017-01-20 12:00:00+00:00', 'SCEL 201200Z 18004KT CAVOK'), (4, 'None', 'SCEL 201300Z 18004KT')]
    """
    before: Line | None = None
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        goes_on = line[0].isspace() and before is not None and not before.report.endswith("=")
        read = _split_date(number, text)
        if goes_on and before is not None and read.date is None and not REPORT.match(read.report):
            before = before._replace(report=f"{before.report} {text}")
            continue
        if before is not None:
            yield before
        before = read
    if before is not None:
        yield before


def _split_date(number: int, text: str) -> Line:
    found = _DATED.match(text)
    if found is None:
        return Line(number, None, text)
    try:
        date = dt.datetime.strptime(_NOT_DIGITS.sub("", found["date"])[:12], "%Y%m%d%H%M")
    except ValueError:
        return Line(number, None, text)
    return Line(number, date.replace(tzinfo=dt.UTC), found["report"].rstrip('"'))


def read_reports(lines: Iterable[str], where: str, month: tuple[int, int] | None) -> WeatherRows:
    """Read the reports of a text.

    Parameters
    ----------
    month : year and month of reports without a date before them

    Raises
    ------
    DataError : reports without a date, and no month
    """
    good, bad, unusable, count = (
        list[tuple[object, ...]](),
        list[tuple[int, str]](),
        list[tuple[int, str]](),
        0,
    )
    for line in split_lines(lines):
        if not count and line.report.lower().startswith("station,"):
            continue  # the header of a CSV
        count += 1
        try:
            report = parse_report(line.report)
        except ReportError as error:
            bad.append((line.number, error.found))
            continue
        if line.date is None and month is None:
            raise DataError(where, f"line {line.number}: a report without its month", wanted=_MONTH_WANTED)
        observed = _observed(report, line.date, month)
        if observed is None:
            bad.append((line.number, _contradiction(report, line.date, month)))
            continue
        values = keep_possible(report.values)
        unusable += ((line.number, _impossible(name, report)) for name in report.values if name not in values)
        good.append((report.station, observed, *map(values.get, QUANTITIES)))
    frame = pl.DataFrame(good, schema=dict(WEATHER_COLUMNS), orient="row")
    return WeatherRows(where, frame, count, reasons(bad), reasons(unusable), unit="line")


def _observed(report: Report, date: dt.datetime | None, month: tuple[int, int] | None) -> dt.datetime | None:
    if date is not None:
        observed = report.observed_near(date)
        return observed if abs(observed - date) <= _TOLERANCE else None
    return report.observed_in(*month) if month else None


def _contradiction(report: Report, date: dt.datetime | None, month: tuple[int, int] | None) -> str:
    if date is not None:
        return f"its day {report.day} is not within a day of {date:%Y-%m-%d %H:%M}"
    year, number = month or (0, 0)
    return f"{year}-{number:02} has no day {report.day}"


def _impossible(name: str, report: Report) -> str:
    quantity = QUANTITIES[name]
    value = f"{report.values[name]:.5g}"
    return f"{value} is no possible {name}, which is within {quantity.lowest:g} and {quantity.highest:g}"
