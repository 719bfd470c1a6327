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
        texts = json.loads((Path(__file__).with_name("messages") / f"{language}.json").read_text("utf-8"))
        numbers = Texts("loadtest", language)
        files[name] = _page(result, conditions, texts, numbers)
        chart = _chart(result["answered"], result["latency_ms"], texts, numbers)
        files[f"original.{language}.svg"] = draw_svg(chart.to_dict(), language) + "\n"
    return files


def _page(result: dict[str, Any], conditions: dict[str, Any], texts: dict[str, str], numbers: Texts) -> str:
    """The messages one after the other, with the table's two rows of figures between them."""
    number, latency, runs = numbers.number, result["latency_ms"], conditions["runs"]
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
    values = conditions | result | result["machine"]
    values |= {
        "made_of": texts["processes" if conditions["engine"] == "process" else "containers"].format(**values),
        "count": len(runs),
        "each": "; ".join(f"{number(run['p99'], 1)} / {number(run['max'])}" for run in runs),
        "late": number(result["generator_late_ms"], 1),
        "machine": result["machine"]["processor"] or result["machine"]["system"],
        "day": result["started"][:10],
    }
    measured = texts["runs"] + (" " + texts["ahead"] if conditions["priority"] > 0 else "")
    paragraphs = (
        f"# {texts['title']}",
        texts["other"],
        _fill(texts["intro"].format(**values)),
        f"![{texts['chart']}](original.{numbers.language}.svg)",
        "\n".join((texts["heads"], "|---" * 8 + "|", *(f"| {' | '.join(row)} |" for row in rows))),
        *(_fill(text.format(**values)) for text in (measured, texts["differ"], texts["again"])),
    )
    return "\n\n".join(paragraphs) + "\n"


def _chart(answered: int, latency: dict[str, Any], texts: dict[str, str], numbers: Texts) -> Any:
    """Bars from 0 for the right answers, logarithmic for the times."""

    def panel(name: str, original: float, ours: float, *, logarithmic: bool = True) -> Picture:
        title = f"{texts[name]} ({texts['logarithmic']})" if logarithmic else texts[name]
        scale = alt.Scale(type="log", domain=LIMITS_MS) if logarithmic else alt.Scale(domain=(0, WANTED))
        rows = pl.DataFrame(
            {
                "server": [texts["short"], "Puntual"],
                "from": [LIMITS_MS[0] if logarithmic else 0.0] * 2,
                "value": [float(original), float(ours)],
                "text": [numbers.number(value, int(value < 100)) for value in (original, ours)],
            }
        )
        server = alt.Y("server:N", sort=None, title=None, axis=alt.Axis(domain=False, ticks=False))
        colour = alt.Color("server:N", legend=None, sort=None, scale=alt.Scale(range=[ORANGE, BLUE]))
        base = alt.Chart(rows).encode(alt.X("value:Q", scale=scale, axis=None), server)
        bars = base.mark_bar(height=18).encode(x2="from:Q", color=colour)
        labels = base.mark_text(align="left", dx=6).encode(text="text:N")
        return alt.layer(bars, labels).properties(
            title=alt.Title(title, anchor="start"), width=500, height=48
        )

    panels = (
        panel("right", PUBLISHED_RIGHT, answered, logarithmic=False),
        panel("mean", PUBLISHED.average or 0, latency["mean"]),
        panel("worst", PUBLISHED.maximum or 0, latency["max"]),
    )
    chart = alt.vconcat(*panels).configure(font="system-ui, sans-serif", background="white")
    return chart.configure_view(strokeWidth=0)


def _fill(text: str) -> str:
    return textwrap.fill(text, 120, break_long_words=False, break_on_hyphens=False)
