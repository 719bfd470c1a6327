"""A made-up network of airports as a folder of partitions, and as the history that it is."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec
import numpy as np
import polars as pl

from puntual.data import Flights
from puntual.data.partitions import ASSUMED, MANIFEST, Manifest, partition_path
from puntual.data.schema import COLUMNS

AIRPORTS = ("ATL", "BOS", "DEN", "JFK", "LAX", "SEA")
AIRLINES = ("AA", "DL", "UA", "WN")


def make_network(flights: int = 12_000, days: int = 180, seed: int = 1) -> Flights:
    """Departures of six airports; later in the day, in summer and of some airlines they are later."""
    random = np.random.default_rng(seed)
    origin = random.choice(AIRPORTS, flights, p=[0.4, 0.2, 0.15, 0.1, 0.1, 0.05])
    destination = np.roll(AIRPORTS, 1)[np.searchsorted(AIRPORTS, origin) - random.integers(0, 5, flights)]
    airline = random.choice(AIRLINES, flights, p=[0.4, 0.3, 0.2, 0.1])
    day, minute = random.integers(0, days, flights), random.integers(60, 276, flights) * 5
    level = minute / 300 + (airline == "WN") * 8 + (origin == "ATL") * 4 + 6 * np.sin(day / 20)
    delay = np.round(random.exponential(6 + np.clip(level, 0, None)) - 4)
    scheduled = np.datetime64("2001-01-01T00:00", "us") + (day * 1440 + minute).astype("timedelta64[m]")
    cancelled = random.random(flights) < 0.02
    frame = pl.DataFrame(
        {
            "scheduled_departure": scheduled,
            "airline": airline,
            "origin": origin,
            "destination": destination,
            "actual_departure": scheduled + delay.astype("timedelta64[m]"),
            "cancelled": cancelled,
        }
    ).unique(["scheduled_departure", "airline", "origin", "destination"], maintain_order=True)
    frame = frame.filter(pl.col("origin") != pl.col("destination")).with_columns(
        pl.when(~pl.col("cancelled")).then("actual_departure").alias("actual_departure"),
        pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).alias("row"),
    )
    missing = [
        pl.lit(None, one.dtype).alias(name) for name, one in COLUMNS.items() if name not in frame.columns
    ]
    frame = frame.with_columns(missing).select(pl.col(name).cast(one.dtype) for name, one in COLUMNS.items())
    none = pl.DataFrame(schema={"row": pl.UInt32, "reason": pl.String, "first_row": pl.UInt32})
    return Flights(
        source="mapped",
        where="network",
        frame=frame,
        rejected=none.select("row", "reason"),
        duplicates=none.select("row", "first_row"),
        joined=none.select("row", "first_row"),
        outside=none.select("row"),
        rows=frame.height,
        raw=none.select("row"),
        blank=none.select("row"),
        airline_names={},
        complete=True,
    )


def write_network(flights: Flights, folder: Path) -> Path:
    """Write partitions as `puntual convert` does."""
    months: dict[str, dict[str, int]] = {}
    frame = flights.frame.with_columns(
        pl.lit(value=False).alias(ASSUMED), month=pl.col("scheduled_departure").dt.strftime("%Y-%m")
    )
    for (origin, month), rows in frame.group_by("origin", "month", maintain_order=True):
        path = Path(partition_path(folder, str(origin), str(month)))
        path.parent.mkdir(parents=True)
        rows.drop("month").write_parquet(path)
        months.setdefault(str(origin), {})[str(month)] = rows.height
    days: list[dt.date] = flights.frame["scheduled_departure"].dt.date().sort().to_list()
    manifest = Manifest(
        source=flights.source,
        columns=tuple(COLUMNS),
        complete=True,
        flights=flights.frame.height,
        first=days[0],
        last=days[-1],
        rows=flights.rows,
        partitions=months,
    )
    (folder / MANIFEST).write_bytes(msgspec.json.encode(manifest))
    return folder
