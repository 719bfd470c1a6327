"""What answers may use of the day of the flight."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable
from typing import NamedTuple

from puntual.inference.as_of import AsOf
from puntual.inference.tables import Tables
from puntual.operations.events import LogEntry
from puntual.operations.live_state import LiveState

BATCH = 100
"""Entries between two looks at requests, about a millisecond."""


class LiveSource(NamedTuple):
    """What a live state depends on besides the store."""

    tables: Tables
    delay_minutes: int

    def empty(self) -> LiveState:
        """A state that knows nothing yet."""
        return LiveState(self.tables, self.delay_minutes)


class LiveView(NamedTuple):
    """A live state, and the moment of asking.

    Attributes
    ----------
    moment : UTC; the state is complete up to it
    """

    state: LiveState
    moment: dt.datetime

    @property
    def as_of(self) -> AsOf:
        """The same, as predictors take it."""
        return AsOf(self.state, self.moment)


def apply_in_thread(state: LiveState, entries: Iterable[LogEntry]) -> None:
    """Apply entries beside the loop, which goes first."""
    for number, entry in enumerate(entries, 1):
        state.apply(entry)
        if not number % BATCH:
            time.sleep(0)
