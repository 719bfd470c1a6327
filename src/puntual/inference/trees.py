"""Whether a text in LightGBM's format is what it seems, before LightGBM reads it, which trusts every number.

A child that there is not, a feature beyond the row or a category beyond its set would be read from whatever
memory lies there. So the text has to have the one form that LightGBM itself writes, line by line.
"""

from __future__ import annotations

import math
import re
from typing import TypeVar

from puntual.errors import ArtifactError

T = TypeVar("T")

MAX_DEPTH = 1000
"""Of a tree: LightGBM explains an answer by calling itself once a level."""

_HEAD = (
    *("version", "num_class", "num_tree_per_iteration", "label_index", "max_feature_idx"),
    *("objective", "feature_names", "feature_infos", "tree_sizes"),
)
_INTEGERS_OF_SPLITS = ("split_feature", "decision_type", "left_child", "right_child", "internal_count")
_NUMBERS_OF_SPLITS = ("split_gain", "threshold", "internal_value", "internal_weight")
_NUMBERS_OF_LEAVES = ("leaf_value", "leaf_weight")
_CATEGORIES = {"cat_boundaries", "cat_threshold"}
_ALWAYS = {
    *("num_leaves", "num_cat", "leaf_count", "is_linear", "shrinkage"),
    *(*_INTEGERS_OF_SPLITS, *_NUMBERS_OF_SPLITS, *_NUMBERS_OF_LEAVES),
}
_CATEGORICAL, _DECISIONS, _MAX_WORD = 1, {*range(12)}, 2**32 - 1

_INTEGER = b"-0123456789 "
_NUMBER = b"-+.0123456789e inf"  # the threshold that parts what is missing from all else is "inf"
_PRINTABLE = bytes(range(ord(" "), ord("~") + 1)) + b"\n"
_LINEAR = re.compile(r"^\[linear_tree: [^0]", re.MULTILINE)
_NOT_LIKE_IT = "a model in LightGBM's text format"


def check_trees(text: str, features: int, where: str) -> None:
    """Refuse trees that LightGBM could not read, score or explain without harm.

    Parameters
    ----------
    text : LightGBM's text format
    features : how many numbers a row has
    where : what the trees are of, for the error

    Raises
    ------
    ArtifactError : a line, a number or the shape of a tree that LightGBM would not have written
    """
    try:
        _check(text, features)
    except (ValueError, KeyError, IndexError) as error:
        raise ArtifactError(where, f"no such trees: {error}", wanted=_NOT_LIKE_IT) from error


def _check(text: str, features: int) -> None:
    _made_of(text, _PRINTABLE, "a character")
    start = text.index("\n\nTree=0\n") + 2
    head = text[:start].split("\n")
    fields = _fields(head[1:-2])
    if head[0] != "tree" or tuple(fields) != _HEAD:
        raise ValueError("its first lines")
    alike = {"num_class": "1", "num_tree_per_iteration": "1", "max_feature_idx": str(features - 1)}
    if wrong := [name for name, value in alike.items() if fields[name] != value]:
        raise ValueError(f"{wrong[0]}={fields[wrong[0]]}")
    if not fields["objective"].startswith("binary "):
        raise ValueError(f"objective={fields['objective']}")
    sizes = _integers(fields, "tree_sizes", fields["tree_sizes"].count(" ") + 1)
    _within(sizes, 1, len(text), "tree_sizes")
    for number, size in enumerate(sizes):
        try:
            _check_tree(text[start : start + size], number, features)
        except (ValueError, KeyError, IndexError) as error:
            raise ValueError(f"tree {number}: {error}") from error
        start += size
    if not text.startswith("end of trees\n", start) or _LINEAR.search(text, start):
        raise ValueError("what follows the trees")


