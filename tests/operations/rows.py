"""Canonical rows of made-up flights."""

from __future__ import annotations

import datetime as dt
from typing import Any

from puntual.data.schema import COLUMNS

ZONES = {"JFK": "America/New_York", "SCL": "America/Santiago"}


def row(scheduled: str, delay: float | None = None, **values: Any) -> dict[str, Any]:
    """A flight of New York, which left so many minutes late if at all."""
    due = dt.datetime.fromisoformat(scheduled)
    left = None if delay is None else due + dt.timedelta(minutes=delay)
    flight = {
        "airline": "B6",
        "origin": "JFK",
        "destination": "BOS",
        "flight_number": "1",
        "cancelled": False,
    }
    times = {"scheduled_departure": due, "actual_departure": left}
    return dict.fromkeys(COLUMNS) | flight | times | values
