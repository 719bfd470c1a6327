"""`puntual predict`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from puntual.cli.display import note, note_dropped, note_unseen
from puntual.cli.options import Data, Language, Model, Since, Source, Until, date
from puntual.cli.progress import progress
from puntual.errors import SettingError

if TYPE_CHECKING:
    import polars as pl

    from puntual.data import Flights


def predict(
    model: Model,
    data: Data,
    *,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="Where to: .csv or .parquet.", show_default=False),
    ],
    timetable: Annotated[
        str | None, typer.Option(help="The complete departures of those days; else the file itself.")
    ] = None,
    alone: Annotated[bool, typer.Option("--alone", help="Each flight without its day's timetable.")] = False,
    detail: Annotated[
        bool,
        typer.Option(
            "--detail", help="Add how long the delay may be, and the reasons in points of probability."
        ),
    ] = False,
    language: Annotated[
        Language | None,
        typer.Option(help="With --detail: also tell the reasons in words.", show_default=False),
    ] = None,
    cut: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="Probability from which an answer says delayed; else the model's own."
        ),
    ] = None,
    since: Since = None,
    until: Until = None,
    source: Source = None,
) -> None:
    """Answer a whole schedule at once, row by row; actual times are not needed."""
    if alone and timetable:
        raise SettingError("--alone: says that there is no timetable, but --timetable names one")

    if language and not detail:
        raise SettingError("--language: tells the reasons in words; wanted: --detail with it")

    from puntual.batch import count_alone
    from puntual.batch import predict as answer
    from puntual.cli.output import TABLES, check_outputs, check_suffix, write_table
    from puntual.data import read_flights
    from puntual.inference.artifact import read_artifact

    check_suffix("--output", output, TABLES)
    check_outputs([("--output", output)], (model, data, timetable, source))
    artifact = read_artifact(model)
    with progress() as on_progress:
        flights = read_flights(data, source=source, history=False, since=date(since), until=date(until))
        known = flights if timetable is None else read_flights(timetable, source=source, history=False)
        on_progress("reading", 1)
        within = None if alone else known.frame
        answers = answer(
            artifact,
            flights.frame,
            within,
            on_progress,
            detail=detail,
            language=language,
            decision_threshold=cut,
        )
        table = flights.join_all_rows(answers)
        write_table(table, output)
        on_progress("writing", 1)
    if lost := [
        name for name in (*answers.columns, "problem") if name in flights.raw.columns and name != "row"
    ]:
        note(f"{flights.where}: its own {', '.join(lost)} gave way to the answers' columns of that name")
    note_unseen(artifact, flights)
    if timetable is not None:
        note_dropped(known)
        _note_other_days(known, flights.frame.height, count_alone(artifact, flights.frame, known.frame))
    note(f"{output}: {_count(flights, table)}, by {artifact.name}")


def _note_other_days(timetable: Flights, flights: int, alone: int) -> None:
    """Say that flights are answered alone, since a timetable is of other days or origins than theirs."""
    if alone:
        days = timetable.frame["scheduled_departure"].dt.date()
        without = f"without the day and origin of {alone:,} of {flights:,} flights, which are answered alone"
        note(f"{timetable.where}: of {days.min()!s} to {days.max()!s}, {without}")


def _count(flights: Flights, table: pl.DataFrame) -> str:
    """Say how many rows of a file have an answer, and how many have not."""
    answered, own = table["problem"].null_count(), flights.frame.height
    cancelled = flights.frame["cancelled"].sum()
    said = [f"{table.height:,} rows, {own:,} flights answered"]
    if cancelled:
        said.append(f"{cancelled:,} of them marked as cancelled")
    if answered > own:
        said.append(f"{answered - own:,} that repeat another answered as it")
    if table.height > answered:
        said.append(f"{table.height - answered:,} without an answer (the column problem says why)")
    return ", ".join(said)
