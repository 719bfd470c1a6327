"""Processes that write to a store; they are forked from one that has the libraries already."""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import NamedTuple

from puntual.operations.store import migration, open_store
from tests.operations.made_up_events import departure

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__, migration.__name__, "puntual.operations.store.log"])


class Writing(NamedTuple):
    """A process, and what it says: the first number of every three events, when they are written."""

    process: BaseProcess
    acknowledged: Connection

    def finish(self) -> list[int]:
        """Everything that it says until it ends."""
        said = []
        try:
            while True:
                said.append(self.acknowledged.recv())
        except EOFError:
            self.process.join()
            self.acknowledged.close()
        return said


def write(url: str, writer: int, count: int) -> Writing:
    """Begin to write three events at a time, so many times."""
    here, there = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=_write, args=(url, writer, count, there), daemon=True)
    process.start()
    there.close()
    return Writing(process, here)


def _write(url: str, writer: int, count: int, acknowledged: Connection) -> None:
    store = open_store(url)
    for first in range(0, 3 * count, 3):
        store.append([departure(number, airline=f"W{writer}") for number in range(first, first + 3)])
        acknowledged.send(first)
