"""A trained model in the hand: it predicts, is evaluated, shows its card and is saved."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from puntual import batch
from puntual.api.evaluation import ModelEvaluation, metrics_frame, show_table
from puntual.api.flights import flights_of, warn
from puntual.console import show_progress
from puntual.data.frames import add_columns, is_frame
from puntual.data.reading import Data, DateLike, Flights, SourceLike, parse_date
from puntual.errors import MissingDependencyError
from puntual.inference.artifact import Artifact, read_artifact, write_artifact
from puntual.inference.card import describe
from puntual.metrics.bootstrap import SEED
from puntual.models.settings import check_settings
from puntual.training import pipeline
from puntual.training.cross_validation import FULL, Budget
from puntual.training.evaluation import assess
from puntual.training.splits import Split
from puntual.types import Progress

if TYPE_CHECKING:
    from puntual.reports.model_card import CardView


class Model:
    """A trained model.

    Attributes
    ----------
    artifact : everything that the model file holds

    Examples
    --------
    >>> import polars as pl
    >>> model = train("nyc", until="2013-02-01", trees=5, seeds=1)
    >>> model
    <Model nyc-...: delay > 15 minutes, 21,624 flights from 2013-01-01 to 2013-01-25>
    >>> flight = {"carrier": "UA", "origin": "EWR", "dest": "LAX", "sched_dep_time": 1800}
    >>> january = pl.DataFrame([{**flight, "year": 2014, "month": 1, "day": day} for day in (6, 7)])
    >>> model.predict(january, timetable=False).select("day", "delayed", "problem").rows()
    [(6, False, None), (7, False, None)]
    """

    def __init__(self, artifact: Artifact) -> None:
        self.artifact = artifact

    @property
    def name(self) -> str:
        """Of the source and the content, as the service gives it."""
        return self.artifact.name

    def predict(
        self,
        flights: Data | Flights,
        *,
        timetable: Data | Flights | bool = True,
        source: SourceLike = None,
        since: DateLike = None,
        until: DateLike = None,
        detail: bool = False,
        language: str | None = None,
        decision_threshold: float | None = None,
    ) -> Any:
        """Predict the delay of each flight; actual times are not needed.

        Parameters
        ----------
        flights : a data frame, a path, or what `puntual.read` gave
        timetable : the complete departures of the flights' days; True: `flights` are; False: none, each
            flight is predicted alone
        source, since, until : as in `puntual.read`; `source` is that of the timetable too
        detail : add how long the delay may be, and the reasons in points of probability
        language : with `detail`, give the reasons in words too: ``en`` or ``es``
        decision_threshold : a flight is `delayed` if its probability reaches it; None: the model's

        Returns
        -------
        The flights' own rows and columns with those of `puntual.batch.predict`, and ``problem``: why a row
        has no answer, or null. The same kind of frame as `flights` (pandas, polars, pyarrow, …); of a path,
        polars'

        Raises
        ------
        DataError : no flights, or a source that does not fit them
        """
        asked = flights_of(flights, source, since, until, history=False)
        if isinstance(timetable, bool):
            known = asked.frame if timetable else None
        else:
            known = flights_of(timetable, source, history=False).frame
        answers = batch.predict(
            self.artifact,
            asked.frame,
            known,
            detail=detail,
            language=language,
            decision_threshold=decision_threshold,
        )
        warn(f"{asked.where}: {unseen}" for unseen in batch.unseen(self.artifact, asked.frame))
        rows = asked.join_all_rows(answers)
        if not is_frame(flights):
            return rows
        return add_columns(flights, rows.select(*answers.drop("row").columns, "problem"))

    def evaluate(
        self,
        flights: Data | Flights,
        *,
        source: SourceLike = None,
        since: DateLike = None,
        until: DateLike = None,
    ) -> ModelEvaluation:
        """Evaluate the model on other flights, with the timetable of their days and without.

        Parameters
        ----------
        flights : a history: a data frame, a path, or what `puntual.read` gave
        source, since, until : as in `puntual.read`

        Raises
        ------
        DataError : no flight has departed, or a source that does not fit them
        """
        history = flights_of(flights, source, since, until, history=True)
        return ModelEvaluation(self.artifact, assess(self.artifact, history))

    def card(self, language: str = "en") -> CardView:
        """The model's card: what it learned from, how it was evaluated, and what it must not be used for.

        Parameters
        ----------
        language : ``en`` or ``es``

        Raises
        ------
        MissingDependencyError : the libraries of charts
        """
        try:
            from puntual.reports.model_card import CardView
        except ModuleNotFoundError as error:
            raise MissingDependencyError(str(error.name), extra="explore") from None
        return CardView(describe(self.artifact), self.artifact.tables, language)

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the model to a file, which `load` and `puntual serve` read; give its path."""
        file = Path(path)
        write_artifact(self.artifact, file)
        return file

    def __repr__(self) -> str:
        training = self.artifact.training
        return (
            f"<Model {self.name}: delay > {self.artifact.threshold_minutes} minutes, "
            f"{training.flights:,} flights from {training.first} to {training.last}>"
        )

    def _repr_html_(self) -> str:
        first = self.artifact.card.evaluations[0]
        return show_table(
            f"{self!r}, evaluated on {first.flights:,} flights from {first.first} to {first.last}",
            metrics_frame(first.with_timetable, first.without_timetable),
        )


