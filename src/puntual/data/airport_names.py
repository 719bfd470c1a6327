"""Names of airports, cities and countries -> the airports that they can be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import NamedTuple

from puntual.data.code_tables import place_key, rows_of, says_airport

_PARTS = re.compile(r"\s*[,:;()\[\]]\s*|\s+[-–—|/]\s+")
_NONE: frozenset[str] = frozenset()


class Place(NamedTuple):
    """What an airport is called, as `place_key` writes it."""

    iata: str
    country: str
    regions: tuple[str, ...]
    cities: tuple[str, ...]
    names: tuple[str, ...]
    aliases: tuple[str, ...]
    is_minor: bool


def airports_named(text: str) -> frozenset[str]:
    """The IATA codes of all airports that a name can be: an airport's, a city's, with region or country.

    Every part of the name has to fit; none is left out. Of a city's airports, those without scheduled flights
    and those that are far smaller than the largest are meant only if they are named.

    Examples
    --------
    >>> sorted(airports_named("Mumbai")), sorted(airports_named("São Paulo"))
    (['BOM'], ['CGH', 'GRU', 'VCP'])
    >>> sorted(airports_named("CONGONHAS - SÃO PAULO - SP - BRASIL"))
    ['CGH']
    >>> sorted(airports_named("Portland, ME: Portland International Jetport"))
    ['PWM']
    >>> airports_named("Iberia")
    frozenset()
    """
    if whole := _called(text):
        return _larger(whole)
    found: frozenset[str] | None = None
    unread = []
    is_named = False
    for part in _PARTS.split(text):
        key, called = place_key(part), _called(part)
        if fits := called | _in_region().get(key, _NONE):
            found = fits if found is None else found & fits
            is_named = is_named or bool(called)
        elif key:
            unread.append(key)
    if found is None or not (is_named or unread):
        return _NONE
    return _larger(frozenset(code for code in found if all(_has_words(code, key) for key in unread)))


def is_country(text: str) -> bool:
    """Whether a name is a country's.

    Examples
    --------
    >>> is_country("Chile"), is_country("BRASIL"), is_country("Santiago")
    (True, True, False)
    """
    return place_key(text) in _country_names()


def country_of(code: str) -> str | None:
    """The country of an airport by IATA code; None if it is not in the table of names."""
    place = _places().get(code)
    return place.country if place else None


def every_name() -> Iterable[str]:
    """The keys of all cities and airports."""
    return _by_city().keys() | _by_name().keys()


def _called(text: str) -> frozenset[str]:
    """Airports of a name of their own if it says *airport* or the like, else of that or their city's name."""
    key = place_key(text)
    own = _by_name().get(key, _NONE)
    if own and says_airport(text):
        return own
    return (own | _by_city().get(key, _NONE)) or _by_alias().get(key, _NONE)


def _larger(found: frozenset[str]) -> frozenset[str]:
    return frozenset(code for code in found if not _places()[code].is_minor) or found


def _has_words(code: str, part: str) -> bool:
    """Whether one of an airport's names has all words of a part, or the part all words of the name."""
    words = set(part.split())
    own_names = filter(None, (*_places()[code].names, *_places()[code].aliases))
    return any(words <= (own := set(name.split())) or own <= words for name in own_names)


@cache
def _places() -> dict[str, Place]:
    return {
        row["iata"]: Place(
            row["iata"],
            row["country"],
            tuple(row["regions"].split(";")),
            tuple(row["cities"].split(";")),
            tuple(row["names"].split(";")),
            tuple(row["aliases"].split(";")),
            bool(row["minor"]),
        )
        for row in rows_of("airport_names.csv")
    }


def _index(keys: Callable[[Place], Iterable[str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for code, place in _places().items():
        for key in keys(place):
            found.setdefault(key, set()).add(code)
    found.pop("", None)
    return {key: frozenset(codes) for key, codes in found.items()}


@cache
def _by_city() -> dict[str, frozenset[str]]:
    return _index(lambda place: place.cities)


@cache
def _by_alias() -> dict[str, frozenset[str]]:
    return _index(lambda place: place.aliases)


@cache
def _by_name() -> dict[str, frozenset[str]]:
    return _index(lambda place: place.names)


@cache
def _in_region() -> dict[str, frozenset[str]]:
    """Airports by the name or code of their region or country."""
    names = _names_of_countries()
    return _index(lambda place: (*place.regions, place.country.lower(), *names.get(place.country, ())))


@cache
def _names_of_countries() -> dict[str, tuple[str, ...]]:
    return {row["country"]: tuple(row["names"].split(";")) for row in rows_of("country_names.csv")}


@cache
def _country_names() -> frozenset[str]:
    return frozenset(name for names in _names_of_countries().values() for name in names)
