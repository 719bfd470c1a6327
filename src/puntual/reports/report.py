"""A study as one offline page: words, numbers, pictures, and charts that answer when pointed at."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence
from typing import Any

import polars as pl

from puntual.charts.words import Words
from puntual.exploration.findings import FALSE_DISCOVERIES, MIN_RATIO
from puntual.exploration.study import Study
from puntual.metrics.bootstrap import REPEATS
from puntual.reports.figures import SECTIONS
from puntual.reports.page import DrawnFigure, render_page
from puntual.reports.sentences import say
from puntual.statistics.rates import MIN_GROUP_SIZE, informative_dimensions

SHOWN_FINDINGS = 12
"""The others are folded away."""

_WORST_DAYS = 20
_RATE_HEADS = ("dimension", "group", "flights", "delayed", "rate", "interval", "shrunk", "adjusted")
_DELAY_HEADS = ("mean", "median", "p90")


def render(study: Study, drawn: dict[str, DrawnFigure], sections: dict[str, str], words: Words) -> str:
    """Write the page.

    Parameters
    ----------
    drawn : the charts by name, in the order of the page
    sections : of each chart, by its name

    Returns
    -------
    HTML that asks for nothing from any host
    """
    return render_page(
        "report.html.j2",
        words,
        origins=_origins(study, words),
        lead=_lead(study, words),
        file=words.text(
            "report.file", data=study.flights.where, source=study.flights.source, threshold=study.threshold
        ),
        notices=_notices(study, words),
        facts=_facts(study, words),
        findings=[(say(one, words), one.chart if one.chart in drawn else "") for one in study.findings],
        findings_note=words.text(
            "report.findings_note",
            share=words.percent(FALSE_DISCOVERIES, 0),
            ratio=words.number(MIN_RATIO, 1),
        ),
        shown_findings=SHOWN_FINDINGS,
        sections=[
            _section(name, study, drawn, sections, words) for name in SECTIONS if name in sections.values()
        ],
        figures=drawn,
        dimensions=[(name, words.text(f"axis.{name}")) for name in _dimensions(study)],
        rate_heads=[(head, words.text(f"table.{head}")) for head in _RATE_HEADS + _DELAY_HEADS],
        rate_rows=_rate_rows(study, words),
        method=_method(study, words),
    )


def _origins(study: Study, words: Words) -> str:
    return ", ".join(words.label("origin", code) for code in study.tables.origins[:3]) + (
        words.text("list.more") if len(study.tables.origins) > 3 else ""
    )


def _lead(study: Study, words: Words) -> str:
    traffic = study.traffic
    return words.text(
        "report.of",
        flights=words.number(traffic.flights),
        origins=_origins(study, words),
        first=words.date(traffic.first),
        last=words.date(traffic.last),
    )


def _notices(study: Study, words: Words) -> list[str]:
    if not study.departed:
        return [words.text("report.no_delays")]
    if study.quick:
        return [words.text("report.quick")]
    return [] if study.explained is not None else [words.text("report.alike")]


def _facts(study: Study, words: Words) -> list[tuple[str, str]]:
    traffic, delays = study.traffic, study.delays
    groups = {name: part for (name,), part in traffic.shares.group_by("dimension")}
    types = (
        dict(groups["flight_type"].select("value", "flights").iter_rows()) if "flight_type" in groups else {}
    )
    counted: list[tuple[str, float]] = [
        ("flights", traffic.flights),
        ("days", traffic.daily.height),
        ("airlines", groups["airline"].height),
        ("destinations", groups["destination"].height),
        *([("origins", groups["origin"].height)] if groups["origin"].height > 1 else ()),
        ("domestic", types.get("N", 0)),
        ("international", types.get("I", 0)),
        ("cancelled", traffic.cancelled),
        ("rejected", traffic.rejected),
        ("duplicates", traffic.duplicates),
    ]
    facts = [(words.text(f"fact.{name}"), words.number(value)) for name, value in counted]
    if delays is None or study.base_rate is None:
        return facts
    median = delays.quantiles.filter(pl.col("share") == 0.5)["minutes"].item()
    return [
        *facts,
        (words.text("fact.delayed"), words.percent(study.base_rate)),
        (words.text("fact.early"), words.percent(delays.early)),
        (words.text("fact.on_time", threshold=study.threshold), words.percent(delays.on_time)),
        (words.text("fact.mean"), words.number(delays.mean, 1)),
        (words.text("fact.median"), words.number(median)),
    ]


def _section(
    name: str, study: Study, drawn: dict[str, DrawnFigure], sections: dict[str, str], words: Words
) -> dict[str, Any]:
    return {
        "name": name,
        "title": words.text(f"report.{name}"),
        "notes": _notes(name, study, words),
        "charts": [chart for chart in drawn if sections[chart] == name],
        "tables": _tables(name, study, words),
    }


def _notes(section: str, study: Study, words: Words) -> list[str]:
    if section == "rates" and study.rates is not None:
        notes = [words.text("note.rates", small=MIN_GROUP_SIZE)]
        shown, there = informative_dimensions(study.rates), study.rates["dimension"].unique()
        if "operator" in there:
            planned = study.flights.frame["operator"].null_count() < study.flights.frame.height
            notes += [] if planned else [words.text("note.operator")]
            notes += [] if "operator" in shown else [words.text("note.same_operator")]
        return notes if "route" in shown else [*notes, words.text("note.one_origin")]
    if section == "explains":
        pairs = [words.text("note.pairs")] if study.explained is not None else []
        return [*pairs, words.text("note.worst")]
    if section == "variables":
        afterwards = ", ".join(study.flights.known_afterwards)
        kept_out = [words.text("note.afterwards", columns=afterwards)] if afterwards else []
        return [words.text("note.variables"), *kept_out]
    return []


def _tables(section: str, study: Study, words: Words) -> list[dict[str, Any]]:
    if section == "flights":
        known = {False: words.text("known.schedule"), True: words.text("known.afterwards")}
        rows = [
            (column, words.number(missing), words.number(distinct), known[afterwards])
            for column, missing, distinct, afterwards in study.traffic.columns.iter_rows()
        ]
        return [_table("columns", rows, ("column", "missing", "distinct", "known"), words)]
    if section == "delay" and study.delays is not None:
        quantiles = [
            (words.percent(share, 0), words.number(minutes))
            for share, minutes in study.delays.quantiles.iter_rows()
        ]
        return [_table("quantiles", quantiles, ("share_of_flights", "at_most"), words)]
    if section == "explains" and study.delays is not None:
        worst = study.delays.daily.sort("late_minutes", descending=True).head(_WORST_DAYS)
        said = {True: words.text("table.yes"), False: words.text("table.no")}
        days = [
            (
                words.date(row["day"]),
                words.number(row["flights"]),
                words.percent(row["rate"]),
                words.number(row["late_minutes"]),
                words.percent(row["share"], 2),
                said[row["holiday"]],
            )
            for row in worst.iter_rows(named=True)
        ]
        heads = ("day", "flights", "rate", "late_minutes", "share_of_minutes", "holiday")
        return [_table("worst_days", days, heads, words)]
    return []


def _table(
    name: str, rows: Sequence[tuple[str, ...]], heads: tuple[str, ...], words: Words
) -> dict[str, Any]:
    return {
        "title": words.text(f"table.{name}"),
        "rows": rows,
        "heads": [words.text(f"table.{head}") for head in heads],
    }


def _dimensions(study: Study) -> list[str]:
    return [] if study.rates is None else study.rates["dimension"].unique(maintain_order=True).to_list()


def _rate_rows(study: Study, words: Words) -> list[dict[str, Any]]:
    if study.rates is None:
        return []
    return [
        {
            "by": row["dimension"],
            "small": row["small"],
            "cells": [
                _cell(words.text(f"axis.{row['dimension']}")),
                _cell(words.label(row["dimension"], row["value"])),
                _cell(words.number(row["flights"]), row["flights"]),
                _cell(words.number(row["delayed"]), row["delayed"]),
                _cell(words.percent(row["rate"]), row["rate"]),
                _cell(_interval(row["low"], row["high"], words), row["low"] or -1),
                _cell(words.percent(row["shrunk"]), row["shrunk"]),
                _adjusted(row, words),
                _cell(words.number(row["mean_delay"], 1), row["mean_delay"]),
                _cell(words.number(row["median_delay"]), row["median_delay"]),
                _cell(words.number(row["p90_delay"]), row["p90_delay"]),
            ],
        }
        for row in study.rates.iter_rows(named=True)
    ]


def _adjusted(row: dict[str, Any], words: Words) -> dict[str, Any]:
    if row["confounder"] is not None:
        other = words.label(row["confounder"], row["confounder_value"])
        return _cell(words.text("table.confounded", other=other), -1)
    if row["adjusted"] is None:
        return _cell("–", -1)
    adjusted = words.percent(row["adjusted"])
    if row["adjusted_low"] is None:
        return _cell(adjusted, row["adjusted"])
    interval = _interval(row["adjusted_low"], row["adjusted_high"], words)
    return _cell(f"{adjusted} ({interval})", row["adjusted"])


def _interval(low: float | None, high: float | None, words: Words) -> str:
    return "–" if low is None or high is None else f"{words.percent(low)} – {words.percent(high)}"


def _cell(shown: str, sort: float | None = None) -> dict[str, Any]:
    return {"shown": shown, "sort": sort}


def _method(study: Study, words: Words) -> list[str]:
    told = [] if study.rates is None else ["interval", "shrunk", "findings"]
    if study.explained is not None:
        told.insert(2, "adjusted")
    days = None if study.delays is None else study.delays.block_days
    lines = [
        words.text(f"method.{name}", **({"repeats": REPEATS, "days": days} if name == "interval" else {}))
        for name in told
    ]
    return [*lines, words.text("method.made", version=importlib.metadata.version("puntual"))]
