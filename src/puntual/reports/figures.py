"""The charts of a study in the order of the report, and what each shows in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import polars as pl

from puntual.charts import charts
from puntual.charts.pictures import Drawing
from puntual.charts.texts import ReportTexts
from puntual.exploration.findings import PAIRS
from puntual.exploration.study import Study
from puntual.reports.page import Figure
from puntual.statistics.rates import informative_dimensions

SECTIONS = ("flights", "delay", "rates", "explains", "variables")


def build_charts(study: Study, texts: ReportTexts) -> list[Figure]:
    """Make every chart that the study has numbers for."""
    return [*_of_flights(study, texts), *_of_delays(study, texts), *_of_explanations(study, texts)]


def drawings(study: Study, texts: ReportTexts) -> dict[str, Drawing]:
    """Every chart of a study by name, as a notebook shows them."""
    return {figure.name: Drawing(figure.picture, texts.language) for figure in build_charts(study, texts)}


def _of_flights(study: Study, texts: ReportTexts) -> Iterator[Figure]:
    weekly, daily, shares = study.traffic.weekly, study.traffic.daily, study.traffic.shares
    hours = [
        f"{texts.label('weekday', str(day))} {texts.label('hour', str(hour))}"
        for day, hour in weekly.select("weekday", "hour").iter_rows()
    ]
    days = [texts.date(day) for day in daily["day"]]
    yield Figure(
        "week",
        "flights",
        charts.week(weekly, texts),
        _extremes(hours, weekly["flights"], texts.number, texts),
    )
    yield Figure(
        "calendar",
        "flights",
        charts.calendar(daily, "flights", texts),
        _extremes(days, daily["flights"], texts.number, texts),
    )
    for name in ("airline", "destination", "origin"):
        counted = shares.filter(pl.col("dimension") == name)
        if counted.height > 1:
            labels = [texts.label(name, value) for value in counted["value"]]
            extremes = _extremes(labels, counted["flights"], texts.number, texts)
            yield Figure(f"flights_{name}", "flights", charts.shares(shares, name, texts), extremes)


def _of_delays(study: Study, texts: ReportTexts) -> Iterator[Figure]:
    delays, rates = study.delays, study.rates
    if delays is None or rates is None or study.base_rate is None:
        return
    exceedance = "; ".join(
        f"{texts.text('more_than', minutes=minutes)}: {texts.percent(rate)}"
        for minutes, rate in delays.exceedance.select("minutes", "rate").iter_rows()
    )
    quantiles = "; ".join(_quantile(share, minutes, texts) for share, minutes in delays.quantiles.iter_rows())
    quantiles = f"{quantiles[:1].upper()}{quantiles[1:]}."
    threshold = study.threshold
    yield Figure("histogram", "delay", charts.histogram(delays.histogram, threshold, texts), quantiles)
    yield Figure("cumulative", "delay", charts.cumulative(delays.cumulative, threshold, texts), quantiles)
    yield Figure("ladder", "delay", charts.exceedance(delays.exceedance, texts), exceedance)
    for name in informative_dimensions(rates):
        groups = charts.drawn_groups(rates, name).filter(~pl.col("small"))
        labels = [texts.label(name, value) for value in groups["value"]]
        chart = charts.rates(rates, name, study.base_rate, texts)
        extremes = _extremes(labels, groups["rate"], texts.percent, texts)
        yield Figure(f"rates_{name}", "rates", chart, extremes)


def _of_explanations(study: Study, texts: ReportTexts) -> Iterator[Figure]:
    delays, explained = study.delays, study.explained
    if delays is None:
        return
    pairs = None if explained is None else explained.pairs
    for first, second in PAIRS:
        if pairs is None:
            break
        cells, _ = charts.drawn_cells(pairs, first, second)
        if cells.is_empty():
            continue
        labels = [
            f"{texts.label(first, one)} × {texts.label(second, other)}"
            for one, other in cells.select("first_value", "second_value").iter_rows()
        ]
        extremes = _extremes(labels, cells["rate"], texts.percent, texts)
        yield Figure(f"pair_{first}_{second}", "explains", charts.pair(pairs, first, second, texts), extremes)
    daily = delays.daily
    days = [texts.date(day) for day in daily["day"]]
    extremes = _extremes(days, daily["rate"], texts.percent, texts)
    yield Figure("calendar_rate", "explains", charts.calendar(daily, "rate", texts), extremes)
    if daily.height:
        worst = daily["share"].arg_max() or 0
        highest = texts.text("alt.highest", high_label=days[worst], high=texts.percent(daily["share"][worst]))
        yield Figure("worst_days", "explains", charts.worst_days(daily, texts), highest)
    if explained is not None and explained.importance.height:
        lost = explained.importance.group_by("variable").agg(pl.col("lost").mean()).sort("variable")
        labels = [texts.text(f"variable.{name}") for name in lost["variable"]]
        extremes = _extremes(labels, lost["lost"], lambda value: texts.number(value, 4), texts)
        yield Figure("importance", "variables", charts.importance(explained.importance, texts), extremes)


def _quantile(share: float, minutes: float, texts: ReportTexts) -> str:
    """How early or late a share of the flights left."""
    kind = "on_time" if minutes == 0 else "early" if minutes < 0 else "late"
    values = {"share": texts.percent(share, 0), "minutes": texts.number(abs(minutes))}
    return texts.text(f"quantile.{kind}", **values)


def _extremes(
    labels: Sequence[str], values: pl.Series, form: Callable[[float], str], texts: ReportTexts
) -> str:
    if values.is_empty():
        return ""
    high, low = values.arg_max() or 0, values.arg_min() or 0
    return texts.text(
        "alt.most",
        high_label=labels[high],
        high=form(values[high]),
        low_label=labels[low],
        low=form(values[low]),
    )
