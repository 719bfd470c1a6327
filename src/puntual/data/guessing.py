"""Which columns hold a flight's times, by their headings and by what their values show of each other.

Timetables are made in steps of five minutes and departures are not: by this a column of scheduled times is
told from one of actual times, whatever its heading says.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import polars as pl

from puntual.data.cells import parse_delay
from puntual.data.delay_columns import MIN_COMPARED, Delay, elapsed, first_delay
from puntual.data.file_sample import File, Times
from puntual.formats.headings import normalise

MIN_ON_GRID = 0.5
"""Share of a timetable's times that are multiples of five minutes; of actual times a fifth is."""
MAX_OFF_GRID = 0.35

_TIME_ROLES = ("scheduled", "actual", "date", "time")
_MINUTE = 60_000_000  # µs
_TYPED = {"datetime": "%Y-%m-%d %H:%M:%S", "date": "%Y-%m-%d", "time": "%H:%M:%S"}
"""What stands for the format of a column with a type, which is read as it is."""
_UTC = ("utc", "gmt", "zulu", "z")
_OFF_BLOCK = ("aobt", "block")
"""Beside a column that is called so, other actual times may be those of the take-off."""
_LOCAL = ("local", "lt", "loc", "lcl", "lmt")


class Guess(NamedTuple):
    """What was found of a flight's times.

    Attributes
    ----------
    scheduled : a date alone if the time of day is the actual one less the delay
    doubts : why something that a heading promised is left open
    """

    scheduled: Times | None
    actual: Times | None
    delay: Delay | None
    doubts: tuple[str, ...] = ()


def guess_times(file: File) -> Guess:
    """Find the columns of the scheduled time, the actual one and the delay."""
    guess = _guess(file)
    if not _mixed(guess):
        return guess
    for in_utc in (False, True):
        alike = _guess(File(file.frame, _select_zone(file.roles, in_utc=in_utc)))
        if alike.scheduled and alike.actual and not _mixed(alike):
            return alike
    one, other = _quoted(guess.scheduled), _quoted(guess.actual)
    return Guess(None, None, None, (f"one of {one} and {other} is in UTC and the other is not",))


def is_utc(times: Times) -> bool:
    """Whether a heading says that times are in UTC."""
    return _says(times.columns, _UTC)


def _mixed(guess: Guess) -> bool:
    """Whether headings say of one time that it is in UTC, and of the other that it is not."""
    if guess.scheduled is None or guess.actual is None:
        return False
    one, other = guess.scheduled, guess.actual
    return (is_utc(other) and not is_utc(one)) or (is_utc(one) and _says(other.columns, _LOCAL))


def _says(columns: Sequence[str], words: Collection[str]) -> bool:
    return any(set(normalise(column).split()) & set(words) for column in columns)


def _select_zone(roles: dict[str, list[str]], *, in_utc: bool) -> dict[str, list[str]]:
    """The columns by role without those of times in the other zone."""
    return {
        role: [one for one in columns if role not in _TIME_ROLES or _says([one], _UTC) == in_utc]
        for role, columns in roles.items()
    }


def _quoted(times: Times | None) -> str:
    return repr(times.columns[-1]) if times else ""


def _guess(file: File) -> Guess:
    doubts: list[str] = []
    scheduled, actual = _by_headings(file)
    if scheduled is None:
        return _guess_by_delay(file, None, actual, doubts)
    if not _clock_columns(file, scheduled, "scheduled"):
        verdict = _is_timetable(file, scheduled, first_delay(file, None, None, []))
        if verdict == "actual":
            return _guess_by_delay(file, scheduled, _clock_only(file, scheduled), doubts)
        if verdict == "unclear":
            return Guess(None, None, None, (_is_unclear(scheduled),))
    actual = actual or _generic(file, scheduled)
    if actual and _swapped(file, scheduled, actual):
        one, other = scheduled.columns[-1], actual.columns[-1]
        return Guess(
            None, None, None, (f"{one!r} looks like the actual time and {other!r} like the scheduled one",)
        )
    delay = first_delay(file, scheduled, actual, doubts)
    return Guess(scheduled, actual, delay, tuple(doubts))


def _guess_by_delay(file: File, times: Times | None, actual: Times | None, doubts: list[str]) -> Guess:
    """The scheduled time as the actual one less the delay, on a day that has a column of its own."""
    day = _date_only(times) if times and len(times.columns) > 1 else _any_day(file)
    delay = first_delay(file, None, None, doubts)
    clock = file.read(actual).clock if actual else None
    if day is None or delay is None or actual is None or clock is None:
        return Guess(None, actual, delay, (*doubts, *([_is_unclear(times)] if times else [])))
    share = _grid_share(file, clock - parse_delay(delay.column, delay.unit, delay.thousands))
    if share is not None and share < MIN_ON_GRID:
        doubts.append(f"{actual.columns[-1]!r} less {delay.column!r} is no timetable")
        return Guess(None, actual, delay, tuple(doubts))
    return Guess(day, actual, delay, tuple(doubts))


def _is_unclear(times: Times) -> str:
    shown = " and ".join(map(repr, times.columns))
    return f"{shown} may be the actual time: few of its times are multiples of five minutes"


def _any_day(file: File) -> Times | None:
    day = _day(file, file.columns("date", "scheduled", "time")) or _unnamed_day(file)
    return _times(file, day) if day else None


