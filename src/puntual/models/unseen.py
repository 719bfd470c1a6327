"""Values that were never seen: sent now left, now right, so that on the whole they add nothing.

LightGBM sends a category that it did not learn to the right of every split, and a number that is missing,
where none was, to the side of 0: whatever happens to stand there. So each split is turned such that what was
never learned takes the side that makes up for the splits before it: summed over all trees, a feature that is
not known adds as good as nothing to the mean of the flights learned from. All else is answered as before, to
the last bit (docs/decisions/0005-unseen-values.md).
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from puntual.arrays import FloatArray

_WORD = 32
_TREE = re.compile(r"^Tree=.*?(?=^Tree=|^end of trees)", re.MULTILINE | re.DOTALL)
_CATEGORICAL, _DEFAULT_LEFT, _MISSING_IS_NAN = 1, 2, 8
"""Bits of LightGBM's ``decision_type``; bits 4 and 8 both 0: no value was missing."""


class _Below(NamedTuple):
    """The flights learned from in a part of a tree, and the mean of what it gives them."""

    flights: int
    mean: float


class _Learned(NamedTuple):
    """The columns of what was learned from that nothing was missing in.

    Attributes
    ----------
    complete : all of them; categories : the numbers in those that are categorical
    balance : what was added so far on account of a value never seen, in the mean of the flights, by column
    """

    complete: set[int]
    categories: dict[int, set[int]]
    balance: defaultdict[int, float]


def balance_unseen_splits(text: str, matrix: FloatArray, categorical: Iterable[int]) -> str:
    """Trees in LightGBM's text, their splits turned for what was never learned.

    A feature that was missing in some of the flights stays as it is: what is missing there was learned.

    Parameters
    ----------
    matrix : shape (n, features), that the trees were learned from; NaN where missing
    categorical : columns of it
    """
    complete = set(np.flatnonzero(~np.isnan(matrix).any(axis=0)).tolist())
    categories = {one: {*map(int, np.unique(matrix[:, one]))} for one in complete.intersection(categorical)}
    learned = _Learned(complete, categories, defaultdict(float))
    trees = [_balanced(tree, learned) for tree in _TREE.findall(text)]
    if not trees:
        return text
    head, tail = text[: text.index("Tree=0\n")], text[text.index("end of trees\n") :]
    return _with(head, "tree_sizes", map(len, trees)) + "".join(trees) + tail


def _balanced(text: str, learned: _Learned) -> str:
    fields = {name: line.split() for name, _, line in (line.partition("=") for line in text.splitlines())}
    if not fields.get("split_feature"):
        return text
    left, right, kinds = (_integers(fields[name]) for name in ("left_child", "right_child", "decision_type"))
    below = _parts(left, right, fields)
    sets = _sets(fields)
    for split, feature in enumerate(_integers(fields["split_feature"])):
        if feature not in learned.complete:
            continue
        leftwards = _goes_left(split, feature, [below[left[split]], below[right[split]]], below, learned)
        if not kinds[split] & _CATEGORICAL:
            kinds[split] = _MISSING_IS_NAN | (_DEFAULT_LEFT if leftwards else 0)
        elif leftwards:
            number = int(fields["threshold"][split])
            sets[number] = learned.categories[feature] - sets[number]
            left[split], right[split] = right[split], left[split]
    for name, values in (("decision_type", kinds), ("left_child", left), ("right_child", right)):
        text = _with(text, name, values)
    if sets:
        words = [*map(_words, sets)]
        text = _with(text, "cat_boundaries", itertools.accumulate(map(len, words), initial=0))
        text = _with(text, "cat_threshold", itertools.chain(*words))
    return text


def _goes_left(
    split: int, feature: int, sides: list[_Below], below: dict[int, _Below], learned: _Learned
) -> bool:
    """Whether what was never seen goes to the left, which is booked."""
    share, mean = below[split].flights / below[0].flights, below[split].mean
    added = [learned.balance[feature] + share * (side.mean - mean) for side in sides]
    leftwards = abs(added[0]) < abs(added[1])
    learned.balance[feature] = added[0 if leftwards else 1]
    return leftwards


def _parts(left: list[int], right: list[int], fields: dict[str, list[str]]) -> dict[int, _Below]:
    """What lies below each split, and below each leaf, whose number is below 0, all bits inverted."""
    leaves = zip(_integers(fields["leaf_count"]), map(float, fields["leaf_value"]), strict=True)
    below = {~leaf: _Below(flights, value) for leaf, (flights, value) in enumerate(leaves)}
    for split in reversed(range(len(left))):  # a split has a higher number than the one above it
        one, other = below[left[split]], below[right[split]]
        flights = one.flights + other.flights
        mean = (one.flights * one.mean + other.flights * other.mean) / flights
        below[split] = _Below(flights, mean)
    return below


def _sets(fields: dict[str, list[str]]) -> list[set[int]]:
    """The categories that go to the left, by number of the split among those of categories."""
    if "cat_boundaries" not in fields:
        return []
    words = _integers(fields["cat_threshold"])
    return [
        {
            at * _WORD + bit
            for at, word in enumerate(words[start:end])
            for bit in range(_WORD)
            if word >> bit & 1
        }
        for start, end in itertools.pairwise(_integers(fields["cat_boundaries"]))
    ]


def _words(members: set[int]) -> list[int]:
    words = [0] * (max(members, default=0) // _WORD + 1)
    for member in members:
        words[member // _WORD] |= 1 << member % _WORD
    return words


def _integers(words: list[str]) -> list[int]:
    return [*map(int, words)]


def _with(text: str, name: str, values: Iterable[int]) -> str:
    """A text with another value of one of its lines."""
    return re.sub(rf"^{name}=.*$", f"{name}={' '.join(map(str, values))}", text, flags=re.MULTILINE)
