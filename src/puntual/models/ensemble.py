"""The mean of two boosters: one reads the day of the year, the other does not.

With one year of flights, the day of the year is as much noise as season. The mean in log-odds of both is
better than either, and moves less with the seed (docs/decisions/0003-schedule-model.md). It is exported as
one booster.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import lightgbm
import numpy as np

from puntual.inference.scorer import native_library
from puntual.metrics.arrays import FloatArray
from puntual.models.boosting import DAY_OF_YEAR, PARAMETERS, Booster, OnTree, Parameters, Rows, fit_booster

MEMBERS = 2


class Ensemble(NamedTuple):
    """Boosters whose mean log-odds count."""

    members: tuple[Booster, ...]

    def raw(self, matrix: FloatArray) -> FloatArray:
        """Log-odds of each row.

        Parameters
        ----------
        matrix : shape (n, features); NaN where missing
        """
        return np.asarray(np.mean([member.raw(matrix) for member in self.members], axis=0))

    def curve(self, matrix: FloatArray, trees: Sequence[int]) -> Iterator[FloatArray]:
        """Log-odds of each row by the first trees of every member, for ascending numbers of them."""
        for curves in zip(*(member.curve(matrix, trees) for member in self.members), strict=True):
            yield np.asarray(np.mean(curves, axis=0))

    def merged(self) -> Booster:
        """One booster of all their trees, the leaves divided by the number of members.

        Examples
        --------
        >>> from puntual.models.boosting import FEATURE_NAMES
        >>> rows = np.random.default_rng(1).random((600, len(FEATURE_NAMES))).round()
        >>> ensemble = fit_ensemble((rows, rows[:, 0] + rows[:, 1] > 1), trees=5, seed=1)
        >>> merged = ensemble.merged()
        >>> merged.text.count("Tree="), bool(np.allclose(merged.raw(rows), ensemble.raw(rows)))
        (10, True)
        """
        return Booster(_merge([_scaled(member.text, 1 / len(self.members)) for member in self.members]))


def fit_ensemble(
    learned: Rows,
    *,
    trees: int,
    seed: int,
    parameters: Parameters = PARAMETERS,
    on_tree: OnTree = lambda: None,
) -> Ensemble:
    """Fit a number of trees for each member.

    Parameters
    ----------
    learned : matrix of shape (n, features) in the order of `FEATURE_NAMES`, NaN where missing; and whether
        each flight was delayed
    parameters : LightGBM's own
    on_tree : called after each tree, for progress
    """
    matrix, delayed = learned
    without = matrix.copy()
    without[:, DAY_OF_YEAR] = 0
    members = [
        fit_booster((rows, delayed), trees=trees, seed=of_member, parameters=parameters, on_tree=on_tree)
        for rows, of_member in zip((matrix, without), member_seeds(seed), strict=True)
    ]
    return Ensemble(tuple(members))


def member_seeds(seed: int) -> list[int]:
    """The seed of each member; ensembles of different seeds share none.

    Examples
    --------
    >>> len({*member_seeds(11), *member_seeds(12)})
    4
    """
    return [int(state) >> 1 for state in np.random.SeedSequence(seed).generate_state(MEMBERS)]


def _scaled(text: str, factor: float) -> str:
    """The same trees, what each leaf gives multiplied."""
    booster = lightgbm.Booster(model_str=text)
    for tree, described in enumerate(booster.dump_model()["tree_info"]):
        for leaf in range(described["num_leaves"]):
            booster.set_leaf_output(tree, leaf, booster.get_leaf_output(tree, leaf) * factor)
    return str(booster.model_to_string())


def _merge(texts: Sequence[str]) -> str:
    """One booster with the trees of all, through LightGBM's C API: its Python package does not offer it."""
    library = native_library()
    boosters = [ctypes.c_void_p() for _ in texts]
    try:
        for booster, text in zip(boosters, texts, strict=True):
            _check(
                library.LGBM_BoosterLoadModelFromString(
                    text.encode(), ctypes.byref(ctypes.c_int()), ctypes.byref(booster)
                )
            )
        for other in boosters[1:]:
            _check(library.LGBM_BoosterMerge(boosters[0], other))
        length = ctypes.c_int64()
        # All trees, and the splits of each feature as its importance.
        whole = boosters[0], ctypes.c_int(0), ctypes.c_int(-1), ctypes.c_int(0)
        _check(library.LGBM_BoosterSaveModelToString(*whole, ctypes.c_int64(0), ctypes.byref(length), None))
        merged = ctypes.create_string_buffer(length.value)
        _check(library.LGBM_BoosterSaveModelToString(*whole, length, ctypes.byref(length), merged))
        return merged.value.decode()
    finally:
        for booster in filter(None, boosters):
            library.LGBM_BoosterFree(booster)


def _check(failed: int) -> None:
    if failed:
        raise lightgbm.basic.LightGBMError(native_library().LGBM_GetLastError().decode())
