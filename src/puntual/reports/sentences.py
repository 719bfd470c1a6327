"""Findings as sentences, and the numbers in them in the marks of a language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from puntual.charts.texts import ReportTexts
from puntual.exploration.finding import Finding

_PERCENTAGES = {
    *("rate", "low", "high", "adjusted", "adjusted_low", "adjusted_high"),
    *("base", "share", "expected"),
}
_RATIOS = {"ratio", "ratio_low", "ratio_high"}
_LOSSES = {"lost", "lost_low", "lost_high"}
_SHOWN = 3


def sentence(finding: Finding, texts: ReportTexts) -> str:
    """The sentence of a finding; each names its numbers."""
    values = {name: _formatted(name, value, texts) for name, value in finding.numbers.items()}
    values["flights"] = texts.number(finding.flights)
    if finding.group:
        values["group"] = texts.group(finding.group)
    if "confounder" in values:
        values["other"] = texts.label(values["confounder"], values["confounder_value"])
    kind, _, reading = finding.kind.partition(":")
    if kind == "less_often":
        values |= _less(finding.numbers, texts)
    text = texts.text(f"finding.{kind}", **values)
    return f"{text} {texts.text(f'and.{reading}', **values)}" if reading else text


def _less(ratios: Mapping[str, object], texts: ReportTexts) -> dict[str, str]:
    """How much less often than the average, of a ratio below 1; its interval is the other way round."""
    ends = {"less": "ratio", "less_low": "ratio_high", "less_high": "ratio_low"}
    known = {name: ratios[ratio] for name, ratio in ends.items()}
    return {name: texts.percent(1 - one, 0) for name, one in known.items() if isinstance(one, float)}


def listed(findings: Iterable[Finding], texts: ReportTexts) -> str:
    """Findings as a list in Markdown."""
    return "\n".join(f"1. {sentence(finding, texts)}" for finding in findings)


def _formatted(name: str, value: object, texts: ReportTexts) -> str:
    if isinstance(value, list):
        return _listed(value, texts)
    if isinstance(value, dt.date):
        return texts.date(value)
    if name == "variable":
        return texts.text(f"variable.{value}")
    if not isinstance(value, int | float):
        return str(value)
    if name in _PERCENTAGES:
        return texts.percent(value)
    if name in _RATIOS:
        return texts.number(value, 1 if value >= 1 else 2)
    return texts.number(value, 4 if name in _LOSSES else 0)


def _listed(values: list[object], texts: ReportTexts) -> str:
    shown = [_formatted("", value, texts) for value in values[:_SHOWN]]
    return "; ".join(shown) + (texts.text("list.more") if len(values) > _SHOWN else "")
