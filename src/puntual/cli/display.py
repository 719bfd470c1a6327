"""Show results: notes on stderr, tables on stdout."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from puntual.console import note
from puntual.inference.estimates import verdict

if TYPE_CHECKING:
    from puntual.data import Flights
    from puntual.data.summary import Summary
    from puntual.inference.artifact import Artifact
    from puntual.inference.card import Limit
    from puntual.inference.estimates import Estimate, Performance
    from puntual.inference.evaluation_results import CancellationAssessment, Card, EvaluationSummary, Spread


def build_table(first: str, *others: str, title: str = "") -> Table:
    """A table without rows whose columns after the first are aligned to the right."""
    table = Table(first, title=title or None, title_justify="left", title_style="", box=SIMPLE_HEAD)
    for head in others:
        table.add_column(head, justify="right")
    return table


def note_rejected(flights: Flights, shown: int) -> None:
    """Say on stderr which rows of a file are bad, and why."""
    from puntual.data.notes import rejected_rows

    for line in rejected_rows(flights, shown):
        note(line)


def note_dropped(flights: Flights) -> None:
    """Say on stderr how a file was read, which rows are bad, and how many repeat another one."""
    from puntual.data.notes import rows_left_out

    for line in (*flights.read_as, *rows_left_out(flights)):
        note(line)


def note_flights(flights: Flights, *, strict: bool) -> None:
    """As `note_dropped`, and say what looks wrong.

    Raises
    ------
    typer.Exit : something looks wrong, which is `strict`ly a mistake
    """
    from puntual.data.notes import warnings

    note_dropped(flights)
    found = warnings(flights)
    if strict:
        fail_on(found)
    for line in found:
        note(line)


def note_warnings(summary: Summary, *, strict: bool) -> None:
    """Say what looks wrong in flights that are only counted; errors as in `note_flights`."""
    found = [f"{summary.data}: {one.sentence}" for one in summary.warnings if not one.limit]
    if strict:
        fail_on(found)
    for line in found:
        note(line)


def fail_on(warnings: Iterable[str]) -> None:
    """Say each warning as a mistake of the user's, and end with its status; none: go on.

    Raises
    ------
    typer.Exit : there is a warning
    """
    lines = [*warnings]
    for line in lines:
        note(f"puntual: {line}")
    if lines:
        raise typer.Exit(2)


def note_limits(where: str, limits: Iterable[Limit]) -> None:
    """Say on stderr, a line each, what some flights have too little of."""
    for limit in limits:
        note(f"{where}: {limit.text[:1].lower()}{limit.text[1:]}")


def note_unseen(artifact: Artifact, flights: Flights) -> None:
    """Say on stderr in which fields many flights have a value that the model never saw."""
    from puntual.features.unseen import unseen

    for found in unseen(artifact, flights.frame):
        note(f"{flights.where}: {found}")


def metrics_table(title: str, with_timetable: Performance, alone: Performance, cut: float) -> Table:
    """Every metric with the day's timetable, and of each flight alone."""
    table = build_table("metric", "with the day's timetable", "alone", title=title)
    for label, name, form in _METRICS:
        values = (getattr(one, name) for one in (with_timetable, alone))
        table.add_row(label.format(cut=cut), *(_cell(value, form) for value in values))
    return table


def _cell(value: float | Estimate | None, form: str) -> str:
    if value is None:
        return "–"
    if isinstance(value, float | int):
        return format(value, form)
    number, *ends = (
        format(one, form).replace("0.", ".", 1)
        for one in (value.value, value.low, value.high)
        if one is not None
    )
    return f"{number} ({' to '.join(ends)})" if ends else number


def as_answer(with_timetable: Performance, alone: Performance) -> dict[str, object]:
    """Both modes, and their verdicts, as ``--json`` has them."""
    modes = {"with_timetable": with_timetable, "alone": alone}
    return {**modes, "verdict": {mode: verdict(one.gain) for mode, one in modes.items()}}


def verdict_in_words(with_timetable: Performance, alone: Performance, base_rate: float) -> str:
    """Compare the log loss with that of always predicting the training flights' base rate."""
    within, apart = (_VERDICTS[verdict(one.gain)] for one in (with_timetable, alone))
    constant = f"always predicting {100 * base_rate:.1f} %, the delay rate of the training flights"
    if within == apart:
        return f"log loss: {within} {constant}, with the day's timetable and alone"
    return f"log loss: with the day's timetable {within}, alone {apart} {constant}"


