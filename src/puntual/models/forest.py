"""A random forest of bounded trees: scikit-learn fits it, plain arrays answer.

A category is read as the delay rate of its values, shrunk towards the mean; what is missing as a number below
all others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import RandomForestClassifier

from puntual.arrays import BoolArray, FloatArray, IntArray
from puntual.models.boosting import CATEGORICAL, FEATURE_NAMES, Rows
from puntual.models.encoding import SinglesArray, codes_of, within_limits

MISSING = -1.0
STRENGTH = 50.0
_CODES = [FEATURE_NAMES.index(name) for name in CATEGORICAL]
_CORES = 2


class Forest(NamedTuple):
    """A fitted model; `fit` makes it. The trees' nodes stand one tree after another.

    Attributes
    ----------
    base : share of delayed flights
    starts : where each category's values begin in `rates`, and where the last one's end
    rates : what each value of each category is read as
    roots : the first node of each tree
    children : left and right child of each node, shape (nodes, 2); a leaf is its own child
    feature, threshold : a row goes left where its feature is at most the threshold
    value : delayed share of the node
    depth : of the deepest tree
    """

    base: FloatArray
    starts: IntArray
    rates: FloatArray
    roots: IntArray
    children: npt.NDArray[np.int32]
    feature: npt.NDArray[np.int32]
    threshold: FloatArray
    value: FloatArray
    depth: IntArray

    def probability(self, matrix: FloatArray) -> FloatArray:
        """Of a delay, for each row; shape (n,)."""
        read = _read(matrix, self.starts, self.rates, self.base)
        rows = np.arange(len(matrix))
        total = np.zeros(len(matrix))
        for root in self.roots.tolist():
            node = np.full(len(matrix), root, np.int32)
            for _ in range(int(self.depth)):
                right = read[rows, self.feature[node]] > self.threshold[node]
                node = self.children[node, right.astype(np.int8)]
            total += self.value[node]
        return within_limits(total / len(self.roots))


def fit(rows: Rows, setting: Mapping[str, float], seed: int) -> Forest:
    """Fit the trees.

    Parameters
    ----------
    setting : ``trees``; ``depth``, at most; ``leaf``, the least flights of one; ``share`` of the features
        tried at a node

    References
    ----------
    Breiman (2001), Random forests, Machine Learning 45(1).
    """
    matrix, delayed = rows
    base = within_limits(np.array(delayed.mean()))
    starts, rates = _category_rates(matrix, delayed, base)
    forest = RandomForestClassifier(
        n_estimators=int(setting["trees"]),
        max_depth=int(setting["depth"]),
        min_samples_leaf=min(int(setting["leaf"]), max(1, len(delayed) // 10)),
        max_features=setting["share"],
        n_jobs=_CORES,
        random_state=seed,
    ).fit(_read(matrix, starts, rates, base), delayed)
    trees = [fitted.tree_ for fitted in forest.estimators_]
    roots = np.cumsum([0, *(tree.node_count for tree in trees)])
    children, features, thresholds, values = [], [], [], []
    for root, tree in zip(roots, trees, strict=False):
        leaf = tree.children_left < 0
        pair = np.column_stack([tree.children_left, tree.children_right])
        children.append(np.where(leaf[:, None], np.arange(tree.node_count)[:, None], pair) + root)
        features.append(np.where(leaf, 0, tree.feature))
        thresholds.append(tree.threshold)
        values.append(tree.value[:, 0, -1])
    return Forest(
        base,
        starts,
        rates,
        roots[:-1],
        np.concatenate(children).astype(np.int32),
        np.concatenate(features).astype(np.int32),
        np.concatenate(thresholds),
        np.concatenate(values),
        np.array(max(tree.max_depth for tree in trees)),
    )


def _category_rates(matrix: FloatArray, delayed: BoolArray, base: FloatArray) -> tuple[IntArray, FloatArray]:
    rates = []
    for column in _CODES:
        codes = codes_of(matrix[:, column])
        seen = codes >= 0
        flights = np.bincount(codes[seen])
        late = np.bincount(codes[seen], delayed[seen])
        rates.append((late + STRENGTH * base) / (flights + STRENGTH))
    return np.cumsum([0, *(len(part) for part in rates)]), np.concatenate(rates)


def _read(matrix: FloatArray, starts: IntArray, rates: FloatArray, base: FloatArray) -> SinglesArray:
    """What the trees read: single precision, as scikit-learn takes it."""
    read = np.nan_to_num(matrix, nan=MISSING)
    for position, column in enumerate(_CODES):
        own = np.append(rates[starts[position] : starts[position + 1]], base)
        codes = codes_of(matrix[:, column])
        read[:, column] = own[np.where((codes >= 0) & (codes < len(own) - 1), codes, len(own) - 1)]
    return read.astype(np.float32)
