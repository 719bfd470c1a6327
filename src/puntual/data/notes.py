"""What the reader of flights is told about them: which rows are left out, and which repeat others."""

from __future__ import annotations

from puntual.data.reading import Flights

SHOWN = 5
"""Bad rows that are named one by one."""


def rejected_rows(flights: Flights, shown: int = SHOWN) -> list[str]:
    """Which rows are left out because they are bad, and why: a sentence each, then how many in all."""
    notes = [
        f"{flights.where}: row {row} is left out: {reason}"
        for row, reason in flights.rejected.head(shown).iter_rows()
    ]
    if flights.rejected.height > shown:
        notes.append(
            f"{flights.where}: {flights.rejected.height:,} rows are left out in all; see `puntual check`"
        )
    return notes


def rows_left_out(flights: Flights) -> list[str]:
    """As `rejected_rows`, and how many rows repeat another one."""
    notes = rejected_rows(flights)
    if flights.duplicates.height:
        notes.append(
            f"{flights.where}: {flights.duplicates.height:,} rows repeat an earlier one; see `puntual check`"
        )
    return notes
