"""`puntual evaluate`."""

from __future__ import annotations

import datetime as dt

import msgspec
import typer

from puntual.cli.display import OUT, metrics_table, note, note_dropped
from puntual.cli.options import Data, Json, Model, Since, Source, Until, date


def evaluate(
    model: Model,
    data: Data,
    *,
    since: Since = None,
    until: Until = None,
    source: Source = None,
    as_json: Json = False,
) -> None:
    """Measure a model on other flights: every metric, with the day's timetable and alone."""
    from puntual.inference.artifact import read_artifact
    from puntual.sources import read_flights
    from puntual.training import evaluate as measure

    artifact = read_artifact(model)
    flights = read_flights(data, source=source, since=date(since), until=date(until))
    note_dropped(flights)
    days = flights.frame["scheduled_departure"].dt.date()
    training = artifact.training
    learned = days.is_between(
        dt.date.fromisoformat(training.first), dt.date.fromisoformat(training.last)
    ).sum()
    if learned:
        note(f"{learned:,} of these flights are of days that the model learned from: no honest measure")
    with_timetable, alone = measure(artifact, flights)
    if as_json:
        answer = {
            "threshold_minutes": artifact.threshold_minutes,
            "with_timetable": with_timetable,
            "alone": alone,
        }
        typer.echo(msgspec.json.encode(answer).decode())
        return
    title = (
        f"{artifact.name} on {alone.flights:,} flights of {flights.where} "
        f"from {days.min()!s} to {days.max()!s}, delay > {artifact.threshold_minutes} minutes"
    )
    OUT.print(metrics_table(title, with_timetable, alone))
