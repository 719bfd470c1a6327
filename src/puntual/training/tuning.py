"""Searches LightGBM's settings on rolling months of the training part; the test part is not used."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import optuna
from optuna.storages import BaseStorage, InMemoryStorage, JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState
from scipy.special import expit

from puntual.errors import SettingError
from puntual.inference.estimates import Estimate
from puntual.metrics.intervals import Days, losses
from puntual.models.boosting import PARAMETERS
from puntual.models.settings import RANGES, check_settings, settings_of
from puntual.training.cross_validation import FULL, Budget
from puntual.training.fitting import TuningResults, choose
from puntual.training.splits import Parts

SECONDS = 600.0
SEEDS = 3
"""Seeds with which the best settings are compared with the default ones at the end."""
_NAME = "puntual"
_DRAWN_FIRST = 8
"""Random trials before the search is guided by the results."""
_MONTHS = "months"
_DELAYS, _FLIGHTS = "flights", "flights alone"
"""Digests that a study keeps: of the flights with their outcomes, and without."""
_JOURNAL = b'{"op_code":'
"""The beginning of a study's file."""


class TrialResult(NamedTuple):
    """The result of one trial of settings.

    Attributes
    ----------
    loss : log loss on the rolling months, the mean of with and without the timetable
    months : the same of each rolling month
    """

    settings: dict[str, float]
    loss: float
    months: tuple[float, ...]


class SearchResult(NamedTuple):
    """The result of a search.

    Attributes
    ----------
    usual : the settings that are taken where none are given; best : least loss, which may be the same
    firsts : first local date of each rolling month
    trials : how many ended, of all runs of a study
    gain : log loss of the usual settings above that of the best, with seeds that nothing was chosen by; its
        interval holds days and seeds. None until the search has ended, or where both are the same
    """

    usual: TrialResult
    best: TrialResult
    firsts: tuple[str, ...]
    trials: int
    gain: Estimate | None = None

    @property
    def gains(self) -> tuple[float, ...]:
        """Loss of the usual settings above that of the best, of each rolling month."""
        return tuple(a - b for a, b in zip(self.usual.months, self.best.months, strict=True))


