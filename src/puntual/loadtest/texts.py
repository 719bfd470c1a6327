"""What a report says, in a language."""

from __future__ import annotations

from puntual.i18n.texts import Texts


class LoadTestTexts(Texts):
    """The load test's texts and numbers in one language.

    Parameters
    ----------
    language : of `puntual.i18n.texts.LANGUAGES`

    Examples
    --------
    >>> LoadTestTexts("es").text("value.requests", count=LoadTestTexts("es").number(50000))
    '50.000 solicitudes'
    """

    def __init__(self, language: str) -> None:
        super().__init__("loadtest", language)

    def number(self, value: float | None) -> str:
        """A figure as briefly as it tells enough.

        Examples
        --------
        >>> english = LoadTestTexts("en").number
        >>> english(1234.56), english(45.889), english(0.2512), english(None), english(0)
        ('1,235', '45.89', '0.25', '–', '0')
        """
        if value is None:
            return "–"
        if value == int(value) or abs(value) >= 1000:
            return self.localize(f"{value:,.0f}")
        return self.localize(f"{value:.1f}" if abs(value) >= 100 else f"{value:.2f}")


ENGLISH = LoadTestTexts("en")
