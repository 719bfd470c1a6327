"""Options of several commands."""

from __future__ import annotations

import datetime as dt
import enum
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from puntual.serving.settings import SETTINGS

DATE = ["%Y-%m-%d"]
_DATA_HELP = "Flights: files of any kind, packed or not, folders, patterns, `-` for standard input, or `nyc`."
_WEATHER_HELP = (
    "Observed weather: the Iowa Environmental Mesonet's ASOS download, METAR reports a line each, or `nyc`; "
    "several times for several files. By default `nyc` with the flights of `nyc`; `none` for none."
)
_SOURCE_HELP = "Kind of file, if its columns do not show it: its name, or a TOML file that maps the columns."


class Language(enum.StrEnum):
    """Language of a report, or of reasons."""

    en = "en"
    es = "es"


Data = Annotated[list[str], typer.Argument(metavar="DATA...", help=_DATA_HELP, show_default=False)]
Model = Annotated[
    Path, typer.Argument(metavar="MODEL", help="A file from `puntual train`.", show_default=False)
]
Source = Annotated[str | None, typer.Option(help=_SOURCE_HELP)]
Given = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="What the file does not hold, as in origin=JFK."),
]
Sheet = Annotated[str | None, typer.Option(help="Sheet of a workbook; by default, the first with a table.")]
Since = Annotated[dt.datetime | None, typer.Option(formats=DATE, help="Use flights from this local date on.")]
Until = Annotated[dt.datetime | None, typer.Option(formats=DATE, help="Use flights before this local date.")]
Weather = Annotated[
    list[str] | None, typer.Option("--weather", metavar="FILE", help=_WEATHER_HELP, show_default=False)
]
WeatherMonth = Annotated[
    str | None,
    typer.Option(help="Month of METAR reports without a date, as in 2017-01.", show_default=False),
]
Threshold = Annotated[
    int,
    typer.Option(min=0, max=1440, help="A flight is delayed if it leaves more than this many minutes late."),
]
ReportLanguage = Annotated[
    Language | None,
    typer.Option("--language", help="Language of the report; by default, the locale's.", show_default=False),
]
TableOutput = Annotated[
    Path, typer.Option("--output", "-o", help="File to write: .csv or .parquet.", show_default=False)
]
Cluster = Annotated[
    str | None,
    typer.Option(
        metavar="CLUSTER",
        help="Work on a Dask cluster, for DATA that `puntual convert` wrote: the scheduler's address "
        "(tcp://HOST:PORT), `local`, `local:WORKERS`, or `kubernetes:NAME`.",
        show_default=False,
    ),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="End with status 2 if the flights look as if they were read wrongly.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]


def language_of(environment: Mapping[str, str] = os.environ) -> str:
    """The language of the locale; English if the locale has none of `Language`.

    Examples
    --------
    >>> language_of({"LC_ALL": "es_CL.UTF-8"}), language_of({"LANG": "C"})
    ('es', 'en')
    """
    named = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    found = next((value for value in named if value), "")[:2].lower()
    return found if found in {*Language} else "en"


def setting_option(name: str, *flags: str) -> Any:
    """The option of a setting of the service, whose help is the setting's meaning.

    Parameters
    ----------
    flags : of an option without a value, for the setting 1
    """
    meaning = next(one.meaning for one in SETTINGS if one.name == name)
    meaning = meaning.removeprefix("1 ") if flags else meaning
    return typer.Option(*flags, help=f"{meaning[:1].upper()}{meaning[1:]}.", show_default=False)


def date(moment: dt.datetime | None) -> dt.date | None:
    """The date of an option; None: not given."""
    return None if moment is None else moment.date()
