"""Every feature once: what it reads, when that is known, and the group its reason is told in.

Each entry is implemented twice: over frames in `puntual.features`, for one flight in
`puntual.inference.encoder`; a test holds that both implement every entry and agree bit by bit.
"""

from __future__ import annotations

from typing import NamedTuple

from puntual.types import KnownAt


class Count(NamedTuple):
    """Scheduled departures of other flights of the origin on the same local day.

    Attributes
    ----------
    by : fields that those flights share with this one, besides the origin and the day
    minutes : first and last minute of the window, relative to this flight and both included; the
        window never leaves the day. None: the whole day
    """

    by: tuple[str, ...]
    minutes: tuple[int, int] | None


class Feature(NamedTuple):
    """One number that a model reads.

    Attributes
    ----------
    reads : canonical columns (`puntual.schema.COLUMNS`) and so fields of a flight
    group : what a person calls it, for reasons
    categorical : the number is the position in the artifact's list of values; never seen: NaN
    counted : what is counted, for a feature of the timetable; NaN where no timetable is known
    """

    name: str
    reads: tuple[str, ...]
    group: str
    known_at: KnownAt = KnownAt.SCHEDULE
    categorical: bool = False
    counted: Count | None = None


_WHEN = ("scheduled_departure",)
_ROUTE = ("origin", "destination")


def _category(name: str, *reads: str) -> Feature:
    return Feature(name, reads or (name,), name, categorical=True)


def _count(name: str, by: tuple[str, ...], minutes: tuple[int, int] | None) -> Feature:
    reads = ("origin", "airline", "destination", "scheduled_departure")
    return Feature(name, reads, "congestion", counted=Count(by, minutes))


CATALOGUE: tuple[Feature, ...] = (
    _category("airline"),
    _category("operator"),
    _category("destination"),
    _category("origin"),
    _category("flight_type", "flight_type", *_ROUTE),
    Feature("distance_km", _ROUTE, "destination"),
    Feature("weekday", _WHEN, "weekday"),
    Feature("month", _WHEN, "season"),
    Feature("day_of_year", _WHEN, "season"),  # NaN in a season that training did not see: not guessed
    Feature("high_season", _WHEN, "season"),
    Feature("days_to_holiday", ("origin", *_WHEN), "holiday"),
    Feature("days_since_holiday", ("origin", *_WHEN), "holiday"),
    Feature("minute_of_day", _WHEN, "hour"),
    Feature("period_of_day", _WHEN, "hour"),
    _count("departures_day", (), None),
    _count("departures_hour_before", (), (-60, -1)),
    _count("departures_hour_after", (), (0, 60)),
    _count("airline_day", ("airline",), None),
    _count("airline_around", ("airline",), (-60, 60)),
    _count("destination_day", ("destination",), None),
    _count("destination_around", ("destination",), (-60, 60)),
    _count("route_day", ("airline", "destination"), None),
    _count("route_around", ("airline", "destination"), (-60, 60)),
)

COUNTS: tuple[Count, ...] = tuple(feature.counted for feature in CATALOGUE if feature.counted)

FEATURES: dict[str, Feature] = {feature.name: feature for feature in CATALOGUE}
