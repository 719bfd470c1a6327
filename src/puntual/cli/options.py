"""Options that several commands share, and what they are read into."""

from __future__ import annotations

import datetime as dt
import enum
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

_DATE = ["%Y-%m-%d"]
_DATA_HELP = "Flights: a CSV (plain, gzipped or zipped) or Parquet file, or `nyc`."
_SOURCE_HELP = (
    "Form of the file, where its header does not tell: scl, nyc, mapped, or a TOML file that maps it."
)


class Language(enum.StrEnum):
    """What is told in it: a report, or reasons."""

    en = "en"
    es = "es"


Data = Annotated[str, typer.Argument(metavar="DATA", help=_DATA_HELP, show_default=False)]
Model = Annotated[Path, typer.Argument(metavar="MODEL", help="From `puntual train`.", show_default=False)]
Source = Annotated[str | None, typer.Option(help=_SOURCE_HELP)]
Since = Annotated[dt.datetime | None, typer.Option(formats=_DATE, help="Flights from this local date on.")]
Until = Annotated[dt.datetime | None, typer.Option(formats=_DATE, help="Flights before this local date.")]
Threshold = Annotated[int, typer.Option(min=0, max=1440, help="Minutes; delayed: later than this.")]
ReportLanguage = Annotated[
    Language | None, typer.Option("--language", help="Of the report; else the locale's.", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]


def language_of(environment: Mapping[str, str] = os.environ) -> str:
    """The language of the locale; English where it is none of `Language`.

    Examples
    --------
    >>> language_of({"LC_ALL": "es_CL.UTF-8"}), language_of({"LANG": "C"})
    ('es', 'en')
    """
    named = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    found = next((value for value in named if value), "")[:2].lower()
    return found if found in {*Language} else "en"


def date(moment: dt.datetime | None) -> dt.date | None:
    """The date that an option of days was given; None: not given."""
    return None if moment is None else moment.date()
