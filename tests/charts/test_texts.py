"""Both languages say the same things, and nothing is said that is not asked for."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable
from pathlib import Path
from typing import get_args

import puntual.charts
from puntual.i18n.texts import LANGUAGES, read_messages
from puntual.inference.card import LimitName, Weakness
from puntual.inference.catalogue import CATALOGUE
from puntual.inference.estimates import Verdict
from puntual.inference.season_rules import PERIOD_NUMBERS
from puntual.metrics.intervals import METRICS
from puntual.models.calibration import METHODS
from puntual.statistics.rates import DIMENSIONS
from puntual.training.families import FAMILIES
from puntual.training.splits import SPLITS

FOLDER = Path(puntual.charts.__file__).parent
MESSAGES = {language: read_messages("report", language) for language in LANGUAGES}
NAMES = (
    *(feature.group for feature in CATALOGUE),
    *(*DIMENSIONS, *PERIOD_NUMBERS, *map(str, range(13))),
    *(*METRICS, *METHODS, *FAMILIES, *SPLITS, *get_args(LimitName), *get_args(Weakness), *get_args(Verdict)),
)


def placeholders(message: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(message) if name}


def test_both_languages_have_the_same_messages() -> None:
    assert MESSAGES["en"].keys() == MESSAGES["es"].keys()
    for key, message in MESSAGES["en"].items():
        assert placeholders(message) == placeholders(MESSAGES["es"][key]), key


def test_every_message_is_used() -> None:
    """Its key stands in the code, or the code makes keys of that family and names every part of it."""
    rooms = (FOLDER, FOLDER.parent / "exploration", FOLDER.parent / "reports")
    kinds = ("*.py", "template/*")
    code = "".join(path.read_text("utf-8") for room in rooms for kind in kinds for path in room.glob(kind))
    beginnings = {*re.findall(r'f["\']([a-z_.]+)\{', code), *(f"{name}." for name in DIMENSIONS)}
    words = code + " ".join(NAMES)

    def used(key: str) -> bool:
        beginning = max(filter(key.startswith, beginnings), key=len, default="")
        parts = re.split(r"[_.]", key.removeprefix(beginning))
        return (
            f'"{key}"' in code
            or f"'{key}'" in code
            or bool(beginning and all(map(words.__contains__, parts)))
        )

    assert [key for key in MESSAGES["en"] if not used(key)] == []


def test_everything_that_a_card_names_has_its_words() -> None:
    """A name without words would be told as it stands in the code."""
    kinds: dict[str, Iterable[str]] = {
        "family": FAMILIES,
        "calibration": METHODS,
        "metric": METRICS,
        "split": (*SPLITS, "rolling"),
        "limit": get_args(LimitName),
        "weak": get_args(Weakness),
        "verdict": get_args(Verdict),
    }
    for kind, names in kinds.items():
        assert [name for name in names if f"card.{kind}.{name}" not in MESSAGES["en"]] == [], kind
