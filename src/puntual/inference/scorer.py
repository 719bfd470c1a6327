"""Numbers -> probability and its reasons, through the single-row fast call of LightGBM's C API.

The library is loaded from the installed package's folder; the package itself, which would pull in numpy and
scipy, is never imported.
"""

from __future__ import annotations

import ctypes
import importlib.util
import struct
import sys
from functools import cache
from pathlib import Path
from typing import Any

from puntual.errors import ArtifactError, MissingDependencyError, NativeLibraryError
from puntual.inference.calibration import Calibration

_RAW_SCORE = 1
_LEAVES = 2
_CONTRIBUTIONS = 3
_FLOAT64 = 1
_LIBRARY = {"win32": "lib_lightgbm.dll", "darwin": "lib_lightgbm.dylib"}.get(sys.platform, "lib_lightgbm.so")


@cache
def native_library() -> Any:
    """LightGBM's shared library.

    Raises
    ------
    MissingDependencyError : LightGBM is not installed
    NativeLibraryError : it is, but cannot be loaded
    """
    spec = importlib.util.find_spec("lightgbm")
    if spec is None or not spec.submodule_search_locations:
        raise MissingDependencyError("lightgbm", extra="train")
    folder = Path(spec.submodule_search_locations[0])
    path = next(
        (path for path in (folder / "lib" / _LIBRARY, folder / "bin" / _LIBRARY) if path.exists()), None
    )
    if path is None:
        raise NativeLibraryError(f"{folder}: no {_LIBRARY}; wanted: the wheel of lightgbm for this system")
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        if "libgomp" in str(error):
            raise NativeLibraryError(
                "LightGBM needs the system's libgomp.so.1, which is missing: "
                "install the package libgomp1 (Debian, Ubuntu) or libgomp (Fedora, Alpine)"
            ) from error
        raise NativeLibraryError(f"{path}: {error}") from error
    library.LGBM_GetLastError.restype = ctypes.c_char_p
    return library


