"""What the values of an airline column are."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Hashable, Mapping, Sequence

from puntual.data.code_tables import (
    Airline,
    Period,
    airlines_by_code,
    airlines_by_name,
    airlines_by_short_name,
    dot_airlines,
    name_key,
    short_name_key,
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

RECENT: Period = (dt.date(2015, 1, 1), dt.date(dt.MAXYEAR, 12, 31))
"""The period of flights whose days are not said."""

_CODE = re.compile(r"(?=.*[A-Z])[A-Z\d]{2,3}")
_REUSED = re.compile(r"([A-Z\d]{2,3}) ?\((\d)\)")
_LOOKUP = re.compile(r"(?P<name>.+?): ?(?P<code>[A-Z\d]{2,3})(?: ?\(.*\))?")
_LED = re.compile(r"(?P<code>[A-Z\d]{2,3}) ?[-–:/] ?(?P<name>.*[a-zA-Z]{3}.*)")
_DOING_BUSINESS_AS = re.compile(r",? (?:d/b/a|dba|d/ba|f/k/a|aka|t/a)/? ", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"[(\[].*?[)\]]")
_WANTED = "wanted: its IATA or ICAO code"


class AirlineBook:
    """The airlines that a column's values can be; see `puntual.data.code_values.Book`."""

    def __init__(self, counts: Mapping[str, int], period: Period | None) -> None:
        self._period = period or RECENT
        self._texts = {clean(value).upper() for value in counts}
        self._suggested = 0

    def read(self, value: str) -> Code | Entity | Refused:
        """What a value is."""
        text = clean(value)
        if (number := as_number(text)) is not None:
            airline = dot_airlines().get(number)
            return self._entity(airline) if airline else Code(number, "")
        if reused := _REUSED.fullmatch(text.upper()):
            return self._code(reused[1] if self._suffixes(reused[1]) == 1 else text.upper())
        if self._is_code(text):
            return self._code(text.upper().rstrip("*"))
        return self._named(text)

    def identity(self, code: str) -> Hashable:
        """The same for all codes of an airline."""
        return self._holder(code) or code

    def style_of(self, code: str) -> str:
        """`iata` of two characters, `icao` of three."""
        return {2: "iata", 3: "icao"}.get(len(code), "")

    def knows(self, code: str) -> bool:
        """Whether the table has the code."""
        return code in airlines_by_code()

    def airports_of_city(self, code: str) -> tuple[str, ...]:
        """Nothing: no code of an airline is that of a city."""
        del code
        return ()

    def _code(self, code: str) -> Code:
        return Code(code, self.style_of(code))

    def _suffixes(self, code: str) -> int:
        """How many airlines of the file have a code that was used again, as US statistics number them."""
        return len(
            {found[2] for text in self._texts if (found := _REUSED.fullmatch(text)) and found[1] == code}
        )

    def _is_code(self, text: str) -> bool:
        upper = text.upper().rstrip("*")
        if not _CODE.fullmatch(upper):
            return False
        if len(upper) == 2 or name_key(text) not in airlines_by_name():
            return True
        return not text.istitle() and upper in airlines_by_code()

    def _named(self, text: str) -> Code | Entity | Refused:
        found = self._by_name(text)
        if found:
            return self._one_of(found)
        if inside := bracketed(text) or _parts(text):
            name, code = inside
            known = self._by_name(name)
            if known and not any(code in airline.codes for airline in known):
                return Refused(f"names {_listed(known)}, but its code is that of another airline; {_WANTED}")
            return self._code(code)
        for part in (clean(_IN_BRACKETS.sub(" ", text)), *_DOING_BUSINESS_AS.split(text)):
            if part != text and (found := self._by_name(part)):
                return self._one_of(found)
        parts = [self._by_name(part) for part in re.split(r" -|- ", text)]
        if parts[0] and all(part == parts[0] for part in parts):
            return self._one_of(parts[0])
        return self._unknown(text)

    def _by_name(self, name: str) -> Sequence[Airline]:
        """Airlines of a name: those of the period, and among them those that fly today, if there are any."""
        for found in (
            airlines_by_name().get(name_key(name)),
            airlines_by_short_name().get(short_name_key(name)),
        ):
            if found:
                then = [airline for airline in found if airline.flew_in(self._period)] or found
                return [airline for airline in then if airline.active] or then
        return ()

    def _one_of(self, found: Sequence[Airline]) -> Entity | Refused:
        if len(found) == 1:
            return self._entity(found[0])
        return Refused(f"is the name of several airlines, {_listed(found)}; {_WANTED}")

    def _entity(self, airline: Airline) -> Entity:
        """An airline by those of its codes that mean no other one here."""
        codes = [code for code in (airline.iata, airline.icao) if code]
        own = [code for code in codes if self._holder(code) == airline] or codes
        return Entity(*(code if code in own else "" for code in (airline.iata, airline.icao)))

    def _holder(self, code: str) -> Airline | None:
        """Whose code it is in the period: one with another code in the file, else one that flies today."""
        held = airlines_by_code().get(code, ())
        then = [airline for airline in held if airline.flew_in(self._period)] or held
        return max(then, key=lambda one: (self._seen_with_other_code(one, code), one.active), default=None)

    def _seen_with_other_code(self, airline: Airline, code: str) -> bool:
        return any(other in self._texts for other in airline.codes if other != code)

    def _unknown(self, text: str) -> Refused:
        self._suggested += 1
        alike = suggest(name_key(text), airlines_by_name()) if self._suggested <= MAX_SUGGESTIONS else []
        named = dict.fromkeys(_called(airline) for key in alike for airline in airlines_by_name()[key])
        question = f"; did you mean {' or '.join(list(named)[:2])}?" if named else ""
        return Refused(f"is no airline known; {_WANTED}{question}")


def _parts(text: str) -> tuple[str, str] | None:
    """The name and the code of `Delta Air Lines Inc.: DL`, as US lookup tables write, or of `DL - Delta`."""
    found = _LOOKUP.fullmatch(text) or _LED.fullmatch(text)
    return (found["name"], found["code"]) if found and not found["code"].isdigit() else None


def _called(airline: Airline) -> str:
    return f"{airline.name} ({airline.iata or airline.icao})"


def _listed(airlines: Sequence[Airline]) -> str:
    return ", ".join(dict.fromkeys(map(_called, airlines)))
