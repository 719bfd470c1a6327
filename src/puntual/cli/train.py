"""`puntual train`."""

from __future__ import annotations

import datetime as dt
import enum
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from puntual.cli.display import OUT, measured_on, metrics_table, note, note_dropped, progress
from puntual.cli.options import Data, Json, Since, Source, Threshold, Until, date
from puntual.errors import SettingError


class Split(enum.StrEnum):
    """How the flights are parted into those learned from and those measured on."""

    time = "time"
    random = "random"


def train(
    data: Data,
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the model goes.", show_default=False)],
    threshold: Threshold = 15,
    split: Annotated[
        Split, typer.Option(help="time: measure on the latest flights; random: the original's 30 %, seed 11.")
    ] = Split.time,
    split_date: Annotated[
        dt.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Measure from this date on; else on the last fifth."),
    ] = None,
    final: Annotated[bool, typer.Option("--final", help="After measuring, learn from all flights.")] = False,
    since: Since = None,
    until: Until = None,
    source: Source = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the trees' random choices.")] = 11,
    as_json: Json = False,
) -> None:
    """Fit, calibrate and measure a model, and write it."""
    if split_date and split is Split.random:
        raise SettingError("--split-date: goes with --split time only")
    if output.is_dir():
        raise SettingError(f"--output: {output} is a directory; wanted: a file such as model.puntual")

    from puntual.inference.artifact import write_artifact
    from puntual.sources import read_flights
    from puntual.training import train as fit

    flights = read_flights(data, source=source, since=date(since), until=date(until))
    note_dropped(flights)
    if split is Split.random:
        note("random split: each day's shock is learned from its neighbours; for comparison only")
    with progress() as report:
        artifact = fit(
            flights,
            threshold=threshold,
            split=split.value,
            split_date=date(split_date),
            final=final,
            seed=seed,
            report=report,
        )
    write_artifact(artifact, output)
    evaluation, training = artifact.evaluation, artifact.training
    if as_json:
        answer = {
            "model": artifact.name,
            "threshold_minutes": threshold,
            "with_timetable": evaluation.with_timetable,
            "alone": evaluation.alone,
        }
        typer.echo(msgspec.json.encode(answer).decode())
        return
    title = f"{artifact.name}: {measured_on(evaluation, threshold)}"
    OUT.print(metrics_table(title, evaluation.with_timetable, evaluation.alone))
    OUT.print(
        f"learned from {training.flights:,} flights from {training.first} to {training.last}, "
        f"{training.trees} trees{', refitted on all flights' if final else ''}; written to {output}",
        markup=False,
    )
