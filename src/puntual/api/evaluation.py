"""How a model does on other flights, as a table that prints and a frame to go on with."""

from __future__ import annotations

import html

import polars as pl

from puntual.inference.artifact import Artifact
from puntual.inference.card import Assessment
from puntual.inference.estimates import MetricEstimates

_COLUMNS = dict.fromkeys(("value", "low", "high"), pl.Float64)


class ModelEvaluation:
    """How a model does on other flights.

    Attributes
    ----------
    title : which model, on which flights
    assessment : all that was measured: metrics by name with intervals, and the reliability of each mode
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

    def __repr__(self) -> str:
        with _whole_table():
            return f"{self.title}\n{self.frame}"

    def _repr_html_(self) -> str:
        return show_table(self.title, self.frame)


def metrics_frame(with_timetable: MetricEstimates, without_timetable: MetricEstimates) -> pl.DataFrame:
    """The metrics of both modes, one row each, as `ModelEvaluation.frame` has them."""
    rows = [
        (metric, mode, *((None,) * 3 if one is None else (one.value, one.low, one.high)))
        for mode, estimates in (("with_timetable", with_timetable), ("alone", without_timetable))
        for metric, one in estimates.items()
    ]
    return pl.DataFrame(rows, {"metric": pl.String, "mode": pl.String, **_COLUMNS}, orient="row")


def show_table(title: str, table: pl.DataFrame) -> str:
    """A table under a title, as a notebook shows it."""
    with _whole_table():
        return f"<p>{html.escape(title)}</p>{table._repr_html_()}"


def _whole_table() -> pl.Config:
    return pl.Config(
        tbl_rows=-1, tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True, float_precision=4
    )
