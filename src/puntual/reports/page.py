"""What every offline page is put together from: charts, drawn and specified, style, scripts, templates."""

from __future__ import annotations

import importlib.metadata
import json
from functools import cache
from importlib import resources
from typing import NamedTuple

import jinja2
import vl_convert

from puntual.charts.pictures import draw_svg, specify
from puntual.charts.vega import vega
from puntual.charts.words import LOCALES, Words
from puntual.reports.gallery import Exhibit


class Drawn(NamedTuple):
    """An exhibit as a page holds it."""

    title: str
    alternative: str
    specification: str
    svg: str


def draw(exhibit: Exhibit, words: Words) -> Drawn:
    """Draw a chart in a language."""
    specification = specify(exhibit.picture)
    title = str(specification["title"])
    return Drawn(
        title, exhibit.alternative, _as_script(specification), draw_svg(specification, words.language)
    )


def fill(template: str, words: Words, **values: object) -> str:
    """A whole page.

    Parameters
    ----------
    template : its name, such as ``report.html.j2``
    values : what it names beyond the texts, the style and the scripts; `exhibits` are its charts by name

    Returns
    -------
    HTML that asks for nothing from any host
    """
    locale = LOCALES[words.language]
    return (
        _environment()
        .get_template(template)
        .render(
            text=words.text,
            language=words.language,
            version=importlib.metadata.version("puntual"),
            locale=_as_script(
                {
                    "number": vl_convert.get_format_locale(locale),
                    "time": vl_convert.get_time_format_locale(locale),
                }
            ),
            bundle=vega(),
            style=_part("report.css"),
            behaviour=_part("report.js"),
            **values,
        )
    )


def _as_script(value: object) -> str:
    """JSON that may stand within a script element."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(_part),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )


def _part(name: str) -> str:
    return resources.files("puntual.reports").joinpath("template", name).read_text("utf-8")
