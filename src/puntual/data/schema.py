"""The canonical columns: what each holds, what null means in it, and when it becomes known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import polars as pl

from puntual.errors import DataError, LeakageError
from puntual.types import KnownAt


class Column(NamedTuple):
    """One canonical column."""

    dtype: pl.DataType
    meaning: str
    null: str
    known_at: KnownAt


_SCHEDULE, _DEPARTURE = KnownAt.SCHEDULE, KnownAt.DEPARTURE

COLUMNS: dict[str, Column] = {
    "row": Column(pl.UInt32(), "row of the source file; a CSV's header is row 1", "never", _SCHEDULE),
    "scheduled_departure": Column(pl.Datetime("us"), "local time at the origin", "never", _SCHEDULE),
    "airline": Column(pl.String(), "code of the scheduled airline, as in the source", "never", _SCHEDULE),
    "origin": Column(pl.String(), "code of the scheduled origin", "never", _SCHEDULE),
    "destination": Column(pl.String(), "code of the scheduled destination", "never", _SCHEDULE),
    "operator": Column(pl.String(), "who flies it, published as planned", "not published", _SCHEDULE),
    "flight_number": Column(pl.String(), "as scheduled, without spaces or a `.0`", "not given", _SCHEDULE),
    "flight_type": Column(pl.String(), "`N` domestic, `I` international", "not given", _SCHEDULE),
    "actual_departure": Column(
        pl.Datetime("us"), "local time at the origin", "cancelled, or not departed yet", _DEPARTURE
    ),
    "cancelled": Column(pl.Boolean(), "the flight never departed", "never", _DEPARTURE),
    "operated_by": Column(pl.String(), "who flew it", "not given", _DEPARTURE),
    "operated_flight_number": Column(pl.String(), "as operated", "not given", _DEPARTURE),
    "operated_origin": Column(pl.String(), "airport it left from", "not given", _DEPARTURE),
    "operated_destination": Column(pl.String(), "airport it left for", "not given", _DEPARTURE),
    "aircraft": Column(pl.String(), "tail number as planned, in capitals", "not given", _SCHEDULE),
    "cancelled_at": Column(
        pl.Datetime("us"),
        "when the cancellation became known, local time at the origin",
        "not cancelled, or not given",
        _DEPARTURE,
    ),
}

FLOWN = ("aircraft",)
"""Columns that count as planned although a history can only say what became of them."""

FLIGHT_COLUMNS = tuple(name for name in COLUMNS if name not in ("row", "aircraft", "cancelled_at"))
"""Columns by which flights are put in order and told apart, and of which a model's digest is made."""

DELAY = (pl.col("actual_departure") - pl.col("scheduled_departure")).dt.total_seconds() / 60
"""Actual minus scheduled departure, minutes; negative when early; null if the flight has not departed."""
_KNOWN = (pl.col("cancelled_at") - pl.col("scheduled_departure")).dt.total_seconds() / 60
GONE = DELAY.fill_null(_KNOWN).fill_null(0)
"""Minutes from the scheduled departure until a flight has left, or is known to be cancelled; 0 unless a
history says when that became known."""


def check_known_at(reads: Iterable[str], horizon: KnownAt, feature: str) -> None:
    """Check that every column that a feature reads is known when the prediction is made.

    Parameters
    ----------
    reads : names of `COLUMNS`
    horizon : when the prediction is made
    feature : name for the message

    Raises
    ------
    LeakageError : a column that becomes known after the horizon
    DataError : no column of that name

    Examples
    --------
    >>> check_known_at(["airline", "origin"], KnownAt.SCHEDULE, "route")
    >>> try:
    ...     check_known_at(["operated_by"], KnownAt.SCHEDULE, "who_flies")
    ... except LeakageError as error:
    ...     print(str(error).partition(", after")[0])
    feature 'who_flies' reads 'operated_by', which is known at departure
    """
    for name in reads:
        if name not in COLUMNS:
            raise DataError(
                f"feature {feature!r}", f"no column {name!r}", wanted=f"one of {', '.join(COLUMNS)}"
            )
        if COLUMNS[name].known_at > horizon:
            raise LeakageError(feature, name, str(COLUMNS[name].known_at), str(horizon))
