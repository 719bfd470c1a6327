"""`puntual explore`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from puntual.cli.display import note, note_dropped
from puntual.cli.options import Data, ReportLanguage, Since, Source, Threshold, Until, date
from puntual.cli.progress import progress

if TYPE_CHECKING:
    from puntual.exploration.study import Explain


def explore(
    data: Data,
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder to write, made where needed.", show_default=False)
    ],
    language: ReportLanguage = None,
    threshold: Threshold = 15,
    quick: Annotated[
        bool, typer.Option("--quick", help="Leave out what needs a model, and the PNG pictures.")
    ] = False,
    since: Since = None,
    until: Until = None,
    source: Source = None,
) -> None:
    """Tell how delays are composed: a page to send around (index.html), rates.csv, findings.json, charts."""
    from puntual.cli.options import language_of
    from puntual.cli.output import check_folder
    from puntual.data import read_flights
    from puntual.exploration.study import explore as study
    from puntual.reports.folder import NAMES, PAGE, write_folder

    check_folder("--output", output, PAGE, NAMES, (data, source))
    flights = read_flights(data, source=source, history=False, since=date(since), until=date(until))
    note_dropped(flights)
    explain = None if quick else _explain()
    with progress() as on_progress:
        told = study(flights, threshold=threshold, explain=explain, progress=on_progress)
        write_folder(told, output, language.value if language else language_of(), on_progress)
    if not told.departed:
        note(f"{data}: no actual times: the schedule alone is described")
    typer.echo(output / PAGE)


def _explain() -> Explain:
    """What loads the libraries of models."""
    from puntual.exploration.explanation import explain

    return explain
