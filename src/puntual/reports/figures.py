"""Which charts a study has, in the order of the report, and what each says in a sentence."""

from __future__ import annotations

import polars as pl

from puntual.charts import charts
from puntual.charts.pictures import Drawing
from puntual.charts.words import Words
from puntual.exploration.findings import PAIRS
from puntual.exploration.study import Study
from puntual.reports.page import Figure
from puntual.statistics.rates import informative_dimensions

SECTIONS = ("flights", "delay", "rates", "explains", "variables")


def build_charts(study: Study, words: Words) -> list[Figure]:
    """Make every chart that the study has numbers for."""
    traffic, delays, rates = study.traffic, study.delays, study.rates
    weekly, daily = traffic.weekly, traffic.daily
    hours = [
        f"{words.label('weekday', str(day))} {words.label('hour', str(hour))}"
        for day, hour in weekly.select("weekday", "hour").iter_rows()
    ]
    days = [words.date(day) for day in daily["day"]]
    figures = [
        Figure("week", "flights", charts.week(weekly, words), _extremes(hours, weekly["flights"], words)),
        Figure(
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
            figures.append(
                Figure(f"flights_{name}", "flights", picture, _extremes(labels, counted["flights"], words))
            )
    if delays is None or rates is None or study.base_rate is None:
        return figures
    rungs = [
        f"{words.text('more_than', minutes=minutes)}: {words.percent(rate)}"
        for minutes, rate in delays.exceedance.select("minutes", "rate").iter_rows()
    ]
    quantiles = [
        f"{words.percent(share, 0)}: {words.number(minutes)}"
        for share, minutes in delays.quantiles.iter_rows()
    ]
    figures += [
        Figure(
            "histogram",
            "delay",
            charts.histogram(delays.histogram, study.threshold, words),
            "; ".join(quantiles),
        ),
        Figure(
            "cumulative",
            "delay",
            charts.cumulative(delays.cumulative, study.threshold, words),
            "; ".join(quantiles),
        ),
        Figure("ladder", "delay", charts.ladder(delays.exceedance, words), "; ".join(rungs)),
    ]
    for name in informative_dimensions(rates):
        told = rates.filter(pl.col("dimension") == name, ~pl.col("small"))
        labels = [words.label(name, value) for value in told["value"]]
        picture = charts.rates(rates, name, study.base_rate, words)
        figures.append(
            Figure(f"rates_{name}", "rates", picture, _extremes(labels, told["rate"], words, share=True))
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
            figures.append(Figure(f"pair_{first}_{second}", "explains", picture, said))
    rated = [words.date(day) for day in delays.daily["day"]]
    figures += [
        Figure(
            "calendar_rate",
            "explains",
            charts.calendar(delays.daily, "rate", words),
            _extremes(rated, delays.daily["rate"], words, share=True),
        ),
        Figure(
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
        figures.append(Figure("importance", "variables", charts.importance(weighed, words), said))
    return figures


def drawings(study: Study, words: Words) -> dict[str, Drawing]:
    """Every chart of a study by name, as a notebook shows them."""
    return {figure.name: Drawing(figure.picture, words.language) for figure in build_charts(study, words)}


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
