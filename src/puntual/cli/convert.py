"""`puntual convert`."""

from __future__ import annotations

from typing import Annotated

import typer

from puntual.cli.options import Data, Given, Sheet, Source
from puntual.console import note, show_progress


def convert(
    data: Data,
    *,
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            help="Folder to write, also at an address as gs://bucket/flights.",
            show_default=False,
        ),
    ],
    force: Annotated[
        bool, typer.Option("--force", help="Replace the partitions that are there already.")
    ] = False,
    source: Source = None,
    given: Given = None,
    sheet: Sheet = None,
) -> None:
    """Convert files to Parquet by origin and month, which every command reads; streamed, for many flights."""
    from puntual.cli.reading import read_constants
    from puntual.data.conversion import convert as convert_files
    from puntual.data.notes import conversion_notes

    with show_progress() as on_progress:
        done = convert_files(
            data if len(data) > 1 else data[0],
            output,
            source=source,
            constants=read_constants(given or []),
            sheet=sheet,
            replace=force,
            progress=on_progress,
        )
    for line in conversion_notes(done):
        note(line)
    found = done.manifest
    parts = sum(map(len, found.partitions.values()))
    held = f"{found.flights:,} flights from {found.first} to {found.last}"
    note(f"{output}: {held}, origins: {len(found.partitions):,}, partitions: {parts:,}")
