"""Rows that wait on disk until all files are read: codes and months of all of them decide where each goes."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import polars as pl

from puntual.data.codes import Resolution
from puntual.data.delimited import ROW
from puntual.data.joining import CODESHARE_KEYS, RESOLVED, find_codes

MAX_ROWS_AT_ONCE = 1_000_000
"""Most rows that are put in order at once, unless one airport has more in a month."""

_MONTH, _ACTUAL, _NOT_CANCELLED = "month", "actual", "not cancelled"
_FLAGS = (*CODESHARE_KEYS, _ACTUAL, _NOT_CANCELLED)


class Batch(NamedTuple):
    """Rows that fit into memory: whole months of some airports.

    Attributes
    ----------
    origins : the files' own values of them; None: all
    """

    month: str
    origins: tuple[str, ...] | None


class Spill:
    """Good rows of all blocks, by month, and what is known of them as a whole.

    Parameters
    ----------
    folder : where they wait; it is there, and removed by the caller
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._blocks = folder, 0
        self._files: dict[str, list[Path]] = {}
        self._rows: dict[str, Counter[str]] = {}
        self._combinations: pl.DataFrame | None = None
        self._first, self._last = dt.date.max, dt.date.min

    def add(self, good: pl.DataFrame) -> None:
        """Add the good rows of the next block."""
        if good.is_empty():
            return
        day = pl.col("scheduled_departure").dt.date()
        first, last = good.select(first=day.min(), last=day.max()).row(0)
        self._first, self._last = min(self._first, first), max(self._last, last)
        flags = [pl.col(name).is_not_null().any() for name in CODESHARE_KEYS]
        actual = pl.col("actual_departure").is_not_null().any().alias(_ACTUAL)
        rows = pl.len().cast(pl.Int64).alias("rows")
        found = good.group_by(RESOLVED).agg(
            rows, *flags, actual, (~pl.col("cancelled").all()).alias(_NOT_CANCELLED)
        )
        self._combinations = found if self._combinations is None else _merge(self._combinations, found)
        by_month = good.with_columns(pl.col("scheduled_departure").dt.strftime("%Y-%m").alias(_MONTH))
        for (month,), some in by_month.partition_by(_MONTH, as_dict=True, include_key=False).items():
            path = self._folder / f"{month}-{self._blocks}.arrow"
            some.write_ipc(path, compression="lz4")
            self._files.setdefault(str(month), []).append(path)
            counts = dict(some["origin"].value_counts().iter_rows())
            self._rows.setdefault(str(month), Counter()).update(counts)
        self._blocks += 1

    def find_codes(self) -> dict[str, Resolution]:
        """How the values of airlines and airports become codes, by all rows."""
        counts = {name: self._count(name) for name in RESOLVED}
        return find_codes(counts, (self._first, self._last) if self._files else None)

    def flags(self, found: Mapping[str, Resolution]) -> dict[str, bool]:
        """Whether any row whose codes are usable has a value in each of `CODESHARE_KEYS`, and in others."""
        if self._combinations is None:
            return dict.fromkeys(_FLAGS, False)
        refused = [pl.col(name).is_in([*found[name].refused]).fill_null(value=False) for name in RESOLVED]
        usable = self._combinations.filter(~pl.any_horizontal(refused))
        return {name: bool(usable[name].any()) for name in _FLAGS}

    def batches(self, found: Mapping[str, Resolution]) -> Iterator[Batch]:
        """Rows that go together, month by month; an airport's are in one batch whatever its code."""
        codes = found["origin"].codes
        for month, values in sorted(self._rows.items()):
            if values.total() <= MAX_ROWS_AT_ONCE:
                yield Batch(month, None)
                continue
            by_code: dict[str, list[str]] = {}
            for value in values:
                by_code.setdefault(codes.get(value, value), []).append(value)
            batch, rows = list[str](), 0
            for _, same in sorted(by_code.items()):
                more = sum(values[value] for value in same)
                if batch and rows + more > MAX_ROWS_AT_ONCE:
                    yield Batch(month, tuple(batch))
                    batch, rows = [], 0
                batch, rows = [*batch, *same], rows + more
            yield Batch(month, tuple(batch))

    def read(self, batch: Batch) -> pl.DataFrame:
        """The rows of a batch, in the files' order."""
        files = [pl.scan_ipc(path) for path in self._files[batch.month]]
        if batch.origins is not None:
            files = [one.filter(pl.col("origin").is_in(batch.origins)) for one in files]
        return pl.concat(files).collect()

    def _count(self, column: str) -> dict[str, int]:
        if self._combinations is None:
            return {}
        counts = self._combinations.drop_nulls(column).group_by(column).agg(pl.col("rows").sum()).sort(column)
        return dict(counts.iter_rows())


def _merge(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    both = pl.concat([one, other])
    return both.group_by(RESOLVED).agg(pl.col("rows").sum(), *(pl.col(name).any() for name in _FLAGS))


class FirstRows(NamedTuple):
    """How many rows have a problem, and the first of them.

    Attributes
    ----------
    number : how many
    head : ``row``, ``reason``
    """

    number: int
    head: pl.DataFrame

    def add(self, more: pl.DataFrame, shown: int) -> FirstRows:
        """With more rows, in any order, of which the first ones of all are kept."""
        if more.is_empty():
            return self
        return FirstRows(self.number + len(more), pl.concat([self.head, more]).sort(ROW).head(shown))
