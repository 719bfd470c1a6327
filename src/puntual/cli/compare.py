"""`puntual compare`."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from puntual.cli.display import build_table, note_dropped, note_unseen
from puntual.cli.options import Given, Json, Sheet, Source
from puntual.console import OUT, note, show_progress

if TYPE_CHECKING:
    import polars as pl
    from rich.table import Table

    from puntual.operations.comparison import Comparison, FlightChange

SHOWN = 10
"""Flights that gain, and as many that lose."""
DAYS_SHOWN = 31
_POINT = 0.005
"""A chance that changes by less is not shown as a gain or a loss."""

_Schedule = partial(typer.Argument, show_default=False)


def compare(
    before: Annotated[str, _Schedule(metavar="BEFORE", help="A schedule of complete days.")],
    after: Annotated[str, _Schedule(metavar="AFTER", help="Another one of the same days.")],
    *,
    model: Annotated[
        Path, typer.Option("--model", "-m", help="A file from `puntual train`.", show_default=False)
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Every flight as a file: .csv or .parquet.", show_default=False),
    ] = None,
    as_json: Json = False,
    source: Source = None,
    given: Given = None,
    sheet: Sheet = None,
) -> None:
    """Compare two schedules of the same days: which flights gain and lose, and each day's late flights."""
    from puntual.batch.comparing import compare_schedules
    from puntual.cli.output import check_table, write_table
    from puntual.cli.reading import read_data
    from puntual.inference.artifact import read_artifact

    if output is not None:
        check_table("--output", output, (before, after, model, source))
    artifact = read_artifact(model)
    reading = partial(read_data, source=source, given=given, sheet=sheet, history=False)
    with show_progress() as on_progress:
        schedules = [reading([file]) for file in (before, after)]
        on_progress("reading", 1)
        found = compare_schedules(artifact, schedules[0].frame, schedules[1].frame, on_progress)
        if output is not None:
            write_table(_as_table(found), output)
    for flights in schedules:
        note_dropped(flights)
        note_unseen(artifact, flights)
    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
    else:
        for table in _tables(found, artifact.threshold_minutes):
            OUT.print(table)
    for line in _notes(found, before, after):
        note(line)
    if output is not None:
        note(f"{output}: {len(found.flights):,} flights, by {artifact.name}")


def _as_table(found: Comparison) -> pl.DataFrame:
    import polars as pl

    from puntual.operations.comparison import FlightChange

    rows = [{**msgspec.structs.asdict(one), "unknown": " ".join(one.unknown)} for one in found.flights]
    types: dict[str, pl.DataType] = dict.fromkeys(FlightChange.__struct_fields__, pl.String())
    types |= dict.fromkeys(("before", "after"), pl.Datetime("us"))
    types |= dict.fromkeys(("before_probability", "after_probability", "change"), pl.Float64())
    return pl.DataFrame(rows, schema=types)


def _tables(found: Comparison, minutes: int) -> list[Table]:
    tables = [_day_table(found, minutes)]
    changed = [one for one in found.flights if one.change is not None and abs(one.change) >= _POINT]
    changed.sort(key=lambda one: -abs(one.change or 0))
    for title, some in (
        ("Flights that lose", [one for one in changed if (one.change or 0) > 0]),
        ("Flights that gain", [one for one in changed if (one.change or 0) < 0]),
    ):
        if some:
            tables.append(_flight_table(title, some))
    return tables


def _day_table(found: Comparison, minutes: int) -> Table:
    heads = ("flights before", "after", "expected late before", "after", "change")
    table = build_table("day", *heads, title=f"Flights expected to leave more than {minutes} minutes late")
    for one in found.days[:DAYS_SHOWN]:
        counts = [one.flights_before, one.flights_after]
        table.add_row(f"{one.origin} {one.date}", *_counts(counts, one.late_before, one.late_after))
    left = len(found.days) - DAYS_SHOWN
    if left > 0:
        table.add_row(f"… {left:,} more")
    if len(found.days) > 1:
        counts = [sum(one.flights_before for one in found.days), sum(one.flights_after for one in found.days)]
        late = (sum(one.late_before for one in found.days), sum(one.late_after for one in found.days))
        table.add_row("all", *_counts(counts, *late))
    return table


def _counts(flights: list[int], before: float, after: float) -> list[str]:
    return [
        *(f"{count:,}" for count in flights),
        f"{before:,.1f}",
        f"{after:,.1f}",
        f"{after - before:+,.1f}",
    ]


def _flight_table(title: str, changes: list[FlightChange]) -> Table:
    shown = f"{title}: {len(changes):,}"
    table = build_table("flight", "before", "after", "chance before", "after", "points", title=shown)
    for one in changes[:SHOWN]:
        table.add_row(
            " ".join(filter(None, (one.airline, one.flight_number, f"{one.origin}–{one.destination}"))),
            *(f"{time:%m-%d %H:%M}" for time in (one.before, one.after) if time),
            *(f"{100 * (share or 0):.1f} %" for share in (one.before_probability, one.after_probability)),
            f"{100 * (one.change or 0):+.1f}",
        )
    return table


def _notes(found: Comparison, before: str, after: str) -> list[str]:
    counts = Counter(one.kind for one in found.flights)
    only = f"{counts['added']:,} only in {after}, {counts['removed']:,} only in {before}"
    lines = [f"{counts['kept']:,} flights at the same time, {counts['retimed']:,} retimed, {only}"]
    lacking = [one for one in found.days if not (one.flights_before and one.flights_after)]
    if lacking:
        one = lacking[0]
        file = after if one.flights_before else before
        more = f", and {len(lacking) - 1:,} more such days" if len(lacking) > 1 else ""
        lines.append(f"{file}: no flights of {one.origin} on {one.date}{more}; the other schedule has some")
    return lines
