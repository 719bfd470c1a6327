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
_DATA_HELP = "Flights: a CSV (plain, gzipped or zipped) or Parquet file, or `nyc`."
_SOURCE_HELP = (
    "Layout of the file, if its header does not show it: scl, nyc, mapped, or a TOML file that maps it."
)


class Language(enum.StrEnum):
    """Language of a report, or of reasons."""

    en = "en"
    es = "es"


Data = Annotated[str, typer.Argument(metavar="DATA", help=_DATA_HELP, show_default=False)]
Model = Annotated[
    Path, typer.Argument(metavar="MODEL", help="A file from `puntual train`.", show_default=False)
]
Source = Annotated[str | None, typer.Option(help=_SOURCE_HELP)]
Since = Annotated[dt.datetime | None, typer.Option(formats=DATE, help="Use flights from this local date on.")]
Until = Annotated[dt.datetime | None, typer.Option(formats=DATE, help="Use flights before this local date.")]
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


def setting_option(name: str) -> Any:
    """The option of a setting of the service, whose help is the setting's meaning."""
    meaning = next(one.meaning for one in SETTINGS if one.name == name)
    return typer.Option(help=f"{meaning[:1].upper()}{meaning[1:]}.", show_default=False)


def date(moment: dt.datetime | None) -> dt.date | None:
    """The date of an option; None: not given."""
    return None if moment is None else moment.date()
