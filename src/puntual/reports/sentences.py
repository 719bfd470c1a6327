"""Findings as sentences, and the numbers in them in the marks of a language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from puntual.charts.words import Words
from puntual.exploration.findings import Finding

_SHARES = ("rate", "low", "high", "adjusted", "adjusted_low", "adjusted_high", "base", "share", "expected")
_RATIOS = ("ratio", "ratio_low", "ratio_high")
_LOSSES = ("lost", "lost_low", "lost_high")
_SHOWN = 3


def say(finding: Finding, words: Words) -> str:
    """The sentence of a finding; each names its numbers."""
    values = {name: _written(name, value, words) for name, value in finding.numbers.items()}
    values["flights"] = words.number(finding.flights)
    if finding.group:
        values["group"] = words.group(finding.group)
    if "confounder" in values:
        values["other"] = words.label(values["confounder"], values["confounder_value"])
    kind, _, reading = finding.kind.partition(":")
    said = words.text(f"finding.{kind}", **values)
    return f"{said} {words.text(f'and.{reading}', **values)}" if reading else said


def listed(findings: Iterable[Finding], words: Words) -> str:
    """Findings as a list in Markdown."""
    return "\n".join(f"1. {say(finding, words)}" for finding in findings)


def _written(name: str, value: object, words: Words) -> str:
    if isinstance(value, list):
        return _listed(value, words)
    if isinstance(value, dt.date):
        return words.date(value)
    if name == "variable":
        return words.text(f"variable.{value}")
    if isinstance(value, int | float):
        return next((form(value) for names, form in _forms(words) if name in names), words.number(value))
    return str(value)


def _forms(words: Words) -> tuple[tuple[tuple[str, ...], Callable[[float], str]], ...]:
    return (
        (_SHARES, words.percent),
        (_RATIOS, lambda ratio: words.number(ratio, 1 if ratio >= 1 else 2)),
        (_LOSSES, lambda loss: words.number(loss, 4)),
    )


def _listed(values: list[object], words: Words) -> str:
    shown = [_written("", value, words) for value in values[:_SHOWN]]
    return "; ".join(shown) + (words.text("list.more") if len(values) > _SHOWN else "")
