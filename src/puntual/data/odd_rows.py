"""Rows that a history has too many or too few of, and codes that are odd."""

from __future__ import annotations

from collections.abc import Sequence

from puntual.data.flights import RowsRead
from puntual.data.oddity import Found, at_least, percent
from puntual.data.profile import Profile

_MIN_CANCELLED = 0.001
"""Share of a history; of New York's airports in 2013, the calmest month had four times as many."""
_SHOWN = 5
_SEVERAL = 5
"""Destinations; on one route, rivals leave at one minute more often."""


def without_outcome(profile: Profile, _: RowsRead) -> Found | None:
    """A history says of each flight when it left, or that it was cancelled."""
    if not profile.history or at_least(profile.not_reported, profile.flights) < 0.05:
        return None
    share = percent(profile.not_reported, profile.flights)
    found = f"{share} of the flights have no actual time and are not cancelled"
    why = "they are left out of every share late, which is wrong if they were on time"
    remedy = (
        "if a blank means on time, give the delay of those as 0; if it means cancelled, say so in a mapping"
    )
    return Found(found, why, remedy, profile.flights)


def no_cancellations(profile: Profile, _: RowsRead) -> Found | None:
    """Of New York's airports, the calmest month had 0.4 % cancelled."""
    if not profile.history or profile.flights < 500 or profile.cancelled >= _MIN_CANCELLED * profile.flights:
        return None
    found = f"{profile.cancelled or 'no'} cancelled flights in this history"
    why = (
        "the timetable is of flights that were flown, which nobody knows beforehand; "
        "figures with the timetable may be flattered"
    )
    return Found(
        found, why, "if the file has cancelled flights, name their column in a mapping", profile.flights
    )


def no_such_status(profile: Profile, read: RowsRead) -> Found | None:
    """A word that no row has is probably written otherwise."""
    if not read.unmatched_statuses:
        return None
    found = "; ".join(
        f"none of the values in {column!r} is {' or '.join(words)}; it has {_listed(values)}"
        for column, words, values in read.unmatched_statuses
    )
    why = "cancelled or diverted flights are then taken for others"
    return Found(found, why, "give the words as the file has them", profile.flights)


def many_cancelled(profile: Profile, _: RowsRead) -> Found | None:
    """In an airline's worst month of 2013, New York lost a fifth of its flights."""
    if profile.days.height < 14 or at_least(profile.cancelled, profile.flights) < 0.3:
        return None
    found = f"{percent(profile.cancelled, profile.flights)} of the flights are cancelled"
    why = "flights without an actual time were probably taken for cancelled ones"
    return Found(found, why, "name the column that says so, and its words, in a mapping", profile.flights)


def many_duplicates(_: Profile, read: RowsRead) -> Found | None:
    """Rows that equal another one are used once."""
    count = read.duplicates
    if count < 3 or at_least(count, read.rows) < 0.01:
        return None
    found = f"{percent(count, read.rows)} of the rows repeat an earlier one"
    why = "each is used once, but the file was probably put together from files that overlap"
    return Found(found, why, "see that no period is in two files", read.rows)


def repeated_flights(profile: Profile, _: RowsRead) -> Found | None:
    """Of Santiago's flights, one in 5,000 has the time, destination, airline and number of another."""
    if profile.repeated < 6 or at_least(profile.repeated, profile.compared) < 0.02:
        return None
    share = percent(profile.repeated, profile.compared)
    found = f"{share} of the flights have the time, destination, airline and number of another one"
    why = "they are probably the same flights twice, as in files that overlap or one row a passenger class"
    return Found(found, why, "leave one row a flight", profile.compared)


def undeclared_codeshares(profile: Profile, _: RowsRead) -> Found | None:
    """Two or three flights in a hundred leave with another airline's at one minute for one place."""
    usual = 0.12 if profile.destinations.height >= _SEVERAL else 0.4
    if profile.airlines.height < 2 or at_least(profile.shared, profile.compared) < usual:
        return None
    share = percent(profile.shared, profile.compared)
    found = f"{share} of the flights leave with another airline's at the same minute for the same destination"
    why = "they are probably codeshares of one departure, which then counts several times"
    return Found(found, why, "leave the rows of the airline that flies", profile.compared)


def destination_is_origin(profile: Profile, _: RowsRead) -> Found | None:
    """A flight goes somewhere else."""
    if at_least(profile.to_itself, profile.flights) < 0.1:
        return None
    found = f"{percent(profile.to_itself, profile.flights)} of the flights have their origin as destination"
    why = "they are arrivals, or the columns are not those of origin and destination"
    return Found(found, why, "leave the arrivals out, or name the columns in a mapping", profile.flights)


def unknown_codes(profile: Profile, read: RowsRead) -> Found | None:
    """Two of Santiago's airlines, with 0.5 % of the flights, are in no table; an origin of all flights is."""
    tables = (profile.airlines, profile.origins, profile.destinations)
    there = {code for table in tables for code in table["code"]}
    unknown = [code for code in read.unknown_codes if code in there]
    count = max(sum(flights for code, flights in table.iter_rows() if code in unknown) for table in tables)
    everywhere = set(profile.origins.to_series()) <= {*unknown}
    if not everywhere and (len(unknown) < 2 or at_least(count, profile.flights) < 0.02):
        return None
    share = percent(count, profile.flights)
    found = f"no table has {len(unknown):,} of the codes ({_listed(unknown)}), of {share} of the flights"
    why = "they have no name and no time zone, or the column is not that of a code"
    remedy = "give IATA or ICAO codes, or their meaning under [codes] in a mapping"
    return Found(found, why, remedy, profile.flights)


def city_codes(profile: Profile, read: RowsRead) -> Found | None:
    """A city's code may mean several airports."""
    if not read.city_codes:
        return None
    found = f"{_listed(read.city_codes)}: code of a city, not of an airport"
    why = "the delays and time zones of its airports are mixed up"
    remedy = "give the airport's code under [codes] in a mapping"
    return Found(found, why, remedy, profile.flights)


def _listed(texts: Sequence[str]) -> str:
    return ", ".join(texts[:_SHOWN]) + (" …" if len(texts) > _SHOWN else "")
