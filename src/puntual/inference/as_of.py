"""A moment of asking, and what is known at it."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple, Protocol

from puntual.inference.encoder import Resolved, Values


class KnownState(Protocol):
    """What is known at a moment; `puntual.operations.live_state.LiveState` is one."""

    def values(self, asked: Resolved, moment: int) -> Values | None:
        """What is known for a flight, in the order of `puntual.inference.operations.OPERATIONS`."""

    def counts_of(self, asked: Resolved) -> Values:
        """What is counted in the timetable of its day."""


class AsOf(NamedTuple):
    """A moment and its state.

    Attributes
    ----------
    state : everything in it became known at or before the moment
    at : in UTC
    """

    state: KnownState
    at: dt.datetime

    @property
    def moment(self) -> int:
        """Whole minutes since 1970.

        Examples
        --------
        >>> AsOf(None, dt.datetime(1970, 1, 1, 2, 0, 30, tzinfo=dt.UTC)).moment
        120
        """
        return int(self.at.timestamp() // 60)
