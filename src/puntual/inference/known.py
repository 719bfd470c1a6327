"""When what happens to a flight becomes known: the rule of training, of replays and of the live service.

Moments are minutes since 1970 in UTC. The functions take single flights as integers and many as arrays.
"""

from __future__ import annotations

from typing import Any, NamedTuple

NEVER = 1 << 40
"""A moment that does not come."""

MIN_DELAY, MAX_DELAY = -15, 180
"""Minutes: a mean delay counts each flight between these, so that one a day late does not hide the others."""


class Known(NamedTuple):
    """The moments from which something of a flight is known; `NEVER` where it never is.

    Attributes
    ----------
    lateness : whether it leaves late
    delay : how late
    cancellation : that it does not leave
    """

    lateness: Any
    delay: Any
    cancellation: Any


def becomes_known(scheduled: Any, departed: Any, cancelled: Any, delay_minutes: int) -> Known:
    """When each thing about a flight becomes known.

    Whether it is late is known one minute after the threshold, whether it has left or not; how late, when it
    leaves. A flight that is cancelled by then is not late. One of which nothing more is ever heard is late.

    Parameters
    ----------
    scheduled, departed : moments; `NEVER` if it did not leave
    cancelled : the moment at which the cancellation became known; `NEVER` if there is none
    delay_minutes : a flight is delayed when it leaves more than this late

    Examples
    --------
    >>> becomes_known(600, 640, NEVER, 15)[:2]
    (616, 640)
    >>> becomes_known(600, NEVER, 600, 15).lateness >= NEVER
    True
    >>> becomes_known(600, NEVER, NEVER, 15).lateness
    616
    """
    lateness = scheduled + delay_minutes + 1
    return Known(lateness + (cancelled <= lateness) * NEVER, departed, cancelled)


def is_late(scheduled: Any, departed: Any, delay_minutes: int) -> Any:
    """Whether a flight leaves late, once that is known; one that has not left by then is.

    Examples
    --------
    >>> is_late(600, 615, 15), is_late(600, 616, 15), is_late(600, NEVER, 15)
    (False, True, True)
    """
    return departed > scheduled + delay_minutes
