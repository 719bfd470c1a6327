"""The classifier behaves as scikit-learn's own do, and gives what a model gives."""

from __future__ import annotations

import datetime as dt
import pickle
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.model_selection import TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import estimator_checks

import puntual
from puntual.errors import DataError, PuntualWarning, SettingError
from puntual.sklearn import DelayClassifier
from tests import made_up
from tests.quick import QUICK

WITHOUT_DATA = (
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_set_params",
    "check_valid_tag_types",
)
"""Those of `check_estimator` that give it no matrix of numbers, which is no flight."""


def quick(**settings: Any) -> DelayClassifier:
    return DelayClassifier(trees=10, budget=QUICK, **settings)


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """A history with the challenge's columns, in order of departure."""
    path = made_up.made_up_nyc(tmp_path_factory.mktemp("flights") / "nyc.csv", days=60)
    departed = puntual.challenge_columns(path).drop_nulls("atraso_15")
    return departed.sort("time_hour", "sched_dep_time", maintain_order=True)


def test_the_checks_of_scikit_learn_pass() -> None:
    with pytest.warns(SkipTestWarning, match="requires input"):
        estimator_checks.check_estimator(DelayClassifier(), on_skip=None)


@pytest.mark.parametrize("check", WITHOUT_DATA)
def test_a_check_without_data_passes(check: str) -> None:
    getattr(estimator_checks, check)("DelayClassifier", DelayClassifier())


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_it_is_cross_validated_by_time_in_a_pipeline(flights: pl.DataFrame, kind: str) -> None:
    x, y = flights.drop("atraso_15", "dif_min"), flights["atraso_15"].to_numpy()
    given = x.to_pandas() if kind == "pandas" else x
    pipeline = make_pipeline(FunctionTransformer(), quick())
    scores = cross_val_score(pipeline, given, y, cv=TimeSeriesSplit(2), scoring="neg_log_loss")
    assert np.isfinite(scores).all()


def test_it_gives_what_a_model_of_the_same_flights_gives(flights: pl.DataFrame) -> None:
    with pytest.warns(PuntualWarning):
        model = puntual.train(flights, trees=10, seeds=1, budget=QUICK)
    last = dt.date.fromisoformat(model.artifact.training.last)
    learned = pl.date("year", "month", "day") <= last
    part, later = flights.filter(learned), flights.filter(~learned)
    classifier = quick(timetable=False).fit(part, part["atraso_15"])
    with pytest.warns(PuntualWarning, match="have a season that the model never saw"):
        answers = model.predict(later, timetable=False)["delay_probability"].to_numpy()
    assert np.abs(classifier.predict_proba(later)[:, 1] - answers).max() <= 0.00005 + 1e-12


def test_labels_come_back_as_they_were_given(flights: pl.DataFrame) -> None:
    named = np.where(flights["atraso_15"].to_numpy() == 1, "late", "a tiempo")
    classifier = clone(quick()).fit(flights.to_pandas(), named)
    assert classifier.classes_.tolist() == ["a tiempo", "late"]
    assert set(classifier.predict(flights)) <= {"a tiempo", "late"}
    assert classifier.feature_names_in_.tolist() == flights.columns
    again = pickle.loads(pickle.dumps(classifier))
    assert np.array_equal(again.predict_proba(flights), classifier.predict_proba(flights))


def test_the_outcomes_in_the_frame_are_not_read(flights: pl.DataFrame) -> None:
    shuffled = flights.with_columns(pl.col("dep_time", "dep_delay", "dif_min").shuffle(1))
    one, other = (quick().fit(x, flights["atraso_15"]).predict_proba(flights) for x in (flights, shuffled))
    assert np.array_equal(one, other)


def test_mistakes_are_said_in_a_line(flights: pl.DataFrame) -> None:
    y = flights["atraso_15"].to_numpy()
    with pytest.raises(NotFittedError):
        quick().predict(flights)
    with pytest.raises(DataError, match="X: no data frame but ndarray; wanted: one row a flight"):
        quick().fit(np.zeros((3, 3)), [0, 1, 0])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        quick().fit(flights, y[1:])
    with pytest.raises(ValueError, match="y has 1 labels; wanted: two"):
        quick().fit(flights, y * 0)
    for missing in (None, np.nan):
        without = [*y[:3], missing, *y[4:]]
        with pytest.raises(DataError, match=r"y: row 4 \(counted from 1\) of 1 without an outcome; wanted: "):
            quick().fit(flights, np.array(without, dtype=object))
    with pytest.raises(SettingError, match="seed: 'a'; wanted: a whole number from 0 on"):
        quick(seed="a").fit(flights, y)
    with pytest.raises(SettingError, match="trees: 0; wanted: a whole number from 1 on"):
        DelayClassifier(trees=0).fit(flights, y)
    with pytest.raises(DataError, match="100 flights; wanted: 200 or more"):
        quick().fit(flights.head(100), y[:100])
    hour = pl.when(pl.int_range(pl.len()) == 4).then(9999).otherwise("sched_dep_time")
    broken = flights.with_columns(sched_dep_time=hour)
    with pytest.raises(DataError, match=r"the data frame: row 5 \(counted from 1\): .*9999"):
        quick().fit(flights, y).predict(broken)