def _by_headings(file: File) -> tuple[Times | None, Times | None]:
    scheduled, actual, dates, generic = (file.columns(role) for role in _TIME_ROLES)
    actual = sorted(actual, key=lambda one: not _says([one], _OFF_BLOCK))
    day = _day(file, [*dates, *scheduled, *generic]) or _unnamed_day(file)
    found = (
        _both(file, scheduled)
        or _join(file, _day(file, scheduled) or day, file.of_kind(scheduled, "time"))
        or _both(file, generic)
        or _join(file, _day(file, scheduled) or day, file.of_kind(generic, "time"))
        or _both(file, dates)
    )
    left = _both(file, actual) or _join(file, _day(file, actual), file.of_kind(actual, "time"))
    if left is None and (clocks := file.of_kind(actual, "time")):
        left = _times(file, (clocks[0],))
    return found, left


def _both(file: File, columns: Sequence[str]) -> Times | None:
    found = file.of_kind(columns, "datetime")
    return _times(file, (found[0],)) if found and not _is_midnight(file, found[0]) else None


def _is_midnight(file: File, column: str) -> bool:
    """Whether a column of dates and times is one of dates, its time of day being midnight throughout."""
    clock = file.read(_times(file, (column,))).clock
    return clock is not None and bool(file.select(at=(clock.cast(pl.Int64) == 0))["at"].drop_nulls().all())


def _day(file: File, columns: Sequence[str]) -> tuple[str, ...] | None:
    """A column of dates, or one each of years, months and days."""
    if dates := file.of_kind(columns, "date"):
        return (dates[0],)
    midnights = [one for one in file.of_kind(columns, "datetime") if _is_midnight(file, one)]
    if midnights:
        return (midnights[0],)
    parts = [file.columns(role) for role in ("year", "month")]
    days = [one for one in file.columns("day_of_month", "date") if _is_within(file, one, 1, 31)]
    if all(parts) and days:
        return (parts[0][0], parts[1][0], days[0])
    return None


def _unnamed_day(file: File) -> tuple[str, ...] | None:
    """The only column of dates among those whose heading says nothing."""
    found = file.of_kind(file.columns(""), "date")
    return (found[0],) if len(found) == 1 else None


def _is_within(file: File, column: str, first: int, last: int) -> bool:
    values = file.values(column).cast(pl.String).cast(pl.Float64, strict=False)
    return bool(len(values) and values.is_between(first, last).fill_null(value=False).all())


def _join(file: File, day: tuple[str, ...] | None, clocks: Sequence[str]) -> Times | None:
    if day is None or not clocks:
        return None
    return _times(file, (*day, clocks[0]))


def _times(file: File, columns: tuple[str, ...]) -> Times:
    formats, ambiguous = [], False
    parts = ("%Y", "%m", "%d") if len(columns) >= 3 else ()
    for at, column in enumerate(columns):
        if at < len(parts):
            formats.append(parts[at])
            continue
        found = file.time_format(column)
        typed = len(columns) > 1 and file.frame[column].dtype.is_temporal()
        formats.append(_TYPED[found.kind] if found and typed else found.pattern if found else "")
        ambiguous = ambiguous or bool(found and found.ambiguous)
    types = {file.frame[column].dtype.is_temporal() for column in columns}
    return Times(columns, tuple(formats), ambiguous, types == {True, False})


def _clock_columns(file: File, times: Times, role: str) -> bool:
    """Whether the time of day stands in a column of a role."""
    return times.columns[-1] in file.columns(role)


def _generic(file: File, scheduled: Times) -> Times | None:
    """A column whose heading says only that it holds a time, as the actual one beside a scheduled one."""
    others = [one for one in file.columns("time") if one not in scheduled.columns]
    for column in [*file.of_kind(others, "datetime"), *file.of_kind(others, "time")]:
        times = _times(file, (column,))
        later = elapsed(file, scheduled, times)
        if len(later) and -180 * _MINUTE < float(later.median()) < 360 * _MINUTE:  # type: ignore[arg-type]
            return times
    return None


def _on_grid(clock: pl.Expr) -> pl.Expr:
    return (clock.cast(pl.Int64) // _MINUTE) % 5 == 0


def _grid_share(file: File, clock: pl.Expr) -> float | None:
    """Share of times at multiples of five minutes; None if there are too few."""
    shown = file.select(on=_on_grid(clock))["on"].drop_nulls()
    return float(shown.mean()) if len(shown) >= MIN_COMPARED else None  # type: ignore[arg-type]


def _is_timetable(file: File, times: Times, delay: Delay | None) -> str:
    """Whether a column of times holds the ``scheduled`` ones or the ``actual`` ones, or is ``unclear``."""
    clock = file.read(times).clock
    share = None if clock is None else _grid_share(file, clock)
    if clock is None or share is None or share >= MIN_ON_GRID:
        return "scheduled"
    if delay is not None:
        earlier = _grid_share(file, clock - parse_delay(delay.column, delay.unit, delay.thousands))
        if earlier is not None and earlier >= max(MIN_ON_GRID, share + 0.2):
            return "actual"
    return "actual" if share < MAX_OFF_GRID else "unclear"


def _swapped(file: File, scheduled: Times, actual: Times) -> bool:
    clocks = (file.read(scheduled).clock, file.read(actual).clock)
    shares = [None if one is None else _grid_share(file, one) for one in clocks]
    return None not in shares and shares[0] < MAX_OFF_GRID and shares[1] > MIN_ON_GRID  # type: ignore[operator]


def _date_only(times: Times) -> Times:
    return Times(times.columns[:-1], times.formats[:-1], times.ambiguous)


def _clock_only(file: File, times: Times) -> Times:
    return _times(file, (times.columns[-1],))