def _check_tree(text: str, number: int, features: int) -> None:
    lines = text.split("\n")
    if lines[0] != f"Tree={number}" or lines[-3:] != ["", "", ""]:
        raise ValueError("its first or last line")
    fields = _fields(lines[1:-3])
    categories = _one(fields, "num_cat", 0, len(text))
    if fields.keys() != (_ALWAYS | _CATEGORIES if categories else _ALWAYS):
        raise ValueError("its lines")
    if fields["is_linear"] != "0":
        raise ValueError(f"is_linear={fields['is_linear']}")
    _finite(fields, "shrinkage", 1)
    leaves = _one(fields, "num_leaves", 1, len(text))
    _finite(fields, "leaf_value", leaves)
    _finite(fields, "internal_value", leaves - 1)
    # No answer is made of these, but LightGBM reads them: what is no number there ends the process.
    for name in ("split_gain", "internal_weight", "internal_count"):
        _numbers(fields, name, leaves - 1)
    _numbers(fields, "leaf_count", leaves)
    _numbers(fields, "leaf_weight", leaves if leaves > 1 else 0)
    _within(_integers(fields, "split_feature", leaves - 1), 0, features - 1, "split_feature")
    _check_decisions(fields, leaves - 1, categories)
    left, right = (_integers(fields, name, leaves - 1) for name in ("left_child", "right_child"))
    _check_shape(left, right, leaves)


def _check_decisions(fields: dict[str, str], splits: int, categories: int) -> None:
    """What is compared is a number, or looked up in a set of categories that there is."""
    kinds, thresholds = _integers(fields, "decision_type", splits), _numbers(fields, "threshold", splits)
    if not _DECISIONS.issuperset(kinds) or any(map(math.isnan, thresholds)):
        raise ValueError("decision_type")
    sets = [threshold for kind, threshold in zip(kinds, thresholds, strict=True) if kind & _CATEGORICAL]
    if odd := [one for one in sets if not (0 <= one < categories and one.is_integer())]:
        raise ValueError(f"threshold={odd[0]:.10g}")
    if categories:
        bounds = _integers(fields, "cat_boundaries", categories + 1)
        if bounds[0] != 0 or bounds != sorted(bounds):
            raise ValueError("cat_boundaries")
        _within(_integers(fields, "cat_threshold", bounds[-1]), 0, _MAX_WORD, "cat_threshold")


def _check_shape(left: list[int], right: list[int], leaves: int) -> None:
    """Every leaf and every split but the first lies below one split exactly, which was made before it."""
    if sorted(left + right) != [*range(-leaves, 0), *range(1, leaves - 1)][: 2 * len(left)]:
        raise ValueError("left_child, right_child")
    if any(0 <= child <= split for side in (left, right) for split, child in enumerate(side)):
        raise ValueError("left_child, right_child")
    if leaves <= MAX_DEPTH:
        return
    depths = [1] * len(left)
    for split, pair in enumerate(zip(left, right, strict=True)):
        for child in pair:
            if child > 0:
                depths[child] = depths[split] + 1
    if max(depths) > MAX_DEPTH:
        raise ValueError(f"more than {MAX_DEPTH} splits deep")


def _fields(lines: list[str]) -> dict[str, str]:
    fields = {}
    for line in lines:
        name, equals, value = line.partition("=")
        if not equals or name in fields:
            raise ValueError(f"the line {line[:40]!r}")
        fields[name] = value
    return fields


def _integers(fields: dict[str, str], name: str, count: int) -> list[int]:
    _made_of(fields[name], _INTEGER, name)
    return _counted([*map(int, fields[name].split())], count, name)


def _numbers(fields: dict[str, str], name: str, count: int) -> list[float]:
    _made_of(fields[name], _NUMBER, name)
    return _counted([*map(float, fields[name].split())], count, name)


def _made_of(text: str, characters: bytes, name: str) -> None:
    if odd := text.encode().translate(None, characters):
        raise ValueError(f"{name}: {odd[:10]!r}")


def _finite(fields: dict[str, str], name: str, count: int) -> None:
    if not all(map(math.isfinite, _numbers(fields, name, count))):
        raise ValueError(name)


def _one(fields: dict[str, str], name: str, least: int, most: int) -> int:
    values = _integers(fields, name, 1)
    _within(values, least, most, name)
    return values[0]


def _counted(values: list[T], count: int, name: str) -> list[T]:
    if len(values) != count:
        raise ValueError(f"{name}: {len(values)} values")
    return values


def _within(values: list[int], least: int, most: int, name: str) -> None:
    if values and not least <= min(values) <= max(values) <= most:
        raise ValueError(name)
