"""Which columns say whether a row is a departure and what became of it, by the words in them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from puntual.data.draft_line import Line, list_of, quote
from puntual.data.file_sample import File
from puntual.formats.headings import ARRIVALS, CANCELLED, DEPARTURES, DIVERTED, YES, normalise

_SHOWN = 12
_KINDS = {"typ", "type", "tipo", "kind", "art", "ad", "adi"}
_NEGATIONS = {"not", "no", "non", "nicht", "nao", "pas"}
_SHORTEST = 6
"""Letters of a word by which a longer status is known."""


def direction_lines(file: File) -> list[Line]:
    """The filter of departures, in a list of arrivals and departures."""
    for column, named in _directions(file):
        values = file.texts(column)
        departures = [value for value in values if normalise(value) in DEPARTURES]
        arrivals = [value for value in values if normalise(value) in ARRIVALS]
        both, others = departures and arrivals, len(departures) + len(arrivals) < len(values)
        if both and (named or not others):
            return [Line("rows", quote(column), list_of(departures), "only these are departures")]
        if named and arrivals and not departures and not others:
            return [Line("rows", quote(column), list_of(["D"]), "all are arrivals")]
    return []


def _directions(file: File) -> Iterator[tuple[str, bool]]:
    """Columns that may say what is a departure, and whether their headings promise it."""
    yield from ((column, True) for column in file.columns("direction"))
    for column in file.columns("", "flight_type"):
        words = set(normalise(column).split()) & _KINDS
        if words or all(len(value) > 2 for value in file.texts(column)):
            yield column, False


def status_lines(file: File) -> list[Line]:
    """The columns that say what became of a flight, and their values for cancelled and diverted ones."""
    lines = []
    for name, words in (("cancelled", CANCELLED), ("diverted", DIVERTED)):
        others = ("status", "", "time", "actual", "delay")
        for role, known in ((name, (*YES, *words)), *((other, words) for other in others)):
            column = next((one for one in file.columns(role) if _of_words(file, one, known)), None)
            if column is not None and not (name == "diverted" and role == ""):
                values = file.texts(column)
                shown = ", ".join(map(quote, values[:_SHOWN])) + (", …" if len(values) > _SHOWN else "")
                lines.append(Line("columns", name, quote(column)))
                lines.append(Line("", name, list_of(_of_words(file, column, known)), f"among {shown}"))
                break
    return lines


def add_unseen_statuses(content: dict[str, Any]) -> None:
    """Add to a mapping the words for cancelled and diverted flights that a file's first rows may lack."""
    for name, words in (("cancelled", CANCELLED), ("diverted", DIVERTED)):
        if content.get(name):
            content[name] = list(dict.fromkeys([*content[name], *words]))


def _of_words(file: File, column: str, words: Collection[str]) -> list[str]:
    return [value for value in file.texts(column) if _is_of(normalise(value), words)]


def _is_of(value: str, words: Collection[str]) -> bool:
    """Whether a status is one of the words, or a sentence with one of them."""
    known = _normalised(tuple(words))
    if value in known:
        return True
    own = set(value.split())
    long = {word for word in known if len(word) >= _SHORTEST}
    return bool(own & long) and not own & _NEGATIONS


@cache
def _normalised(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(normalise, words))
