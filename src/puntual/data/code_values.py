"""What a value can be: a code, an airline or airport that has codes, or nothing that is known."""

from __future__ import annotations

import difflib
import re
from collections.abc import Hashable, Iterable
from typing import NamedTuple, Protocol

_NUMBER = re.compile(r"(\d+)(?:\.0)?")
_BRACKETED = re.compile(r"(?P<name>.*?)\s*[(\[]\s*(?P<code>[A-Z\d]{2,4})\s*[)\]](?P<rest>.*)")
_LIST_OF_ONE = re.compile(r"\[ ?(['\"])([^'\",]*)\1 ?\]")
MAX_SUGGESTIONS = 8


class Code(NamedTuple):
    """A code as the file has it; `style` is `iata`, `icao`, or empty if it is neither."""

    code: str
    style: str


class Entity(NamedTuple):
    """An airline or airport that the file names or numbers."""

    iata: str
    icao: str

    def code_in(self, style: str) -> str:
        """Its code of a style, or the one that it has."""
        return (self.icao or self.iata) if style == "icao" else (self.iata or self.icao)


class Refused(NamedTuple):
    """A value that cannot be used."""

    why: str


class Book(Protocol):
    """What is known about the values of a column."""

    def read(self, value: str) -> Code | Entity | Refused:
        """What a value is."""
        ...

    def identity(self, code: str) -> Hashable:
        """The same for all codes of an airline or airport."""
        ...

    def style_of(self, code: str) -> str:
        """`iata` or `icao`, or empty."""
        ...

    def knows(self, code: str) -> bool:
        """Whether a table has the code."""
        ...

    def airports_of_city(self, code: str) -> tuple[str, ...]:
        """The airports of a city's code; empty if it is none."""
        ...


def clean(value: str) -> str:
    r"""A value without spaces of any kind at its ends, and with single ones within.

    A list of one value, as programs print it, is that value.

    Examples
    --------
    >>> clean(" Mumbai\u00a0(BOM)\u200b ")
    'Mumbai (BOM)'
    >>> clean("['LHR']")
    'LHR'
    """
    text = " ".join(value.replace("\u200b", " ").replace("\ufeff", " ").split())
    found = _LIST_OF_ONE.fullmatch(text)
    return found[2].strip() if found else text


def as_number(text: str) -> str | None:
    """The digits of a whole number, which some writers end with `.0`; None if it is none."""
    found = _NUMBER.fullmatch(text)
    return found[1] if found else None


def bracketed(text: str) -> tuple[str, str] | None:
    """The name and the code in brackets of `Mumbai (BOM)`; None if there is none."""
    found = _BRACKETED.fullmatch(text)
    if found is None or found["code"].isdigit():
        return None
    return clean(f"{found['name']} {found['rest']}"), found["code"]


def suggest(key: str, known: Iterable[str]) -> list[str]:
    """The keys most like one that is not known."""
    return difflib.get_close_matches(key, known, n=2, cutoff=0.75)
