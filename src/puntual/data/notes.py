"""What the reader of flights is told: which rows are left out or repeat others, and what looks wrong."""

from __future__ import annotations

import shlex
from collections.abc import Collection

from puntual.data.conversion import Conversion
from puntual.data.delimited import ROW
from puntual.data.flights import Flights, name_row
from puntual.data.frames import WHERE
from puntual.data.oddities import find_oddities
from puntual.data.profile import profile_flights

SHOWN = 5
"""Bad rows that are named one by one."""


def rejected_rows(flights: Flights, shown: int = SHOWN) -> list[str]:
    """Which rows are left out because they are bad, and why: a sentence each, then how many in all."""
    notes = [
        f"{flights.where}: {flights.name_row(row)} is left out: {reason}"
        for row, reason in flights.rejected.head(shown).iter_rows()
    ]
    if flights.rejected.height > shown:
        every = _where_all_are(flights, "rejected")
        notes.append(f"{flights.where}: {flights.rejected.height:,} rows are left out in all; see {every}")
    return notes


def rows_left_out(flights: Flights) -> list[str]:
    """As `rejected_rows`, and how many rows repeat another one."""
    notes, count = rejected_rows(flights), flights.duplicates.height
    if count:
        repeat = f"{count:,} row{' repeats' if count == 1 else 's repeat'} an earlier one"
        notes.append(f"{flights.where}: {repeat}; see {_where_all_are(flights, 'duplicates')}")
    return notes


def conversion_notes(done: Conversion) -> list[str]:
    """How files that were converted were read, which rows were left out, and what looks wrong."""
    manifest, where = done.manifest, done.where
    notes = [
        *manifest.read_as,
        *(
            f"{where}: {name_row(where, done.starts, row)} is left out: {reason}"
            for row, reason in done.rejected.iter_rows()
        ),
    ]
    if manifest.rejected > done.rejected.height:
        notes.append(f"{where}: {manifest.rejected:,} rows are left out in all; see `puntual check`")
    if manifest.duplicates:
        repeat = "row repeats" if manifest.duplicates == 1 else "rows repeat"
        notes.append(f"{where}: {manifest.duplicates:,} {repeat} an earlier one; see `puntual check`")
    return [*notes, *(f"{where}: {one.sentence}" for one in done.oddities if not one.limit)]


def _where_all_are(flights: Flights, table: str) -> str:
    return f"`.{table}` of what puntual.read gives" if flights.where == WHERE else "`puntual check`"


def replaced_columns(flights: Flights, added: Collection[str]) -> list[str]:
    """Say which of the flights' own columns the columns of predictions replace, if any."""
    lost = [name for name in (*added, "problem") if name in flights.raw.columns and name != ROW]
    return [f"{flights.where}: the predictions replace its columns {', '.join(lost)}"] if lost else []


def warnings(flights: Flights) -> list[str]:
    """What looks wrong in the flights, so that they were probably read wrongly, a sentence each.

    What is only a limit of a history is left out: a model's card says it.

    Examples
    --------
    >>> from puntual.data import read_flights
    >>> warnings(read_flights("nyc"))
    []
    """
    more = "" if flights.where == WHERE else f" (more: puntual check {shlex.quote(flights.where)})"
    found = find_oddities(profile_flights(flights), flights)
    return [f"{flights.where}: {one.sentence}{more}" for one in found if not one.limit]
