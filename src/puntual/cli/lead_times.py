"""How a model does by lead time: what is printed, and what `--json` has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rich.table import Table

from puntual.cli.display import build_table
from puntual.cli.families import short
from puntual.console import OUT
from puntual.inference.estimates import performance_of, verdict

if TYPE_CHECKING:
    from puntual.inference.artifact import Artifact
    from puntual.inference.estimates import Estimate, MetricEstimates
    from puntual.inference.evaluation_results import CancellationAssessment
    from puntual.inference.lead_results import LeadCancellation, LeadMetrics

_DAYS_FROM = 48 * 60
_WITH_ENDS = ("log_loss", "auc")


def lead_in_words(minutes: int) -> str:
    """A lead time.

    Examples
    --------
    >>> [lead_in_words(minutes) for minutes in (10_080, 1440, 120, 30)]
    ['7 d', '24 h', '2 h', '30 min']
    """
    if minutes % 60:
        return f"{minutes} min"
    return f"{minutes // 1440} d" if minutes >= _DAYS_FROM and minutes % 1440 == 0 else f"{minutes // 60} h"


def leads_table(leads: Iterable[LeadMetrics], schedule: MetricEstimates) -> Table:
    """Metrics by lead time, 95 % intervals beside them, above those of the schedule on the same flights."""
    leads, asked = [*leads], "each flight"
    if leads[0].every > 1:
        asked = f"{leads[0].flights:,} flights, one in {leads[0].every},"
    title = f"By lead time, {asked} asked about with what was known then; 95 % intervals over days"
    return _table(title, ((one.lead_minutes, one) for one in leads), schedule)


def print_cancellation(leads: Iterable[LeadMetrics], schedule: CancellationAssessment | None) -> None:
    """Print the same of the probability of a cancellation, if the model has one that knows the day."""
    known = [(one.lead_minutes, one.cancellation) for one in leads if one.cancellation]
    if not known or schedule is None:
        return
    title = "Cancellation by lead time; 95 % intervals over days"
    OUT.print(_table(title, known, schedule.with_timetable))


def leads_answer(leads: Iterable[LeadMetrics]) -> dict[str, dict[str, Any]]:
    """What ``--json`` has under ``leads``: by minutes, the metrics of a mode, with intervals."""
    return {
        str(one.lead_minutes): {
            **_as_dict(one),
            "every": one.every,
            "intervals": {name: _ends(one.metrics[name]) for name in _WITH_ENDS},
            "gain_on_schedule": one.gain,
            "verdict": verdict(one.gain),
            "exceedance": one.exceedance,
            "cancellation": one.cancellation,
        }
        for one in leads
    }


def operations_in_words(artifact: Artifact, split: str, *, has_weather: bool) -> str:
    """Say whether a model knows the day of the flight, or why it does not."""
    from puntual.training.operations import MIN_DAYS, MIN_FLIGHTS

    if artifact.operations is not None:
        read = "with" if has_weather else "without"
        return (
            "the day of the flight: the model also answers from what has happened by the moment of asking, "
            f"{read} weather (--no-operations leaves that out)"
        )
    if split == "random":
        why = "a random split, which takes days apart"
    else:
        why = f"fewer than {MIN_FLIGHTS:,} flights or {MIN_DAYS} days to learn from"
    return f"the day of the flight: {why}; the model answers from the timetable alone"


def _table(
    title: str, leads: Iterable[tuple[int, LeadMetrics | LeadCancellation]], schedule: MetricEstimates
) -> Table:
    table = build_table("asked", "log loss", "AUC", "cal. error", "gain on the schedule", title=title)
    for lead, one in leads:
        table.add_row(lead_in_words(lead), *_cells(one.metrics), _cell(one.gain))
    table.add_row("schedule", *_cells(schedule), "")
    return table


def _as_dict(one: LeadMetrics) -> dict[str, Any]:
    performance = performance_of(one.metrics, one.flights, one.base_rate)
    return {name: getattr(performance, name) for name in performance.__struct_fields__}


def _ends(estimate: Estimate | None) -> tuple[float | None, float | None] | None:
    return None if estimate is None else (estimate.low, estimate.high)


def _cells(metrics: MetricEstimates) -> tuple[str, str, str]:
    return _cell(metrics["log_loss"]), _cell(metrics["auc"], 3), _cell(metrics["calibration_error"])


def _cell(estimate: Estimate | None, decimals: int = 4) -> str:
    """A number and the ends of its interval, so short that all fit 80 characters."""
    if estimate is None:
        return "–"
    if estimate.low is None or estimate.high is None:
        return short(estimate.value, decimals)
    return f"{short(estimate.value, decimals)} {short(estimate.low, 3)}–{short(estimate.high, 3)}"
