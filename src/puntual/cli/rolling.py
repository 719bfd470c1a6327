"""Tables and chart of the backtest of `puntual train --split rolling`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from puntual.cli.display import build_table
from puntual.cli.families import short, with_ends
from puntual.cli.output import write_text

if TYPE_CHECKING:
    import polars as pl

    from puntual.inference.artifact import Artifact
    from puntual.inference.evaluation_results import RollingMonth

_MODES = ("with_timetable", "alone")
_PARTS = (("flights", "base_rate", "plain", "log_loss", "auc"), ("brier", "calibration_error"))
"""Columns of each table, which fits 80 characters."""
_COUNTS = ("flights", "learned_flights", "block_days")
_COLUMNS = ("month", "learned_first", "learned_last", "learned_flights", "flights", "base_rate", "block_days")


def rolling_tables(months: tuple[RollingMonth, ...], threshold: int) -> Iterator[Table]:
    """The months and their mean, each metric with the timetable and of each flight alone."""
    frame = rolling_frame(months)
    title = (
        f"Each month predicted by a model of the months before it, delay > {threshold} minutes; "
        "with the day's timetable / alone; plain: log loss of their base rate"
    )
    for columns in _PARTS:
        heads = ("AUC" if column == "auc" else column.replace("_", " ") for column in columns)
        table = build_table("month", *heads, title=title)
        for row in frame.iter_rows(named=True):
            table.add_row(row["month"], *(_cell(row, column) for column in columns))
        yield table
        title = ""


def rolling_frame(months: tuple[RollingMonth, ...]) -> pl.DataFrame:
    """One row a month, each metric followed by the ends of its interval, and a row of their means."""
    import polars as pl

    rows = []
    for month in months:
        row: dict[str, object] = {name: getattr(month, name) for name in _COLUMNS}
        row |= with_ends("plain_log_loss", month.plain_log_loss)
        for mode, metrics in zip(_MODES, (month.with_timetable, month.without_timetable), strict=True):
            for name, estimate in metrics.items():
                row |= with_ends(f"{mode}_{name}", estimate)
        rows.append(row)
    frame = pl.DataFrame(rows)
    numbers = pl.selectors.numeric() - pl.selectors.ends_with("_low", "_high")
    mean = frame.select(pl.lit("mean").alias("month"), (numbers - pl.selectors.by_name(*_COUNTS)).mean())
    total = frame.select(pl.col("flights").sum())
    return pl.concat([frame, pl.concat([mean, total], how="horizontal")], how="diagonal")


def draw_rolling(artifact: Artifact, output: Path) -> None:
    """Write the chart of the months' log loss as SVG.

    Raises
    ------
    ModuleNotFoundError : the libraries of charts are not installed
    SettingError : the file cannot be written
    """
    from puntual.charts.card_charts import rolling
    from puntual.charts.pictures import draw_svg, specify
    from puntual.charts.texts import ReportTexts

    words = ReportTexts("en", artifact.tables)
    picture = draw_svg(specify(rolling(artifact.card.rolling, words)), words.language)
    write_text("--output", picture, output)


def _cell(row: dict[str, float | None], column: str) -> str:
    if column == "flights":
        return f"{row[column]:,}"
    if column in {"base_rate", "plain"}:
        return short(row["plain_log_loss" if column == "plain" else column])
    return " / ".join(short(row[f"{mode}_{column}"]) for mode in _MODES)
