"""Check whether flights can be what they were read as, and say what looks wrong."""

from __future__ import annotations

from puntual.data import odd_days, odd_delays, odd_rows, odd_times
from puntual.data.flights import Flights, RowsRead
from puntual.data.oddity import MANY, Check, Oddity
from puntual.data.profile import Profile

CHECKS: dict[str, Check] = {
    check.__name__: check
    for check in (
        odd_times.all_at_midnight,
        odd_times.one_time_of_day,
        odd_times.implausible_hour,
        odd_times.hours_never_above_12,
        odd_times.minutes_always_zero,
        odd_times.night_busy,
        odd_times.actual_as_scheduled,
        odd_days.days_never_above_12,
        odd_days.missing_weekday,
        odd_days.missing_months,
        odd_days.missing_days,
        odd_days.thin_days,
        odd_days.in_the_future,
        odd_delays.delays_zero_or_one,
        odd_delays.scheduled_is_actual,
        odd_delays.delays_cut_at_zero,
        odd_delays.on_time_dropped,
        odd_delays.delays_in_seconds,
        odd_delays.delays_in_hours,
        odd_delays.delays_off_by_days,
        odd_delays.early_departures,
        odd_delays.delays_shifted,
        odd_delays.split_thousands,
        odd_rows.without_outcome,
        odd_rows.no_cancellations,
        odd_rows.no_such_status,
        odd_rows.many_cancelled,
        odd_rows.many_duplicates,
        odd_rows.repeated_flights,
        odd_rows.undeclared_codeshares,
        odd_rows.destination_is_origin,
        odd_rows.unknown_codes,
        odd_rows.city_codes,
    )
}
"""By stable name; the order in which they are said."""

LIMITS = {"no_cancellations"}
"""What a file that was read rightly may have."""

_TIMES = {"one_time_of_day", "implausible_hour", "hours_never_above_12", "minutes_always_zero", "night_busy"}
_DELAYS = {name for name, check in CHECKS.items() if check.__module__ == odd_delays.__name__}
_PAIRS = {"repeated_flights", "undeclared_codeshares"}
IMPLIED: dict[str, set[str]] = {
    "all_at_midnight": _TIMES | _DELAYS | _PAIRS,
    "one_time_of_day": _TIMES | _DELAYS | _PAIRS,
    "hours_never_above_12": {"implausible_hour", "night_busy"},
    "night_busy": {"thin_days"},
    "days_never_above_12": {"missing_months", "missing_days", "thin_days", "missing_weekday"},
    "missing_weekday": {"missing_days"},
    "delays_in_seconds": {"early_departures", "delays_shifted", "delays_off_by_days", "on_time_dropped"},
    "delays_shifted": {"early_departures", "on_time_dropped"},
    "delays_cut_at_zero": {"on_time_dropped"},
    "delays_zero_or_one": {"scheduled_is_actual"},
    "minutes_always_zero": _PAIRS | {"on_time_dropped"},
    "without_outcome": {"on_time_dropped"},
    "many_cancelled": {"on_time_dropped"},
    "destination_is_origin": _PAIRS,
    "no_such_status": {"no_cancellations"},
    "undeclared_codeshares": {"repeated_flights"},
}
"""What is not said beside what explains it."""


def find_oddities(profile: Profile, read: RowsRead | Flights) -> tuple[Oddity, ...]:
    """What looks wrong in flights, by every check of `CHECKS` that has flights enough.

    Examples
    --------
    >>> from puntual.data import read_flights
    >>> from puntual.data.profile import profile_flights
    >>> nyc = read_flights("nyc")
    >>> find_oddities(profile_flights(nyc), nyc)
    ()
    """
    rows = read.rows_read if isinstance(read, Flights) else read
    found = {}
    for name, check in CHECKS.items():
        one = check(profile, rows)
        if one is not None:
            found[name] = Oddity(name=name, **one._asdict(), sure=one.flights >= MANY, limit=name in LIMITS)
    implied = {name for one in found for name in IMPLIED.get(one, ()) if name != one}
    return tuple(oddity for name, oddity in found.items() if name not in implied)
