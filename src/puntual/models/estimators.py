"""Scikit-learn's estimators as families of the comparison; an artifact holds none of them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.model_selection import StratifiedKFold
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler, TargetEncoder

from puntual.metrics.arrays import FloatArray
from puntual.models.boosting import CATEGORICAL, FEATURE_NAMES, Rows

Setting = Mapping[str, float]
LIMITS = (0.001, 0.999)
_CODES = [FEATURE_NAMES.index(name) for name in CATEGORICAL]
_MINUTE, _WEEKDAY, _WEEK = map(FEATURE_NAMES.index, ("minute_of_day", "weekday", "minute_of_week"))
_NUMBERS = [at for at in range(len(FEATURE_NAMES)) if at not in {*_CODES, _WEEKDAY, _WEEK}]
_FARTHEST = 5.0
"""Standard deviations from the mean, of a number that linear models and networks read."""
_SMOOTHING = 50.0
_CORES = 2
_MIN_OF_EACH = 5
"""Delayed flights, and others, below which only the base rate is fitted: cross-fitting needs some of each."""


class Fitted(NamedTuple):
    """A pipeline that was fitted, and the type of number that it reads."""

    pipeline: Any
    dtype: Any

    def probability(self, matrix: FloatArray) -> FloatArray:
        """Probability of a delay for each row of shape (n, features), NaN where missing; within `LIMITS`."""
        rows = matrix.astype(self.dtype)
        if not hasattr(self.pipeline, "predict_proba"):
            return within_limits(self.pipeline.predict(rows))
        late = self.pipeline.classes_.astype(bool)
        return within_limits(self.pipeline.predict_proba(rows)[:, late].sum(axis=1).astype(np.float64))


def within_limits(probability: FloatArray) -> FloatArray:
    """Clip probabilities into `LIMITS`.

    Examples
    --------
    >>> within_limits(np.array([-0.2, 0.5])).tolist()
    [0.001, 0.5]
    """
    return np.asarray(np.clip(probability, *LIMITS))


def base_rate(rows: Rows, setting: Setting, seed: int) -> Fitted:  # noqa: ARG001
    """The share of delayed flights, for every flight.

    Examples
    --------
    >>> model = base_rate((np.zeros((4, 1)), np.array([True, False, False, False])), {}, seed=1)
    >>> model.probability(np.zeros((2, 1))).tolist()
    [0.25, 0.25]
    """
    return Fitted(DummyClassifier(strategy="prior").fit(*rows), np.float64)


def linear(rows: Rows, setting: Setting, seed: int) -> Fitted:  # noqa: ARG001
    """Linear regression on the outcome as 0 and 1, as in the original; ``ridge`` is its penalty."""
    matrix, delayed = rows
    return _fit(_encoded(Ridge(alpha=setting["ridge"])), (matrix, delayed.astype(np.float64)), np.float64)


def logistic(rows: Rows, setting: Setting, seed: int) -> Fitted:  # noqa: ARG001
    """Logistic regression; ``ridge`` is the penalty on the squared coefficients."""
    # In single precision the solver fails on indicators that are linearly dependent.
    estimator = LogisticRegression(C=1 / setting["ridge"], solver="newton-cholesky", tol=1e-5)
    return _fit(_encoded(estimator), rows, np.float64)


def mlp(rows: Rows, setting: Setting, seed: int) -> Fitted:
    """A neural network of one hidden layer: its ``units``, ``passes`` over the rows, and ``ridge``."""
    estimator = MLPClassifier(
        hidden_layer_sizes=(int(setting["units"]),),
        alpha=setting["ridge"],
        max_iter=int(setting["passes"]),
        batch_size=min(256, len(rows[1])),
        learning_rate_init=0.002,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of passes is chosen, not a failure
        return _fit(_encoded(estimator), rows, np.float32)


def svm(rows: Rows, setting: Setting, seed: int) -> Fitted:
    """A support vector machine with a Gaussian kernel, approximated so that it finishes on all rows.

    Parameters
    ----------
    setting : ``centres``, how many rows approximate the kernel; ``gamma`` of the kernel; ``ridge``

    References
    ----------
    Williams and Seeger (2001), Using the Nystroem method to speed up kernel machines.
    Platt (1999), Probabilistic outputs for support vector machines.
    """
    centres = min(int(setting["centres"]), len(rows[1]))
    kernel = Nystroem(gamma=setting["gamma"], n_components=centres, random_state=seed)
    machine = SGDClassifier(
        alpha=setting["ridge"],
        average=True,
        class_weight="balanced",
        max_iter=10,
        tol=None,
        random_state=seed,
    )
    calibrated = CalibratedClassifierCV(machine, cv=3, ensemble=False)
    return _fit(_encoded(kernel, calibrated), rows, np.float32)


def forest(rows: Rows, setting: Setting, seed: int) -> Fitted:
    """A random forest that reads the smoothed delay rate of each category.

    Parameters
    ----------
    setting : ``trees``; ``depth``, at most; ``leaf``, the least flights of one; ``share`` of the features
        tried at a split
    """
    matrix, delayed = rows
    folds = StratifiedKFold(_MIN_OF_EACH, shuffle=True, random_state=seed)
    rates = TargetEncoder(smooth=_SMOOTHING, target_type="binary", cv=folds)
    estimator = RandomForestClassifier(
        n_estimators=int(setting["trees"]),
        max_depth=int(setting["depth"]),
        min_samples_leaf=min(int(setting["leaf"]), max(1, len(delayed) // 10)),
        max_features=setting["share"],
        n_jobs=_CORES,
        random_state=seed,
    )
    encoder = ColumnTransformer([("rates", rates, _CODES)], remainder="passthrough")
    fitted = _fit(make_pipeline(encoder, estimator), (matrix, delayed), np.float32)
    estimator.set_params(n_jobs=1)  # several threads would sum the trees in any order
    return fitted


def _encoded(*steps: Any) -> Pipeline:
    """Steps after an encoder: indicators of categories, weekday, hour and missing values; scaled numbers."""
    hours = make_pipeline(FunctionTransformer(_hours), _indicators())
    missing = SimpleImputer(strategy="constant", fill_value=0.0, add_indicator=True, keep_empty_features=True)
    encoder = ColumnTransformer(
        [
            ("categories", _indicators(), [*_CODES, _WEEKDAY]),
            ("hours", hours, [_MINUTE]),
            ("numbers", make_pipeline(StandardScaler(), FunctionTransformer(_clip), missing), _NUMBERS),
        ]
    )
    return make_pipeline(encoder, *steps)


def _indicators() -> OneHotEncoder:
    return OneHotEncoder(handle_unknown="ignore", sparse_output=False, dtype=np.float32)


def _clip(scaled: FloatArray) -> FloatArray:
    return scaled.clip(-_FARTHEST, _FARTHEST)


def _hours(minutes: FloatArray) -> FloatArray:
    return minutes // 60


def _fit(pipeline: Pipeline, rows: Rows, dtype: Any) -> Fitted:
    matrix, delayed = rows
    if min(late := np.count_nonzero(delayed), len(delayed) - late) < _MIN_OF_EACH:
        return base_rate(rows, {}, 0)
    return Fitted(pipeline.fit(matrix.astype(dtype), delayed), dtype)
