"""Times of the day at which no airport's flights leave."""

from __future__ import annotations

import polars as pl

from puntual.data.flights import RowsRead
from puntual.data.oddity import Found, at_least, at_most, percent
from puntual.data.profile import Profile
from puntual.data.zones import to_local

_MAPPED = "name the column of the time in a mapping (puntual check --write-mapping)"
_SEVERAL = 5
"""Destinations from which on flights do not leave all at once."""
_NIGHT_HOURS, _NIGHT_MIDDLE = 5, 2.5
_HOURS = 24
_MIN_TIMES = 100
"""Different times of the day; a few services that recur every day may leave any five hours out."""


def all_at_midnight(profile: Profile, _: RowsRead) -> Found | None:
    """At 00:00 leave 0.1 % of a month's flights at Santiago, and none at New York."""
    count = _at(profile, 0)
    share = at_least(count, profile.flights)
    if count < 5 or share < 0.05 or not _many_places(profile, at_once=share > 0.5):
        return None
    found = f"{percent(count, profile.flights)} of the flights are scheduled at 00:00"
    return Found(found, "their time was not read, only their date", _MAPPED, profile.flights)


def one_time_of_day(profile: Profile, _: RowsRead) -> Found | None:
    """Flights to several places do not leave at one minute of the day."""
    minute, count = profile.minutes.sort("flights").row(-1)
    if profile.airlines.height < 3 and count < 2 * profile.days.height:
        return None
    if count < 5 or at_least(count, profile.flights) < 0.25 or not _many_places(profile):
        return None
    clock = f"{minute // 60:02}:{minute % 60:02}"
    found = f"{percent(count, profile.flights)} of the flights are scheduled at {clock}"
    return Found(found, "that is no timetable of several destinations", _MAPPED, profile.flights)


def implausible_hour(profile: Profile, _: RowsRead) -> Found | None:
    """The fullest hour has 7 to 8 % of the flights of a large airport, 13 % of a large airline's."""
    if profile.flights < 100 or profile.days.height < 7 or not _many_places(profile):
        return None
    hours = profile.by_hour()
    count, hour = max((count, hour) for hour, count in enumerate(hours))
    if at_least(count, profile.flights) < 0.4:
        return None
    found = (
        f"{percent(count, profile.flights)} of the flights are scheduled from {hour:02}:00 to {hour:02}:59"
    )
    why = "no airport's fullest hour has so many, so times were probably read in another form than theirs"
    return Found(found, why, "compare them with the file, and give their form in a mapping", profile.flights)


def hours_never_above_12(profile: Profile, _: RowsRead) -> Found | None:
    """With AM and PM lost, the afternoon's flights leave from 01:00 to 05:00."""
    hours = profile.by_hour()
    night = sum(hours[1:5])
    if profile.flights < (30 if profile.days.height >= 5 else 200) or not _many_places(profile):
        return None
    if any(hours[13:]) or sum(count > 0 for count in hours) < 8:
        return None
    if at_least(night, profile.flights) < 0.02:
        return None
    found = f"no flight is scheduled after 12:59, and {percent(night, profile.flights)} from 01:00 to 04:59"
    remedy = "give their form in a mapping, as in '%m/%d/%Y %I:%M %p', or the column of AM and PM with it"
    return Found(found, "AM and PM were probably lost", remedy, profile.flights)


def minutes_always_zero(profile: Profile, _: RowsRead) -> Found | None:
    """A sixth of New York's flights leave at a full hour, half of one airline's."""
    if profile.flights < 30 or profile.minutes.height < 6 or (profile.minutes["minute"] % 60 != 0).any():
        return None
    why = "the minutes were not read, or the file has none, and delays from it are wrong"
    return Found("every flight is scheduled at a full hour", why, _MAPPED, profile.flights)


