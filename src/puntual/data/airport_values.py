"""What the values of an airport column are."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping

from puntual.data.airport_names import airports_named, country_of, every_name, is_country
from puntual.data.code_tables import (
    Airport,
    Period,
    airports_by_code,
    city_codes,
    dot_airports,
    icao_airports,
    place_key,
)
from puntual.data.code_values import (
    MAX_SUGGESTIONS,
    Code,
    Entity,
    Refused,
    as_number,
    bracketed,
    clean,
    suggest,
)

_CODE = re.compile(r"(?=.*[A-Z])[A-Z\d]{3,4}")
_NEXT_TO = re.compile(
    r"(?P<code>[A-Z]{3,4}) ?[-–:/,]? (?P<name>.+)|(?P<first>.+?) ?[-–:/,]? (?P<last>[A-Z]{3,4})"
)
_BOTH = re.compile(r"([A-Z]{3,4}) ?[/|-] ?([A-Z]{3,4})")
_WANTED = "wanted: its IATA or ICAO code"


class AirportBook:
    """The airports that a column's values can be; see `puntual.data.code_values.Book`."""

    def __init__(self, counts: Mapping[str, int], period: Period | None) -> None:
        self._period = period
        self._of_names = 2 * sum(_CODE.fullmatch(clean(value).upper()) is None for value in counts) > len(
            counts
        )
        self._suggested = 0

    def read(self, value: str) -> Code | Entity | Refused:
        """What a value is."""
        text = clean(value)
        if (number := as_number(text)) is not None:
            iata = dot_airports().get(number)
            return self._entity(iata) if iata else Code(number, "")
        if self._is_code(text):
            return self._code(text.upper())
        if (both := _BOTH.fullmatch(text)) and self.identity(both[1]) == self.identity(both[2]):
            return self._code(both[1])
        if (inside := bracketed(text)) and _CODE.fullmatch(inside[1]):
            return self._in_brackets(*inside)
        return self._next_to(text) or self._named(text)

    def identity(self, code: str) -> Hashable:
        """The same for all codes of an airport."""
        airport = self._holder(code)
        return airport.place if airport else code

    def style_of(self, code: str) -> str:
        """`iata` of three characters, `icao` of four."""
        return {3: "iata", 4: "icao"}.get(len(code), "")

    def knows(self, code: str) -> bool:
        """Whether a table has the code."""
        return (
            code in airports_by_code() or code in city_codes() or (len(code) == 4 and code in icao_airports())
        )

    def airports_of_city(self, code: str) -> tuple[str, ...]:
        """The airports of a city's code; empty if it is none."""
        return () if code in airports_by_code() else city_codes().get(code, ())

    def _is_code(self, text: str) -> bool:
        """Whether it is a code; a name that looks like one ("Lima", "LIMA" among names) is none."""
        if not _CODE.fullmatch(text.upper()):
            return False
        if text.isupper() and not (self._of_names and len(text) == 4):
            return True
        return not airports_named(text)

    def _code(self, code: str) -> Code:
        return Code(code, self.style_of(code))

    def _entity(self, iata: str) -> Entity:
        airport = self._holder(iata)
        return Entity(iata, airport.icao if airport else "")

    def _in_brackets(self, name: str, code: str) -> Code | Refused:
        """The code, unless the name is of another country: `(PER)` after Lima is Peru, not Perth."""
        there = {country_of(other) for other in airports_named(name)}
        here = country_of(self._iata(code))
        if there and here and here not in there:
            return Refused(f"names an airport of another country than {code}; {_WANTED}")
        return self._code(code)

    def _next_to(self, text: str) -> Code | None:
        """The code of `BOM - Mumbai` or `Mumbai BOM`, if it is one of the city or airport named."""
        if found := _NEXT_TO.fullmatch(text):
            code, name = (found["code"] or found["last"], found["name"] or found["first"])
            if self._iata(code) in airports_named(name):
                return self._code(code)
        return None

    def _iata(self, code: str) -> str:
        airport = self._holder(code)
        return airport.iata if airport else code

    def _named(self, text: str) -> Entity | Refused:
        found = sorted(airports_named(text))
        if len(found) == 1:
            return self._entity(found[0])
        if found:
            return Refused(f"can be several airports, {_listed(found)}; {_WANTED}")
        if is_country(text):
            return Refused(f"is a country, not an airport; {_WANTED}")
        self._suggested += 1
        alike = suggest(place_key(text), every_name()) if self._suggested <= MAX_SUGGESTIONS else []
        near = [f"{key.title()} ({_listed(sorted(airports_named(key)))})" for key in alike[:1]]
        return Refused(f"is no airport known; {_WANTED}" + "".join(f"; did you mean {one}?" for one in near))

    def _holder(self, code: str) -> Airport | None:
        """Whose code it was throughout the period, or is today."""
        held = airports_by_code().get(code, ())
        then = [airport for airport in held if airport.held_in(self._period)]
        return then[0] if then else (held[0] if len(held) == 1 else None)


def _listed(codes: Iterable[str]) -> str:
    several = list(codes)
    return ", ".join(several[:6]) + (" …" if len(several) > 6 else "")
