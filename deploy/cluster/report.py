"""The report of the original's load test: a page and a chart in English and in Spanish."""

from __future__ import annotations

import json
import math
import textwrap
from html import escape
from pathlib import Path
from typing import Any

from puntual.loadtest.summary import PUBLISHED

WANTED = 50_000
ORANGE, BLUE, INK = "#b45f06", "#1f5f99", "#59626c"
WIDTH, LABELS, BAR, GAP = 760, 190, 18, 6

PAGES = {"en": "README.md", "es": "README.es.md"}
PUBLISHED_SECONDS = 65
PUBLISHED_RIGHT = round(PUBLISHED.samples * (1 - PUBLISHED.error_percent / 100))


def line(result: dict[str, Any]) -> str:
    """A result in one line."""
    latency = result["latency_ms"]
    return (
        f"{result['answered']:,} of {WANTED:,} in {result['duration_s']:.1f} s, {result['errors']:,} errors, "
        f"p50 {latency['p50']} ms, p99 {latency['p99']} ms, worst {latency['max']} ms"
    )


def short(result: dict[str, Any]) -> dict[str, Any]:
    """What the page says of each run."""
    latency = result["latency_ms"]
    return {"errors": result["errors"], **{name: latency[name] for name in ("p50", "p99", "max")}}


def pages(result: dict[str, Any], about: dict[str, Any]) -> dict[str, str]:
    """Names of files, and what stands in each.

    Parameters
    ----------
    about : `replicas`, `engine`, `haproxy`, `priority` (the opposite of niceness), and `short` of each of
        the `runs`
    """
    written = {}
    for language, name in PAGES.items():
        written[name] = _page(result, about, language)
        written[_chart_of(language)] = chart(result, language)
    return written


def _page(result: dict[str, Any], about: dict[str, Any], language: str) -> str:
    text, latency, machine = _texts(language), result["latency_ms"], result["machine"]
    number = _numbers(language)
    made_of = text["processes" if about["engine"] == "process" else "containers"]
    each = "; ".join(f"{number(run['p99'], 1)} / {number(run['max'])}" for run in about["runs"])
    rows = (
        (
            text["original"],
            number(PUBLISHED_RIGHT),
            number(PUBLISHED_SECONDS),
            number(PUBLISHED.throughput, 1),
            f"{number(PUBLISHED.error_percent, 2)} %",
            number(PUBLISHED.average or 0),
            "–",
            number(PUBLISHED.maximum or 0),
        ),
        (
            text["ours"],
            number(result["answered"]),
            number(result["duration_s"], 1),
            number(result["requests_per_s"], 1),
            f"{number(100 * result['errors'] / result['requests'], 2)} %",
            number(latency["mean"], 1),
            number(latency["p99"], 1),
            number(latency["max"]),
        ),
    )
    told = text["runs"].format(
        count=len(about["runs"]),
        each=each,
        late=number(result["generator_late_ms"], 1),
        machine=machine["processor"] or machine["system"],
        cores=machine["cores"],
        python=machine["python"],
        version=result["version"],
        model=result["model"],
        started=result["started"][:10],
    )
    if about["priority"] > 0:
        told += " " + text["ahead"].format(**about)
    return "\n".join(
        (
            f"# {text['title']}",
            "",
            text["other"],
            "",
            _wrapped(text["intro"].format(**about, made_of=made_of.format(**about))),
            "",
            f"![{text['chart']}]({_chart_of(language)})",
            "",
            text["heads"],
            "|---|---|---|---|---|---|---|---|",
            *("| " + " | ".join(row) + " |" for row in rows),
            "",
            _wrapped(told),
            "",
            _wrapped(text["differ"]),
            "",
            _wrapped(text["again"]),
            "",
        )
    )


def chart(result: dict[str, Any], language: str) -> str:
    """One SVG with both: bars from 0 for the counts, logarithmic for the times."""
    text, latency = _texts(language), result["latency_ms"]
    number = _numbers(language)
    panels = (
        (text["right"], PUBLISHED_RIGHT, result["answered"], lambda value: value / WANTED),
        (text["mean"], PUBLISHED.average or 0, latency["mean"], _logarithmic),
        (text["worst"], PUBLISHED.maximum or 0, latency["max"], _logarithmic),
    )
    parts, y = [], 8
    for title, before, now, place in panels:
        head = title if title == text["right"] else f"{title} ({text['logarithmic']})"
        parts.append(f'<text x="{LABELS}" y="{y + 12}" fill="{INK}">{escape(head)}</text>')
        y += 20
        for name, value, colour in ((text["short"], before, ORANGE), ("Puntual", now, BLUE)):
            width = max(place(value), 0.002) * (WIDTH - LABELS - 90)
            told = number(value, 1 if value < 100 else 0)
            parts += [
                f'<text x="{LABELS - 8}" y="{y + 13}" text-anchor="end" fill="{INK}">{escape(name)}</text>',
                f'<rect x="{LABELS}" y="{y}" width="{width:.1f}" height="{BAR}" rx="2" fill="{colour}"/>',
                f'<text x="{LABELS + width + 6:.1f}" y="{y + 13}" fill="{INK}">{told}</text>',
            ]
            y += BAR + GAP
        y += 12
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" '
        f'font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="{escape(text["chart"])}">'
    )
    return "\n".join((head, f'<rect width="{WIDTH}" height="{y}" fill="#ffffff"/>', *parts, "</svg>\n"))


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 120, break_long_words=False, break_on_hyphens=False)


def _texts(language: str) -> dict[str, str]:
    path = Path(__file__).with_name("messages") / f"{language}.json"
    told: dict[str, str] = json.loads(path.read_text("utf-8"))
    return told


def _chart_of(language: str) -> str:
    return f"original.{language}.svg"


def _logarithmic(milliseconds: float) -> float:
    """From 0.1 ms to 100 s, six decades."""
    return (math.log10(max(milliseconds, 0.1)) + 1) / 6


def _numbers(language: str) -> Any:
    def written(value: float, digits: int = 0) -> str:
        told = f"{value:,.{digits}f}"
        return told.translate(str.maketrans(",.", ".,")) if language == "es" else told

    return written
