"""The classifier of `puntual.sklearn`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, check_is_fitted, column_or_1d

from puntual.api.arguments import check_whole
from puntual.batch import score_rows
from puntual.data.airports import build_tables
from puntual.data.flights import Flights
from puntual.data.frames import WHERE, is_frame, row_name
from puntual.data.reading import SourceLike, read_flights
from puntual.errors import DataError
from puntual.features import compute_features
from puntual.inference.scorer import Scorer
from puntual.inference.tables import Tables
from puntual.metrics.bootstrap import SEED
from puntual.models.boosting import FEATURE_NAMES, Parameters
from puntual.models.modes import with_timetable, without_timetable
from puntual.models.settings import check_settings
from puntual.training.cross_validation import FULL, Budget, TuningResult, rolling_folds, tune
from puntual.training.fitting import choose_fraction, fit_trees
from puntual.training.splits import MIN_FLIGHTS


class DelayClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn is not typed
    """Predicts whether flights will be delayed, from their schedule alone.

    `X` is a data frame with one row a flight, in any form that `puntual.read` knows; actual times in it are
    not read. `y` says which were delayed, in two labels of any kind; the second in sorted order is *delayed*.
    Split by time (`TimeSeriesSplit` on flights sorted by departure): a random split has flights of one day on
    both sides.

    Parameters
    ----------
    timetable : `X` holds whole days, so what else leaves around a flight is read from it; False: each flight
        is taken alone
    source : a source's name, or a mapping: a TOML file's path or its content; None: recognised
    constants : what `X` does not hold, as ``{"origin": "JFK"}``
    trees : of each booster; None: as many as help on the last months of the flights that are fitted on
    settings : of LightGBM (`puntual.models.settings.RANGES`), instead of the default ones
    budget : how much is tried for the number of trees and the calibration; None: as by `puntual.train`
    seed : of the trees

    Attributes
    ----------
    classes_ : the two labels, shape (2,)
    feature_names_in_ : columns of `X`
    n_features_in_ : how many those are
    """

    classes_: npt.NDArray[Any]
    feature_names_in_: npt.NDArray[Any]
    n_features_in_: int

    def __init__(
        self,
        *,
        timetable: bool = True,
        source: SourceLike = None,
        constants: Mapping[str, str] | None = None,
        trees: int | None = None,
        settings: Mapping[str, float] | None = None,
        budget: Budget | None = None,
        seed: int = SEED,
    ) -> None:
        self.timetable = timetable
        self.source = source
        self.constants = constants
        self.trees = trees
        self.settings = settings
        self.budget = budget
        self.seed = seed

    def fit(self, X: Any, y: Any) -> DelayClassifier:  # noqa: N803
        """Choose the number of trees and the calibration on the last months, then fit on all flights.

        Parameters
        ----------
        X : a data frame of n flights
        y : shape (n,), two labels

        Raises
        ------
        DataError : no data frame, too few flights, a column that is missing, or an outcome that is
        SettingError : a parameter that cannot be used
        ValueError : `y` has another length, or not two labels
        """
        seed = check_whole("seed", self.seed, 0)
        trees = None if self.trees is None else check_whole("trees", self.trees, 1)
        flights = self._read(X)
        labels = column_or_1d(y, warn=True)
        _check_outcomes(labels)
        check_consistent_length(pl.Series(range(flights.raw.height)), labels)
        check_classification_targets(labels)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) != 2:
            raise ValueError(f"y has {len(self.classes_)} labels; wanted: two, delayed or not")
        if flights.frame.height < MIN_FLIGHTS:
            raise DataError(WHERE, f"{flights.frame.height} flights", wanted=f"{MIN_FLIGHTS} or more")
        late = pl.Series(codes)[flights.frame["row"] - 1]
        frame = flights.frame.with_columns(late=late == 1).sort("scheduled_departure", "row")
        self._tables = build_tables(frame, flights.airline_names, flights.city_names)
        rows = self._matrix(frame.drop("late"), self._tables), frame["late"].to_numpy()
        view = with_timetable if self.timetable else without_timetable
        budget = self.budget or FULL
        folds = rolling_folds(frame["scheduled_departure"].dt.date().to_numpy())

        def tuned(_share: str, parameters: Parameters) -> TuningResult:
            return tune(
                rows,
                folds,
                seed=seed,
                train_view=view,
                eval_views=(view,),
                trees=trees,
                budget=budget,
                parameters=parameters,
            )

        tuning = choose_fraction(tuned, budget, check_settings("settings", self.settings or {}))
        self._trees = fit_trees((view(rows[0]), rows[1]), tuning, seed=seed)
        own = [name for name in flights.raw.columns if name != "row"]
        self.feature_names_in_, self.n_features_in_ = np.array(own, dtype=object), len(own)
        return self

    def predict_proba(self, X: Any) -> npt.NDArray[np.float64]:  # noqa: N803
        """The probability of each label, shape (n, 2), in the order of `classes_`.

        Raises
        ------
        NotFittedError : before `fit`
        DataError : no data frame, a column that is missing, or a row that cannot be read
        """
        check_is_fitted(self)
        flights = self._read(X)
        if flights.rejected.height:
            row, reason = flights.rejected.row(0)
            raise DataError(WHERE, f"{row_name(WHERE, row)}: {reason}")
        scorer = Scorer(self._trees.booster, len(FEATURE_NAMES), self._trees.calibration)
        late = score_rows(scorer, self._matrix(flights.frame, self._tables))
        answers = flights.frame.select("row").with_columns(late=pl.Series(late))
        delayed = flights.join_all_rows(answers)["late"].to_numpy()
        return np.column_stack([1 - delayed, delayed])

    def predict(self, X: Any) -> npt.NDArray[Any]:  # noqa: N803
        """The more likely label of each flight, shape (n,); parameters and errors as in `predict_proba`.

        Delays are rare, so few flights are more likely to be delayed than not: for another threshold wrap the
        classifier in scikit-learn's `FixedThresholdClassifier` or `TunedThresholdClassifierCV`.
        """
        likelier = self.predict_proba(X).argmax(axis=1)
        labels: npt.NDArray[Any] = self.classes_[likelier]
        return labels

    def _read(self, X: Any) -> Flights:  # noqa: N803
        if not is_frame(X):
            raise DataError("X", f"no data frame but {type(X).__name__}", wanted="one row a flight")
        return read_flights(X, source=self.source, constants=self.constants, history=False)

    def _matrix(self, frame: pl.DataFrame, tables: Tables) -> npt.NDArray[np.float64]:
        timetable = frame if self.timetable else None
        return compute_features(frame, tables, timetable).select(FEATURE_NAMES).to_numpy(order="c")

    def __sklearn_tags__(self) -> Tags:
        tags: Tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.string = tags.input_tags.categorical = tags.input_tags.allow_nan = True
        tags.classifier_tags.multi_class = False
        return tags


def _check_outcomes(labels: npt.NDArray[Any]) -> None:
    missing = pl.Series([one is None or one != one for one in labels.tolist()], dtype=pl.Boolean)  # noqa: PLR0124
    if missing.any():
        found = f"{row_name(WHERE, int(missing.arg_max() or 0) + 1)} of {missing.sum():,} without an outcome"
        raise DataError("y", found, wanted="flights that have left, each with one of two labels")
