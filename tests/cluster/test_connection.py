"""A cluster that cannot be used is one line; a worker that is lost costs time and nothing else."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import threading
import time
from pathlib import Path

import pytest
from distributed import Client

from puntual.cluster.bins import check_categories, expected_categories
from puntual.cluster.connection import connect
from puntual.cluster.tasks import run_tasks
from puntual.cluster.training import choose_on_sample, compute_network, fit_schedule
from puntual.data.partitions import partitions, read_manifest
from puntual.errors import ClusterError, SettingError
from tests.network import make_network, write_network
from tests.ports import free_port
from tests.quick import QUICK


@pytest.mark.parametrize("text", ["", "remote", "local:0", "local:x", "tcp://host", "kubernetes:", "a:1"])
def test_a_word_that_is_no_cluster_is_refused(text: str) -> None:
    wanted = "--cluster: .*; wanted: tcp://HOST:PORT, local"
    with pytest.raises(SettingError, match=wanted), connect(text, print):
        pass


def test_a_scheduler_that_is_not_there_is_one_line() -> None:
    address = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(ClusterError) as refused, connect(address, print):
        pass
    assert str(refused.value) == f"{address}: connection refused; wanted: a Dask scheduler that answers"


def test_another_service_is_no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("puntual.cluster.connection.CONNECT_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"tcp://127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(ClusterError, match="no scheduler answered within 1 s"), connect(address, print):
            pass


def test_categories_that_the_bins_lack_are_found() -> None:
    text = "feature_names=origin\nfeature_infos=0:1\n\nTree=0\n"
    check_categories(text, {"origin": {0: 900, 1: 100, 2: 5}})
    with pytest.raises(ClusterError, match="origin: 1 of 3 categories are not in the bins, such as 2 of 300"):
        check_categories(text, {"origin": {0: 900, 1: 400, 2: 300}})
    assert expected_categories({0: 10_000_000, 1: 600, 2: 6_000}) == {0}


def square(number: int, folder: str) -> int:
    """End the worker that first comes to the number 3."""
    once = Path(folder, "ended")
    if number == 3 and not once.exists():
        once.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


@pytest.mark.slow
def test_workers_that_end_or_stand_still_change_nothing(tmp_path: Path) -> None:
    folder = write_network(make_network(), tmp_path / "network")
    said: list[str] = []
    with connect("local:2", said.append) as client:
        tasks = {str(number): (number, str(tmp_path)) for number in range(8)}
        found = run_tasks(client, square, tasks, stage="squares")
        assert found.results == {str(number): number * number for number in range(8)}
        assert not found.failures
        client.wait_for_workers(2, timeout=60)
        network = compute_network(
            client,
            read_manifest(folder),
            partitions(folder),
            "network",
            str(tmp_path / "work"),
            delay_minutes=15,
            say=said.append,
        )
        tuning = choose_on_sample(network, trees=600, budget=QUICK)
        alike = fit_schedule(client, network, tuning, say=said.append)
        for sign in (signal.SIGKILL, signal.SIGSTOP):
            said.clear()
            shutil.rmtree(tmp_path / "work" / "boosters")
            ending = end_a_worker_in_a_fit(client, sign)
            model = fit_schedule(client, network, tuning, say=said.append)
            ending.join()
            assert (model.with_timetable, model.without_timetable) == (
                alike.with_timetable,
                alike.without_timetable,
            )
            assert len(said) == 1
            assert said[0].startswith("a booster is begun again: ")


def end_a_worker_in_a_fit(client: Client, sign: signal.Signals) -> threading.Thread:
    """Send a signal to a worker as soon as both fit a booster."""

    def fitting() -> list[str]:
        processing = client.processing().items()
        return [name for name, keys in processing if any(str(key).startswith("_train_part") for key in keys)]

    def end() -> None:
        while len(fitting()) < 2:
            time.sleep(0.02)
        os.kill(min(pids.values()), sign)

    pids = client.run(os.getpid)
    ending = threading.Thread(target=end, daemon=True)
    ending.start()
    return ending
