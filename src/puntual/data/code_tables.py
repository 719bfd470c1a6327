"""The tables of codes, data files beside this module; `docs/codes.md` says where they come from."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import resources
from typing import NamedTuple, TypeVar

import airportsdata

from puntual.formats.headings import fold_accents

_Row = TypeVar("_Row")
Period = tuple[dt.date, dt.date]
"""First and last day of a file's flights."""

_LEGAL_FORM = re.compile(
    r" (?:a ?b|a ?g|a ?o|a ?s|a ?s ?a|b ?v|berhad|bhd|c ?a|co|company|corp|corporation|dac|de c ?v|ehf|gmbh"
    r"|inc|incorporated|jsc|k ?g|limitada|limited|llc|l ?p|ltd|ltda|mbh|n ?v|o ?jsc|o ?y|o ?y ?j|p ?j ?s ?c"
    r"|p ?l ?c|pte|pty|pvt|s ?a|s ?a ?e|s ?a ?u|s ?a ?s|s ?l|s ?l ?u|s ?p ?a|s ?r ?l|sdn|tbk|zrt)$"
)
_GENERIC_WORDS = re.compile(
    r"\b(?:air(?:line|way)s?|(?:lineas|linhas|linee) aeree?a?s?|(?:flug|luftfahrt)gesellschaft)\b"
)
_WORDS_OF_AIRPORTS = frozenset(
    re.findall(
        r"\w+",
        "airport aeroport aeroporto aeropuerto aerodrome aerodromo flughafen airfield airpark arpt apt"
        " international internacional internazionale internationaler internationale intercontinental intl"
        " regional municipal",
    )
)
_SMALL_WORDS = frozenset(re.findall(r"\w+", "the of de do da di del della des du d dos das la el le l o"))
_ABBREVIATED = {
    "st": "saint",
    "ste": "sainte",
    "ft": "fort",
    "mt": "mount",
    "metro": "metropolitan",
    "natl": "national",
}


