"""A chart as a picture, which needs no script to be seen."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Literal

import vl_convert

from puntual.charts.marks import Picture

_LOCALES: dict[str, Literal["en-US", "es-ES"]] = {"en": "en-US", "es": "es-ES"}

WIDTH = 680
"""Of a picture whose chart takes the width of its place, pixels."""

_VERSION = "6.4"
_SCALE = 2.0
_NEEDLESS_DIGITS = re.compile(r"(?<=\.\d\d)\d+")


def specify(chart: Picture) -> dict[str, Any]:
    """The chart as Vega-Lite JSON; tests hold that it is valid."""
    return dict(chart.to_dict(validate=False))


@cache
def locale_of(language: str) -> dict[str, Any]:
    """How charts in a language of `LANGUAGES` write a ``number`` and a ``time``, as d3 has them."""
    name = _LOCALES[language]
    number = vl_convert.get_format_locale(name) | ({"percent": "\u00a0%"} if language == "es" else {})
    return {"number": number, "time": vl_convert.get_time_format_locale(name)}


def draw_svg(specification: dict[str, Any], language: str) -> str:
    """Draw a chart as SVG, its numbers in the marks of a language of `LANGUAGES`."""
    fixed = specification | ({"width": WIDTH} if specification.get("width") == "container" else {})
    locale = locale_of(language)
    return vl_convert.vegalite_to_svg(
        fixed, vl_version=_VERSION, format_locale=locale["number"], time_format_locale=locale["time"]
    )


def draw_png(svg: str) -> bytes:
    """The same picture as PNG, two pixels a point."""
    return vl_convert.svg_to_png(svg, scale=_SCALE)


class Drawing:
    """A chart as a notebook shows it: a picture, with no script and no network, to a hundredth of a pixel.

    Parameters
    ----------
    language : of `LANGUAGES`
    """

    def __init__(self, chart: Picture, language: str) -> None:
        self._specification, self._language = specify(chart), language

    def __repr__(self) -> str:
        return f"Drawing({self._specification['title']!r})"

    def _repr_svg_(self) -> str:
        return _NEEDLESS_DIGITS.sub("", draw_svg(self._specification, self._language))
