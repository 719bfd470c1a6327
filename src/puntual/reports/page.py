"""What every offline page is put together from: figures, style, scripts, templates."""

from __future__ import annotations

import importlib.metadata
import json
from functools import cache
from importlib import resources
from typing import NamedTuple

import jinja2

from puntual.charts.marks import Picture
from puntual.charts.pictures import draw_svg, locale_of, specify
from puntual.charts.vega import vega
from puntual.i18n.texts import Texts


class Figure(NamedTuple):
    """A chart of a page.

    Attributes
    ----------
    name : of the chart, its files and its place in the page
    description : what it shows, for those who do not see it
    """

    name: str
    section: str
    picture: Picture
    description: str


class DrawnFigure(NamedTuple):
    """A figure as a page holds it: a picture, and what it is drawn from once it can be pointed at."""

    name: str
    section: str
    title: str
    description: str
    specification: str
    svg: str


def draw(figure: Figure, language: str) -> DrawnFigure:
    """Draw a figure in a language of `LANGUAGES`."""
    specification = specify(figure.picture)
    return DrawnFigure(
        name=figure.name,
        section=figure.section,
        title=specification["title"],
        description=figure.description,
        specification=_as_script(specification),
        svg=draw_svg(specification, language),
    )


def render_page(template: str, texts: Texts, **values: object) -> str:
    """Write a whole page.

    Parameters
    ----------
    template : its name, such as ``report.html.j2``
    values : what it names beyond texts, style and scripts; `figures` are its drawn figures

    Returns
    -------
    HTML that asks for nothing from any host
    """
    return (
        _environment()
        .get_template(template)
        .render(
            text=texts.text,
            language=texts.language,
            version=importlib.metadata.version("puntual"),
            locale=_as_script(locale_of(texts.language)),
            vega=vega(),
            style=_part("report.css"),
            script=_part("report.js"),
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
