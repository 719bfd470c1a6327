"""`puntual check`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.markup import escape
from rich.table import Table

from puntual.cli.options import Data, Json, Source
from puntual.console import OUT, note
from puntual.errors import SettingError

if TYPE_CHECKING:
    from puntual.data.summary import Summary

_SHOWN_ROWS = 20
_PACKED = {".gz", ".zip"}


def check(
    data: Data,
    *,
    source: Source = None,
    write_mapping: Annotated[
        bool, typer.Option("--write-mapping", help="Draft a TOML file for --source in DATA's folder.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Read and validate flights; the exit status is 0 if they can be used, else 2."""
    if write_mapping:
        if source is not None or as_json:
            raise SettingError("--write-mapping: cannot be combined with --source or --json")
        _write_mapping(data)
        return

    from puntual.data import read_flights
    from puntual.data.summary import summarise
    from puntual.inference.card import NO_CANCELLATIONS, few_cancelled

    summary = summarise(read_flights(data, source=source, history=False))
    if summary.history and few_cancelled(summary.cancelled / summary.flights):
        note(f"{data}: {NO_CANCELLATIONS}")
    if as_json:
        typer.echo(msgspec.json.encode(summary).decode())
        return
    facts = _facts(summary)
    if OUT.is_terminal:
        table = Table.grid(padding=(0, 2))
        for name, value in facts:
            table.add_row(f"[dim]{name}[/dim]", escape(value))
        OUT.print(table)
    else:
        for name, value in facts:
            print(f"{name}: {value}")


def _write_mapping(data: str) -> None:
    from puntual.cli.output import write_text
    from puntual.data.drafting import draft_mapping

    draft = draft_mapping(data)
    if isinstance(draft, str):
        note(f"{data}: source {draft} reads it, so it needs no mapping")
        return
    path = Path(data)
    place = (path.with_suffix("") if path.suffix.lower() in _PACKED else path).with_suffix(".toml")
    if place.exists():
        raise SettingError(f"--write-mapping: {place} exists already and is not replaced")
    write_text("--write-mapping", draft.toml(), place)
    for line in draft.guesses:
        note(f"guessed: {line}")
    for line in draft.todos:
        note(f"to fill in: {line}")
    then = "fill in what is left, then run" if draft.todos else "now run"
    note(f"{place}: written; {then}: {shlex.join(['puntual', 'check', data, '--source', str(place)])}")


def _facts(summary: Summary) -> list[tuple[str, str]]:
    kind = "history, with actual times" if summary.history else "schedule, without actual times"
    facts = [
        ("data", summary.data),
        ("source", f"{summary.source} ({kind})"),
        ("rows", f"{summary.rows:,}"),
        ("usable flights", f"{summary.flights:,}"),
        ("dates", f"{summary.first} to {summary.last}"),
        ("airlines", f"{summary.airlines:,}"),
        ("origins", f"{summary.origins:,}"),
        ("destinations", f"{summary.destinations:,}"),
        ("cancelled", f"{summary.cancelled:,}"),
        ("left out", f"{len(summary.rejected):,}"),
        *(("left out because", f"{reason}: {count:,}") for reason, count in summary.reasons.items()),
        *((f"row {one.row}", one.reason) for one in summary.rejected[:_SHOWN_ROWS]),
        ("duplicates", f"{len(summary.duplicates):,}"),
        *((f"row {one.row}", f"repeats row {one.first_row}") for one in summary.duplicates[:_SHOWN_ROWS]),
    ]
    more = max(len(summary.rejected), len(summary.duplicates)) > _SHOWN_ROWS
    return [*facts, ("every row", "with --json")] if more else facts
