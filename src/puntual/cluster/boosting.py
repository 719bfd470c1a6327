"""Fits a booster on rows that lie in buckets, by LightGBM's Dask part, and again if a worker is lost."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from typing import Any, NamedTuple

import dask.array as da
import lightgbm
import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl
from dask.delayed import delayed as lazily
from dask.typing import Key
from distributed import Client
from distributed import Future as DaskFuture

from puntual.cluster.bins import MIN_EXPECTED, check_categories
from puntual.cluster.connection import LOST_SECONDS, Say, bring_back, is_lost, lost_scheduler, lost_workers
from puntual.cluster.features import DELAYED, read_rows
from puntual.cluster.tasks import CHECK_SECONDS, describe_failure
from puntual.data.places import join, read_bytes, write_bytes
from puntual.errors import ClusterError
from puntual.models.boosting import CATEGORICAL, DAY_OF_YEAR, FEATURE_NAMES, Booster, Parameters
from puntual.models.ensemble import MEMBERS, Ensemble, member_seeds
from puntual.models.modes import Transform
from puntual.types import Progress, no_progress

FITS = 4
"""Times that a booster is begun before it is given up."""
BACK_SECONDS, BACK_LOOKS = 120, 6
"""Until workers are there again after a restart."""

Floats = npt.NDArray[np.float32]
_OF_SCIKIT_LEARN = {
    "seed": "random_state",
    "min_data_in_leaf": "min_child_samples",
    "lambda_l2": "reg_lambda",
    "bagging_fraction": "subsample",
    "bagging_freq": "subsample_freq",
    "feature_fraction": "colsample_bytree",
    "min_gain_to_split": "min_split_gain",
}
"""Names of LightGBM's parameters in its estimators, where these have defaults of their own."""
_OF_A_PROCESS = ("num_threads", "objective")
_ADDRESSES = ("[machines: ", "[num_machines: ", "[local_listen_port: ")


class Bucket(NamedTuple):
    """Rows that are loaded at once.

    Attributes
    ----------
    files : of the airports, in order
    rows : in all of them
    """

    files: tuple[str, ...]
    rows: int


class _InOrder:
    """A client that says where results are in the order in which it is asked.

    LightGBM numbers the processes, and lines up their rows, by the order of this answer, which Dask leaves to
    chance.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def who_has(self, futures: Sequence[DaskFuture[Any]]) -> dict[Key, Any]:
        """The workers that hold each result."""
        found = self._client.who_has(futures)
        return {one.key: found[one.key] for one in futures}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


class _Fit(NamedTuple):
    """What a booster is fitted on, features that are missing in it, and how."""

    buckets: Sequence[Bucket]
    view: Transform
    hidden: list[str]
    without_day: bool
    settings: Parameters
    trees: int


def keep_quiet() -> None:
    """Let LightGBM's Dask part write to a log instead of stdout, where results go."""
    log = logging.getLogger("puntual.lightgbm")
    log.setLevel(logging.ERROR)
    lightgbm.register_logger(log)


def fit_network(
    client: Client,
    buckets: Sequence[Bucket],
    view: Transform,
    *,
    trees: int,
    seed: int,
    parameters: Parameters,
    categories: Mapping[str, Mapping[int, int]],
    work: str,
    stage: str,
    say: Say,
    progress: Progress = no_progress,
) -> Ensemble:
    """As `puntual.models.ensemble.fit_ensemble`, on the rows of all buckets.

    Parameters
    ----------
    view : the mode that is learned
    work : path or address of the folder in which each booster is kept; one that is there is not fitted again
    categories : by feature, the number of rows of each category, which have to be in the bins
    stage : for `progress`, called after each booster
    say : is told of a booster that is begun again

    Raises
    ------
    ClusterError : a booster failed `FITS` times, or lacks a category
    """
    members = []
    hidden = unread_categories(categories, len(client.nthreads()))
    for member, of_member in enumerate(member_seeds(seed)):
        settings = {**parameters, "seed": of_member}
        fit = _Fit(buckets, view, hidden, member > 0, settings, trees)
        kept = join(work, "boosters", f"{_digest(fit)}.txt")
        written = read_bytes(kept)
        if written is None:
            text = _fit_again(client, fit, say)
            known = {name: rows for name, rows in categories.items() if name not in hidden}
            check_categories(text, known, processes=len(client.nthreads()))
            write_bytes(kept, text.encode())
        else:
            text = written.decode()
        members.append(Booster(text))
        progress(stage, MEMBERS)
    return Ensemble(tuple(members))


def _digest(fit: _Fit) -> str:
    """A name for a booster, by all that it depends on beside the content of its rows."""
    named = getattr(fit.view, "__name__", ""), fit.hidden, fit.without_day, fit.settings, fit.trees
    return hashlib.sha256(msgspec.json.encode(named, order="deterministic")).hexdigest()[:16]


def unread_categories(categories: Mapping[str, Mapping[int, int]], processes: int) -> list[str]:
    """Features with categories of which so few flights have a value that a process may have none.

    LightGBM 4.7 reads past the bins of such a feature when processes exchange them, and ends.

    Examples
    --------
    >>> unread_categories({"airline": {0: 900, 1: 100}, "operator": {}}, 2)
    ['operator']
    """
    return [name for name, rows in categories.items() if sum(rows.values()) < MIN_EXPECTED * processes]


