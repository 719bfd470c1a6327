"""What looks wrong in flights that were read, and how sure a share of few flights can be."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from puntual.data.flights import RowsRead
from puntual.data.profile import Profile

MANY = 200
"""From so many flights on, an oddity is said without reserve."""

_DEVIATIONS = 3.0


class Oddity(msgspec.Struct, frozen=True, kw_only=True):
    """Something that flights of no airport have, so that the file was probably read wrongly, or is not whole.

    Attributes
    ----------
    name : stable, one of `puntual.data.oddities.CHECKS`
    found : what was found, with figures
    why : why it matters
    remedy : what to do
    flights : on how many it was found
    sure : those are not few
    limit : the file may be right, but what it lacks is missed
    """

    name: str
    found: str
    why: str
    remedy: str
    flights: int
    sure: bool
    limit: bool = False

    @property
    def sentence(self) -> str:
        """All of it in one line."""
        reserve = "" if self.sure else f" (on {self.flights:,} flights only, so perhaps by chance)"
        return f"{self.found}{reserve}: {self.why}; {self.remedy}"


class Found(NamedTuple):
    """What a check found, why it matters, what to do, and on how many flights."""

    found: str
    why: str
    remedy: str
    flights: int


Check = Callable[[Profile, RowsRead], Found | None]


def at_least(count: int, of: int) -> float:
    """The share that is surely reached: Wilson's lower limit, 3 standard deviations below.

    Examples
    --------
    >>> round(at_least(12, 24), 2), round(at_least(1200, 2400), 2), at_least(0, 0)
    (0.24, 0.47, 0.0)
    """
    return _limit(count, of, -1.0)


def at_most(count: int, of: int) -> float:
    """The share that is surely not exceeded: Wilson's upper limit, 3 standard deviations above.

    Examples
    --------
    >>> round(at_most(0, 24), 2), round(at_most(0, 2400), 3), at_most(0, 0)
    (0.27, 0.004, 1.0)
    """
    return _limit(count, of, 1.0)


def percent(count: float, of: float) -> str:
    """A share in percent, as exact as it is small.

    Examples
    --------
    >>> percent(97, 100), percent(3, 1000), percent(1, 250_000), percent(999, 1000)
    ('97 %', '0.3 %', '0.0004 %', '99.9 %')
    """
    share = 100 * count / of
    rest = min(share, 100 - share)
    digits = 0 if rest <= 0 else max(0, -math.floor(math.log10(rest) + 1e-9))
    return f"{share:.{digits}f} %"


def _limit(count: int, of: int, side: float) -> float:
    """Limit of a binomial share.

    References
    ----------
    Wilson (1927), Journal of the American Statistical Association 22(158).
    """
    if not of:
        return 0.0 if side < 0 else 1.0
    share, z2 = count / of, _DEVIATIONS**2
    middle, width = (
        share + z2 / (2 * of),
        _DEVIATIONS * math.sqrt(share * (1 - share) / of + z2 / (4 * of**2)),
    )
    return min(1.0, max(0.0, (middle + side * width) / (1 + z2 / of)))