class Airline(NamedTuple):
    """An airline and its codes; `since` and `until` are years, None where the table does not say."""

    iata: str
    icao: str
    name: str
    also: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None
    active: bool = True

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code, the IATA one first."""
        return tuple(code for code in (self.iata, self.icao, *self.other) if code)

    def flew_in(self, period: Period | None) -> bool:
        """Whether it can have flown on a day of the period; True if there is none."""
        if period is None:
            return True
        first, last = period
        return (self.since or 0) <= last.year and first.year <= (self.until or dt.MAXYEAR)


class Airport(NamedTuple):
    """A pair of codes that an airport has or had, from and up to a day where that is known.

    `place` is the same for all pairs of one airport; `zone` is empty where `airportsdata` has it.
    """

    place: str
    iata: str
    icao: str
    since: dt.date | None = None
    until: dt.date | None = None
    zone: str = ""

    def held_in(self, period: Period | None) -> bool:
        """Whether it was so on every day of the period, or is so today if there is none."""
        if period is None:
            return self.until is None
        first, last = period
        return (self.since or dt.date.min) <= first and last <= (self.until or dt.date.max)


def rows_of(table: str) -> Iterator[dict[str, str]]:
    """The rows of a data file of this package."""
    yield from csv.DictReader(_lines(table))


@cache
def airlines() -> tuple[Airline, ...]:
    """Every airline of `airline_codes.csv`; of two with one code, the one that has it today comes first."""
    return tuple(
        Airline(
            row["iata"],
            row["icao"],
            row["name"],
            tuple(filter(None, (row.get("also") or "").split(";"))),
            tuple((row.get("other") or "").split()),
            _year(row.get("since")),
            _year(row.get("until")),
            row.get("active") != "N",
        )
        for row in rows_of("airline_codes.csv")
    )


@cache
def airlines_by_code() -> dict[str, tuple[Airline, ...]]:
    """Every airline of a code, IATA or ICAO; the one that has it today first."""
    return _grouped(airlines(), lambda airline: airline.codes)


@cache
def airlines_by_name() -> dict[str, tuple[Airline, ...]]:
    """Every airline of a name as `name_key` writes it."""
    return _grouped(airlines(), lambda one: dict.fromkeys(map(name_key, (one.name, *one.also))))


@cache
def airlines_by_short_name() -> dict[str, tuple[Airline, ...]]:
    """Every airline of a name less words such as *airlines*."""
    return _grouped(
        airlines(), lambda one: dict.fromkeys(filter(None, map(short_name_key, (one.name, *one.also))))
    )


@cache
def dot_airlines() -> dict[str, Airline]:
    """Airlines by their number of the US DOT."""
    found = {}
    for row in rows_of("dot_airlines.csv"):
        held = [one for one in airlines_by_code().get(row["iata"], ()) if row["icao"] in {"", *one.codes}]
        found[row["number"]] = held[0] if held else Airline(row["iata"], row["icao"], row["iata"])
    return found


@cache
def airports_by_code() -> dict[str, tuple[Airport, ...]]:
    """Every airport of a code, IATA or ICAO; the one that has it today first."""
    found: dict[str, tuple[Airport, ...]] = {}
    for place, iata, icao, since, until, zone in csv.reader(_lines("airport_codes.csv")[1:]):
        airport = Airport(place or f"{iata} {icao}", iata, icao, _day(since), _day(until), zone)
        for code in (iata, icao):
            if code:
                found[code] = (*found.get(code, ()), airport)
    return found


@cache
def icao_airports() -> dict[str, airportsdata.Airport]:
    """Every airport with an ICAO code, those without an IATA code too."""
    return airportsdata.load("ICAO")


@cache
def dot_airports() -> dict[str, str]:
    """IATA codes of airports by their number of the US DOT."""
    return {row["number"]: row["iata"] for row in rows_of("dot_airports.csv")}


@cache
def city_codes() -> dict[str, tuple[str, ...]]:
    """The airports of every code that is a city's and no airport's."""
    return {row["code"]: tuple(row["airports"].split()) for row in rows_of("city_codes.csv")}


def name_key(name: str) -> str:
    """An airline's name in lower case, without accents, punctuation and legal form.

    Examples
    --------
    >>> name_key("GOL LINHAS AÉREAS S.A."), name_key("Delta Air Lines, Inc.")
    ('gol linhas aereas', 'delta airlines')
    """
    plain = re.sub(r"['’`.]", "", fold_accents(name)).replace("&", " and ")
    words = " ".join(re.sub(r"[^\w]+", " ", plain).split())
    words = words.replace("air lines", "airlines").replace("air ways", "airways")
    while (shorter := _LEGAL_FORM.sub("", words)) != words:
        words = shorter
    return words


def short_name_key(name: str) -> str:
    """A `name_key` less the words that most airlines have in their name; empty if nothing is left.

    Examples
    --------
    >>> short_name_key("Iberia Airlines"), short_name_key("Airlines")
    ('iberia', '')
    """
    return " ".join(_GENERIC_WORDS.sub(" ", name_key(name)).split())


def place_keys(name: str) -> tuple[str, ...]:
    """The keys of a place's name: in lower case, without accents, punctuation and words such as *airport*.

    A name of several places ("Dallas/Fort Worth") has a key for each too.

    Examples
    --------
    >>> place_keys("Chicago O'Hare International Airport"), place_keys("São Paulo/Guarulhos")
    (('chicago ohare',), ('sao paulo guarulhos', 'sao paulo', 'guarulhos'))
    """
    parts = [name, *re.split(r"[/–]", name)] if re.search(r"[/–]", name) else [name]
    return tuple(dict.fromkeys(filter(None, map(place_key, parts))))


def place_key(name: str) -> str:
    """The key of a place's whole name.

    Examples
    --------
    >>> place_key("Aeropuerto Internacional de Ezeiza"), place_key("St. Louis Intl")
    ('ezeiza', 'saint louis')
    """
    words = re.sub(r"[^\w]+", " ", re.sub(r"['’`.]", "", fold_accents(name))).split()
    kept = [_ABBREVIATED.get(word, word) for word in words if word not in _WORDS_OF_AIRPORTS | _SMALL_WORDS]
    return " ".join(kept)


def says_airport(name: str) -> bool:
    """Whether a name is an airport's by its words.

    Examples
    --------
    >>> says_airport("Denver International"), says_airport("Denver")
    (True, False)
    """
    return not _WORDS_OF_AIRPORTS.isdisjoint(re.split(r"\W+", fold_accents(name)))


def _grouped(rows: Iterable[_Row], keys: Callable[[_Row], Iterable[str]]) -> dict[str, tuple[_Row, ...]]:
    found: dict[str, list[_Row]] = {}
    for row in rows:
        for key in keys(row):
            found.setdefault(key, []).append(row)
    return {key: tuple(same) for key, same in found.items()}


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _lines(table: str) -> list[str]:
    return resources.files("puntual.data").joinpath(table).read_text("utf-8").splitlines()


def _year(text: str | None) -> int | None:
    return int(text) if text else None
