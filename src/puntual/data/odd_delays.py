"""Delays that no airport's flights have."""

from __future__ import annotations

import polars as pl

from puntual.data.flights import RowsRead
from puntual.data.oddity import Found, at_least, percent
from puntual.data.profile import Profile

_DELAY = pl.col("delay")
_DAY = 24 * 60
_OTHER_COLUMN = "name another column as the delay or the actual time in a mapping"
_MIN_DAYS = 5
"""Days from which on a bad one does not decide."""


def delays_zero_or_one(profile: Profile, _: RowsRead) -> Found | None:
    """A column that says whether a flight was late is no delay."""
    delays = profile.delays
    if delays.flights < 20 or {*delays.counts["delay"]} not in ({0.0, 1.0}, {1.0}):
        return None
    why = "the column says whether a flight was late, not by how many minutes"
    return Found("every delay is 0 or 1", why, _OTHER_COLUMN, delays.flights)


def scheduled_is_actual(profile: Profile, _: RowsRead) -> Found | None:
    """7 % of Santiago's flights leave at their minute, 18 % of one airline's in a month."""
    delays = profile.delays
    punctual = delays.count(_DELAY == 0)
    if delays.flights < 20 or at_least(punctual, delays.flights) < 0.35 or _is_cut(profile):
        return None
    found = f"{percent(punctual, delays.flights)} of the flights left exactly at their time"
    why = "the actual time is probably the scheduled one, or was filled in where it is unknown"
    return Found(found, why, _OTHER_COLUMN, delays.flights)


def delays_cut_at_zero(profile: Profile, _: RowsRead) -> Found | None:
    """A quarter of Santiago's flights leave early, 4 % of one airline's in a month."""
    delays = profile.delays
    if not _is_cut(profile):
        return None
    punctual = percent(delays.count(_DELAY == 0), delays.flights)
    found = f"no flight left early, and {punctual} have a delay of 0"
    why = "the column is cut at 0, or early flights are left out, so that the delays are not the real ones"
    return Found(found, why, _OTHER_COLUMN, delays.flights)


def on_time_dropped(profile: Profile, _: RowsRead) -> Found | None:
    """Of every airline's flights in a month, 5 % or more leave on time or early."""
    delays = profile.delays
    early, late = delays.count(_DELAY <= 0), delays.count(_DELAY > 15)
    if delays.flights < (40 if profile.days.height >= _MIN_DAYS else 200):
        return None
    dropped = delays.flights >= 60 and not early
    if not dropped and at_least(late, delays.flights) < 0.6:
        return None
    found = (
        f"{percent(late, delays.flights)} of the flights left more than 15 minutes late, and "
        f"{percent(early, delays.flights)} on time or early"
    )
    why = "flights that were on time are probably missing or without an outcome, so that delays seem frequent"
    return Found(found, why, "use the file of all flights, or read a blank delay as 0", delays.flights)


def delays_in_seconds(profile: Profile, _: RowsRead) -> Found | None:
    """Seconds that are taken for minutes are multiples of 60, or beyond two hours."""
    delays = profile.delays
    moved, median = delays.count(_DELAY != 0), delays.quantile(0.5)
    whole_hours = delays.count((_DELAY != 0) & (_DELAY % 60 == 0))
    apart = delays.count((_DELAY != 0) & ((_DELAY - median).abs() > 120))
    if moved < 15 or (at_least(whole_hours, moved) < 0.6 and at_least(apart, moved) < 0.4):
        return None
    what, count = max((whole_hours, "are whole hours"), (apart, "are two hours from the usual one"))[::-1]
    found = f"{percent(count, moved)} of the delays {what}"
    return Found(found, "they are probably in seconds", "give minutes, or the actual time instead", moved)


def delays_in_hours(profile: Profile, _: RowsRead) -> Found | None:
    """Hours that are taken for minutes are nearly all below four."""
    delays = profile.delays
    small, zero = delays.count(_DELAY.abs() <= 4), delays.count(_DELAY == 0)
    if delays.flights < 40 or at_least(small, delays.flights) < 0.8 or 2 * zero > delays.flights:
        return None
    if {*delays.counts["delay"]} <= {0.0, 1.0}:
        return None
    found = f"{percent(small, delays.flights)} of the flights left within 4 minutes of their time"
    return Found(
        found, "the delays are probably in hours", "give minutes, or the actual time", delays.flights
    )


def delays_off_by_days(profile: Profile, _: RowsRead) -> Found | None:
    """A flight that leaves at 00:25 instead of 23:50 is not a day early."""
    delays = profile.delays
    early = delays.count(_DELAY <= -_DAY // 2)
    late = delays.count((_DELAY - _DAY).abs() <= 60)
    if 20_000 * early < delays.flights and (late < 3 or at_least(late, delays.flights) < 0.03):
        return None
    if not early and late < 3:
        return None
    parts = [f"{early:,} flights left half a day early or more"] * bool(early)
    parts += [f"{late:,} about a day late"] * (late >= 3)
    why = "the day of their actual time is probably that of another day"
    remedy = (
        "give the delay in minutes in a mapping, or the actual time with its own date, or as '%H:%M' alone"
    )
    return Found(" and ".join(parts), why, remedy, delays.flights)


def early_departures(profile: Profile, _: RowsRead) -> Found | None:
    """None of New York's flights left more than 43 minutes early."""
    delays = profile.delays
    early = delays.count((_DELAY < -30) & (_DELAY > -_DAY // 2))
    if early < 5 or at_least(early, delays.flights) < 0.01:
        return None
    found = f"{percent(early, delays.flights)} of the flights left more than 30 minutes early"
    why = "scheduled and actual time are probably swapped, of two time zones, or of two flights"
    return Found(found, why, "name both columns in a mapping, and their time zone", delays.flights)


def delays_shifted(profile: Profile, _: RowsRead) -> Found | None:
    """The median delay of an airline's month is from -6 to 54 minutes."""
    delays, median = profile.delays, profile.delays.quantile(0.5)
    if median is None or delays.flights < 40 or profile.days.height < _MIN_DAYS or -20 < median < 60:
        return None
    if at_least(delays.count(_DELAY > 55 if median > 0 else _DELAY < -18), delays.flights) < 0.5:
        return None
    side = "late or later" if median > 0 else "early or earlier"
    found = f"half of the flights left {abs(median):,.0f} minutes {side}"
    why = "scheduled and actual times are probably of two time zones"
    return Found(found, why, "give the time zone in a mapping", delays.flights)


def split_thousands(profile: Profile, _: RowsRead) -> Found | None:
    """Among whole minutes, 1.47 is 1,470."""
    delays = profile.delays
    odd = (_DELAY % 1).round(6).is_in([0.0, 1.0]).not_()
    count = delays.count(odd)
    if delays.flights < 20 or not count or 5 * count > delays.flights:
        return None
    if delays.count(odd & (_DELAY.abs() < 10)) < count:
        return None
    found = f"{count:,} of the delays are no whole minutes, and all of these below 10"
    why = "they are probably beyond a thousand minutes, written with a separator"
    return Found(found, why, "write them without it", delays.flights)


def _is_cut(profile: Profile) -> bool:
    delays = profile.delays
    punctual = delays.count(_DELAY == 0)
    if delays.count(_DELAY < 0) or not delays.count(_DELAY > 1):
        return False
    if delays.flights >= 20 and at_least(punctual, delays.flights) > 0.2:
        return True
    return delays.flights >= (150 if profile.days.height >= _MIN_DAYS else 300) and punctual > 0
