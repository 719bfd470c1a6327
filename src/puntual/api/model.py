"""A trained model in the hand: it predicts, is evaluated, shows its card and is saved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import nullcontext
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from puntual import batch
from puntual.api.arguments import MAX_THRESHOLD, check_choice, check_number, check_whole
from puntual.api.as_of import Past
from puntual.api.evaluation import ModelEvaluation, metrics_frame, show_table
from puntual.api.flights import Reading, flights_of, warn
from puntual.api.weather import WeatherLike, observed_weather
from puntual.console import show_progress
from puntual.data.dates import DateLike, parse_date, select_dates
from puntual.data.flights import Flights
from puntual.data.frames import add_columns, is_frame
from puntual.data.notes import replaced_columns
from puntual.data.reading import Data, SourceLike
from puntual.errors import MissingDependencyError, SettingError
from puntual.features.unseen import unseen
from puntual.files import check_file, check_path
from puntual.i18n.texts import LANGUAGES
from puntual.inference.artifact import Artifact, read_artifact, write_artifact
from puntual.inference.card import OF_THE_DATA, describe, limits
from puntual.inference.lead_results import LeadMetrics
from puntual.metrics.bootstrap import SEED
from puntual.models.settings import check_settings
from puntual.training import pipeline
from puntual.training.cross_validation import FULL, Budget
from puntual.training.evaluation import assess, evaluate_leads
from puntual.training.splits import RANDOM_SPLIT, SPLITS, Split
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
    >>> import warnings
    >>> import polars as pl
    >>> little = Budget(max_exceedance_trees=10, steps=2, calibrations=("none",), importance=False)
    >>> with warnings.catch_warnings(action="ignore"):  # a month is a short history
    ...     model = train("nyc", until="2013-02-01", trees=5, seeds=1, budget=little)
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
        constants: Mapping[str, str] | None = None,
        sheet: str | None = None,
        detail: bool = False,
        language: str | None = None,
        decision_threshold: float | None = None,
        as_of: dt.datetime | str | None = None,
        history: Data | Flights | None = None,
        weather: WeatherLike = None,
    ) -> Any:
        """Predict the delay of each flight; actual times are not needed.

        Parameters
        ----------
        flights : a data frame, a path, or what `puntual.read` gave
        timetable : the complete departures of the flights' days; True: `flights` are; False: none, each
            flight is predicted alone
        source : a source's name, or a mapping: a TOML file's path or its content; None: recognised
        since, until : first local scheduled date, and the first one after the last; a date, or text
        constants, sheet : what the data do not hold, as ``{"origin": "JFK"}``; the sheet of a workbook.
            `source`, `constants` and `sheet` are those of the timetable, too
        detail : add how long the delay may be, and the reasons in points of probability
        language : with `detail`, give the reasons in words too: ``en`` or ``es``
        decision_threshold : a flight is `delayed` if its probability reaches it; None: the model's
        as_of : answer from what `flights` and `history` say had happened by this moment, as
            ``"2013-11-02T14:00"``: local at each origin unless it has an offset; None: from the timetable
        history : with `as_of`, what happened before: a data frame, a path, or what `puntual.read` gave
        weather : with `as_of`, as `evaluate` takes it

        Returns
        -------
        The flights' own rows and columns with those of `puntual.batch.predict`, and ``problem``: why a row
        has no answer, or null. The same kind of frame as `flights` (pandas, polars, pyarrow, …); of a path,
        polars'

        Raises
        ------
        DataError : no flights, or a source that does not fit them
        SettingError : an argument that cannot be used
        """
        _check_prediction(timetable, decision_threshold, language, detail=detail)
        how = Reading(source, constants=constants, sheet=sheet)
        whole = flights_of(flights, how, history=False)
        first, end = parse_date("since", since), parse_date("until", until)
        asked = whole._replace(frame=select_dates(whole.frame, first, end, whole.where))
        if isinstance(timetable, bool):
            known = asked.frame if timetable else None
        else:
            known = flights_of(timetable, how, history=False).frame
        past = Past(as_of, history, weather)
        day = past.read(self.artifact, whole, how, planned=known, timetable=timetable)
        answers = batch.predict(
            self.artifact,
            asked.frame,
            known,
            detail=detail,
            language=language,
            decision_threshold=decision_threshold,
            as_of=day,
        )
        strange = [f"{asked.where}: {one}" for one in unseen(self.artifact, asked.frame)]
        warn([*replaced_columns(asked, answers.columns), *strange])
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
        constants: Mapping[str, str] | None = None,
        sheet: str | None = None,
        weather: WeatherLike = None,
    ) -> ModelEvaluation:
        """Evaluate the model on other flights: with the timetable of their days, without, and by lead time.

        Parameters
        ----------
        flights : a history: a data frame, a path, or what `puntual.read` gave
        source : a source's name, or a mapping: a TOML file's path or its content; None: recognised
        since, until : first local scheduled date, and the first one after the last; a date, or text. What
            happened before `since` is known when a flight is asked about, but not measured; flights that are
            read already may have it, too
        constants, sheet : what the data do not hold, as ``{"origin": "JFK"}``; the sheet of a workbook
        weather : observed, for a model that knows the day of the flight: files, or a frame of
            `puntual.data.weather.read_weather`; None: that of ``"nyc"`` with its flights; False: none

        Raises
        ------
        DataError : no flight has departed, or a source that does not fit them
        SettingError : weather for a model that answers from the timetable alone
        """
        how = Reading(source, None, until, constants, sheet)
        history = flights_of(flights, how, history=True)
        first = parse_date("since", since)
        measured = history._replace(frame=select_dates(history.frame, first, None, history.where))
        warn(f"{history.where}: {one}" for one in unseen(self.artifact, measured.frame))
        leads: tuple[LeadMetrics, ...] = ()
        if self.artifact.operations is not None:
            observed = observed_weather(weather, history)
            leads = evaluate_leads(self.artifact, measured, history.frame, observed)
        elif weather is not None and weather is not False:
            raise SettingError(f"weather: {self.name} answers from the timetable alone; wanted: None")
        return ModelEvaluation(self.artifact, assess(self.artifact, measured, leads))

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
        file = check_file("path", path)
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


def _check_prediction(
    timetable: object, decision_threshold: float | None, language: str | None, *, detail: bool
) -> None:
    if timetable is None:
        raise SettingError("timetable: None; wanted: True, False, or the flights of whole days")
    if decision_threshold is not None:
        check_number("decision_threshold", decision_threshold, 0, 1)
    if language is not None:
        check_choice("language", language, LANGUAGES)
        if not detail:
            raise SettingError("language: needs detail=True, whose reasons it puts into words")


def load(path: str | PathLike[str]) -> Model:
    """Read a model from a file.

    Raises
    ------
    ArtifactError : no model file, or a damaged one
    """
    return Model(read_artifact(check_path("path", path)))


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
    seeds: int | None = None,
    operations: bool | None = None,
    weather: WeatherLike = None,
    budget: Budget = FULL,
    source: SourceLike = None,
    since: DateLike = None,
    until: DateLike = None,
    constants: Mapping[str, str] | None = None,
    sheet: str | None = None,
    progress: Progress | None = None,
) -> Model:
    """Train a model, and evaluate it on flights that it did not learn from; warn of what the history lacks.

    Parameters
    ----------
    flights : a history: a data frame, a path, or what `puntual.read` gave
    threshold : minutes; a flight is delayed when it leaves more than this late
    split, split_date : ``time``: learn before the date, evaluate from it on; by default on the last fifth of
        the period. ``random``: the original's, which knows flights of the same days
    final : after evaluating, fit again on all flights, for a model that is used: without it, the model knows
        nothing of the days that it was evaluated on
    cost_of_a_missed_delay : in false alarms, for the decision threshold; None: as many flights are called
        delayed as are late
    settings : of LightGBM (`puntual.models.settings.RANGES`), instead of the default ones
    trees : of each booster; None: as many as help on months that were not learned from
    compare : seconds for the settings of each other family of models, which are then evaluated too; None:
        none
    rolling : evaluate each month too, by a model of the months before it
    seed, seeds : of the model's random choices; how many models are fitted that differ only in it, to measure
        how much depends on it; None: 5, of more than 400,000 flights to learn from 1
    operations : also learn the day of the flight, to answer from what has happened by the moment of asking;
        None: if the history has days and flights enough, and is split by time
    weather : observed, for that: files, or a frame of `puntual.data.weather.read_weather`; None: that of
        ``"nyc"`` with its flights; False: none
    budget : how much is tried for the number of trees and the calibration
    source : a source's name, or a mapping: a TOML file's path or its content; None: recognised
    since, until : first local scheduled date, and the first one after the last; a date, or text
    constants, sheet : what the data do not hold, as ``{"origin": "JFK"}``; the sheet of a workbook
    progress : called after each step with the stage that it belongs to and how many that has; None: shown on
        stderr, as a bar on a terminal, otherwise as a line a minute

    Raises
    ------
    DataError : too few flights to learn from or to evaluate on, or all late, or all punctual
    SettingError : an unknown setting, a value out of its range, or the day of the flight with a random split
    """
    check_choice("split", split, SPLITS)
    threshold = check_whole("threshold", threshold, 0, MAX_THRESHOLD)
    trees = None if trees is None else check_whole("trees", trees, 1)
    seed, seeds = check_whole("seed", seed, 0), None if seeds is None else check_whole("seeds", seeds, 1)
    if cost_of_a_missed_delay is not None:
        cost_of_a_missed_delay = check_number("cost_of_a_missed_delay", cost_of_a_missed_delay, 0)
    compare = None if compare is None else check_number("compare", compare, 0)
    date = parse_date("split_date", split_date)
    if date is not None and split != "time":
        raise SettingError(f"split_date: {date}; wanted: split='time' with it")
    given = None if settings is None else check_settings("settings", settings)
    history = flights_of(flights, Reading(source, since, until, constants, sheet), history=True)
    observed = None
    if operations or (operations is None and split != "random"):
        observed = observed_weather(weather, history)
    if split == "random":
        warn([RANDOM_SPLIT])
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
            operations=operations,
            weather=observed,
            seed=seed,
            seeds=seeds,
            progress=on_progress,
        )
    found = [one.text for one in limits(artifact) if one.name in OF_THE_DATA]
    warn([f"{history.where}: {text[:1].lower()}{text[1:]}" for text in found])
    return Model(artifact)
