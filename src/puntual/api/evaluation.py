"""How a model does on other flights, as a table that prints and a frame to go on with."""

from __future__ import annotations

import html
from collections.abc import Iterable

import polars as pl

from puntual.inference.artifact import Artifact
from puntual.inference.card import Assessment
from puntual.inference.estimates import Estimate, MetricEstimates
from puntual.inference.lead_results import LeadMetrics

_COLUMNS = dict.fromkeys(("value", "low", "high"), pl.Float64)


class ModelEvaluation:
    """How a model does on other flights.

    Attributes
    ----------
    title : which model, on which flights
    assessment : all that was measured: metrics by name with intervals, the reliability of each mode, and
        the metrics by lead time
    """

    def __init__(self, artifact: Artifact, assessment: Assessment) -> None:
        self.assessment = assessment
        self.title = (
            f"{artifact.name} on {assessment.flights:,} flights of {assessment.data} from {assessment.first} "
            f"to {assessment.last}, delay > {artifact.threshold_minutes} minutes"
        )
        if assessment.learned:
            self.title += f"; {assessment.learned:,} are of days that it learned from, which flatters it"

    @property
    def frame(self) -> pl.DataFrame:
        """One row a metric and mode.

        Returns
        -------
        ``metric`` (`puntual.metrics.intervals.METRICS`); ``mode``: ``with_timetable`` or ``alone``;
        ``value``, ``low`` and ``high``, the ends of its 95 % interval over days; null where not defined
        """
        return metrics_frame(self.assessment.with_timetable, self.assessment.without_timetable)

    @property
    def leads(self) -> pl.DataFrame:
        """One row a lead time and metric, the longest lead time first; none from the timetable alone.

        Returns
        -------
        ``lead_minutes``; ``metric`` as in `frame`, and ``gain_on_schedule``: the log loss of the answers
        from the timetable minus that of these; ``value``, ``low`` and ``high``
        """
        return leads_frame(self.assessment.leads)

    @property
    def cancellation(self) -> pl.DataFrame | None:
        """The metrics of the probability of a cancellation, on all scheduled flights, as in `frame`.

        Returns
        -------
        None if the model has no such probability, or no flight was cancelled
        """
        found = self.assessment.cancellation
        return None if found is None else metrics_frame(found.with_timetable, found.without_timetable)

    def __repr__(self) -> str:
        with _whole_table():
            whole = f"{self.title}\n{self.frame}"
            return f"{whole}\n{_overview(self.leads)}" if self.assessment.leads else whole

    def _repr_html_(self) -> str:
        whole = show_table(self.title, self.frame)
        return whole + show_table(LEADS, _overview(self.leads)) if self.assessment.leads else whole


LEADS = "By lead time, each flight asked about with what was known then"
_SHOWN = ("log_loss", "auc", "calibration_error", "gain_on_schedule")


def leads_frame(leads: Iterable[LeadMetrics]) -> pl.DataFrame:
    """The metrics by lead time, as `ModelEvaluation.leads` has them."""
    rows = [
        (one.lead_minutes, metric, *_ends(estimate))
        for one in leads
        for metric, estimate in (*one.metrics.items(), ("gain_on_schedule", one.gain))
    ]
    return pl.DataFrame(rows, {"lead_minutes": pl.Int64, "metric": pl.String, **_COLUMNS}, orient="row")


def _overview(leads: pl.DataFrame) -> pl.DataFrame:
    """The main metrics, a row each lead time."""
    wide = leads.pivot("metric", index="lead_minutes", values="value")
    return wide.select("lead_minutes", *_SHOWN)


def metrics_frame(with_timetable: MetricEstimates, without_timetable: MetricEstimates) -> pl.DataFrame:
    """The metrics of both modes, one row each, as `ModelEvaluation.frame` has them."""
    rows = [
        (metric, mode, *_ends(one))
        for mode, estimates in (("with_timetable", with_timetable), ("alone", without_timetable))
        for metric, one in estimates.items()
    ]
    return pl.DataFrame(rows, {"metric": pl.String, "mode": pl.String, **_COLUMNS}, orient="row")


def _ends(one: Estimate | None) -> tuple[float | None, float | None, float | None]:
    return (None,) * 3 if one is None else (one.value, one.low, one.high)


def show_table(title: str, table: pl.DataFrame) -> str:
    """A table under a title, as a notebook shows it."""
    with _whole_table():
        return f"<p>{html.escape(title)}</p>{table._repr_html_()}"


def _whole_table() -> pl.Config:
    return pl.Config(
        tbl_rows=-1, tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True, float_precision=4
    )
