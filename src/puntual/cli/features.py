"""`puntual features`."""

from __future__ import annotations

from puntual.cli.display import note_rejected
from puntual.cli.options import Data, Given, Sheet, Source, TableOutput
from puntual.console import note


def features(
    data: Data,
    *,
    output: TableOutput,
    source: Source = None,
    given: Given = None,
    sheet: Sheet = None,
) -> None:
    """Write the source's columns, then the challenge's: temporada_alta, dif_min, atraso_15, periodo_dia."""
    from puntual.cli.output import TABLES, check_outputs, check_suffix, write_table
    from puntual.cli.reading import read_data
    from puntual.features.challenge import format_minutes, join_challenge_columns

    check_suffix("--output", output, TABLES)
    check_outputs([("--output", output)], (*data, source))
    flights = read_data(data, source=source, given=given, sheet=sheet, keep_rows=True)
    note_rejected(flights, shown=20)
    table = join_challenge_columns(flights)
    write_table(format_minutes(table) if output.suffix.lower() == ".csv" else table, output)
    note(f"{output}: {table.height:,} flights")