def load(path: str | PathLike[str]) -> Model:
    """Read a model from a file.

    Raises
    ------
    ArtifactError : no model file, or a damaged one
    """
    return Model(read_artifact(Path(path)))


def train(
    flights: Data | Flights,
    *,
    threshold: int = pipeline.DELAY_MINUTES,
    split: Split = "time",
    split_date: DateLike = None,
    final: bool = False,
    cost_of_a_missed_delay: float | None = None,
    settings: Mapping[str, float] | None = None,
    trees: int | None = None,
    compare: float | None = None,
    rolling: bool = False,
    seed: int = SEED,
    seeds: int = pipeline.SEEDS,
    budget: Budget = FULL,
    source: SourceLike = None,
    since: DateLike = None,
    until: DateLike = None,
    progress: Progress | None = None,
) -> Model:
    """Train a model, and evaluate it on flights that it did not learn from.

    Parameters
    ----------
    flights : a history: a data frame, a path, or what `puntual.read` gave
    threshold : minutes; a flight is delayed when it leaves more than this late
    split, split_date : ``time``: learn before the date, evaluate from it on; by default on the last fifth of
        the period. ``random``: the original's, which knows flights of the same days
    final : after evaluating, fit again on all flights
    cost_of_a_missed_delay : in false alarms, for the decision threshold; None: as many flights are called
        delayed as are late
    settings : of LightGBM (`puntual.models.settings.RANGES`), instead of the default ones
    trees : of each booster; None: as many as help on months that were not learned from
    compare : seconds for the settings of each other family of models, which are then evaluated too; None:
        none
    rolling : evaluate each month too, by a model of the months before it
    seed, seeds : of the model's random choices; how many models are fitted that differ only in it, to measure
        how much depends on it
    budget : how much is tried for the number of trees and the calibration
    source, since, until : as in `puntual.read`
    progress : called after each step with the stage that it belongs to and how many that has; None: shown on
        stderr, as a bar on a terminal, otherwise as a line a minute

    Raises
    ------
    DataError : too few flights to learn from or to evaluate on, or all late, or all punctual
    SettingError : an unknown setting, or a value out of its range
    """
    history = flights_of(flights, source, since, until, history=True)
    date = parse_date("split_date", split_date)
    given = None if settings is None else check_settings("settings", settings)
    with nullcontext(progress) if progress else show_progress() as on_progress:
        artifact = pipeline.train(
            history,
            delay_minutes=threshold,
            split=split,
            split_date=date,
            final=final,
            cost_of_a_missed_delay=cost_of_a_missed_delay,
            comparison_seconds=compare,
            rolling=rolling,
            settings=given,
            trees=trees,
            budget=budget,
            seed=seed,
            seeds=seeds,
            progress=on_progress,
        )
    return Model(artifact)