def search(
    parts: Parts,
    *,
    seconds: float | None = SECONDS,
    trials: int | None = None,
    study: Path | None = None,
    budget: Budget = FULL,
    seed: int,
    on_step: Callable[[], None] = lambda: None,
    on_trial: Callable[[SearchResult], None] = lambda search: None,
) -> SearchResult:
    """Search for the settings of least loss; the default ones are tried first.

    Parameters
    ----------
    parts : of the time split; the test part is not used
    seconds : no trial is begun after, save the first of a study; the measurement at the end comes after
    trials : at most so many more; None: as many as the seconds allow
    study : a file that keeps the trials, and that a later search goes on from; None: they are not kept
    budget : how much each trial tries
    seed : of the trees and the draws
    on_step : called after each tree, by several cores; on_trial : after each trial

    Raises
    ------
    SettingError : the file is not of such a search, or of other flights, or of another threshold
    KeyboardInterrupt : before the first trial ended; later ones end the search, or the measurement after it
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    parts = parts.to_choose_on(budget)
    optuna_study = _study(parts, study, seed)
    folds = parts.folds(seed)
    firsts = tuple(str(parts.learned.dates[held_out][0]) for _, held_out in folds)

    def try_out(settings: dict[str, float], seed: int) -> TuningResults:
        return choose(
            parts, budget=budget, settings=settings, seed=seed, progress=lambda stage, steps: on_step()
        )

    def loss(trial: optuna.Trial) -> float:
        settings = check_settings("trial", {name: _suggest(trial, name) for name in RANGES})
        chosen = try_out(settings, seed)
        trial.set_user_attr(_MONTHS, np.mean([tuned.months for tuned in chosen], axis=0).tolist())
        return float(np.mean([tuned.loss for tuned in chosen]))

    callbacks = [lambda optuna_study, _: on_trial(_found(optuna_study, firsts))]
    start = time.perf_counter()
    try:
        if not _usual(optuna_study):
            optuna_study.optimize(loss, n_trials=1, callbacks=callbacks)
            trials = None if trials is None else trials - 1
        left = None if seconds is None else max(seconds - (time.perf_counter() - start), 0)
        optuna_study.optimize(loss, n_trials=trials, timeout=left, callbacks=callbacks)
    except KeyboardInterrupt:
        if not _usual(optuna_study):
            raise
    found = _found(optuna_study, firsts)
    if found.best.settings == found.usual.settings:
        return found
    held_out = np.concatenate([np.flatnonzero(part) for _, part in folds])
    try:
        gains = [
            _losses(try_out(found.usual.settings, fresh)) - _losses(try_out(found.best.settings, fresh))
            for fresh in range(seed + 1, seed + 1 + SEEDS)
        ]
    except KeyboardInterrupt:
        return found
    days = Days(parts.learned.dates[held_out], parts.learned.delayed[held_out])
    return found._replace(gain=days.mean(np.column_stack(gains)))


def _losses(chosen: TuningResults) -> npt.NDArray[np.float64]:
    """Loss of each flight of the rolling months, the mean of with and without the timetable."""
    return np.asarray(np.mean([losses(expit(tuned.raw), tuned.delayed) for tuned in chosen], axis=0))


def _study(parts: Parts, path: Path | None, seed: int) -> optuna.Study:
    """A new study or that of a file; its first trial is the default settings."""
    digest = hashlib.sha256(parts.learned.matrix.tobytes())
    flights = digest.hexdigest()
    digest.update(parts.learned.delayed.tobytes())
    delays = digest.hexdigest()
    try:
        storage = _storage(path)
        optuna_study = optuna.create_study(storage=storage, study_name=_NAME, load_if_exists=True)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingError(f"--study: {path} is no file of a search: {error}") from error
    if optuna_study.user_attrs.get(_DELAYS, delays) != delays:
        same = optuna_study.user_attrs.get(_FLIGHTS) == flights
        other = (
            "another --threshold" if same else "other flights, or another --since, --until or --split-date"
        )
        raise SettingError(f"--study: {path} is of {other}; wanted: the same, or another file")
    optuna_study.set_user_attr(_DELAYS, delays)
    optuna_study.set_user_attr(_FLIGHTS, flights)
    if not _usual(optuna_study):
        optuna_study.enqueue_trial(settings_of(PARAMETERS))
    # A continued search samples other settings than it began with.
    optuna_study.sampler = optuna.samplers.TPESampler(
        seed=seed + len(optuna_study.trials), n_startup_trials=_DRAWN_FIRST
    )
    return optuna_study


def _storage(path: Path | None) -> BaseStorage:
    if path is None:
        return InMemoryStorage()
    _check_journal(path)
    return JournalStorage(JournalFileBackend(str(path)))


def _check_journal(path: Path) -> None:
    """Refuse another file before optuna appends to it."""
    if path.exists():
        with path.open("rb") as file:
            first = file.read(len(_JOURNAL))
        if not _JOURNAL.startswith(first):
            raise ValueError(f"it begins with {first!r}")


def _suggest(trial: optuna.Trial, name: str) -> float:
    allowed = RANGES[name]
    if allowed.whole:
        return trial.suggest_int(name, int(allowed.low), int(allowed.high), log=allowed.log)
    return trial.suggest_float(name, allowed.low, allowed.high, log=allowed.log)


def _results(optuna_study: optuna.Study) -> list[TrialResult]:
    return [
        TrialResult(
            check_settings("trial", trial.params), float(trial.value or 0), tuple(trial.user_attrs[_MONTHS])
        )
        for trial in optuna_study.get_trials(deepcopy=False, states=[TrialState.COMPLETE])
    ]


def _usual(optuna_study: optuna.Study) -> TrialResult | None:
    return next((one for one in _results(optuna_study) if one.settings == settings_of(PARAMETERS)), None)


def _found(optuna_study: optuna.Study, firsts: tuple[str, ...]) -> SearchResult:
    results = _results(optuna_study)
    best = min(results, key=lambda one: one.loss)
    return SearchResult(_usual(optuna_study) or results[0], best, firsts, len(results))
