"""Tables of the comparison of model families."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.table import Table

from puntual.cli.display import build_table, evaluated_on

if TYPE_CHECKING:
    import polars as pl

    from puntual.inference.artifact import Artifact
    from puntual.inference.estimates import Estimate
    from puntual.inference.evaluation_results import FamilyResult

_PARTS = (
    ("log_loss", "above the best", "brier", "auc"),
    ("average_precision", "calibration_error"),
    ("precision", "recall", "called"),
    ("cut", "fit s", "servable"),
)
"""Columns of each table, which fits 80 characters."""


def comparison_tables(artifact: Artifact) -> Iterator[Table]:
    """Every family, the best first, each metric with its interval."""
    title = (
        f"Families, {evaluated_on(artifact.evaluation, artifact.threshold_minutes)}, "
        "with the day's timetable; "
        f"95 % intervals: bootstrap of blocks of {artifact.card.evaluations[0].block_days} consecutive days; "
        "calibration error: 15 bins of equal size"
    )
    for columns in _PARTS:
        table = build_table("family", *(column.replace("_", " ") for column in columns), title=title)
        for one in artifact.card.families:
            table.add_row(one.family, *(_cell(one, column) for column in columns))
        yield table
        title = ""


def outcome_in_words(families: tuple[FamilyResult, ...]) -> str:
    """Say which family is best, by how much, and whether it is the artifact's.

    Parameters
    ----------
    families : least log loss first; the first servable one is the artifact's
    """
    best = families[0]
    served = next(one for one in families if one.servable)
    if served is not best:
        gap = f"{served.family}, the artifact's family, is {_gap(served.difference)} above it"
        return f"least log loss: {best.family}; {gap}"
    best_of_all = f"least log loss: {best.family}, the artifact's family"
    if len(families) == 1:
        return best_of_all
    return f"{best_of_all}; the next, {families[1].family}, is {_gap(families[1].difference)} above it"


def _gap(difference: Estimate) -> str:
    if difference.low is None or difference.high is None:
        return f"{difference.value:.4f} (too few days to say whether that is chance)"
    chance = "" if difference.low > 0 else ", which may be chance,"
    return f"{difference.value:.4f} ({difference.low:.4f} to {difference.high:.4f}){chance}"


def families_frame(families: tuple[FamilyResult, ...]) -> pl.DataFrame:
    """One row a family, each metric followed by the ends of its interval."""
    import polars as pl

    rows = []
    for one in families:
        row: dict[str, object] = {"family": one.family, "servable": one.servable}
        for name, estimate in (one.metrics | {"difference": one.difference}).items():
            row |= with_ends(name, estimate)
        row |= {"cut": one.decision_threshold, "fit_seconds": one.fit_seconds, "tried": one.tried}
        row["setting"] = " ".join(f"{name}={value:g}" for name, value in one.setting.items())
        rows.append(row | {"note": one.note})
    return pl.DataFrame(rows)


def with_ends(name: str, estimate: Estimate | None) -> dict[str, float | None]:
    """An estimate and the ends of its interval as cells of a row."""
    parts = (None,) * 3 if estimate is None else (estimate.value, estimate.low, estimate.high)
    return dict(zip((name, f"{name}_low", f"{name}_high"), parts, strict=True))


def _cell(one: FamilyResult, column: str) -> str:
    if column == "above the best":
        return _with_interval(one.difference)
    if column == "cut":
        return f"{one.decision_threshold:.3f}"
    if column == "fit s":
        return f"{one.fit_seconds:.1f}"
    if column == "servable":
        return "yes" if one.servable else "no"
    return _with_interval(one.metrics[column])


def _with_interval(estimate: Estimate | None) -> str:
    if estimate is None:
        return "–"
    if estimate.low is None or estimate.high is None:
        return short(estimate.value)
    return f"{short(estimate.value)} {short(estimate.low)}–{short(estimate.high)}"


def short(value: float | None, decimals: int = 4) -> str:
    """A number between -1 and 1 without the leading zero; a dash for None."""
    return "–" if value is None else f"{value:.{decimals}f}".replace("0.", ".", 1)
