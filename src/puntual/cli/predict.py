"""`puntual predict`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from puntual.cli.as_of import Known, check_model, note_horizons
from puntual.cli.clusters import find_partitions, refuse_with_cluster
from puntual.cli.display import note_dropped, note_unseen
from puntual.cli.options import (
    Cluster,
    Data,
    Given,
    Language,
    Model,
    Sheet,
    Since,
    Source,
    Until,
    Weather,
    WeatherMonth,
    date,
)
from puntual.console import note, show_progress
from puntual.errors import SettingError

if TYPE_CHECKING:
    import polars as pl

    from puntual.data import Flights


def predict(
    model: Model,
    data: Data,
    *,
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            help="File to write: .csv or .parquet; for a folder that `puntual convert` wrote also a folder. "
            "Either may be at an address as s3://bucket/answers.",
            show_default=False,
        ),
    ],
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
    as_of: Annotated[
        str | None,
        typer.Option(
            help="Answer from what had happened by this moment, as 2013-11-02T14:00: local time of each "
            "origin unless it has an offset.",
            show_default=False,
        ),
    ] = None,
    history: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="With --as-of: what happened before; several times for several files.",
            show_default=False,
        ),
    ] = None,
    weather: Weather = None,
    weather_month: WeatherMonth = None,
    since: Since = None,
    until: Until = None,
    source: Source = None,
    given: Given = None,
    sheet: Sheet = None,
    cluster: Cluster = None,
) -> None:
    """Predict a whole schedule, row by row; it needs no actual times."""
    if alone and timetable:
        raise SettingError("--alone: cannot be combined with --timetable")

    refuse_with_cluster(cluster, timetable=timetable, as_of=as_of)
    if language and not detail:
        raise SettingError("--language: needs --detail, whose reasons it puts into words")

    from puntual.batch import count_without_timetable
    from puntual.batch import predict as answer
    from puntual.batch.partitioned import Question
    from puntual.cli.output import check_table, write_table
    from puntual.cli.predict_partitions import predict_partitions
    from puntual.cli.reading import read_data
    from puntual.data.dates import select_dates
    from puntual.data.notes import replaced_columns
    from puntual.data.partitioned import check_canonical
    from puntual.data.partitions import partitions
    from puntual.data.places import is_address
    from puntual.inference.artifact import read_artifact

    place = output if is_address(output) else Path(output)
    past = Known(as_of, history, weather, weather_month)
    moment = past.moment(alone=alone)
    if moment is None and timetable is None and find_partitions(data, cluster) is not None:
        check_canonical(source=source, constants=given, sheet=sheet)
        predict_partitions(
            model,
            data[0],
            partitions(data[0], date(since), date(until)),
            place,
            Question(alone, detail, language, cut),
            cluster=cluster,
        )
        return
    check_table("--output", place, (model, *data, *past.files, timetable, source))
    artifact = read_artifact(model)
    if moment is not None:
        check_model(artifact)
    reading = partial(read_data, source=source, given=given, sheet=sheet)
    with show_progress() as on_progress:
        whole = reading(data, history=False, keep_rows=True)
        flights = whole._replace(frame=select_dates(whole.frame, date(since), date(until), whole.where))
        known = flights if timetable is None else reading([timetable], history=False)
        on_progress("reading", 1)
        day = None
        if moment is not None:
            day = past.read(artifact, moment, data, whole, planned=known.frame, reading=reading)
        answers = answer(
            artifact,
            flights.frame,
            None if alone else known.frame,
            on_progress,
            detail=detail,
            language=language,
            decision_threshold=cut,
            as_of=day,
        )
        table = flights.join_all_rows(answers)
        write_table(table, place)
        on_progress("writing", 1)
    for line in replaced_columns(flights, answers.columns):
        note(line)
    note_unseen(artifact, flights)
    if timetable is not None:
        note_dropped(known)
        _note_other_days(
            known, flights.frame.height, count_without_timetable(artifact, flights.frame, known.frame)
        )
    if moment is not None:
        note_horizons(moment, answers)
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
    assumed = flights.frame["row"].is_in(flights.assumed_cancelled["row"].implode())
    cancelled = (flights.frame["cancelled"] & ~assumed).sum()
    said = [f"{table.height:,} rows, {own:,} flights answered"]
    if cancelled:
        said.append(f"{cancelled:,} of them marked as cancelled")
    if answered > own:
        said.append(f"{answered - own:,} that repeat another answered as it")
    if table.height > answered:
        said.append(f"{table.height - answered:,} without an answer (the column problem says why)")
    return ", ".join(said)