def load_matrix(files: Sequence[str], view: Transform, *, hidden: list[str], without_day: bool) -> Floats:
    """The features of a bucket in a mode, for one member of an ensemble; `hidden` ones are missing."""
    rows = pl.concat(map(read_rows, files)).select(FEATURE_NAMES).to_numpy()
    matrix = view(rows).astype(np.float32)
    matrix[:, [FEATURE_NAMES.index(name) for name in hidden]] = np.nan
    if without_day:
        matrix[:, DAY_OF_YEAR] = 0
    return matrix


def load_delayed(files: Sequence[str]) -> Floats:
    """Whether each flight of a bucket was delayed, as a number."""
    return (
        pl.concat(read_rows(path).select(DELAYED) for path in files).to_series().to_numpy().astype(np.float32)
    )


def _chunks(client: Client, fit: _Fit) -> tuple[Any, Any]:
    """The rows of all buckets as arrays of Dask, a chunk a bucket, which workers load by their paths.

    Buckets go to the workers in turns: which rows are together decides the last bits of a booster, and one
    that is begun again is to be the same.

    Raises
    ------
    ClusterError : there is no worker
    """
    workers, width = [*client.scheduler_info(n_workers=-1)["workers"]], len(FEATURE_NAMES)
    if not workers:
        raise lost_workers(client)
    matrix, delayed = [], []
    for number, bucket in enumerate(fit.buckets):
        at = {"workers": [workers[number % len(workers)]], "pure": False}
        rows = client.submit(
            load_matrix, bucket.files, fit.view, hidden=fit.hidden, without_day=fit.without_day, **at
        )
        outcomes = client.submit(load_delayed, bucket.files, **at)
        matrix.append(da.from_delayed(lazily(rows), (bucket.rows, width), dtype=np.float32))
        delayed.append(da.from_delayed(lazily(outcomes), (bucket.rows,), dtype=np.float32))
    return da.concatenate(matrix), da.concatenate(delayed)


def _fit_again(client: Client, fit: _Fit, say: Say) -> str:
    """Fit; if a worker is lost or stands still, start the workers anew and begin again."""
    failures: list[str] = []
    workers = len(client.nthreads())
    while len(failures) < FITS:
        try:
            return _fit_watched(client, fit)
        except Exception as error:  # noqa: BLE001, of Dask, LightGBM, and the network between them
            if is_lost(client):
                raise lost_scheduler(client) from None
            failures.append(describe_failure(error))
            say(f"a booster is begun again: {failures[-1]}")
            _restart(client, workers)
    where = str(client.scheduler_info()["address"])
    raise ClusterError(where, f"a booster failed {FITS} times: {failures[-1]}", wanted="workers that stay")


def _restart(client: Client, workers: int) -> None:
    """Start all workers anew; go on with those that are back in time."""
    # One that does not end in time keeps none of the others from being waited for.
    with contextlib.suppress(TimeoutError):
        client.restart(timeout=BACK_SECONDS, wait_for_workers=False)
    for _ in range(BACK_LOOKS):
        with contextlib.suppress(TimeoutError):
            client.wait_for_workers(workers, timeout=BACK_SECONDS / BACK_LOOKS)
            return
        bring_back(client)
    if not client.nthreads():
        raise lost_workers(client)


def _fit_watched(client: Client, fit: _Fit) -> str:
    """Fit on a thread, while this one looks after the workers."""
    workers = len(client.nthreads())
    with ThreadPoolExecutor(1, thread_name_prefix="fit") as threads:
        fitting = threads.submit(_fit, client, fit)
        try:
            _watch(client, fitting)
        except ClusterError:
            # What the thread waits for is cancelled with the workers' tasks.
            _restart(client, workers)
            wait_for([fitting])
            raise
        return fitting.result()


def _watch(client: Client, fitting: Future[str]) -> None:
    """Wait for a fit.

    Raises
    ------
    ClusterError : a worker is gone, or has not been heard of for `LOST_SECONDS`
    """
    begun = set(client.scheduler_info(n_workers=-1)["workers"])
    while not wait_for([fitting], CHECK_SECONDS).done:
        workers = client.scheduler_info(n_workers=-1)["workers"]
        gone = begun - set(workers)
        still = {name for name, one in workers.items() if time.time() - one["last_seen"] > LOST_SECONDS}
        if fitting.done() or not (gone or still):
            continue
        found = "is lost" if gone else f"has not been heard of for {LOST_SECONDS} s"
        raise ClusterError(min(gone or still), f"the worker {found}", wanted="workers that stay")


def _fit(client: Client, fit: _Fit) -> str:
    from lightgbm.dask import DaskLGBMClassifier  # noqa: PLC0415, loads pandas

    parameters: dict[str, Any] = {
        _OF_SCIKIT_LEARN.get(name, name): value
        for name, value in fit.settings.items()
        if name not in _OF_A_PROCESS
    }
    categories = [name for name in CATEGORICAL if name not in fit.hidden]
    ordered: Any = _InOrder(client)
    model = DaskLGBMClassifier(client=ordered, tree_learner="data", n_estimators=fit.trees, **parameters)
    matrix, delayed = _chunks(client, fit)
    model.fit(matrix, delayed, feature_name=[*FEATURE_NAMES], categorical_feature=categories)
    return without_addresses(str(model.booster_.model_to_string()))


def without_addresses(text: str) -> str:
    r"""A booster's text without the machines that it was fitted on.

    Examples
    --------
    >>> without_addresses("[num_machines: 2]\n[machines: 10.0.0.7:41]\n[seed: 1]\n")
    '[seed: 1]\n'
    """
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(_ADDRESSES))
