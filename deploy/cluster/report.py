"""The report of the original's load test: a page and a chart in English and in Spanish."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import altair as alt
import polars as pl

from puntual.charts.marks import BLUE, ORANGE, Picture
from puntual.charts.pictures import draw_svg
from puntual.i18n.texts import Texts
from puntual.loadtest.summary import PUBLISHED

WANTED = 50_000
PUBLISHED_SECONDS = 65
PUBLISHED_RIGHT = round(PUBLISHED.samples * (1 - PUBLISHED.error_percent / 100))
PAGES = {"en": "README.md", "es": "README.es.md"}
LIMITS_MS = (0.1, 100_000)
"""Of the logarithmic axes."""


def summary_line(result: dict[str, Any]) -> str:
    """A result in one line."""
    latency = result["latency_ms"]
    return (
        f"{result['answered']:,} of {WANTED:,} in {result['duration_s']:.1f} s, {result['errors']:,} errors, "
        f"p50 {latency['p50']} ms, p99 {latency['p99']} ms, worst {latency['max']} ms"
    )


def pages(result: dict[str, Any], conditions: dict[str, Any]) -> dict[str, str]:
    """Names of files, and what stands in each.

    Parameters
    ----------
    conditions : `replicas`, `engine`, `haproxy`, `priority` (the opposite of niceness), and of each of the
        `runs` its `errors`, `p50`, `p99` and `max`
    """
    files = {}
    for language, name in PAGES.items():
        files[name] = _Report(result, conditions, language).page()
        files[_chart_name(language)] = _Report(result, conditions, language).chart()
    return files


class _Report:
    def __init__(self, result: dict[str, Any], conditions: dict[str, Any], language: str) -> None:
        path = Path(__file__).with_name("messages") / f"{language}.json"
        self._texts: dict[str, str] = json.loads(path.read_text("utf-8"))
        self._result, self._conditions, self._language = result, conditions, language
        self._localize = Texts("loadtest", language).localize

    def page(self) -> str:
        texts, result, conditions, machine = (
            self._texts, self._result, self._conditions, self._result["machine"],
        )  # fmt: skip
        number, latency = self._number, result["latency_ms"]
        replicas = texts["processes" if conditions["engine"] == "process" else "containers"]
        runs = texts["runs"].format(
            count=len(conditions["runs"]),
            each="; ".join(f"{number(run['p99'], 1)} / {number(run['max'])}" for run in conditions["runs"]),
            late=number(result["generator_late_ms"], 1),
            machine=machine["processor"] or machine["system"],
            cores=machine["cores"],
            python=machine["python"],
            version=result["version"],
            model=result["model"],
            started=result["started"][:10],
        )
        if conditions["priority"] > 0:
            runs += " " + texts["ahead"].format(**conditions)
        original = (
            number(PUBLISHED_RIGHT),
            number(PUBLISHED_SECONDS),
            number(PUBLISHED.throughput, 1),
            f"{number(PUBLISHED.error_percent, 2)} %",
            number(PUBLISHED.average or 0),
            "–",
            number(PUBLISHED.maximum or 0),
        )
        ours = (
            number(result["answered"]),
            number(result["duration_s"], 1),
            number(result["requests_per_s"], 1),
            f"{number(100 * result['errors'] / result['requests'], 2)} %",
            number(latency["mean"], 1),
            number(latency["p99"], 1),
            number(latency["max"]),
        )
        rows = (texts["original"], *original), (texts["ours"], *ours)
        table = (texts["heads"], "|---" * 8 + "|", *(f"| {' | '.join(row)} |" for row in rows))
        paragraphs = (
            f"# {texts['title']}",
            texts["other"],
            _fill(texts["intro"].format(**conditions, made_of=replicas.format(**conditions))),
            f"![{texts['chart']}]({_chart_name(self._language)})",
            "\n".join(table),
            *map(_fill, (runs, texts["differ"], texts["again"])),
        )
        return "\n\n".join(paragraphs) + "\n"

    def chart(self) -> str:
        """Bars from 0 for the right answers, logarithmic for the times."""
        latency = self._result["latency_ms"]
        panels = (
            self._panel("right", PUBLISHED_RIGHT, self._result["answered"], alt.Scale(domain=(0, WANTED))),
            self._panel("mean", PUBLISHED.average or 0, latency["mean"], _LOGARITHMIC),
            self._panel("worst", PUBLISHED.maximum or 0, latency["max"], _LOGARITHMIC),
        )
        chart = alt.vconcat(*panels).configure(font="system-ui, sans-serif", background="white")
        chart = chart.configure_view(strokeWidth=0)
        return draw_svg(chart.to_dict(), self._language) + "\n"

    def _panel(self, name: str, original: float, ours: float, scale: alt.Scale) -> Picture:
        title = self._texts[name]
        if scale is _LOGARITHMIC:
            title += f" ({self._texts['logarithmic']})"
        rows = pl.DataFrame(
            {
                "server": [self._texts["short"], "Puntual"],
                "from": [LIMITS_MS[0] if scale is _LOGARITHMIC else 0.0] * 2,
                "value": [float(original), float(ours)],
                "text": [self._number(value, value < 100) for value in (original, ours)],
            }
        )
        place = alt.X("value:Q", scale=scale, axis=None)
        server = alt.Y("server:N", sort=None, title=None, axis=alt.Axis(domain=False, ticks=False))
        colour = alt.Color("server:N", legend=None, sort=None, scale=alt.Scale(range=[ORANGE, BLUE]))
        base = alt.Chart(rows).encode(place, server)
        bars = base.mark_bar(height=18).encode(x2="from:Q", color=colour)
        texts = base.mark_text(align="left", dx=6).encode(text="text:N")
        return alt.layer(bars, texts).properties(title=alt.Title(title, anchor="start"), width=500, height=48)

    def _number(self, value: float, digits: int = 0) -> str:
        return self._localize(f"{value:,.{digits:d}f}")


_LOGARITHMIC = alt.Scale(type="log", domain=LIMITS_MS)


def _fill(text: str) -> str:
    return textwrap.fill(text, 120, break_long_words=False, break_on_hyphens=False)


def _chart_name(language: str) -> str:
    return f"original.{language}.svg"
