"""Every feature once: what it reads, and the group of reasons that it belongs to.

Each entry is implemented twice: over frames in `puntual.features`, for one flight in
`puntual.inference.encoder`; a test holds that both implement every entry and agree bit by bit.
"""

from __future__ import annotations

from typing import NamedTuple


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


class Gap(NamedTuple):
    """Minutes to the nearest scheduled departure of another minute, of the origin on the same local day.

    Attributes
    ----------
    by : as in `Count`
    later : after this flight; else before it
    """

    by: tuple[str, ...]
    later: bool


class Feature(NamedTuple):
    """One number that a model reads.

    Attributes
    ----------
    reads : canonical columns (`puntual.data.schema.COLUMNS`) and so fields of a flight
    group : what a person calls it, for reasons
    categorical : the number is the position in the artifact's list of values; never seen: NaN
    counted : what is counted or measured in the timetable, for a feature of it; NaN where none is known, and
        where nothing departs that a gap could be measured to
    """

    name: str
    reads: tuple[str, ...]
    group: str
    categorical: bool = False
    counted: Count | Gap | None = None


EARLIER = (-1440, -1)
"""Minutes: all that departs before the flight on its day."""

_WHEN = ("scheduled_departure",)
_ROUTE = ("origin", "destination")


def _category(name: str, *reads: str) -> Feature:
    return Feature(name, reads or (name,), name, categorical=True)


def _count(name: str, by: tuple[str, ...], minutes: tuple[int, int] | None) -> Feature:
    return _timetable(name, Count(by, minutes))


def _timetable(name: str, counted: Count | Gap) -> Feature:
    reads = ("origin", "airline", "destination", "scheduled_departure")
    return Feature(name, reads, "congestion", counted=counted)


CATALOGUE: tuple[Feature, ...] = (
    _category("airline"),
    _category("operator"),
    _category("destination"),
    _category("origin"),
    _category("flight_type", "flight_type", *_ROUTE),
    Feature("distance_km", _ROUTE, "destination"),
    Feature("weekday", _WHEN, "weekday"),
    Feature("month", _WHEN, "season"),
    Feature("day_of_year", _WHEN, "season"),  # of the nearest day learned; of the last, where none is near
    Feature("new_season", _WHEN, "season"),
    Feature("high_season", _WHEN, "season"),
    Feature("days_to_holiday", ("origin", *_WHEN), "holiday"),
    Feature("days_since_holiday", ("origin", *_WHEN), "holiday"),
    Feature("minute_of_day", _WHEN, "hour"),
    Feature("period_of_day", _WHEN, "hour"),
    Feature("minute_of_hour", _WHEN, "hour"),
    Feature("minute_of_week", _WHEN, "hour"),
    _count("departures_day", (), None),
    _count("departures_hour_before", (), (-60, -1)),
    _count("departures_hour_after", (), (0, 60)),
    _count("airline_day", ("airline",), None),
    _count("airline_around", ("airline",), (-60, 60)),
    _count("destination_day", ("destination",), None),
    _count("destination_around", ("destination",), (-60, 60)),
    _count("route_day", ("airline", "destination"), None),
    _count("route_around", ("airline", "destination"), (-60, 60)),
    _count("departures_earlier", (), EARLIER),
    _count("airline_earlier", ("airline",), EARLIER),
    _count("destination_earlier", ("destination",), EARLIER),
    _count("route_earlier", ("airline", "destination"), EARLIER),
    _timetable("airline_gap_before", Gap(("airline",), later=False)),
    _timetable("airline_gap_after", Gap(("airline",), later=True)),
)

COUNTS: tuple[Count | Gap, ...] = tuple(feature.counted for feature in CATALOGUE if feature.counted)

COUNTED: tuple[str, ...] = tuple(feature.name for feature in CATALOGUE if feature.counted)
"""The features of the timetable; where it is known, the first is a number."""

FEATURES: dict[str, Feature] = {feature.name: feature for feature in CATALOGUE}
