"""A study as one offline page of sentences, tables and charts."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence
from typing import Any

import polars as pl

from puntual.charts.texts import ReportTexts
from puntual.exploration.findings import FALSE_DISCOVERIES, MIN_RATIO
from puntual.exploration.study import Study
from puntual.metrics.bootstrap import REPEATS
from puntual.reports.card_texts import Table
from puntual.reports.figures import SECTIONS
from puntual.reports.page import DrawnFigure, render_page
from puntual.reports.sentences import sentence
from puntual.statistics.rates import MIN_GROUP_SIZE, informative_dimensions

SHOWN_FINDINGS = 12
"""The others are folded away."""

_WORST_DAYS = 20
_RATE_HEADS = ("dimension", "group", "flights", "delayed", "rate", "interval", "shrunk", "adjusted")
_DELAY_HEADS = ("mean", "median", "p90")


def render(study: Study, drawn: Sequence[DrawnFigure], texts: ReportTexts) -> str:
    """Write the page.

    Parameters
    ----------
    drawn : the charts, in the order of the page

    Returns
    -------
    HTML that asks for nothing from any host
    """
    rates = [] if study.rates is None else list(study.rates.iter_rows(named=True))
    names = {one.name for one in drawn}
    return render_page(
        "report.html.j2",
        texts,
        origins=_origins(study, texts),
        lead=_lead(study, texts),
        file=texts.text(
            "report.file", data=study.flights.where, source=study.flights.source, threshold=study.threshold
        ),
        notices=_notices(study, texts),
        facts=_facts(study, texts),
        findings=[(sentence(one, texts), one.chart if one.chart in names else "") for one in study.findings],
        findings_note=texts.text(
            "report.findings_note",
            share=texts.percent(FALSE_DISCOVERIES, 0),
            ratio=texts.number(MIN_RATIO, 1),
        ),
        shown_findings=SHOWN_FINDINGS,
        sections=[
            {
                "name": name,
                "title": texts.text(f"report.{name}"),
                "notes": _notes(name, study, texts),
                "figures": figures,
                "tables": _tables(name, study, texts),
            }
            for name in SECTIONS
            if (figures := [one for one in drawn if one.section == name])
        ],
        figures=drawn,
        dimensions=[
            (name, texts.text(f"axis.{name}")) for name in dict.fromkeys(row["dimension"] for row in rates)
        ],
        rate_heads=[(head, texts.text(f"table.{head}")) for head in _RATE_HEADS + _DELAY_HEADS],
        rate_rows=[_rate_row(row, texts) for row in rates],
        method=_method(study, texts),
    )


def _origins(study: Study, texts: ReportTexts) -> str:
    return ", ".join(texts.label("origin", code) for code in study.tables.origins[:3]) + (
        texts.text("list.more") if len(study.tables.origins) > 3 else ""
    )


def _lead(study: Study, texts: ReportTexts) -> str:
    traffic = study.traffic
    return texts.text(
        "report.of",
        flights=texts.number(traffic.flights),
        origins=_origins(study, texts),
        first=texts.date(traffic.first),
        last=texts.date(traffic.last),
    )


def _notices(study: Study, texts: ReportTexts) -> list[str]:
    if not study.departed:
        return [texts.text("report.no_delays")]
    if study.quick:
        return [texts.text("report.quick")]
    return [] if study.explained is not None else [texts.text("report.alike")]


def _facts(study: Study, texts: ReportTexts) -> list[tuple[str, str]]:
    traffic, delays = study.traffic, study.delays
    groups = {name: part for (name,), part in traffic.shares.group_by("dimension")}
    types = (
        dict(groups["flight_type"].select("value", "flights").iter_rows()) if "flight_type" in groups else {}
    )
    counted: list[tuple[str, float]] = [
        ("flights", traffic.flights),
        ("days", traffic.daily.height),
        *([("airlines", groups["airline"].height)] if "airline" in groups else ()),
        ("destinations", groups["destination"].height),
        *([("origins", groups["origin"].height)] if groups["origin"].height > 1 else ()),
        ("domestic", types.get("N", 0)),
        ("international", types.get("I", 0)),
        ("cancelled", traffic.cancelled),
        ("rejected", traffic.rejected),
        ("duplicates", traffic.duplicates),
    ]
    facts = [(texts.text(f"fact.{name}"), texts.number(value)) for name, value in counted]
    if delays is None or study.base_rate is None:
        return facts
    median = delays.quantiles.filter(pl.col("share") == 0.5)["minutes"].item()
    return [
        *facts,
        (texts.text("fact.delayed"), texts.percent(study.base_rate)),
        (texts.text("fact.early"), texts.percent(delays.early)),
        (texts.text("fact.on_time", threshold=study.threshold), texts.percent(delays.on_time)),
        (texts.text("fact.mean"), texts.number(delays.mean, 1)),
        (texts.text("fact.median"), texts.number(median)),
    ]


def _notes(section: str, study: Study, texts: ReportTexts) -> list[str]:
    if section == "rates" and study.rates is not None:
        notes = [texts.text("note.rates", small=MIN_GROUP_SIZE)]
        shown, there = informative_dimensions(study.rates), study.rates["dimension"].unique()
        if "operator" in there:
            planned = study.tables.categories["operator"]
            notes += [] if planned else [texts.text("note.operator")]
            notes += [] if "operator" in shown else [texts.text("note.same_operator")]
        return notes if "route" in shown else [*notes, texts.text("note.one_origin")]
    if section == "explains":
        pairs = [texts.text("note.pairs")] if study.explained is not None else []
        return [*pairs, texts.text("note.worst")]
    if section == "variables":
        afterwards = ", ".join(study.flights.known_afterwards)
        kept_out = [texts.text("note.afterwards", columns=afterwards)] if afterwards else []
        return [texts.text("note.variables"), *kept_out]
    return []


def _tables(section: str, study: Study, texts: ReportTexts) -> list[Table]:
    if section == "flights":
        known = {False: texts.text("known.schedule"), True: texts.text("known.afterwards")}
        rows = [
            (column, texts.number(missing), texts.number(distinct), known[afterwards])
            for column, missing, distinct, afterwards in study.traffic.columns.iter_rows()
        ]
        return [_table("columns", rows, ("column", "missing", "distinct", "known"), texts)]
    if section == "delay" and study.delays is not None:
        quantiles = [
            (texts.percent(share, 0), texts.number(minutes))
            for share, minutes in study.delays.quantiles.iter_rows()
        ]
        return [_table("quantiles", quantiles, ("share_of_flights", "at_most"), texts)]
    if section == "explains" and study.delays is not None:
        worst = study.delays.daily.sort("late_minutes", descending=True).head(_WORST_DAYS)
        yes_no = {True: texts.text("table.yes"), False: texts.text("table.no")}
        days = [
            (
                texts.date(row["day"]),
                texts.number(row["flights"]),
                texts.percent(row["rate"]),
                texts.number(row["late_minutes"]),
                texts.percent(row["share"], 2),
                yes_no[row["holiday"]],
            )
            for row in worst.iter_rows(named=True)
        ]
        heads = ("day", "flights", "rate", "late_minutes", "share_of_minutes", "holiday")
        return [_table("worst_days", days, heads, texts)]
    return []


def _table(name: str, rows: Sequence[tuple[str, ...]], heads: Sequence[str], texts: ReportTexts) -> Table:
    return Table(texts.text(f"table.{name}"), [texts.text(f"table.{head}") for head in heads], rows)


def _rate_row(row: dict[str, Any], texts: ReportTexts) -> dict[str, Any]:
    """What a row of the table of rates shows, each cell with the number that it is sorted by."""
    return {
        "by": row["dimension"],
        "small": row["small"],
        "cells": [
            (texts.text(f"axis.{row['dimension']}"), None),
            (texts.label(row["dimension"], row["value"]), None),
            *((texts.number(row[name]), row[name]) for name in ("flights", "delayed")),
            (texts.percent(row["rate"]), row["rate"]),
            (_interval(row["low"], row["high"], texts), row["low"] or -1),
            (texts.percent(row["shrunk"]), row["shrunk"]),
            _adjusted(row, texts),
            (texts.number(row["mean_delay"], 1), row["mean_delay"]),
            *((texts.number(row[name]), row[name]) for name in ("median_delay", "p90_delay")),
        ],
    }


def _adjusted(row: dict[str, Any], texts: ReportTexts) -> tuple[str, float]:
    if row["confounder"] is not None:
        other = texts.label(row["confounder"], row["confounder_value"])
        return texts.text("table.confounded", other=other), -1
    if row["adjusted"] is None:
        return "–", -1
    adjusted = texts.percent(row["adjusted"])
    if row["adjusted_low"] is None:
        return adjusted, row["adjusted"]
    interval = _interval(row["adjusted_low"], row["adjusted_high"], texts)
    return f"{adjusted} ({interval})", row["adjusted"]


def _interval(low: float | None, high: float | None, texts: ReportTexts) -> str:
    return "–" if low is None or high is None else f"{texts.percent(low)} – {texts.percent(high)}"


def _method(study: Study, texts: ReportTexts) -> list[str]:
    names = [] if study.rates is None else ["interval", "shrunk", "findings"]
    if study.explained is not None:
        names.insert(2, "adjusted")
    days = None if study.delays is None else study.delays.block_days
    lines = [texts.text(f"method.{name}", repeats=REPEATS, days=days) for name in names]
    return [*lines, texts.text("method.made", version=importlib.metadata.version("puntual"))]
