"""The report's words in a language: sentences, names of what is counted, numbers and dates."""

from __future__ import annotations

import datetime as dt
import json
from functools import cached_property
from importlib import resources
from typing import Literal

from puntual.inference.tables import Tables

LANGUAGES: dict[str, Literal["en-US", "es-ES"]] = {"en": "en-US", "es": "es-ES"}
"""Language -> the locale of its charts' numbers and dates."""

_MINUS = "−"


class Words:
    """Texts and forms of one language.

    Parameters
    ----------
    language : of `LANGUAGES`
    tables : names of airlines and airports

    Examples
    --------
    >>> from puntual.data.airports import describe_airports
    >>> airports = describe_airports(["SCFA"])
    >>> empty = {"airlines": (), "origins": (), "destinations": (), "categories": {}, "holidays": {}}
    >>> days = {"days_of_year": (), "first_day": dt.date(2017, 1, 1), "last_day": dt.date(2017, 1, 1)}
    >>> words = Words("es", Tables(airports=airports, **days, **empty))
    >>> words.label("destination", "SCFA"), words.label("weekday", "1"), words.percent(0.1234)
    ('Antofagasta (SCFA)', 'lunes', '12,3 %')
    """

    def __init__(self, language: str, tables: Tables) -> None:
        self.language, self._tables = language, tables
        folder = resources.files("puntual.charts").joinpath("messages")
        self.messages: dict[str, str] = json.loads(folder.joinpath(f"{language}.json").read_text("utf-8"))

    def text(self, key: str, **values: object) -> str:
        """A message, its placeholders filled.

        Raises
        ------
        KeyError : there is no such message
        """
        return self.messages[key].format(**values)

    def label(self, dimension: str, value: str) -> str:
        """What a person calls a group: name and code of an airline or airport, a month's name, ..."""
        if dimension in {"airline", "operator"}:
            return _named(self._airlines.get(value), value)
        if dimension in {"origin", "destination"}:
            return _named(self._airports.get(value), value)
        if dimension == "route":
            origin, _, destination = value.partition("-")
            return f"{origin} – {self.label('destination', destination)}"
        if dimension == "hour":
            return f"{int(value):02}:00"
        return self.messages.get(f"{dimension}.{value}", value)

    def group(self, values: tuple[tuple[str, str], ...]) -> str:
        """The flights of a group, as the beginning of a sentence."""
        said = " ".join(
            self.text(
                f"of.{dimension}",
                name=self.messages.get(f"of.{dimension}.{value}") or self.label(dimension, value),
            )
            for dimension, value in values
        )
        return self.text("group", said=said)

    def number(self, value: float, decimals: int = 0) -> str:
        """A number with the language's marks; a true minus sign."""
        written = f"{value:,.{decimals}f}"
        if self.language == "es":
            written = written.translate(str.maketrans(",.", ".,"))
        return written.replace("-", _MINUS)

    def percent(self, share: float, decimals: int = 1) -> str:
        """A share as a percentage."""
        return f"{self.number(100 * share, decimals)}{' %' if self.language == 'es' else '%'}"

    def date(self, day: dt.date) -> str:
        """A day, written out."""
        weekday, month = self.messages[f"weekday.{day.isoweekday()}"], self.messages[f"month.{day.month}"]
        return self.text("date", weekday=weekday, day=day.day, month=month, year=day.year)

    @cached_property
    def _airlines(self) -> dict[str, str]:
        return {airline.code: airline.name for airline in self._tables.airlines}

    @cached_property
    def _airports(self) -> dict[str, str]:
        return {airport.code: airport.city_in(self.language) for airport in self._tables.airports}


def _named(name: str | None, code: str) -> str:
    return f"{name} ({code})" if name and name != code else code
