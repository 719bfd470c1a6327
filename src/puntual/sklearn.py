"""Puntual's model as a classifier of scikit-learn, for pipelines and cross-validation.

Examples
--------
>>> import puntual
>>> from sklearn.model_selection import TimeSeriesSplit, cross_val_score
>>> flights = puntual.challenge_columns(puntual.read("nyc", until="2013-02-01"))
>>> flights = flights.drop_nulls("atraso_15").sort("time_hour")
>>> classifier = DelayClassifier(trees=10)
>>> scores = cross_val_score(
...     classifier, flights, flights["atraso_15"], cv=TimeSeriesSplit(2), scoring="roc_auc"
... )
>>> bool(scores.min() > 0.6)
True
"""

from __future__ import annotations

from puntual.errors import name_missing

try:
    from puntual.api.classifier import DelayClassifier
except ModuleNotFoundError as error:
    raise name_missing(error) from None

__all__ = ["DelayClassifier"]
