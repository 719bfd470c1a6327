"""Show what a file of flights holds: its hours as a chart, then facts in groups, then what looks wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from puntual.data.facts import Facts, find_facts, hour_chart, render_lines

if TYPE_CHECKING:
    from puntual.data.oddity import Oddity
    from puntual.data.summary import Summary


def show_summary(summary: Summary, console: Console) -> None:
    """Print a summary: on a terminal as a table that fits it, otherwise a line a fact."""
    chart = hour_chart(summary.hours, console.width, blocks=console.encoding.startswith("utf"))
    groups = find_facts(summary)
    if not console.is_terminal:
        print(*render_lines(summary, chart), sep="\n")
        return
    console.print("[bold]flights by hour of the local day[/bold]", *map(escape, chart), sep="\n")
    for title, group in groups.items():
        if group:
            console.print(f"\n[bold]{title}[/bold]", _table(group), sep="\n", soft_wrap=False)
    for oddity in summary.warnings:
        console.print("", *_warning(oddity), sep="\n", soft_wrap=False)


def _table(facts: Facts) -> Padding:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts:
        table.add_row(name, escape(value))
    return Padding(table, (0, 0, 0, 2))


def _warning(oddity: Oddity) -> Iterable[object]:
    reserve = "" if oddity.sure else f" (on {oddity.flights:,} flights only, so perhaps by chance)"
    yield f"[bold yellow]warning[/bold yellow] {oddity.name}"
    yield Padding(f"{escape(oddity.found)}{reserve}: {escape(oddity.why)}", (0, 0, 0, 2))
    yield Padding(f"[dim]what to do:[/dim] {escape(oddity.remedy)}", (0, 0, 0, 2))
