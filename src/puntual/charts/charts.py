"""Every chart, once: data -> Altair, for the report, the notebooks and the page."""

from __future__ import annotations

import altair as alt
import polars as pl

from puntual.charts.marks import (
    ADJUSTED,
    BLUE,
    FLIGHTS,
    GREY,
    HEAT,
    INK,
    OBSERVED,
    ORANGE,
    ROW_HEIGHT,
    Picture,
    columns,
    finish,
    heat,
    interval,
    percent_x,
    rows,
    series_scales,
    tooltips,
)
from puntual.charts.texts import ReportTexts

MAX_ROWS = 40
"""Groups that a chart of rates shows, the largest; `rates.csv` and the report's table hold all."""

MAX_CELLS = 24
"""Rows and columns of a chart of pairs, the largest."""

FEW_ROWS = 20
"""Airlines, destinations and days that are shown where only the largest matter."""


def week(weekly: pl.DataFrame, texts: ReportTexts) -> Picture:
    """Flights by weekday and hour; `puntual.exploration.traffic.Traffic.weekly`."""
    names = [texts.label("weekday", str(day)) for day in range(1, 8)]
    data = weekly.with_columns(
        weekday=pl.Series([names[day - 1] for day in weekly["weekday"]], dtype=pl.String),
        flights_week="flights",
    )
    chart = (
        alt.Chart(data)
        .mark_rect()
        .encode(
            x=columns("hour", texts),
            y=rows("weekday", names),
            color=heat("flights_week", texts, FLIGHTS, ",.0f"),
            tooltip=tooltips(texts, weekday="", hour="", flights_week=",.1f"),
        )
    )
    return finish(chart, texts.text("chart.week"))


def calendar(daily: pl.DataFrame, field: str, texts: ReportTexts) -> Picture:
    """A cell a day, a row a month; the shade is `flights`, or the `rate` of delay."""
    data = daily.with_columns(
        month=pl.col("day").dt.strftime("%Y-%m"),
        day_of_month=pl.col("day").dt.day(),
        day=pl.Series([texts.date(day) for day in daily["day"]], dtype=pl.String),
    ).select("month", "day_of_month", "day", "flights", *({field} - {"flights"}))
    shade = heat(field, texts, *((HEAT, ".0%") if field == "rate" else (FLIGHTS, ",.0f")))
    chart = (
        alt.Chart(data)
        .mark_rect()
        .encode(
            x=columns("day_of_month", texts),
            y=rows("month"),
            color=shade,
            tooltip=tooltips(texts, day="", flights=",.0f", **({"rate": ".1%"} if field == "rate" else {})),
        )
    )
    return finish(chart, texts.text(f"chart.calendar_{field}"), count=data["month"].n_unique())


def shares(counted: pl.DataFrame, dimension: str, texts: ReportTexts) -> Picture:
    """Flights of the largest groups of a dimension; `Traffic.shares`."""
    largest = counted.filter(pl.col("dimension") == dimension).head(FEW_ROWS)
    data = largest.with_columns(_labels(largest["value"], dimension, texts).alias(dimension))
    chart = (
        alt.Chart(data)
        .mark_bar(color=BLUE)
        .encode(
            x=alt.X("flights:Q", title=texts.text("axis.flights"), axis=alt.Axis(format=",.0f", tickCount=5)),
            y=rows(dimension, data[dimension].to_list()),
            tooltip=tooltips(texts, **{dimension: "", "flights": ",.0f"}),
        )
    )
    return finish(chart, texts.text(f"chart.shares_{dimension}"), count=data.height)


def histogram(data: pl.DataFrame, threshold: int, texts: ReportTexts) -> Picture:
    """Flights by minutes of delay, the threshold marked; `puntual.exploration.delays.Delays.histogram`."""
    colors = alt.Scale(domain=[False, True], range=[BLUE, ORANGE])
    bars = (
        alt.Chart(data.with_columns(late=pl.col("minutes") > threshold))
        .mark_bar(width=3)
        .encode(
            x=alt.X("minutes:Q", title=texts.text("axis.minutes"), axis=alt.Axis(tickCount=8)),
            y=alt.Y("flights:Q", title=texts.text("axis.flights"), axis=alt.Axis(format=",.0f", tickCount=5)),
            color=alt.Color("late:N", scale=colors, legend=None),
            tooltip=tooltips(texts, minutes="", flights=",.0f"),
        )
    )
    return finish(alt.layer(bars, _marked_at(threshold)), texts.text("chart.histogram"))


