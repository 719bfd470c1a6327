"""Line charts as SVG, small enough to need no library."""

from __future__ import annotations

import math
from collections.abc import Callable
from html import escape
from typing import NamedTuple

WIDTH, HEIGHT = 760, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 32, 30, 40
INK, GRID = "#59626c", "#dfe3e7"
FONT = f'font-family="system-ui, sans-serif" font-size="12" fill="{INK}"'

Ticks = list[tuple[float, str]]


class Line(NamedTuple):
    """One line; None: a gap.

    Attributes
    ----------
    colour : as CSS has it
    """

    name: str
    points: list[tuple[float, float | None]]
    colour: str
    dashed: bool = False


class Axis(NamedTuple):
    """How values become places from 0 to 1, and where ticks are."""

    place: Callable[[float], float]
    ticks: Ticks
    label: str


def linear(most: float, label: str, *, exact: bool = False) -> Axis:
    """An axis from 0 to a tick at or above `most`; exact: to `most` itself.

    Examples
    --------
    >>> [tick for _, tick in linear(42, "s").ticks]
    ['0', '20', '40', '60']
    """
    rough = max(most, 1e-9) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough)
    count = max(math.ceil(most / step - 1e-9), 1)
    end = most if exact and most > 0 else count * step
    ticks = [(index * step, f"{index * step:,.10g}") for index in range(count + 1)]
    return Axis(lambda value: value / end, [tick for tick in ticks if tick[0] <= end], label)


def logarithmic(least: float, most: float, label: str) -> Axis:
    """An axis over whole decades.

    Examples
    --------
    >>> [tick for _, tick in logarithmic(0.7, 80, "ms").ticks]
    ['0.1', '1', '10', '100']
    """
    low = math.floor(math.log10(max(least, 1e-3)))
    high = max(math.ceil(math.log10(max(most, 1e-3))), low + 1)
    ticks = [(10.0**power, f"{10.0**power:,.10g}") for power in range(low, high + 1)]
    return Axis(lambda value: (math.log10(max(value, 10.0**low)) - low) / (high - low), ticks, label)


def percentiles(most: float, label: str = "of the answers are faster") -> Axis:
    """An axis of percentiles on which each nine takes as much room as the one before.

    Parameters
    ----------
    most : the largest that is shown, below 100
    """
    marks = [value for value in (0.0, 50.0, 90.0, 99.0, 99.9, 99.99, 99.999) if value <= most]
    nines = -math.log10(1 - most / 100)
    return Axis(
        lambda value: min(-math.log10(max(1 - value / 100, 1e-12)) / nines, 1.0),
        [(mark, f"{mark:g} %") for mark in marks],
        label,
    )


def draw(title: str, lines: list[Line], x: Axis, y: Axis, localize: Callable[[str], str] = str) -> str:
    """Draw lines over two axes.

    Parameters
    ----------
    localize : writes a tick's number as the reader's language does

    Returns
    -------
    one SVG element, which names what it shows and can stand alone
    """
    told = escape(f"{title}: {', '.join(line.name for line in lines)}")
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {FONT} role="img" aria-label="{told}">',
        *(_y_tick(y, value, localize(text)) for value, text in y.ticks),
        *(_x_tick(x, value, localize(text)) for value, text in x.ticks),
        f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 6}" text-anchor="end">{escape(x.label)}</text>',
        f'<text x="{LEFT - 8}" y="12" text-anchor="end">{escape(y.label)}</text>',
        *(_line(line, x, y) for line in lines),
        *_legend(lines),
        "</svg>",
    ]
    return "\n".join(parts)


def _x(x: Axis, value: float) -> float:
    return LEFT + x.place(value) * (WIDTH - LEFT - RIGHT)


def _y(y: Axis, value: float) -> float:
    return HEIGHT - BOTTOM - y.place(value) * (HEIGHT - TOP - BOTTOM)


def _y_tick(y: Axis, value: float, text: str) -> str:
    at = _y(y, value)
    return (
        f'<line stroke="{GRID}" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>'
        f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{escape(text)}</text>'
    )


def _x_tick(x: Axis, value: float, text: str) -> str:
    return (
        f'<text x="{_x(x, value):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{escape(text)}</text>'
    )


def _line(line: Line, x: Axis, y: Axis) -> str:
    commands, gap = [], True
    for at, value in line.points:
        if value is None:
            gap = True
            continue
        commands.append(f"{'M' if gap else 'L'}{_x(x, at):.1f} {_y(y, value):.1f}")
        gap = False
    dashes = ' stroke-dasharray="5 4"' if line.dashed else ""
    return (
        f'<path d="{"".join(commands)}" fill="none" stroke="{line.colour}" stroke-width="2" '
        f'stroke-linecap="round"{dashes}><title>{escape(line.name)}</title></path>'
    )


def _legend(lines: list[Line]) -> list[str]:
    parts, at = [], float(LEFT + 8)
    for line in lines:
        dashes = ' stroke-dasharray="5 4"' if line.dashed else ""
        parts += [
            f'<path d="M{at:.0f} 12h20" stroke="{line.colour}" stroke-width="2"{dashes}/>',
            f'<text x="{at + 25:.0f}" y="16">{escape(line.name)}</text>',
        ]
        at += 40 + 7 * len(line.name)
    return parts
