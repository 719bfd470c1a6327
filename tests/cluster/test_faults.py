"""A scheduler that is lost is one line, and a training goes on from what is finished."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from puntual.cluster.connection import connect
from puntual.cluster.tasks import stream_tasks
from puntual.cluster.training import choose_on_sample, compute_network, fit_schedule
from puntual.data.partitions import partitions, read_manifest
from puntual.errors import ClusterError
from puntual.training.fitting import FittedModel
from tests.network import make_network, write_network
from tests.ports import free_port
from tests.quick import QUICK


@contextmanager
def processes(port: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    """A scheduler, and the parent of two workers; all of them end."""
    where = ["--no-dashboard", "--host", "127.0.0.1"]
    scheduler = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", port, *where]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", f"tcp://127.0.0.1:{port}", *where]
    many = ["--nworkers", "2", "--nthreads", "1", "--death-timeout", "60"]
    begun = [
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for command in (scheduler, worker + many)
    ]
    try:
        yield begun
    finally:
        for one in begun:
            one.terminate()
        for one in begun:
            one.wait()


def train(address: str, folder: Path, work: Path, said: list[str]) -> FittedModel:
    with connect(address, said.append) as client:
        client.wait_for_workers(2, timeout=60)
        network = compute_network(
            client,
            read_manifest(folder),
            partitions(folder),
            "network",
            str(work),
            delay_minutes=15,
            resume=True,
            say=said.append,
        )
        tuning = choose_on_sample(network, trees=300, budget=QUICK)
        return fit_schedule(client, network, tuning, say=said.append)


def wait_for_scheduler(port: str) -> None:
    """Until it greets, as it does everyone."""
    for _ in range(600):
        try:
            with connect(f"tcp://127.0.0.1:{port}", lambda _: None):
                return
        except ClusterError:
            time.sleep(0.1)
    raise TimeoutError


@pytest.mark.slow
def test_workers_that_are_all_lost_are_one_line() -> None:
    port = str(free_port())
    with processes(port) as (_, workers):
        wait_for_scheduler(port)
        with connect(f"tcp://127.0.0.1:{port}", lambda _: None) as client:
            found = stream_tasks(client, time.sleep, {"short": (0,), "long": (600,)}, worker_seconds=1)
            assert next(found) == ("short", None)
            workers.terminate()
            with pytest.raises(
                ClusterError, match="all workers are lost, and none came back within 1 s; wanted"
            ):
                next(found)


@pytest.mark.slow
def test_workers_that_a_cluster_of_this_machine_has_given_up_are_begun_anew() -> None:
    with connect("local:2", lambda _: None) as client:
        assert client.cluster is not None
        for nanny in [*client.cluster.workers.values()]:
            client.sync(nanny.close)
        assert not client.nthreads()
        assert dict(stream_tasks(client, time.sleep, {"short": (0,)})) == {"short": None}


@pytest.mark.slow
def test_a_scheduler_that_is_lost_is_one_line_and_resume_completes(tmp_path: Path) -> None:
    folder, work, port = (
        write_network(make_network(), tmp_path / "network"),
        tmp_path / "work",
        str(free_port()),
    )
    address, said = f"tcp://127.0.0.1:{port}", list[str]()
    with processes(port) as (scheduler, _):
        wait_for_scheduler(port)

        def end() -> None:
            while not [*work.glob("boosters/*.txt")]:
                time.sleep(0.02)
            scheduler.kill()

        ending = threading.Thread(target=end, daemon=True)
        ending.start()
        with pytest.raises(ClusterError) as lost:
            train(address, folder, work, said)
        ending.join()
    wanted = "the same command once it is back; train --work goes on with --resume"
    assert str(lost.value) == f"{address}: the scheduler is lost; wanted: {wanted}"
    kept = {path: path.stat().st_mtime_ns for path in work.rglob("*") if path.is_file()}
    with processes(port):
        wait_for_scheduler(port)
        model = train(address, folder, work, said)
    assert model.with_timetable.booster.count("Tree=") == 2 * 300
    assert kept == {path: path.stat().st_mtime_ns for path in kept}
    assert len([*work.glob("boosters/*.txt")]) == 4
