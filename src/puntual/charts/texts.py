"""The texts of reports and charts in a language: sentences, names of what is counted, dates."""

from __future__ import annotations

import datetime as dt

from puntual.i18n.texts import Texts
from puntual.inference.tables import Tables

_HOURS_UNTIL = 1440
"""Minutes up to which a lead time is given in hours."""


class ReportTexts(Texts):
    """The texts and names of reports in one language.

    Parameters
    ----------
    language : of `puntual.i18n.texts.LANGUAGES`
    tables : names of airlines and airports

    Examples
    --------
    >>> from puntual.data.airports import describe_airports
    >>> airports = describe_airports(["SCFA"])
    >>> empty = {"airlines": (), "origins": (), "destinations": (), "categories": {}, "holidays": {}}
    >>> days = {"days_of_year": (), "first_day": dt.date(2017, 1, 1), "last_day": dt.date(2017, 1, 1)}
    >>> texts = ReportTexts("es", Tables(airports=airports, **days, **empty))
    >>> texts.label("destination", "SCFA"), texts.label("weekday", "1"), texts.date(dt.date(2017, 7, 1))
    ('Antofagasta (ANF)', 'lunes', 'sábado 1 de julio de 2017')
    """

    def __init__(self, language: str, tables: Tables) -> None:
        super().__init__("report", language)
        self._tables = tables

    def label(self, dimension: str, value: str) -> str:
        """The name of a group as people say it; of an airline or airport with its IATA code."""
        if dimension in {"airline", "operator"}:
            airline = self._tables.airline_by_code.get(value)
            return _named(airline.name, airline.iata or value) if airline else value
        if dimension in {"origin", "destination"}:
            airport = self._tables.airport_by_code.get(value)
            return _named(airport.city_in(self.language), airport.iata or value) if airport else value
        if dimension == "route":
            origin, _, destination = value.partition("-")
            known = self._tables.airport_by_code.get(origin)
            return f"{(known and known.iata) or origin} – {self.label('destination', destination)}"
        if dimension == "hour":
            return f"{int(value):02}:00"
        return self.messages.get(f"{dimension}.{value}", value)

    def lead(self, minutes: int) -> str:
        """A lead time.

        Examples
        --------
        >>> days = {"days_of_year": (), "first_day": dt.date.min, "last_day": dt.date.min}
        >>> empty = dict.fromkeys(("airlines", "airports", "origins", "destinations"), ())
        >>> texts = ReportTexts("es", Tables(categories={}, holidays={}, **empty, **days))
        >>> [texts.lead(minutes).replace("\u00a0", " ") for minutes in (10_080, 1440, 120, 30)]
        ['7 d', '24 h', '2 h', '30 min']
        """
        if minutes % 60:
            return self.text("lead.minutes", count=minutes)
        if minutes > _HOURS_UNTIL and minutes % 1440 == 0:
            return self.text("lead.days", count=minutes // 1440)
        return self.text("lead.hours", count=minutes // 60)

    def group(self, values: tuple[tuple[str, str], ...]) -> str:
        """The flights of a group, as the beginning of a sentence."""
        parts = [
            self.text(
                f"of.{dimension}",
                name=self.messages.get(f"of.{dimension}.{value}") or self.label(dimension, value),
            )
            for dimension, value in values
        ]
        return self.text("group", said=" ".join(parts))

    def date(self, day: dt.date) -> str:
        """A day, written out."""
        weekday, month = self.messages[f"weekday.{day.isoweekday()}"], self.messages[f"month.{day.month}"]
        return self.text("date", weekday=weekday, day=day.day, month=month, year=day.year)


def _named(name: str, code: str) -> str:
    return f"{name} ({code})" if name and name != code else code
