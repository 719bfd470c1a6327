"""The fast call against LightGBM's own predict."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import lightgbm
import numpy as np
import pytest

from puntual.batch import scoring
from puntual.errors import ArtifactError, MissingDependencyError, NativeLibraryError
from puntual.inference.artifact import Artifact
from puntual.inference.calibration import Platt
from puntual.inference.scorer import Scorer, native_library
from puntual.models.boosting import FEATURE_NAMES
from tests.flights import random_rows


def test_it_equals_lightgbm(small_artifact: Artifact, scorer: Scorer) -> None:
    rows = random_rows(10_000, seed=3)
    assert np.isnan(rows).mean() > 0.1
    booster = lightgbm.Booster(model_str=small_artifact.without_timetable.booster)
    raw = np.asarray(booster.predict(rows, raw_score=True))
    assert [scorer.raw(tuple(row)) for row in rows.tolist()] == raw.tolist()
    few = rows[:1000]
    expected = np.asarray(booster.predict(few, pred_contrib=True))
    assert [scorer.contributions(tuple(row)) for row in few.tolist()] == expected.tolist()
    assert scorer.contributions_rows(few.ctypes.data, len(few)) == expected.ravel().tolist()
    assert expected.sum(axis=1) == pytest.approx(raw[:1000], abs=1e-12)


def test_contributions_may_be_asked_from_several_threads(scorer: Scorer) -> None:
    rows = random_rows(200, seed=6)
    asked = [tuple(row) for row in rows.tolist()]
    alone = [scorer.contributions(row) for row in asked]
    with ThreadPoolExecutor(8) as threads:
        together = [threads.submit(scorer.contributions_rows, rows.ctypes.data, len(rows)) for _ in range(8)]
        assert list(threads.map(scorer.contributions, asked * 5)) == alone * 5
    assert all(one.result() == list(chain.from_iterable(alone)) for one in together)


def test_many_rows_go_through_some_trees_at_a_time(
    small_artifact: Artifact, scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the same answers, bit by bit, also if the last group of trees has fewer."""
    rows = random_rows(scoring.MANY_ROWS + 1, seed=7)
    trees = small_artifact.without_timetable.booster.count("Tree=")
    assert [text.count("Tree=") for text in scorer.parts(trees - 1)] == [trees - 1, 1]
    monkeypatch.setattr(scoring, "TREES_AT_ONCE", trees - 1)
    monkeypatch.setattr(scoring, "CHUNK_ROWS", 100)
    found = scoring.score_rows(scorer, rows)
    assert found[:500].tolist() == [scorer.probability(tuple(row)) for row in rows[:500].tolist()]
    monkeypatch.setattr(scoring, "MANY_ROWS", len(rows) + 1)
    assert np.array_equal(found, scoring.score_rows(scorer, rows))


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
        native_library.__wrapped__()


def test_missing_lightgbm_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match="lightgbm"):
        native_library.__wrapped__()
