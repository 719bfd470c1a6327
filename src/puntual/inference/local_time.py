"""Local times of an airport as minutes in UTC."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from functools import lru_cache

EPOCH = dt.date(1970, 1, 1).toordinal() * 1440
"""The local minute (day ordinal x 1440 + minute of the day) of 1970."""
_START = dt.datetime(1970, 1, 1)


@lru_cache(65_536)
def utc_offset(zone: str | None, hour: int) -> int:
    """Minutes that the clocks of a zone are ahead of UTC.

    Where clocks show an hour twice, it is the first one; in an hour that they skip, the time before. A zone
    that is not known counts as UTC.

    Parameters
    ----------
    hour : local hours since 1970

    Examples
    --------
    >>> utc_offset("America/Santiago", 24 * 365), utc_offset(None, 0)
    (-180, 0)
    """
    if zone is None:
        return 0
    moment = (_START + dt.timedelta(hours=hour)).replace(tzinfo=zoneinfo.ZoneInfo(zone))
    offset = moment.utcoffset()
    return 0 if offset is None else int(offset.total_seconds() // 60)


def utc_minute(zone: str | None, minute: int) -> int:
    """A local time in UTC, minutes since 1970.

    Parameters
    ----------
    minute : day ordinal x 1440 + minute of the day, as in `puntual.inference.timetable.Departure`

    Examples
    --------
    >>> utc_minute("America/New_York", EPOCH)
    300
    """
    local = minute - EPOCH
    return local - utc_offset(zone, local // 60)