def cumulative(data: pl.DataFrame, threshold: int, texts: ReportTexts) -> Picture:
    """Share of flights that left no later than so many minutes after their time; `Delays.cumulative`."""
    line = (
        alt.Chart(data)
        .mark_line(color=BLUE, point=alt.OverlayMarkDef(size=40, opacity=0))
        .encode(
            x=alt.X("minutes:Q", title=texts.text("axis.minutes"), axis=alt.Axis(tickCount=8)),
            y=alt.Y("share:Q", title=texts.text("axis.share"), axis=alt.Axis(format=".0%", tickCount=5)),
            tooltip=tooltips(texts, minutes="", share=".1%"),
        )
    )
    return finish(alt.layer(line, _marked_at(threshold)), texts.text("chart.cumulative"))


def exceedance(steps: pl.DataFrame, texts: ReportTexts) -> Picture:
    """Share of flights that left more than 0, 15, 30, 60 and 120 minutes late; `Delays.exceedance`."""
    labels = [texts.text("more_than", minutes=minutes) for minutes in steps["minutes"]]
    base = alt.Chart(steps.with_columns(late=pl.Series(labels))).encode(y=rows("late", labels))
    bars = base.mark_bar(color=BLUE).encode(
        x=percent_x("rate", texts.text("axis.share")),
        tooltip=tooltips(texts, late="", rate=".1%", low=".1%", high=".1%", flights=",.0f"),
    )
    return finish(alt.layer(bars, interval(base, color=INK)), texts.text("chart.ladder"), count=len(labels))


def rates(table: pl.DataFrame, dimension: str, base_rate: float, texts: ReportTexts) -> Picture:
    """The delay rate of each group of a dimension and its interval; beside it, the adjusted rate and its own.

    Parameters
    ----------
    table : from `puntual.statistics.rates.delay_rates`
    base_rate : of all flights, drawn as a line

    Rates of small groups that would make the axis long stand at its end with their number.
    """
    chosen = drawn_groups(table, dimension)
    labels = _labels(chosen["value"], dimension, texts)
    data = chosen.with_columns(labels.alias(dimension))
    raw, adjusted = texts.text("series.raw"), texts.text("series.adjusted")
    kept = (dimension, "flights", "small")
    both = [
        data.select(*kept, "rate", "low", "high", series=pl.lit(raw)),
        data.drop_nulls("adjusted").select(
            *kept, rate="adjusted", low="adjusted_low", high="adjusted_high", series=pl.lit(adjusted)
        ),
    ]
    series = pl.concat(part for part in both if part.height)
    names = series["series"].unique(maintain_order=True).to_list()
    ends = pl.max_horizontal("high", "rate")
    highest = float(series.select(pl.when(~pl.col("small")).then(ends).max()).item() or 1.0)
    longest = alt.param("longest", value=min(1.0, highest * 1.05))
    colors = {raw: OBSERVED, adjusted: ADJUSTED}
    color, shape = series_scales(names, palette=[colors[name] for name in names])
    base = alt.Chart(series).encode(
        y=rows(dimension, grid=True, as_they_come=True),
        yOffset=alt.YOffset("series:N", scale=alt.Scale(domain=names)),
        color=color,
        opacity=alt.when("datum.small").then(alt.value(0.35)).otherwise(alt.value(1)),
        tooltip=tooltips(
            texts, **{dimension: ""}, series="", rate=".1%", low=".1%", high=".1%", flights=",.0f"
        ),
    )
    x = percent_x("rate", texts.text("axis.rate")).scale(domain=[0, alt.expr("longest")], clamp=True)
    points = base.mark_point(filled=True, size=50).encode(x=x, shape=shape)
    beyond = (
        base.transform_filter("datum.rate > longest")
        .transform_calculate(said="format(datum.rate, '.0%') + ' →'")
        .mark_text(align="right", dx=-6, fontSize=11)
        .encode(x=x, text="said:N")
    )
    mean = alt.Chart(pl.DataFrame({"rate": [base_rate]}))
    average = mean.mark_rule(color=GREY, strokeDash=[4, 3]).encode(x="rate:Q")
    title = texts.text("chart.rates", dimension=texts.text(f"axis.{dimension}"))
    return finish(
        alt.layer(average, interval(base), points, beyond).add_params(longest), title, count=len(labels)
    )


def drawn_groups(table: pl.DataFrame, dimension: str) -> pl.DataFrame:
    """The groups that `rates` draws: of many, those with the most flights."""
    chosen = table.filter(pl.col("dimension") == dimension)
    if chosen.height <= MAX_ROWS:
        return chosen
    return chosen.filter(pl.col("flights").rank("ordinal", descending=True) <= MAX_ROWS)


