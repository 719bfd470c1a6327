"""The texts of a model card: intervals, days and months, and the sections and tables that they stand in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from puntual.charts.texts import ReportTexts
from puntual.inference.estimates import Estimate, verdict
from puntual.inference.evaluation_results import SeedSpread, Slice
from puntual.inference.reliability import Group
from puntual.reports.page import Figure

PERCENTAGES = frozenset({"accuracy", "precision", "recall", "called", "base_rate"})
"""Metrics that are written as percentages."""

_NO_BREAK_SPACE, NO_BREAK_HYPHEN = "\u00a0", "\u2011"


class Table(NamedTuple):
    """Rows whose first cell names them.

    Attributes
    ----------
    folded : whether it has to be opened
    """

    title: str
    heads: Sequence[str]
    rows: Sequence[tuple[str, ...]]
    folded: bool = False


class Section(NamedTuple):
    """A section of the card.

    Attributes
    ----------
    notes : paragraphs; points : sentences, one below the other; more : further ones, folded away
    """

    name: str
    title: str
    notes: Sequence[str] = ()
    points: Sequence[str] = ()
    more: Sequence[str] = ()
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()
    notice: str = ""


class CardTexts(ReportTexts):
    """The texts of a card in a language."""

    def section(self, name: str, notes: Sequence[str] = (), **parts: Any) -> Section:
        """A section whose title is the message ``card.NAME``."""
        return Section(name, self.text(f"card.{name}"), notes)._replace(**parts)

    def heads(self, *names: str) -> list[str]:
        """The heads of a table's columns."""
        return [self.text(f"card.head.{name}") for name in names]

    def named(self, family: str, name: str) -> str:
        """The message ``card.FAMILY.NAME``; the name itself if there is none."""
        return self.messages.get(f"card.{family}.{name}", name)

    def metric(self, name: str, estimate: Estimate | None) -> str:
        """A metric with its interval; a dash if it is not defined."""
        if estimate is None:
            return "–"
        return self.interval(estimate, self.percent) if name in PERCENTAGES else self.decimal(estimate, 3)

    def decimal(self, estimate: Estimate, decimals: int = 4) -> str:
        """A number with its interval; four decimals show a difference of log losses."""
        return self.interval(estimate, lambda value: self.number(value, decimals))

    def interval(self, estimate: Estimate, form: Callable[[float], str]) -> str:
        """A number and the ends of its interval, if it has them; a line may end only between the two."""
        if estimate.low is None or estimate.high is None:
            return form(estimate.value)
        ends = self.text("card.interval", low=form(estimate.low), high=form(estimate.high))
        return f"{form(estimate.value)} ({ends.replace(' ', _NO_BREAK_SPACE)})"

    def rate(self, group: Group | Slice) -> str:
        """A share of flights that were late, with its interval."""
        return self.interval(Estimate(group.rate, group.low, group.high), self.percent)

    def verdict(
        self,
        with_timetable: Mapping[str, Estimate | None],
        without: Mapping[str, Estimate | None],
        base_rate: float,
    ) -> str:
        """Whether metrics by name are better than always saying a base rate."""
        gains = [gain for gain in (with_timetable["gain"], without["gain"]) if gain]
        verdicts = [self.text(f"card.verdict.{verdict(gain)}") for gain in gains]
        rate = self.percent(base_rate)
        if verdicts[0] == verdicts[1]:
            return self.text("card.worth.verdict_both", verdict=verdicts[0], rate=rate)
        return self.text("card.worth.verdict", within=verdicts[0], alone=verdicts[1], rate=rate)

    def seeds(self, spread: SeedSpread) -> str:
        """How far models of other seeds lie apart, and the gain by the timetable over all of them."""
        metrics = {
            "log_loss": spread.log_loss,
            "log_loss_alone": spread.log_loss_without_timetable,
            "auc": spread.auc,
            "auc_alone": spread.auc_without_timetable,
        }
        numbers = {
            name: self.text(
                "card.deviation", mean=self.number(one.mean, 4), deviation=self.number(one.deviation, 4)
            ).replace(" ", _NO_BREAK_SPACE)
            for name, one in metrics.items()
        }
        return self.text(
            "card.worth.seeds",
            seeds=spread.seeds,
            timetable=self.decimal(spread.timetable),
            moved=self.percent(spread.moved, 0),
            **numbers,
        )

    def day(self, iso: str) -> str:
        """A day given as 2017-09-01, written out."""
        day = dt.date.fromisoformat(iso)
        return self.text("card.day", day=day.day, month=self.month(day.month), year=day.year)

    def month(self, number: int) -> str:
        """The name of a month, from 1."""
        return self.label("month", str(number))

    def month_of(self, name: str) -> str:
        """A month given as 2017-09, written out."""
        year, _, number = name.partition("-")
        return self.text("card.month_of", month=self.month(int(number)), year=year)

    def slice_name(self, one: Slice) -> str:
        """The name of a slice."""
        return self.month_of(one.value) if one.dimension == "month" else self.label(one.dimension, one.value)

    def slice_flights(self, one: Slice) -> str:
        """The flights of a slice, as the beginning of a sentence."""
        if one.dimension == "month":
            return self.text("group", said=self.text("of.month", name=self.month_of(one.value)))
        return self.group(((one.dimension, one.value),))
