"""Replicas behind the load balancer, replaced one by one as Kubernetes replaces pods."""

from __future__ import annotations

import json
import shutil
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from deploy.cluster.balancer import Balancer
from deploy.cluster.values import Values
from deploy.service import (
    END_SECONDS,
    ENGINES,
    IMAGE,
    MODEL,
    Service,
    has_image,
    put_model,
    shared_folder,
    start_container,
    start_process,
)

Log = Callable[[str], None]
Start = Callable[[Path, Values], Service]
"""Starts a replica, given the folder that holds the model."""


def choose(wanted: str) -> tuple[str, Start]:
    """`process` or the name of an engine, and what starts a replica with it.

    Parameters
    ----------
    wanted : `process`, a name of `ENGINES`, or `auto`: containers if an engine has the image, else processes

    Raises
    ------
    LookupError : what is wanted is missing
    """
    reason = ""
    for name in ENGINES if wanted == "auto" else {wanted} - {"process"}:
        if shutil.which(name) is None:
            reason = f"no {name} here"
        elif not has_image(ENGINES[name]):
            reason = f"{name} has no {IMAGE}; `python -m deploy.checks.image --engine {name}` builds it"
        else:
            return name, partial(_start_container, ENGINES[name])
    if wanted in ("auto", "process"):
        return "process", lambda folder, values: start_process(folder / MODEL, **values.environment)
    raise LookupError(reason)


def _start_container(engine: tuple[str, ...], folder: Path, values: Values) -> Service:
    return start_container(engine, folder, cpus=values.cpus, memory=values.memory, **values.environment)


class Cluster:
    """Replicas, each in a place of the load balancer; there are twice as many places, for those that leave.

    Parameters
    ----------
    folder : with the model that all replicas read, and that `new_model` replaces
    log : is given a line for every event
    """

    def __init__(self, values: Values, start: Start, folder: Path, balancer: Balancer, log: Log) -> None:
        self.values, self.balancer = values, balancer
        self.replicas: dict[int, Service] = {}
        self._start, self._folder, self._log = start, folder, log

    def grow(self, count: int) -> None:
        """Start so many replicas, and wait until the load balancer sends requests to each.

        Raises
        ------
        StartError : one does not start
        """
        slots = [slot for slot in self.balancer.states() if slot not in self.replicas][:count]
        for slot in slots:
            self._new(slot)
        for slot in slots:
            self._let_in(slot)

    def roll(self) -> None:
        """Replace every replica; a new one is ready and settled before an old one gets its SIGTERM."""
        leaving: dict[int, float] = {}
        for slot, old in list(self.replicas.items()):
            free = next(place for place in self.balancer.states() if place not in self.replicas)
            self._new(free)
            self._let_in(free)
            time.sleep(self.values.settle_s)
            self._log(f"replica {slot}: SIGTERM, {self.values.drain_s:g} s to drain")
            old.signal(signal.SIGTERM)
            leaving[slot] = time.monotonic() + self.values.grace_s
        while leaving:
            self._release(leaving)
            time.sleep(0.05)

    def kill(self, slot: int) -> None:
        """End a replica as an accident would, and start another in its place, as the kubelet does."""
        self._log(f"replica {slot}: SIGKILL")
        self.replicas[slot].signal(signal.SIGKILL)
        while not self.replicas[slot].has_ended:
            time.sleep(0.02)
        self.mend()

    def mend(self) -> None:
        """Start anew whatever has ended.

        Raises
        ------
        StartError : a new one does not start
        """
        for slot, replica in list(self.replicas.items()):
            if replica.has_ended:
                self._log(f"replica {slot}: gone")
                replica.wait(0)
                self.balancer.empty(slot)
                self._new(slot)
                self._let_in(slot)

    def new_model(self, model: Path) -> None:
        """Let another model take the place of the one that answers."""
        put_model(model, self._folder)
        self._log(f"the model's file is now {model.name}")

    def models(self) -> set[str]:
        """Names of the models that the replicas answer with."""
        return {str(_get(f"{replica.url}/v1/model")["name"]) for replica in self.replicas.values()}

    def end(self) -> None:
        """End every replica without its drain."""
        for replica in self.replicas.values():
            replica.signal(signal.SIGINT)
        for replica in self.replicas.values():
            replica.wait(END_SECONDS)
        self.replicas.clear()

    def _new(self, slot: int) -> None:
        self.replicas[slot] = replica = self._start(self._folder, self.values)
        self._log(f"replica {slot}: started, on port {replica.port}")

    def _let_in(self, slot: int) -> None:
        replica = self.replicas[slot]
        replica.wait_ready(self.values.check_path, self.values.start_s)
        self.balancer.fill(slot, replica.port)
        self._log(f"replica {slot}: ready")

    def _release(self, leaving: dict[int, float]) -> None:
        for slot, latest in list(leaving.items()):
            replica = self.replicas[slot]
            if replica.has_ended or time.monotonic() > latest:
                replica.wait(0)
                self.balancer.empty(slot)
                del self.replicas[slot], leaving[slot]
                self._log(f"replica {slot}: ended")


@contextmanager
def running(
    values: Values, start: Start, model: Path, log: Log, *, replicas: int = 3, port: int, retries: bool
) -> Iterator[Cluster]:
    """A cluster with a model, from the moment that all of it answers; nothing of it is left afterwards.

    Raises
    ------
    StartError : it does not start
    """
    with shared_folder(model) as folder:
        balancer = Balancer(values, 2 * replicas, port, retries=retries)
        cluster = Cluster(values, start, folder, balancer, log)
        try:
            cluster.grow(replicas)
            yield cluster
        finally:
            # A second Ctrl-C would leave replicas behind.
            before = signal.signal(signal.SIGINT, signal.SIG_IGN)
            balancer.end()
            cluster.end()
            signal.signal(signal.SIGINT, before)


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310
        return json.load(response)
