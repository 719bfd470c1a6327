"""What a file of flights holds, for people to read: names and values in groups, and a chart of hours."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Iterable, Sequence

import msgspec

from puntual.data.flights import Flights
from puntual.data.summary import Summary, summarise

_SHOWN_ROWS = 20
_MOST, _LEAST, _SHOWN_DAYS = 5, 3, 5
_BLOCKS = " ▁▂▃▄▅▆▇█"
_CHART_LINES = 4

_WIDTH = 80

Facts = list[tuple[str, str]]


class PrintedSummary(Summary, frozen=True, kw_only=True):
    """A summary that prints itself as `puntual check` does."""

    def __repr__(self) -> str:
        return "\n".join(render_lines(self, hour_chart(self.hours, _WIDTH)))

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"


def print_summary(flights: Flights) -> PrintedSummary:
    """The summary of flights, for people to read."""
    return PrintedSummary(**msgspec.structs.asdict(summarise(flights)))


def find_facts(summary: Summary) -> dict[str, Facts]:
    """The facts by group."""
    return {
        "file": _file_facts(summary),
        "flights": _flight_facts(summary),
        "delays": _delay_facts(summary),
        "codes": _code_facts(summary),
        "rows that are not used": _row_facts(summary),
    }


def render_lines(summary: Summary, chart: Sequence[str]) -> list[str]:
    """Every fact, the chart of hours and every warning, a line each."""
    facts = [f"{name}: {value}" for group in find_facts(summary).values() for name, value in group]
    warnings = [f"warning: {one.name}: {one.sentence}" for one in summary.warnings]
    return [*facts, "flights by hour of the local day:", *chart, *warnings]


def hour_chart(hours: Sequence[int], width: int, *, blocks: bool = True) -> list[str]:
    r"""The flights of each hour as bars above their hours, as wide as fits.

    Parameters
    ----------
    hours : 24 counts
    blocks : the console can show bars in eighths; otherwise they are of whole signs

    Examples
    --------
    >>> print(*hour_chart([0] * 6 + [4, 3, 2, 1] + [2] * 14, 60), sep="\n")
    4             █
                  █ █
                  █ █ █   █ █ █ █ █ █ █ █ █ █ █ █ █ █
                  █ █ █ █ █ █ █ █ █ █ █ █ █ █ █ █ █ █
      00    03    06    09    12    15    18    21
    """
    most = max(hours)
    label = f"{most:,}"
    indent = len(label) + 1
    bar, gap = next(
        ((bar, gap) for bar, gap in ((2, 1), (1, 1)) if 24 * (bar + gap) + indent <= width), (1, 0)
    )
    eighths = [round(8 * _CHART_LINES * count / most) or (count > 0) for count in hours]
    lines = []
    for line in reversed(range(_CHART_LINES)):
        levels = [min(8, max(0, one - 8 * line)) for one in eighths]
        signs = [_BLOCKS[level] if blocks else "#" if level > 3 else " " for level in levels]
        head = label if line == _CHART_LINES - 1 else ""
        lines.append((head.ljust(indent) + "".join(sign * bar + " " * gap for sign in signs)).rstrip())
    step = 1 if bar + gap > 2 else 3 if gap else 6
    axis = "".join(f"{hour:02}".ljust(step * (bar + gap)) for hour in range(0, 24, step))
    return [*lines, (" " * indent + axis).rstrip()]


def _file_facts(summary: Summary) -> Facts:
    kind = "history, with actual times" if summary.history else "schedule, without actual times"
    return [
        ("data", summary.data),
        ("source", f"{summary.source} ({kind})"),
        *(("read", one.removeprefix(f"{summary.data}: ")) for one in summary.read_as),
        ("rows", f"{summary.rows:,}"),
        ("usable flights", f"{summary.flights:,}"),
        ("left out", f"{len(summary.rejected):,}"),
        ("duplicates", f"{len(summary.duplicates):,}"),
        *_if_any("codeshares joined", summary.codeshares),
        *_if_any("filtered out", summary.filtered),
    ]


def _flight_facts(summary: Summary) -> Facts:
    without = summary.days_without_flights
    changes = [
        f"{day} ({', '.join(origins[:_SHOWN_DAYS])})" for day, origins in summary.clock_changes.items()
    ]
    return [
        ("dates", f"{summary.first} to {summary.last}"),
        *([("days without flights", f"{len(without):,}: {_listed(_runs(without))}")] if without else []),
        *([("clocks changed", _listed(changes))] if changes else []),
        ("at 00:00", f"{100 * summary.at_midnight:.2g} %"),
        *_counted("airlines", summary.flights_by_airline),
        *_counted("origins", summary.flights_by_origin),
        *_counted("destinations", summary.flights_by_destination),
        *_if_any("with a tail number", summary.with_aircraft),
    ]


def _delay_facts(summary: Summary) -> Facts:
    if not summary.history:
        return []
    late = []
    if summary.late is not None:
        ends = f"1st percentile {summary.delay_p1:g}, 99th {summary.delay_p99:g}"
        late = [
            ("late by > 15 minutes", f"{100 * summary.late:.1f} % of those that left"),
            ("minutes late", f"median {summary.median_delay:g}, {ends}"),
        ]
    return [
        *late,
        ("cancelled", f"{summary.cancelled:,}"),
        *_if_any("diverted", summary.diverted),
        *_if_any("not reported", summary.not_reported),
    ]


def _code_facts(summary: Summary) -> Facts:
    joined = [f"{kept} = {', '.join(others)}" for kept, others in summary.joined_codes.items()]
    named = {"in no table": summary.unknown_codes, "of cities": summary.city_codes, "read as one": joined}
    return [(f"codes {name}", _listed(codes)) for name, codes in named.items() if codes]


def _row_facts(summary: Summary) -> Facts:
    facts = [
        *(("left out because", f"{reason}: {count:,}") for reason, count in summary.reasons.items()),
        *((one.place, one.reason) for one in summary.rejected[:_SHOWN_ROWS]),
        *((f"row {one.row}", f"repeats row {one.first_row}") for one in summary.duplicates[:_SHOWN_ROWS]),
    ]
    more = max(len(summary.rejected), len(summary.duplicates)) > _SHOWN_ROWS
    return [*facts, ("every row", "with --json")] if more else facts


def _counted(name: str, flights: dict[str, int]) -> Facts:
    """How many there are, and the flights of those with most and least."""
    if not flights:
        return [(name, "none")]
    counts = [f"{code} {count:,}" for code, count in flights.items()]
    if len(counts) <= _MOST + _LEAST:
        return [(name, f"{len(counts):,}: {', '.join(counts)}")]
    shown = f"{', '.join(counts[:_MOST])} … {', '.join(counts[-_LEAST:])}"
    return [(name, f"{len(counts):,}: {shown}")]


def _if_any(name: str, count: int) -> Facts:
    return [(name, f"{count:,}")] if count else []


def _runs(days: Sequence[dt.date]) -> list[str]:
    """Days that follow each other as the first and the last."""
    runs: list[tuple[dt.date, dt.date]] = []
    for day in days:
        if runs and day - runs[-1][1] == dt.timedelta(days=1):
            runs[-1] = runs[-1][0], day
        else:
            runs.append((day, day))
    return [f"{first}" if first == last else f"{first} to {last}" for first, last in runs]


def _listed(texts: Iterable[str]) -> str:
    every = list(texts)
    return ", ".join(every[:_SHOWN_DAYS]) + (" …" if len(every) > _SHOWN_DAYS else "")
