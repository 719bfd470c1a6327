"""`puntual features`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from puntual.cli.display import note
from puntual.cli.options import Data, Source

_SHOWN_ROWS = 20


def features(
    data: Data,
    *,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="Where to: .csv or .parquet.", show_default=False),
    ],
    source: Source = None,
) -> None:
    """Write the source's columns, then the challenge's: temporada_alta, dif_min, atraso_15, periodo_dia."""
    from puntual.cli.output import TABLES, check_outputs, check_suffix, write_table
    from puntual.data import read_flights
    from puntual.features.challenge import format_minutes, join_challenge_columns

    check_suffix("--output", output, TABLES)
    check_outputs([("--output", output)], (data, source))
    flights = read_flights(data, source=source)
    for row, reason in flights.rejected.head(_SHOWN_ROWS).iter_rows():
        note(f"{data}: row {row} is left out: {reason}")
    if flights.rejected.height > _SHOWN_ROWS:
        note(f"{data}: {flights.rejected.height:,} rows are left out in all; see `puntual check`")
    table = join_challenge_columns(flights)
    write_table(format_minutes(table) if output.suffix.lower() == ".csv" else table, output)
    note(f"{output}: {table.height:,} flights")
