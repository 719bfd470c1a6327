"""`puntual explore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from puntual.cli.display import note_flights
from puntual.cli.options import (
    Data,
    Given,
    ReportLanguage,
    Sheet,
    Since,
    Source,
    Strict,
    Threshold,
    Until,
)
from puntual.console import note, show_progress


def explore(
    data: Data,
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder to write; created if needed.", show_default=False)
    ],
    language: ReportLanguage = None,
    threshold: Threshold = 15,
    quick: Annotated[
        bool, typer.Option("--quick", help="Leave out what needs models, and the PNG images.")
    ] = False,
    since: Since = None,
    until: Until = None,
    source: Source = None,
    given: Given = None,
    sheet: Sheet = None,
    strict: Strict = False,
) -> None:
    """Explain the delays: a page to send around (index.html), rates.csv, findings.json and charts."""
    from puntual.cli.options import language_of
    from puntual.cli.output import check_folder
    from puntual.cli.reading import read_data
    from puntual.exploration.study import Explain
    from puntual.exploration.study import explore as study
    from puntual.reports.folder import NAMES, PAGE, write_folder

    check_folder("--output", output, PAGE, NAMES, (*data, source))
    flights = read_data(
        data, source=source, given=given, sheet=sheet, history=False, since=since, until=until, keep_rows=True
    )
    note_flights(flights, strict=strict)
    explain: Explain | None = None
    if not quick:
        from puntual.exploration.explanation import explain as explain_by_model

        explain = explain_by_model
    with show_progress() as on_progress:
        found = study(flights, threshold=threshold, explain=explain, progress=on_progress)
        write_folder(found, output, language.value if language else language_of(), on_progress)
    if not found.departed:
        note(f"{flights.where}: no actual times, so only the schedule is described")
    typer.echo(output / PAGE)
