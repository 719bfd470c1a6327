"""`puntual predict`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from puntual.cli.display import note, note_dropped, progress
from puntual.cli.options import Data, Language, Model, Since, Source, Until, date
from puntual.errors import SettingError


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
    """Answer a whole schedule at once; actual times are not needed."""
    if alone and timetable:
        raise SettingError("--alone: says that there is no timetable, but --timetable names one")

    if language and not detail:
        raise SettingError("--language: tells the reasons in words; wanted: --detail with it")

    from puntual.cli.output import TABLES, check_outputs, check_suffix, write_table
    from puntual.inference.artifact import read_artifact
    from puntual.scoring import predict as answer
    from puntual.sources import read_flights

    check_suffix("--output", output, TABLES)
    check_outputs([("--output", output)], (model, data, timetable, source))
    artifact = read_artifact(model)
    with progress() as report:
        flights = read_flights(data, source=source, history=False, since=date(since), until=date(until))
        known = flights if timetable is None else read_flights(timetable, source=source, history=False)
        report("reading", 1)
        within = None if alone else known.frame
        answers = answer(artifact, flights.frame, within, report, detail=detail, language=language, cut=cut)
        write_table(flights.beside(answers), output)
        report("writing", 1)
    note_dropped(flights)
    note(f"{output}: {len(answers):,} flights answered by {artifact.name}")
