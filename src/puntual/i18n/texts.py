"""Messages of a language, and how it writes numbers."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from puntual.errors import SettingError

LANGUAGES = ("en", "es")

Part = Literal["loadtest", "reasons", "report"]

_FOLDER = Path(__file__).parent
_MARKS = {"en": str.maketrans("-", "−"), "es": str.maketrans(",.-", ".,−")}
_PERCENT = {"en": "%", "es": "\u00a0%"}


@lru_cache
def read_messages(part: Part, language: str) -> dict[str, str]:
    """The messages of a part in one of `LANGUAGES`, read when they are first asked for.

    Raises
    ------
    SettingError : another language
    """
    if language not in LANGUAGES:
        raise SettingError(f"language: {language!r}; wanted: {' or '.join(LANGUAGES)}")
    return msgspec.json.decode((_FOLDER / language / f"{part}.json").read_bytes(), type=dict[str, str])


class Texts:
    r"""The messages of a part, and numbers, in a language.

    Parameters
    ----------
    language : of `LANGUAGES`

    Examples
    --------
    >>> texts = Texts("loadtest", "es")
    >>> texts.text("value.requests", count=texts.number(50_000))
    '50.000 solicitudes'
    >>> texts.number(-0.25, 2), texts.percent(0.1234)
    ('−0,25', '12,3\xa0%')
    """

    def __init__(self, part: Part, language: str) -> None:
        self.language = language
        self.messages = read_messages(part, language)

    def text(self, key: str, **values: object) -> str:
        """A message, its placeholders filled.

        Raises
        ------
        KeyError : there is no such message
        """
        return self.messages[key].format(**values)

    def number(self, value: float, decimals: int = 0) -> str:
        """A number with the language's marks and a true minus sign."""
        return self.localize(f"{value:z,.{decimals}f}")

    def percent(self, fraction: float, decimals: int = 1) -> str:
        """A fraction of 1 as a percentage that stays on one line."""
        return self.number(100 * fraction, decimals) + _PERCENT[self.language]

    def localize(self, number: str) -> str:
        """A number that Python wrote (``1,234.5``), with the language's marks."""
        return number.translate(_MARKS[self.language])
