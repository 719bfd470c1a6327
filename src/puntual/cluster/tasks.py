"""Runs a task for each of many things, shows how many are done, and names those that cannot be."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

from dask.typing import Key
from distributed import Client, Future, as_completed
from distributed.client import FutureCancelledError
from distributed.scheduler import KilledWorker

from puntual.cluster.connection import WORKER_SECONDS, bring_back, is_lost, lost_scheduler, lost_workers
from puntual.errors import DataError, PuntualError, printable
from puntual.types import Progress, no_progress

Result = TypeVar("Result")

TRIES = 3
"""Of each task."""
PAUSE_SECONDS, CHECK_SECONDS = 0.02, 5.0
"""Between two looks for results, and for workers."""


class Outcome(NamedTuple, Generic[Result]):
    """What tasks gave, by their names in the given order, and why some gave nothing."""

    results: dict[str, Result]
    failures: dict[str, str]


class Failure(NamedTuple):
    """Why a task gave nothing, on one line."""

    reason: str


def run_tasks(
    client: Client,
    work: Callable[..., Result],
    tasks: Mapping[str, tuple[Any, ...]],
    *,
    stage: str,
    progress: Progress = no_progress,
    strict: bool = False,
) -> Outcome[Result]:
    """Run some work for each task; one whose worker is lost runs again on another.

    Parameters
    ----------
    work : a function that the workers have too; its arguments, such as paths, and its result are small
    tasks : arguments by name; the name is that of a file, if one file may be what fails
    progress : called after each task with the stage and how many there are
    strict : a task that fails `TRIES` times stops all; otherwise the others go on

    Raises
    ------
    DataError : a task failed, and `strict`
    ClusterError : the scheduler is lost, or all workers are and none comes back
    """
    results: dict[str, Result] = {}
    failures: dict[str, str] = {}
    for name, result in stream_tasks(client, work, tasks, strict=strict):
        if isinstance(result, Failure):
            failures[name] = result.reason
        else:
            results[name] = result
        progress(stage, len(tasks))
    return Outcome(
        {name: results[name] for name in tasks if name in results},
        {name: failures[name] for name in tasks if name in failures},
    )


def stream_tasks(
    client: Client,
    work: Callable[..., Result],
    tasks: Mapping[str, tuple[Any, ...]],
    *,
    strict: bool = False,
    worker_seconds: float = WORKER_SECONDS,
) -> Iterator[tuple[str, Result | Failure]]:
    """As `run_tasks`, each result with the name of its task as soon as it is there.

    Parameters
    ----------
    worker_seconds : to wait for a new worker when all are gone
    """
    named: dict[Key, str] = {}
    futures = []
    for name, arguments in tasks.items():
        future = client.submit(work, *arguments, retries=TRIES - 1, pure=False)
        named[future.key] = name
        futures.append(future)
    try:
        for future in _completed(client, futures, worker_seconds):
            name = named[future.key]
            try:
                result: Result | Failure = future.result()
            except FutureCancelledError:
                raise lost_scheduler(client) from None
            except Exception as error:  # noqa: BLE001, whatever a file makes a library raise
                result = Failure(describe_failure(error))
                if strict:
                    raise DataError(name, f"failed {TRIES} times: {result.reason}") from None
            yield name, result
            future.release()
    finally:
        left = [future for future in futures if not future.done()]
        if left and client.status == "running":
            client.cancel(left)


def _completed(
    client: Client, futures: Collection[Future[Any]], worker_seconds: float
) -> Iterator[Future[Any]]:
    """Each as soon as it is done; Dask itself waits for ever if no worker is left."""
    completed = as_completed(futures, loop=client.loop)
    checked = worked = time.monotonic()
    while not completed.is_empty():
        if completed.has_ready():
            yield from completed.next_batch(block=False)
            continue
        time.sleep(PAUSE_SECONDS)
        now = time.monotonic()
        if now - checked < min(CHECK_SECONDS, worker_seconds):
            continue
        checked = now
        if is_lost(client):
            raise lost_scheduler(client)
        if client.nthreads():
            worked = now
            continue
        bring_back(client)
        if now - worked > worker_seconds:
            raise lost_workers(client, f", and none came back within {worker_seconds:.0f} s")


def describe_failure(error: BaseException) -> str:
    r"""Why a task failed, on one line.

    Examples
    --------
    >>> describe_failure(ValueError("no\nnumber"))
    'ValueError: no number'
    """
    if isinstance(error, KilledWorker):
        return "every worker that it ran on ended, of too little memory or of what it read"
    text = printable(" ".join(str(error).split()))
    return text if isinstance(error, PuntualError) else f"{type(error).__name__}: {text}"
