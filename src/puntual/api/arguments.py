"""Check what functions are given as the command line checks its options: one line says what is wanted."""

from __future__ import annotations

import math
import numbers
from collections.abc import Collection

from puntual.errors import SettingError

MAX_THRESHOLD = 1440
"""Minutes; a flight is delayed when it leaves more than so many late."""


def check_whole(name: str, value: object, least: int, most: float = math.inf) -> int:
    """A whole number from `least` to `most`.

    Raises
    ------
    SettingError : anything else

    Examples
    --------
    >>> check_whole("threshold", 15, 0, 1440)
    15
    """
    if not isinstance(value, bool) and isinstance(value, numbers.Integral) and least <= int(value) <= most:
        return int(value)
    raise SettingError(f"{name}: {value!r}; wanted: a whole number{_range(least, most)}")


def check_number(name: str, value: object, least: float, most: float = math.inf) -> float:
    """A finite number from `least` to `most`.

    Raises
    ------
    SettingError : anything else

    Examples
    --------
    >>> check_number("decision_threshold", 5, 0, 1)
    Traceback (most recent call last):
        ...
    puntual.errors.SettingError: decision_threshold: 5; wanted: a number from 0 to 1
    """
    if not isinstance(value, bool) and isinstance(value, numbers.Real) and math.isfinite(value):
        number = float(value)
        if least <= number <= most:
            return number
    raise SettingError(f"{name}: {value!r}; wanted: a number{_range(least, most)}")


def check_choice(name: str, value: object, choices: Collection[str]) -> None:
    """Check that a value is one of some texts.

    Raises
    ------
    SettingError : it is not
    """
    if not (isinstance(value, str) and value in choices):
        raise SettingError(f"{name}: {value!r}; wanted: {' or '.join(choices)}")


def _range(least: float, most: float) -> str:
    return f" from {least:g} on" if most == math.inf else f" from {least:g} to {most:g}"
