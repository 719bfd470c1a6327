"""`puntual predict`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from puntual.cli.display import note_dropped, note_unseen
from puntual.cli.options import Data, Language, Model, Since, Source, TableOutput, Until, date
from puntual.console import note, show_progress
from puntual.errors import SettingError

if TYPE_CHECKING:
    import polars as pl

    from puntual.data import Flights


def predict(
    model: Model,
    data: Data,
    *,
    output: TableOutput,
    timetable: Annotated[
        str | None, typer.Option(help="File of those days' complete departures; by default, DATA.")
    ] = None,
    alone: Annotated[
        bool, typer.Option("--alone", help="Predict each flight without its day's timetable.")
    ] = False,
    detail: Annotated[
        bool,
        typer.Option(
            "--detail", help="Add P(delay > t), the expected delay, and the reasons in points of probability."
        ),
    ] = False,
    language: Annotated[
        Language | None,
        typer.Option(help="With --detail: add the reasons in words.", show_default=False),
    ] = None,
    cut: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Decision threshold; by default, the model's own."),
    ] = None,
    since: Since = None,
    until: Until = None,
    source: Source = None,
) -> None:
    """Predict a whole schedule, row by row; it needs no actual times."""
    if alone and timetable:
        raise SettingError("--alone: cannot be combined with --timetable")

    if language and not detail:
        raise SettingError("--language: needs --detail, whose reasons it puts into words")

    from puntual.batch import count_without_timetable
    from puntual.batch import predict as answer
    from puntual.cli.output import TABLES, check_outputs, check_suffix, write_table
    from puntual.data import read_flights
    from puntual.inference.artifact import read_artifact

    check_suffix("--output", output, TABLES)
    check_outputs([("--output", output)], (model, data, timetable, source))
    artifact = read_artifact(model)
    with show_progress() as on_progress:
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
        note(f"{flights.where}: the predictions replace its columns {', '.join(lost)}")
    note_unseen(artifact, flights)
    if timetable is not None:
        note_dropped(known)
        _note_other_days(
            known, flights.frame.height, count_without_timetable(artifact, flights.frame, known.frame)
        )
    note(f"{output}: {_count(flights, table)}, by {artifact.name}")


def _note_other_days(timetable: Flights, flights: int, alone: int) -> None:
    """Say how many flights are predicted alone because the timetable lacks their day at their origin."""
    if alone:
        days = timetable.frame["scheduled_departure"].dt.date()
        lacking = f"lacks the day and origin of {alone:,} of {flights:,} flights, which are predicted alone"
        note(f"{timetable.where}: the timetable of {days.min()!s} to {days.max()!s} {lacking}")


def _count(flights: Flights, table: pl.DataFrame) -> str:
    """Say how many rows of a file have a prediction, and how many have none."""
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
