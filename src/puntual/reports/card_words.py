"""How a model card writes what it tells: intervals, days, months, groups, families."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from puntual.charts.words import Words
from puntual.inference.estimates import Estimate, verdict
from puntual.inference.evaluation_results import SeedSpread, Slice
from puntual.inference.reliability import Group

SHARES = frozenset({"accuracy", "precision", "recall", "called", "base_rate"})
"""Metrics that are written as percentages."""

_JOINED = "\u00a0"


class CardWords:
    """The words of a card in a language.

    Parameters
    ----------
    words : texts, numbers, and names of airlines and airports
    """

    def __init__(self, words: Words) -> None:
        self.words = words
        self.text, self.number, self.percent = words.text, words.number, words.percent

    def named(self, family: str, name: str) -> str:
        """The message ``card.FAMILY.NAME``; the name itself where there is none."""
        return self.words.messages.get(f"card.{family}.{name}", name)

    def metric(self, name: str, one: Estimate | None) -> str:
        """A metric with its interval; a dash where it is not defined."""
        form = self.percent if name in SHARES else lambda value: self.number(value, 3)
        return "–" if one is None else self.interval(one, form)

    def interval(self, one: Estimate, form: Callable[[float], str]) -> str:
        """A number and the ends of its interval, where it has them; a line may end only between the two."""
        if one.low is None or one.high is None:
            return form(one.value)
        within = self.text("card.interval", low=form(one.low), high=form(one.high)).replace(" ", _JOINED)
        return f"{form(one.value)} ({within})"

    def verdict(
        self,
        within: Mapping[str, Estimate | None],
        alone: Mapping[str, Estimate | None],
        base_rate: float,
    ) -> str:
        """Whether metrics by name are better than always saying a base rate."""
        gains = [gain for gain in (within["gain"], alone["gain"]) if gain]
        ways = [self.text(f"card.verdict.{verdict(gain)}") for gain in gains]
        rate = self.percent(base_rate)
        if ways[0] == ways[1]:
            return self.text("card.worth.verdict_both", verdict=ways[0], rate=rate)
        return self.text("card.worth.verdict", within=ways[0], alone=ways[1], rate=rate)

    def seeds(self, spread: SeedSpread) -> str:
        """What models of other seeds give, and what the timetable is worth over all of them."""
        numbers = {
            name: self.text(
                "card.deviation", mean=self.number(one.mean, 4), deviation=self.number(one.deviation, 4)
            ).replace(" ", _JOINED)
            for name, one in (
                ("log_loss", spread.log_loss),
                ("log_loss_alone", spread.log_loss_without_timetable),
                ("auc", spread.auc),
                ("auc_alone", spread.auc_without_timetable),
            )
        }
        return self.text(
            "card.worth.seeds",
            seeds=spread.seeds,
            timetable=self.loss(spread.timetable),
            moved=self.percent(spread.moved, 0),
            **numbers,
        )

    def loss(self, one: Estimate) -> str:
        """A difference of log losses with its interval."""
        return self.interval(one, lambda value: self.number(value, 4))

    def rate(self, one: Group | Slice) -> str:
        """A share of flights that were late, with its interval."""
        return self.interval(Estimate(one.rate, one.low, one.high), self.percent)

    def day(self, iso: str) -> str:
        """A day given as 2017-09-01, written out."""
        day = dt.date.fromisoformat(iso)
        return self.text("card.day", day=day.day, month=self.month(day.month), year=day.year)

    def joined(self, iso: str) -> str:
        """A day given as 2017-09-01, as it is, on one line."""
        return iso.replace("-", "\u2011")

    def month(self, number: int) -> str:
        """The name of a month, from 1."""
        return self.words.label("month", str(number))

    def month_of(self, name: str) -> str:
        """A month given as 2017-09, written out."""
        year, _, number = name.partition("-")
        return self.text("card.month_of", month=self.month(int(number)), year=year)

    def slice_name(self, one: Slice) -> str:
        """What some of the flights are called."""
        if one.dimension == "month":
            return self.month_of(one.value)
        return self.words.label(one.dimension, one.value)

    def slice_flights(self, one: Slice) -> str:
        """The flights of a slice, as the beginning of a sentence."""
        if one.dimension == "month":
            return self.text("group", said=self.text("of.month", name=self.month_of(one.value)))
        return self.words.group(((one.dimension, one.value),))

    def group(self, name: str) -> str:
        """What a variable is called."""
        return self.words.messages.get(f"variable.{name}", name)

    def listed(self, items: list[str]) -> str:
        """Several things in a row."""
        return ", ".join(items)
