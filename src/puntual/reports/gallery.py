"""Which charts a study has, in the order of the report, and what each says in a sentence."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from puntual.charts import charts
from puntual.charts.marks import Picture
from puntual.charts.pictures import Drawing
from puntual.charts.words import Words
from puntual.exploration.findings import PAIRS
from puntual.exploration.study import Study
from puntual.statistics.rates import informative_dimensions

SECTIONS = ("flights", "delay", "rates", "explains", "variables")


class Exhibit(NamedTuple):
    """A chart in its section.

    Attributes
    ----------
    name : of the chart, its files and its place in the report
    alternative : what it shows, for those who do not see it
    """

    name: str
    section: str
    picture: Picture
    alternative: str


def hang(study: Study, words: Words) -> list[Exhibit]:
    """Make every chart that the study has numbers for."""
    traffic, delays, rates = study.traffic, study.delays, study.rates
    weekly, daily = traffic.weekly, traffic.daily
    hours = [
        f"{words.label('weekday', str(day))} {words.label('hour', str(hour))}"
        for day, hour in weekly.select("weekday", "hour").iter_rows()
    ]
    days = [words.date(day) for day in daily["day"]]
    exhibits = [
        Exhibit("week", "flights", charts.week(weekly, words), _extremes(hours, weekly["flights"], words)),
        Exhibit(
            "calendar",
            "flights",
            charts.calendar(daily, "flights", words),
            _extremes(days, daily["flights"], words),
        ),
    ]
    for name in ("airline", "destination", "origin"):
        counted = traffic.shares.filter(pl.col("dimension") == name)
        if counted.height > 1:
            labels = [words.label(name, value) for value in counted["value"]]
            picture = charts.shares(traffic.shares, name, words)
            exhibits.append(
                Exhibit(f"flights_{name}", "flights", picture, _extremes(labels, counted["flights"], words))
            )
    if delays is None or rates is None or study.base_rate is None:
        return exhibits
    rungs = [
        f"{words.text('more_than', minutes=minutes)}: {words.percent(rate)}"
        for minutes, rate in delays.exceedance.select("minutes", "rate").iter_rows()
    ]
    quantiles = [
        f"{words.percent(share, 0)}: {words.number(minutes)}"
        for share, minutes in delays.quantiles.iter_rows()
    ]
    exhibits += [
        Exhibit(
            "histogram",
            "delay",
            charts.histogram(delays.histogram, study.threshold, words),
            "; ".join(quantiles),
        ),
        Exhibit(
            "cumulative",
            "delay",
            charts.cumulative(delays.cumulative, study.threshold, words),
            "; ".join(quantiles),
        ),
        Exhibit("ladder", "delay", charts.ladder(delays.exceedance, words), "; ".join(rungs)),
    ]
    for name in informative_dimensions(rates):
        told = rates.filter(pl.col("dimension") == name, ~pl.col("small"))
        labels = [words.label(name, value) for value in told["value"]]
        picture = charts.rates(rates, name, study.base_rate, words)
        exhibits.append(
            Exhibit(f"rates_{name}", "rates", picture, _extremes(labels, told["rate"], words, share=True))
        )
    if study.explained is not None:
        for first, second in PAIRS:
            cells = study.explained.pairs.filter(pl.col("first") == first, pl.col("second") == second)
            if cells.is_empty():
                continue
            labels = [
                f"{words.label(first, one)} × {words.label(second, other)}"
                for one, other in cells.select("first_value", "second_value").iter_rows()
            ]
            picture = charts.pair(study.explained.pairs, first, second, words)
            said = _extremes(labels, cells["rate"], words, share=True)
            exhibits.append(Exhibit(f"pair_{first}_{second}", "explains", picture, said))
    rated = [words.date(day) for day in delays.daily["day"]]
    exhibits += [
        Exhibit(
            "calendar_rate",
            "explains",
            charts.calendar(delays.daily, "rate", words),
            _extremes(rated, delays.daily["rate"], words, share=True),
        ),
        Exhibit(
            "worst_days",
            "explains",
            charts.worst_days(delays.daily, words),
            _extremes(rated, delays.daily["share"], words, share=True),
        ),
    ]
    if study.explained is not None and study.explained.importance.height:
        weighed = study.explained.importance
        lost = weighed.group_by("variable").agg(pl.col("lost").mean()).sort("variable")
        labels = [words.text(f"variable.{name}") for name in lost["variable"]]
        said = _extremes(labels, lost["lost"], words, decimals=4)
        exhibits.append(Exhibit("importance", "variables", charts.importance(weighed, words), said))
    return exhibits


def drawings(study: Study, words: Words) -> dict[str, Drawing]:
    """Every chart of a study by name, as a notebook shows them."""
    return {exhibit.name: Drawing(exhibit.picture, words.language) for exhibit in hang(study, words)}


def _extremes(
    labels: list[str], values: pl.Series, words: Words, *, share: bool = False, decimals: int = 0
) -> str:
    if values.is_empty():
        return ""
    high, low = values.arg_max() or 0, values.arg_min() or 0

    def written(at: int) -> str:
        return words.percent(values[at]) if share else words.number(values[at], decimals)

    return words.text(
        "alt.most", high_label=labels[high], high=written(high), low_label=labels[low], low=written(low)
    )