def drawn_cells(cells: pl.DataFrame, first: str, second: str) -> tuple[pl.DataFrame, list[list[str]]]:
    """The cells that `pair` draws, of the groups with the most flights; and these groups, in their order."""
    data = cells.filter(pl.col("first") == first, pl.col("second") == second)
    orders = []
    for side in ("first_value", "second_value"):
        totals = data.group_by(side).agg(pl.col("flights").sum()).sort("flights", side, descending=True)
        values = totals[side].head(MAX_CELLS).to_list()
        if all(value.isdecimal() for value in values):
            values.sort(key=int)
        data = data.filter(pl.col(side).is_in(values))
        orders.append(values)
    return data, orders


def pair(cells: pl.DataFrame, first: str, second: str, texts: ReportTexts) -> Picture:
    """The rate of each cell of two dimensions; its tooltip adds the rate expected from row and column.

    Parameters
    ----------
    cells : from `puntual.exploration.pairs.find_pairs`
    """
    data, groups = drawn_cells(cells, first, second)
    orders = []
    for side, dimension, values in zip(("first_value", "second_value"), (first, second), groups, strict=True):
        data = data.with_columns(_labels(data[side], dimension, texts).alias(dimension))
        orders.append([texts.label(dimension, value) for value in values])
    chart = (
        alt.Chart(data.drop("first", "second", "first_value", "second_value", "false_discovery"))
        .mark_rect()
        .encode(
            x=columns(second, texts, orders[1]),
            y=rows(first, orders[0]),
            color=heat("rate", texts, HEAT, ".0%"),
            tooltip=tooltips(
                texts, **{first: "", second: "", "rate": ".1%", "expected": ".1%", "flights": ",.0f"}
            ),
        )
    )
    return finish(chart, texts.text(f"chart.pair_{first}_{second}"), count=len(orders[0]))


def worst_days(daily: pl.DataFrame, texts: ReportTexts) -> Picture:
    """The days that hold most of the late minutes; `Delays.daily`."""
    worst = daily.sort("late_minutes", descending=True).head(FEW_ROWS)
    days = [texts.date(day) for day in worst["day"]]
    data = worst.select("rate", "flights", share_of_minutes="share", day=pl.Series(days, dtype=pl.String))
    chart = (
        alt.Chart(data)
        .mark_bar()
        .encode(
            x=percent_x("share_of_minutes", texts.text("axis.share_of_minutes"), ".1%"),
            y=rows("day", as_they_come=True),
            color=heat("rate", texts, HEAT, ".0%"),
            tooltip=tooltips(texts, day="", share_of_minutes=".2%", rate=".1%", flights=",.0f"),
        )
    )
    return finish(chart, texts.text("chart.worst_days"), count=len(days))


def importance(table: pl.DataFrame, texts: ReportTexts) -> Picture:
    """Each variable alone, and the log loss without it: a tick a month, and their mean.

    Parameters
    ----------
    table : from `puntual.training.importance.weigh_variables`
    """
    names = {name: texts.text(f"variable.{name}") for name in table["variable"].unique()}
    data = table.with_columns(pl.col("variable").replace_strict(names, return_dtype=pl.String))
    by_loss = data.group_by("variable").agg(pl.col("lost").mean()).sort("lost", "variable", descending=True)
    panels: list[alt.LayerChart | alt.FacetChart] = []
    for field, form in (("lost", ".3f"), ("auc", ".2f"), ("information", ".1%")):
        first = not panels
        axis = alt.Axis(labels=first, ticks=False, domain=False, labelLimit=190, grid=True)
        base = alt.Chart(data, width=190, height={"step": ROW_HEIGHT}).encode(
            y=alt.Y("variable:N", title=None, sort=by_loss["variable"].to_list(), axis=axis)
        )
        across = alt.Axis(format=form, tickCount=4)
        scale = alt.Scale(zero=field != "auc")
        months = base.mark_tick(color=BLUE, opacity=0.5).encode(
            x=alt.X(f"{field}:Q", title=texts.text(f"axis.{field}"), axis=across, scale=scale),
            tooltip=tooltips(texts, variable="", **{field: form}),
        )
        mean = base.mark_point(filled=True, color=ORANGE, size=60, opacity=1).encode(x=f"mean({field}):Q")
        panels.append(alt.layer(months, mean))
    return finish(alt.hconcat(*panels), texts.text("chart.importance"))


def _labels(values: pl.Series, dimension: str, texts: ReportTexts) -> pl.Series:
    return pl.Series([texts.label(dimension, value) for value in values], dtype=pl.String)


def _marked_at(minutes: int) -> alt.Chart:
    """A line at the threshold of a delay."""
    data = pl.DataFrame({"minutes": [minutes]})
    line: alt.Chart = alt.Chart(data).mark_rule(color=INK, strokeDash=[4, 3]).encode(x="minutes:Q")
    return line
