"""Searches LightGBM's settings by rolling months of the training part; the test part is not looked at."""

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
from puntual.training.fitting import TuningResults, choose
from puntual.training.splits import Parts

SECONDS = 600.0
SEEDS = 3
"""Models of each, when the best settings are measured against the usual ones at the end."""
_NAME = "puntual"
_DRAWN_FIRST = 8
"""Trials that are drawn at random, before what did well guides the next."""
_MONTHS = "months"
_DELAYS, _FLIGHTS = "flights", "flights alone"
"""Digests that a study keeps: of the flights with whether they were late, and without."""
_JOURNAL = b'{"op_code":'
"""What a study's file begins with."""


class Tried(NamedTuple):
    """Settings, and how they did.

    Attributes
    ----------
    loss : mean log loss of the rolling months' flights, of those within their timetable and those alone
    months : the same of each rolling month
    """

    settings: dict[str, float]
    loss: float
    months: tuple[float, ...]


class Search(NamedTuple):
    """What a search found.

    Attributes
    ----------
    usual : the settings that are taken where none are given; best : least loss, which may be the same
    firsts : first local date of each rolling month
    trials : how many ended, of all runs of a study
    gain : log loss of the usual settings above that of the best, with seeds that nothing was chosen by; its
        interval holds days and seeds. None until the search has ended, or where both are the same
    """

    usual: Tried
    best: Tried
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
    seed: int,
    on_step: Callable[[], None] = lambda: None,
    on_trial: Callable[[Search], None] = lambda search: None,
) -> Search:
    """Search settings of least loss; the usual ones are tried first.

    Parameters
    ----------
    parts : of the time split; the test part is not used
    seconds : no trial is begun after, save the first of a study; the measurement at the end comes after
    trials : at most so many more; None: as many as the seconds allow
    study : a file that keeps the trials, and that a later search goes on from; None: they are not kept
    seed : of the trees and the draws
    on_step : called after each tree, by several cores; on_trial : after each trial

    Raises
    ------
    SettingError : the file is not of such a search, or of other flights, or of another threshold
    KeyboardInterrupt : before the first trial ended; later ones end the search, or the measurement after it
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    asked = _study(parts, study, seed)
    folds = parts.folds(seed)
    firsts = tuple(str(parts.learned.dates[held_out][0]) for _, held_out in folds)

    def try_out(settings: dict[str, float], seed: int) -> TuningResults:
        return choose(parts, settings=settings, seed=seed, progress=lambda stage, steps: on_step())

    def loss(trial: optuna.Trial) -> float:
        settings = check_settings("trial", {name: _suggest(trial, name) for name in RANGES})
        chosen = try_out(settings, seed)
        trial.set_user_attr(_MONTHS, np.mean([tuned.months for tuned in chosen], axis=0).tolist())
        return float(np.mean([tuned.loss for tuned in chosen]))

    callbacks = [lambda asked, _: on_trial(_found(asked, firsts))]
    start = time.perf_counter()
    try:
        if not _usual(asked):
            asked.optimize(loss, n_trials=1, callbacks=callbacks)
            trials = None if trials is None else trials - 1
        left = None if seconds is None else max(seconds - (time.perf_counter() - start), 0)
        asked.optimize(loss, n_trials=trials, timeout=left, callbacks=callbacks)
    except KeyboardInterrupt:
        if not _usual(asked):
            raise
    found = _found(asked, firsts)
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
    """Loss of each flight of the rolling months, the mean of within its timetable and alone."""
    return np.asarray(np.mean([losses(expit(tuned.raw), tuned.delayed) for tuned in chosen], axis=0))


def _study(parts: Parts, path: Path | None, seed: int) -> optuna.Study:
    """A new study or the one of a file, its first trial being the usual settings."""
    digest = hashlib.sha256(parts.learned.matrix.tobytes())
    flights = digest.hexdigest()
    digest.update(parts.learned.delayed.tobytes())
    delays = digest.hexdigest()
    try:
        storage = _storage(path)
        asked = optuna.create_study(storage=storage, study_name=_NAME, load_if_exists=True)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingError(f"--study: {path} is no file of a search: {error}") from error
    if asked.user_attrs.get(_DELAYS, delays) != delays:
        same = asked.user_attrs.get(_FLIGHTS) == flights
        other = (
            "another --threshold" if same else "other flights, or another --since, --until or --split-date"
        )
        raise SettingError(f"--study: {path} is of {other}; wanted: the same, or another file")
    asked.set_user_attr(_DELAYS, delays)
    asked.set_user_attr(_FLIGHTS, flights)
    if not _usual(asked):
        asked.enqueue_trial(settings_of(PARAMETERS))
    # A search that goes on draws other settings than it began with.
    asked.sampler = optuna.samplers.TPESampler(seed=seed + len(asked.trials), n_startup_trials=_DRAWN_FIRST)
    return asked


def _storage(path: Path | None) -> BaseStorage:
    if path is None:
        return InMemoryStorage()
    _check_journal(path)
    return JournalStorage(JournalFileBackend(str(path)))


def _check_journal(path: Path) -> None:
    """Refuse another file before optuna writes behind what is in it."""
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


def _tried(asked: optuna.Study) -> list[Tried]:
    return [
        Tried(
            check_settings("trial", trial.params), float(trial.value or 0), tuple(trial.user_attrs[_MONTHS])
        )
        for trial in asked.get_trials(deepcopy=False, states=[TrialState.COMPLETE])
    ]


def _usual(asked: optuna.Study) -> Tried | None:
    return next((one for one in _tried(asked) if one.settings == settings_of(PARAMETERS)), None)


def _found(asked: optuna.Study, firsts: tuple[str, ...]) -> Search:
    tried = _tried(asked)
    best = min(tried, key=lambda one: one.loss)
    return Search(_usual(asked) or tried[0], best, firsts, len(tried))