class Scorer:
    """A trained booster with its calibration; one row at a time, from one thread.

    Parameters
    ----------
    model : LightGBM's text format
    features : how many numbers a row has
    calibration : raw log-odds -> probability

    Attributes
    ----------
    features : as given
    fill : a buffer, the place in it in bytes, and the numbers of a row -> writes them there
    row_bytes : how many a row takes

    Raises
    ------
    ArtifactError : not a model, or one of another number of features
    """

    def __init__(self, model: str, features: int, calibration: Calibration) -> None:
        library = native_library()
        self.features, self.calibration = features, calibration
        self._calibrate = calibration.probability
        self._booster = ctypes.c_void_p()
        iterations = ctypes.c_int()
        failed = library.LGBM_BoosterLoadModelFromString(
            model.encode(), ctypes.byref(iterations), ctypes.byref(self._booster)
        )
        _check(failed, "a model in LightGBM's text format")
        found = ctypes.c_int()
        library.LGBM_BoosterGetNumFeature(self._booster, ctypes.byref(found))
        if found.value != features:
            raise ArtifactError(
                "booster", f"{found.value} features", wanted=f"{features}, as in features.json"
            )
        self._row = (ctypes.c_double * features)()
        packed = struct.Struct(f"{features}d")
        self.fill, self.row_bytes = packed.pack_into, packed.size
        self._length = ctypes.c_int64()
        self._raw = ctypes.c_double()
        self._fast, self._explaining = ctypes.c_void_p(), ctypes.c_void_p()
        for kind, config in ((_RAW_SCORE, self._fast), (_CONTRIBUTIONS, self._explaining)):
            failed = library.LGBM_BoosterPredictForMatSingleRowFastInit(
                self._booster,
                ctypes.c_int(kind),
                ctypes.c_int(0),
                ctypes.c_int(-1),
                ctypes.c_int(_FLOAT64),
                ctypes.c_int32(features),
                b"num_threads=1 predict_disable_shape_check=true",
                ctypes.byref(config),
            )
            _check(failed, "a model that can be scored")
        self._call = library.LGBM_BoosterPredictForMatSingleRowFast
        self._arguments = (self._fast, self._row, ctypes.byref(self._length), ctypes.byref(self._raw))

    def raw(self, values: tuple[float, ...]) -> float:
        """Log-odds before calibration; bit by bit what LightGBM's own `predict(raw_score=True)` gives."""
        self.fill(self._row, 0, *values)
        _check(self._call(*self._arguments), "a row that can be scored")
        return self._raw.value

    def raw_rows(self, address: int, rows: int) -> list[float]:
        """Log-odds of many rows at once, on one core; for each, bit by bit what `raw` gives.

        Unlike the rest of a scorer, it may be called from several threads at once.

        Parameters
        ----------
        address : of float64 values in memory, row after row
        rows : how many there are
        """
        return self._rows(_RAW_SCORE, address, rows, 1)

    def write_raw_rows(self, address: int, rows: int, into: int) -> None:
        """As `raw_rows`; the log-odds are written as float64 from the address `into` on."""
        self._write(_RAW_SCORE, address, rows, ctypes.c_void_p(into))

    def parts(self, trees: int) -> list[str]:
        """The model's texts of so many trees each, from the first one on; the last may have fewer."""
        library, count = native_library(), ctypes.c_int()
        library.LGBM_BoosterGetCurrentIteration(self._booster, ctypes.byref(count))
        return [self._text(start, trees) for start in range(0, count.value, trees)]

    def _text(self, start: int, trees: int) -> str:
        needed, text = ctypes.c_int64(), ctypes.create_string_buffer(1)
        for _ in range(2):  # the first call says how much room the second one needs
            failed = native_library().LGBM_BoosterSaveModelToString(
                self._booster, start, trees, 0, ctypes.c_int64(len(text)), ctypes.byref(needed), text
            )
            _check(failed, "a model in LightGBM's text format")
            text = text if len(text) >= needed.value else ctypes.create_string_buffer(needed.value)
        return text.value.decode()

    def write_leaves(self, address: int, rows: int, into: int) -> None:
        """Write which leaf of each tree each row reaches: float64, row after row, from the address `into` on.

        It may be called from several threads at once, as `raw_rows`.
        """
        self._write(_LEAVES, address, rows, ctypes.c_void_p(into))

    def probability(self, values: tuple[float, ...]) -> float:
        """Calibrated probability of a delay."""
        return self._calibrate(self.raw(values))

    def contributions(self, values: tuple[float, ...]) -> list[float]:
        """What each feature adds to the log-odds before calibration, and last the base that they add to.

        Bit by bit what LightGBM's own `predict(pred_contrib=True)` gives; the sum is `raw`, but for the last
        bits. It may be called from several threads at once.

        References
        ----------
        Lundberg, Erion, Lee (2018), Consistent individualized feature attribution for tree ensembles.
        """
        row = (ctypes.c_double * len(self._row))(*values)
        added = (ctypes.c_double * (len(row) + 1))()
        failed = self._call(self._explaining, row, ctypes.byref(ctypes.c_int64()), added)
        _check(failed, "a row that can be explained")
        return added[:]

    def contributions_rows(self, address: int, rows: int) -> list[float]:
        """Contributions of many rows at once, one row after the other; as `raw_rows` in everything else."""
        return self._rows(_CONTRIBUTIONS, address, rows, len(self._row) + 1)

    def _rows(self, kind: int, address: int, rows: int, width: int) -> list[float]:
        numbers = (ctypes.c_double * (rows * width))()
        self._write(kind, address, rows, numbers)
        return numbers[:]

    def _write(self, kind: int, address: int, rows: int, into: Any) -> None:
        failed = native_library().LGBM_BoosterPredictForMat(
            self._booster,
            ctypes.c_void_p(address),
            ctypes.c_int(_FLOAT64),
            ctypes.c_int32(rows),
            ctypes.c_int32(len(self._row)),
            ctypes.c_int(1),
            ctypes.c_int(kind),
            ctypes.c_int(0),
            ctypes.c_int(-1),
            b"num_threads=1",
            ctypes.byref(ctypes.c_int64()),
            into,
        )
        _check(failed, "rows that can be scored")

    def __del__(self) -> None:
        library = native_library()
        for config in (getattr(self, "_fast", None), getattr(self, "_explaining", None)):
            if config:
                library.LGBM_FastConfigFree(config)
        if getattr(self, "_booster", None):
            library.LGBM_BoosterFree(self._booster)


class OptionalScorer:
    """Scores flights with a booster; without one, the probability is the same for every flight.

    Parameters
    ----------
    model : LightGBM's text format, or None
    features, calibration : as of a `Scorer`; without a model, the probability is that of raw log-odds of 0

    Attributes
    ----------
    scorer : None without a model
    constant : the probability without a model
    """

    def __init__(self, model: str | None, features: int, calibration: Calibration) -> None:
        self.constant = calibration.probability(0.0)
        self.scorer = None if model is None else Scorer(model, features, calibration)

    def probability(self, values: tuple[float, ...]) -> float:
        """Calibrated probability for one flight."""
        return self.constant if self.scorer is None else self.scorer.probability(values)


def _check(failed: int, wanted: str) -> None:
    if failed:
        found = native_library().LGBM_GetLastError().decode(errors="replace")
        raise ArtifactError("booster", found, wanted=wanted)
