"""The fast call against LightGBM's own predict."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import lightgbm
import numpy as np
import pytest

from puntual.errors import ArtifactError, MissingDependencyError, NativeLibraryError
from puntual.inference import scorer
from puntual.inference.artifact import Artifact
from puntual.inference.calibration import Platt
from puntual.inference.scorer import Scorer
from puntual.models.boosting import FEATURE_NAMES
from tests.flights import random_rows


def test_it_equals_lightgbm_for_10_000_rows(small_artifact: Artifact) -> None:
    rows = random_rows(10_000, seed=3)
    assert np.isnan(rows).mean() > 0.1
    booster = lightgbm.Booster(model_str=small_artifact.without_timetable.booster)
    expected = np.asarray(booster.predict(rows, raw_score=True))
    fast = Scorer(
        small_artifact.without_timetable.booster,
        len(FEATURE_NAMES),
        small_artifact.without_timetable.calibration,
    )
    assert [fast.raw(tuple(row)) for row in rows.tolist()] == expected.tolist()


def test_contributions_equal_lightgbms(small_artifact: Artifact) -> None:
    rows = random_rows(1000, seed=4)
    booster = lightgbm.Booster(model_str=small_artifact.without_timetable.booster)
    expected = np.asarray(booster.predict(rows, pred_contrib=True))
    fast = Scorer(
        small_artifact.without_timetable.booster,
        len(FEATURE_NAMES),
        small_artifact.without_timetable.calibration,
    )
    assert [fast.contributions(tuple(row)) for row in rows.tolist()] == expected.tolist()
    assert fast.contributions_rows(rows.ctypes.data, len(rows)) == expected.ravel().tolist()
    assert expected.sum(axis=1) == pytest.approx([fast.raw(tuple(row)) for row in rows.tolist()], abs=1e-12)


def test_contributions_may_be_asked_from_several_threads(small_artifact: Artifact) -> None:
    rows = random_rows(200, seed=6)
    asked = [tuple(row) for row in rows.tolist()] * 5
    expected = Scorer(
        small_artifact.without_timetable.booster,
        len(FEATURE_NAMES),
        small_artifact.without_timetable.calibration,
    )
    alone = [expected.contributions(row) for row in asked]
    fast = Scorer(
        small_artifact.without_timetable.booster,
        len(FEATURE_NAMES),
        small_artifact.without_timetable.calibration,
    )
    with ThreadPoolExecutor(8) as threads:
        together = [threads.submit(fast.contributions_rows, rows.ctypes.data, len(rows)) for _ in range(8)]
        assert list(threads.map(fast.contributions, asked)) == alone
    assert all(one.result() == list(chain.from_iterable(alone[:200])) for one in together)


def test_calibration_keeps_the_order_and_the_range() -> None:
    calibration = Platt(slope=0.8, intercept=-0.3)
    given = [calibration.probability(raw) for raw in (-800.0, -3.0, 0.0, 3.0, 800.0)]
    assert given == sorted(given)
    assert (given[0], given[-1]) == pytest.approx((0, 1))


def test_another_number_of_features_is_refused(small_artifact: Artifact) -> None:
    with pytest.raises(ArtifactError, match=f"{len(FEATURE_NAMES)} features; wanted: 3"):
        Scorer(small_artifact.without_timetable.booster, 3, Platt())


def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(ArtifactError, match="booster: "):
        Scorer("hello", 3, Platt())


def test_a_missing_system_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: str) -> None:
        raise OSError("libgomp.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.setattr("ctypes.CDLL", fail)
    with pytest.raises(NativeLibraryError, match="install the package libgomp1"):
        scorer.native_library.__wrapped__()


def test_missing_lightgbm_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match="lightgbm"):
        scorer.native_library.__wrapped__()
