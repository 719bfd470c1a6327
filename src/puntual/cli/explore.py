"""`puntual explore`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from puntual.cli.clusters import find_partitions, mapping
from puntual.cli.display import note_flights, note_warnings
from puntual.cli.options import (
    Cluster,
    Data,
    Given,
    ReportLanguage,
    Sheet,
    Since,
    Source,
    Strict,
    Threshold,
    Until,
    date,
)
from puntual.console import note, show_progress
from puntual.errors import SettingError

if TYPE_CHECKING:
    from puntual.data.partition_summary import Map
    from puntual.exploration.study import Study
    from puntual.types import Progress


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
    cluster: Cluster = None,
    strict: Strict = False,
) -> None:
    """Explain the delays: a page to send around (index.html), rates.csv, findings.json and charts."""
    from puntual.cli.options import language_of
    from puntual.cli.output import check_folder
    from puntual.cli.reading import read_data
    from puntual.data.partitioned import check_canonical
    from puntual.exploration.study import Explain
    from puntual.exploration.study import explore as study
    from puntual.reports.folder import NAMES, PAGE, write_folder

    check_folder("--output", output, PAGE, NAMES, (*data, source))
    chosen = language.value if language else language_of()
    if cluster is not None and not quick:
        raise SettingError("--cluster: needs --quick, as models explain the delays on one machine only")
    if quick and find_partitions(data, cluster) is not None:
        check_canonical(source=source, constants=given, sheet=sheet)
        dates = date(since), date(until)
        with show_progress() as on_progress, mapping(cluster, strict=strict) as run:
            found = _explore_folder(data[0], dates, threshold, run, progress=on_progress, strict=strict)
            write_folder(found, output, chosen, on_progress)
        _note_written(found, output / PAGE)
        return
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
        write_folder(found, output, chosen, on_progress)
    _note_written(found, output / PAGE)


def _explore_folder(
    where: str,
    dates: tuple[dt.date | None, dt.date | None],
    threshold: int,
    run: Map,
    *,
    progress: Progress,
    strict: bool,
) -> Study:
    """The study of a folder of partitions, after what looks wrong in it is said."""
    from puntual.data.partition_summary import summarise_partitions
    from puntual.exploration.partitioned import explore_partitions

    note_warnings(summarise_partitions(where, run=run, progress=progress), strict=strict)
    return explore_partitions(where, *dates, threshold=threshold, run=run, progress=progress)


def _note_written(found: Study, page: Path) -> None:
    if not found.departed:
        note(f"{found.flights.where}: no actual times, so only the schedule is described")
    typer.echo(page)