def night_busy(profile: Profile, _: RowsRead) -> Found | None:
    """The five quietest hours of an airport that sleeps are those about 02:30."""
    if profile.minutes.height < _MIN_TIMES:
        return None
    shifts = {}
    for origin, counts in _hours_by_origin(profile).items():
        shift = night_shift(counts)
        if shift is not None:
            shifts[origin] = shift, sum(counts)
    odd = {origin: found for origin, found in shifts.items() if abs(found[0]) >= 3}
    flights = sum(count for _, count in odd.values())
    if not odd or 2 * flights < sum(count for _, count in shifts.values()):
        return None
    origin, (shift, _count) = max(odd.items(), key=lambda one: one[1][1])
    start = round(_NIGHT_MIDDLE - _NIGHT_HOURS / 2 + shift) % _HOURS
    found = f"at {origin} the quietest hours are from {start:02}:00 to {(start + 4) % _HOURS:02}:59"
    utc = _utc_shift(profile, origin)
    as_utc = utc is not None and abs(utc - shift) <= 1.5
    why = "an airport sleeps about 02:30, so the times are probably " + (
        "in UTC" if as_utc else "of another time zone"
    )
    zone = "UTC" if as_utc else "…"
    return Found(found, why, f'give it in a mapping, as in time_zone = "{zone}"', flights)


def night_shift(counts: list[int]) -> float | None:
    """By how many hours an airport's quiet hours are later than the night; None: it has none, or few flights.

    Examples
    --------
    >>> counts = [0, 1, 0, 0, 0, 1953, 25951, 22821, 27242, 20312, 16708, 16033]
    >>> counts += [18181, 19956, 21706, 23888, 23002, 24426, 21783, 21441, 16739, 10933, 2639, 1061]
    >>> night_shift(counts), night_shift(counts[-5:] + counts[:-5]), night_shift([100] * 24)
    (0.0, 5.0, None)
    """
    flights = sum(counts)
    if flights < 150:
        return None
    windows = [
        sum(counts[(start + step) % _HOURS] for step in range(_NIGHT_HOURS)) for start in range(_HOURS)
    ]
    quiet = min(windows)
    if at_most(quiet, flights) > 0.4 * _NIGHT_HOURS / _HOURS:
        return None
    shifts = (
        (start + 12) % _HOURS - 12 for start, count in enumerate(windows) if count <= quiet + flights / 500
    )
    return float(min(shifts, key=abs))


def actual_as_scheduled(profile: Profile, _: RowsRead) -> Found | None:
    """Three quarters of New York's scheduled times are multiples of 5 minutes, and recur on other days."""
    found = None
    if profile.flights >= 20 and at_least(profile.with_seconds, profile.flights) > 0.3:
        found = f"{percent(profile.with_seconds, profile.flights)} of the scheduled times have seconds"
    elif profile.flights >= 40 and profile.near >= 40:
        fives = int(profile.minutes.filter(pl.col("minute") % 5 == 0)["flights"].sum())
        if at_most(fives, profile.flights) < 0.45 and at_most(profile.equal, profile.near) < 0.35:
            found = (
                f"only {percent(fives, profile.flights)} of the scheduled times are multiples of 5 minutes, "
                "and they differ from day to day"
            )
    if found is None:
        return None
    why = "these are probably the actual times, which nobody knows beforehand"
    return Found(found, why, "name the column of the scheduled time in a mapping", profile.flights)


def _at(profile: Profile, minute: int) -> int:
    return int(profile.minutes.filter(pl.col("minute") == minute)["flights"].sum())


def _many_places(profile: Profile, *, at_once: bool = False) -> bool:
    return profile.destinations.height >= (3 if at_once else _SEVERAL)


def _hours_by_origin(profile: Profile) -> dict[str, list[int]]:
    by_origin: dict[str, list[int]] = {}
    if not _many_places(profile):
        return by_origin
    for origin, hour, count in profile.hours.drop_nulls().iter_rows():
        by_origin.setdefault(origin, [0] * _HOURS)[hour] = count
    return by_origin


def _utc_shift(profile: Profile, origin: str) -> float | None:
    """By how many hours UTC is later than the origin's clocks in the middle of the flights' days."""
    day = profile.days["day"][profile.days.height // 2]
    utc = pl.lit(day).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    local = to_local(utc, pl.lit(origin), [origin])
    hours = pl.select((utc.dt.replace_time_zone(None) - local).dt.total_minutes() / 60).item()
    return None if hours is None else float(hours)
