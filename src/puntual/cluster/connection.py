"""Connects to a cluster, or starts one of processes of this machine."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

import dask
from distributed import Client, LocalCluster, WorkerPlugin

from puntual.cluster.address import ClusterAddress, parse_cluster
from puntual.cluster.versions import check_versions
from puntual.errors import ClusterError, MissingDependencyError, PuntualError, printable

CONNECT_SECONDS = 15
"""To reach the scheduler."""
WORKER_SECONDS = 60
"""Until the first worker is there: one that is being scaled up takes a while."""
LOST_SECONDS = 30
"""A worker that has not been heard of for so long is given up; for a local cluster."""
MAX_WORKER_DEATHS = 2
"""A task with which more workers than these ended is not tried again; for a local cluster."""

_LOGGERS = (
    "distributed",
    "distributed.client",
    "distributed.nanny",
    "distributed.worker",
    "distributed.scheduler",
    "tornado",
)
_LOCAL: dict[str, Any] = {
    "distributed.scheduler.allowed-failures": MAX_WORKER_DEATHS,
    "distributed.scheduler.worker-ttl": f"{LOST_SECONDS}s",
}

Say = Callable[[str], None]
"""Is told what a user should know, a line each."""


class Mute(WorkerPlugin):
    """Keeps what libraries print in the workers out of this process's stdout, where results go."""

    name = "puntual-mute"

    def setup(self, worker: Any) -> None:  # noqa: ARG002, as Dask calls it
        """Send the process's stdout nowhere: LightGBM writes to it past Python."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)


@contextmanager
def connect(cluster: str, say: Say, *, worker_seconds: float = WORKER_SECONDS) -> Iterator[Client]:
    """Give a client of a cluster whose workers have the same versions as this process.

    Parameters
    ----------
    cluster : of `--cluster`
    say : is given the sentence with the dashboard's address
    worker_seconds : to wait for the first worker

    Raises
    ------
    SettingError : no such kind of cluster
    ClusterError : it cannot be reached, has no workers, or other versions
    MissingDependencyError : the libraries of clusters are not installed

    What is done with the client raises a ClusterError if its scheduler is lost.
    """
    address = parse_cluster(cluster)
    for library in ("pandas", "pyarrow"):
        # LightGBM's Dask part refuses to work without them.
        if find_spec(library) is None:
            raise MissingDependencyError(library, extra="cluster")
    # A worker's end is an accident that the client copes with, and reports itself.
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with dask.config.set(_LOCAL if address.kind == "local" else {}), _open(address) as client:
        try:
            client.wait_for_workers(1, timeout=worker_seconds)
        except TimeoutError:
            found = f"no worker within {worker_seconds:.0f} s"
            raise ClusterError(address.text, found, wanted="a cluster with workers") from None
        check_versions(client, address.text)
        workers = len(client.nthreads())
        count = f"{workers} worker" if workers == 1 else f"{workers} workers"
        say(f"{address.text}: {count}; dashboard: {client.dashboard_link}")
        try:
            yield client
        except Exception as error:
            # What a client raises that has lost its scheduler depends on what it was doing.
            if isinstance(error, PuntualError) or not is_lost(client):
                raise
            raise lost_scheduler(client) from None


def is_lost(client: Client) -> bool:
    """Whether the scheduler of a client no longer answers."""
    scheduler: Any = client.scheduler
    try:
        client.sync(scheduler.identity)
    except Exception:  # noqa: BLE001, also what a closed client lacks
        return True
    return False


def lost_scheduler(client: Client) -> ClusterError:
    """The error of a client whose scheduler is gone."""
    address = getattr(client.scheduler, "address", None) or "the cluster"
    wanted = "the same command once it is back; train --work goes on with --resume"
    return ClusterError(str(address), "the scheduler is lost", wanted=wanted)


def lost_workers(client: Client, after: str = "") -> ClusterError:
    """The error of a client whose workers are all gone."""
    where = str(client.scheduler_info()["address"])
    return ClusterError(where, f"all workers are lost{after}", wanted="workers that stay")


def bring_back(client: Client) -> None:
    """Have a cluster of this machine begin those of its workers anew that it has given up.

    It gives one up that cannot reach the scheduler within half a minute of its start, as on a machine that
    has too much to do. Other clusters look after their workers themselves.
    """
    if isinstance(client.cluster, LocalCluster):
        client.cluster.scale(len(client.cluster.worker_spec))


@contextmanager
def _open(address: ClusterAddress) -> Iterator[Client]:
    if address.kind == "local":
        cluster = LocalCluster(
            n_workers=address.workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
        )
        try:
            with Client(cluster) as client:
                client.register_plugin(Mute())
                yield client
        finally:
            # When all is closed, Dask may look for a worker that was lost before.
            with suppress(KeyError):
                cluster.close()
    elif address.kind == "kubernetes":
        with _kubernetes(address) as cluster, Client(cluster) as client:
            yield client
    else:
        with _client(address) as client:
            yield client


def _client(address: ClusterAddress) -> Client:
    try:
        _greet(address)
        return Client(address.name, timeout=CONNECT_SECONDS)
    except TimeoutError:
        found = f"no scheduler answered within {CONNECT_SECONDS} s"
    except OSError as error:
        found = (error.strerror or str(error)).lower()
    raise ClusterError(address.text, found, wanted="a Dask scheduler that answers")


def _greet(address: ClusterAddress) -> None:
    """Connect once and wait for a scheduler's greeting; other services wait to be spoken to.

    Dask's client asks a port that refuses again and again, and takes what a web server answers for sizes.

    Raises
    ------
    OSError : there is no connection, or no greeting in time
    """
    place = urlsplit(address.name)
    at = place.hostname or "", place.port or 0
    with socket.create_connection(at, CONNECT_SECONDS) as connection:
        if place.scheme == "tcp" and not connection.recv(1):
            raise ConnectionResetError(None, "connection closed")


def _kubernetes(address: ClusterAddress) -> Any:
    """A cluster of the Dask operator, which goes on when it is left."""
    if find_spec("dask_kubernetes") is None:
        raise MissingDependencyError("dask-kubernetes", extra="kubernetes")
    from dask_kubernetes.operator import KubeCluster  # noqa: PLC0415, loads all of Kubernetes' clients

    try:
        return KubeCluster.from_name(address.name, quiet=True)
    except Exception as error:  # noqa: BLE001, of several libraries
        raise ClusterError(
            address.text,
            printable(str(error))[:200],
            wanted="the name of a DaskCluster in the namespace in use",
        ) from None
