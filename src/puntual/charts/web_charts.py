"""The page's charts: the report's own, without data; ``python -m puntual.charts.web_charts`` writes them.

The page fills in a chart's data, its height and the longest of its rates, and its colours and font too, which
stand there by the names of the page's custom properties.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl

from puntual.charts import card_charts, charts
from puntual.charts.marks import ADJUSTED, GREY, HEAT, INK, LINE, OBSERVED, ROW_HEIGHT, Picture
from puntual.charts.pictures import locale_of, specify
from puntual.charts.texts import ReportTexts
from puntual.charts.vega import vega
from puntual.i18n.texts import LANGUAGES
from puntual.inference.estimates import Estimate
from puntual.inference.lead_results import LEADS, LeadMetrics
from puntual.inference.tables import Tables
from puntual.statistics.rates import DIMENSIONS

PLACE = Path(__file__).parents[1] / "serving" / "web" / "vendor"
"""Filled by `make`, and carried by wheels."""

COLORS = {
    OBSERVED: "--chart-counted",
    ADJUSTED: "--chart-adjusted",
    GREY: "--chart-soft",
    INK: "--chart-ink",
    LINE: "--chart-line",
    "white": "transparent",
}
SHADES = ["--chart-least", "--chart-middle", "--chart-most"]
"""Of a heat map."""

_NOWHERE = Tables(
    airlines=(),
    airports=(),
    origins=(),
    destinations=(),
    categories={},
    holidays={},
    days_of_year=(),
    first_day=dt.date.min,
    last_day=dt.date.min,
)


def charts_in(language: str) -> dict[str, Any]:
    """Everything that the page draws from, in a language of `LANGUAGES`.

    Returns
    -------
    `specifications` by name, Vega-Lite whose data are called ``rows`` and, of rates, ``average``; `series`,
    the names of raw and adjusted rates, and of horizons, in ``rows``; `leads`, the names of lead times by
    their minutes; `locale` of numbers and dates; `row_height` in pixels;
    and the largest numbers of rows
    """
    texts = ReportTexts(language, _NOWHERE)
    day = pl.DataFrame(
        {"day": [dt.date(2000, 1, 1)], "rate": 0.5, "flights": 1, "share": 0.5, "late_minutes": 1.0}
    )
    pictures = {
        **{f"rates_{name}": charts.rates(_group(name), name, 0.5, texts) for name in DIMENSIONS},
        "pair_month_hour": charts.pair(_cells(), "month", "hour", texts),
        "calendar_rate": charts.calendar(day, "rate", texts),
        "worst_days": charts.worst_days(day, texts),
        "leads": card_charts.leads(_leads(), 0.0, texts),
    }
    return {
        "specifications": {name: without_data(picture) for name, picture in pictures.items()},
        "series": {
            name: texts.text(f"series.{name}") for name in ("raw", "adjusted", "operations", "schedule")
        },
        "leads": {str(one.lead_minutes): texts.lead(one.lead_minutes) for one in _leads()},
        "locale": locale_of(language),
        "row_height": ROW_HEIGHT,
        "most_rows": charts.MAX_ROWS,
        "few_rows": charts.FEW_ROWS,
    }


def without_data(picture: Picture) -> dict[str, Any]:
    """The specification of a chart without what the page fills in."""
    specification = specify(picture)
    names = {
        name: "average" if set(rows[0]) == {"rate"} else "rows"
        for name, rows in specification.pop("datasets").items()
    }
    for unused in ("$schema", "title", "height"):
        del specification[unused]
    named: dict[str, Any] = _replaced(specification, names | COLORS)
    named["config"]["font"] = "--text"
    return named


def _replaced(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        if value == {"scheme": HEAT}:
            return {"range": SHADES}
        return {key: _replaced(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [_replaced(one, names) for one in value]
    return names.get(value, value) if isinstance(value, str) else value


def _group(dimension: str) -> pl.DataFrame:
    rates = dict.fromkeys(("rate", "low", "high", "adjusted", "adjusted_low", "adjusted_high"), 0.5)
    return pl.DataFrame({"dimension": [dimension], "value": "1", "flights": 1, "small": False, **rates})


def _cells() -> pl.DataFrame:
    """Every month and every hour, so that all of them are in their order."""
    cells = [
        {"first": "month", "first_value": str(month), "second": "hour", "second_value": str(hour)}
        for month in range(1, 13)
        for hour in range(24)
    ]
    return pl.DataFrame(cells).with_columns(flights=1, rate=0.5, expected=0.5, false_discovery=1.0)


def _leads() -> tuple[LeadMetrics, ...]:
    """Every lead time, in its order."""
    gain = Estimate(0.1, 0.0, 0.2)
    return tuple(
        LeadMetrics(lead_minutes=lead, flights=1, base_rate=0.5, metrics={"gain": gain}, gain=gain)
        for lead in LEADS
    )


def main() -> None:
    """Put the charts, and the script that draws them, in their place."""
    PLACE.mkdir(exist_ok=True)
    PLACE.joinpath("vega.js").write_text(vega(), "utf-8")
    for language in LANGUAGES:
        text = json.dumps(charts_in(language), ensure_ascii=False, separators=(",", ":"))
        PLACE.joinpath(f"charts-{language}.json").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
