"""What a report says, in a language."""

from __future__ import annotations

import json
from importlib import resources

LANGUAGES = ("en", "es")
_AS_IN_SPANISH = str.maketrans(",.", ".,")


class Words:
    """The texts of a language, and its way to write numbers.

    Parameters
    ----------
    language : of `LANGUAGES`

    Examples
    --------
    >>> Words("es").text("value.requests", count=Words("es").number(50000))
    '50.000 solicitudes'
    """

    def __init__(self, language: str) -> None:
        self.language = language
        path = resources.files("puntual.loadtest").joinpath("messages", f"{language}.json")
        self.messages: dict[str, str] = json.loads(path.read_text("utf-8"))

    def text(self, key: str, **values: object) -> str:
        """A text with its values filled in."""
        return self.messages[key].format(**values)

    def number(self, value: float | None) -> str:
        """A figure as briefly as it tells enough.

        Examples
        --------
        >>> english = Words("en").number
        >>> english(1234.56), english(45.889), english(0.2512), english(None), english(0)
        ('1,235', '45.89', '0.25', '–', '0')
        """
        if value is None:
            return "–"
        if value == int(value) or abs(value) >= 1000:
            return self.localize(f"{value:,.0f}")
        return self.localize(f"{value:.1f}" if abs(value) >= 100 else f"{value:.2f}")

    def localize(self, number: str) -> str:
        """A number that Python wrote, as the language writes it."""
        return number.translate(_AS_IN_SPANISH) if self.language == "es" else number


ENGLISH = Words("en")