def cancellation_in_words(found: CancellationAssessment, *, constant: bool) -> str:
    """Say how the probability of a cancellation does.

    Parameters
    ----------
    constant : whether it is the same for every flight
    """
    usual = f"{100 * found.learned_base_rate:.1f} %, the share of the training flights that were cancelled"
    measured = (
        f"cancellation: {found.cancelled:,} of {found.flights:,} scheduled flights from {found.first} "
        f"to {found.last}; "
    )
    if constant:
        return f"{measured}every flight gets {usual}: nothing was clearly better on validation months"
    modes = found.with_timetable, found.without_timetable

    def both(name: str) -> str:
        return " / ".join("–" if (one := mode[name]) is None else f"{one.value:.4f}" for mode in modes)

    gain, plain = (found.with_timetable[name] for name in ("gain", "plain_log_loss"))
    better = _VERDICTS[verdict(gain)] if gain else _VERDICTS["unknown"]
    return (
        f"{measured}with the day's timetable / alone: log loss {both('log_loss')}, {better} always "
        f"predicting {usual} ({_cell(plain and plain.value, '.4f')}); AUC {both('auc')}, average precision "
        f"{both('average_precision')}, calibration error {both('calibration_error')}"
    )


def seeds_in_words(card: Card) -> str:
    """Say how metrics vary over the seeds, and what the timetable is worth over all of them."""
    spread = card.seeds
    if spread is None:
        return "one seed only, so the variation between seeds is unknown"
    worth = spread.timetable
    return (
        f"over {spread.seeds} seeds (mean ± standard deviation): log loss "
        f"{_with_deviation(spread.log_loss)} with the day's timetable, "
        f"{_with_deviation(spread.log_loss_without_timetable)} alone; AUC {_with_deviation(spread.auc)}, "
        f"{_with_deviation(spread.auc_without_timetable)}; the timetable is worth {_cell(worth, '.4f')}, "
        f"95 % over days and seeds; the probability of {100 * spread.moved:.0f} % of the flights differs by "
        "more than 5 points between two seeds"
    )


def _with_deviation(spread: Spread) -> str:
    return f"{spread.mean:.4f} ± {spread.deviation:.4f}"


def threshold_in_words(artifact: Artifact) -> str:
    """State the decision threshold, why it is that, and its outcome on the test part."""
    cost, usual = artifact.card.cost_of_a_missed_delay, artifact.training.base_rate
    if cost is None:
        why = "as many flights are called delayed as are late, on validation flights"
    else:
        why = f"a missed delay costs {cost:g} false alarms"
    if artifact.decision_threshold < usual:
        why += f"; below the base rate of {usual:.3f}"
    first = artifact.card.evaluations[0]
    called, precision, recall = (
        "–" if (one := first.with_timetable[name]) is None else f"{one.value:.3f}"
        for name in ("called", "precision", "recall")
    )
    return (
        f"called delayed from a probability of {artifact.decision_threshold:.3f} on ({why}): "
        f"with the day's timetable {called} of the flights are called delayed, {first.base_rate:.3f} were; "
        f"precision {precision}, recall {recall}"
    )


def evaluated_on(evaluation: EvaluationSummary, threshold: int) -> str:
    """Say on which flights an artifact was evaluated."""
    return (
        f"evaluated on {evaluation.with_timetable.flights:,} flights from {evaluation.first} "
        f"to {evaluation.last} ({evaluation.split} split), delay > {threshold} minutes"
    )


_METRICS = (
    ("flights", "flights", ","),
    ("share late", "base_rate", ".4f"),
    ("log loss", "log_loss", ".4f"),
    ("log loss of the base rate", "plain_log_loss", ".4f"),
    ("gain over it, 95 %", "gain", ".4f"),
    ("Brier score", "brier", ".4f"),
    ("AUC", "auc", ".4f"),
    ("average precision", "average_precision", ".4f"),
    ("calibration error", "calibration_error", ".4f"),
    ("called delayed, from {cut:.3f}", "called", ".4f"),
    ("precision at that cut", "precision", ".4f"),
    ("recall at that cut", "recall", ".4f"),
)

_VERDICTS = {
    "better": "better than",
    "no_better": "no better than",
    "worse": "worse than",
    "unknown": "on too few days to compare with",
}
