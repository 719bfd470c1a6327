"""Values of a file -> one code for each airline and airport, by tables of codes, numbers and names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from puntual.data.airline_values import AirlineBook
from puntual.data.airport_values import AirportBook
from puntual.data.code_tables import Period
from puntual.data.code_values import Book, Code, Entity, Refused, clean

_DESIGNATOR = re.compile(r"([A-Z]{3}|[A-Z\d]{2}|[^\W\d]{2}[^\d]*?[^\W\d])[\s-]*0*(\d{1,4}[A-Z]?)")


_NO_CODE = Refused("is not a code of 2 to 8 letters and digits")


class Resolution(NamedTuple):
    """How the values of a column become codes.

    Attributes
    ----------
    codes : the file's value, as it stands -> the code that the flights get; every usable value is a key
    refused : value -> why, to be read after the value: "is no airline known; wanted: …"
    joined : code kept -> the other values of the same airline or airport, where there are several
    cities : values that are codes of a city, not of an airport (NYC, LON) -> its airports
    unknown : codes that no table knows; kept as they are
    """

    codes: dict[str, str]
    refused: dict[str, str]
    joined: dict[str, tuple[str, ...]]
    cities: dict[str, tuple[str, ...]]
    unknown: tuple[str, ...]


def resolve_airlines(counts: Mapping[str, int], period: Period | None = None) -> Resolution:
    """One code for each airline of a column.

    A code stays as it is. Where a file writes an airline under two codes, or a code and a name, the most
    frequent code of the file's main style is kept; numbers of the US DOT and names become codes of it.

    Parameters
    ----------
    counts : value -> rows that have it
    period : first and last day of the flights, by which a code that changed hands is read

    Examples
    --------
    >>> found = resolve_airlines({"LH": 50, "DLH": 2, "Iberia": 3, "Iberio": 1, "19790": 4})
    >>> found.codes
    {'LH': 'LH', 'DLH': 'LH', 'Iberia': 'IB', '19790': 'DL'}
    >>> found.refused["Iberio"]
    'is no airline known; wanted: its IATA or ICAO code; did you mean Iberia (IB)?'
    >>> found.joined
    {'LH': ('DLH',)}
    """
    return _resolve(counts, AirlineBook(counts, period))


def resolve_airports(counts: Mapping[str, int], period: Period | None = None) -> Resolution:
    """One code for each airport of a column, as `resolve_airlines` does for airlines.

    Examples
    --------
    >>> found = resolve_airports({"JFK": 50, "KJFK": 2, "12892": 3, "Mumbai (BOM)": 1, "LON": 4})
    >>> found.codes
    {'JFK': 'JFK', 'KJFK': 'JFK', '12892': 'LAX', 'Mumbai (BOM)': 'BOM', 'LON': 'LON'}
    >>> found.cities["LON"]
    ('LCY', 'LGW', 'LHR', 'LTN', 'SEN', 'STN')
    """
    return _resolve(counts, AirportBook(counts, period))


def split_designator(value: str) -> tuple[str, str] | None:
    """The airline and the number of a flight designator, or None if it is none.

    Examples
    --------
    >>> [split_designator(value) for value in ("UA 100", "KL1101", "U28001", "DLH0400", "LATAM 199")]
    [('UA', '100'), ('KL', '1101'), ('U2', '8001'), ('DLH', '400'), ('LATAM', '199')]
    >>> split_designator("1101") is split_designator("UA") is None
    True
    """
    found = _DESIGNATOR.fullmatch(clean(value))
    return (found[1], found[2]) if found and not found[1].isdigit() else None


def _resolve(counts: Mapping[str, int], book: Book) -> Resolution:
    read = {value: _NO_CODE if _is_one_sign(value) else book.read(value) for value in counts}
    style = _main_style(read, counts)
    chosen = {
        value: one.code if isinstance(one, Code) else one.code_in(style)
        for value, one in read.items()
        if not isinstance(one, Refused)
    }
    rows = Counter[str]()
    for value, code in chosen.items():
        rows[code] += counts[value]
    kept = _kept(rows, book, style)
    codes = {value: kept[code] for value, code in chosen.items()}
    return Resolution(
        codes=codes,
        refused={value: one.why for value, one in read.items() if isinstance(one, Refused)},
        joined=_joined(codes),
        cities={value: cities for value, code in chosen.items() if (cities := book.airports_of_city(code))},
        unknown=tuple(sorted({code for code in codes.values() if not book.knows(code)})),
    )


def _is_one_sign(value: str) -> bool:
    return len(clean(value)) == 1 and clean(value).isalnum()


def _main_style(read: Mapping[str, Code | Entity | Refused], counts: Mapping[str, int]) -> str:
    styles = Counter[str]()
    for value, one in read.items():
        if isinstance(one, Code) and one.style:
            styles[one.style] += counts[value]
    return max(("iata", "icao"), key=styles.__getitem__)


def _kept(rows: Mapping[str, int], book: Book, style: str) -> dict[str, str]:
    """Every code -> the code of the same airline or airport that is kept."""
    same: dict[object, list[str]] = {}
    for code in rows:
        same.setdefault(book.identity(code), []).append(code)
    kept: dict[str, str] = {}
    for codes in same.values():
        best = max(codes, key=lambda code: (book.style_of(code) == style, rows[code], code))
        kept |= dict.fromkeys(codes, best)
    return kept


def _joined(codes: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    values: dict[str, list[str]] = {}
    for value, code in codes.items():
        values.setdefault(code, []).append(value)
    return {
        code: tuple(sorted(others))
        for code, same in values.items()
        if len(same) > 1 and (others := [value for value in same if clean(value).upper() != code])
    }
