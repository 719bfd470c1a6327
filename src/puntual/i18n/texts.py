"""Messages of a language, and its marks in numbers."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

LANGUAGES = ("en", "es")

Part = Literal["loadtest", "reasons", "report"]

_FOLDER = Path(__file__).parent
_MARKS = {"en": str.maketrans({}), "es": str.maketrans(",.", ".,")}


@lru_cache
def read_messages(part: Part, language: str) -> dict[str, str]:
    """The messages of a part in one of `LANGUAGES`, read when they are first asked for."""
    return msgspec.json.decode((_FOLDER / language / f"{part}.json").read_bytes(), type=dict[str, str])


class Texts:
    """The messages of a part in a language.

    Parameters
    ----------
    language : of `LANGUAGES`

    Examples
    --------
    >>> texts = Texts("loadtest", "es")
    >>> texts.text("value.requests", count=texts.localize("50,000"))
    '50.000 solicitudes'
    """

    def __init__(self, part: Part, language: str) -> None:
        self.language = language
        self.messages = read_messages(part, language)
        self._marks = _MARKS[language]

    def text(self, key: str, **values: object) -> str:
        """A message, its placeholders filled.

        Raises
        ------
        KeyError : there is no such message
        """
        return self.messages[key].format(**values)

    def localize(self, number: str) -> str:
        """A number that Python wrote (``1,234.5``), with the language's marks."""
        return number.translate(self._marks)
