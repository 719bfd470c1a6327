"""What a model of the operations horizon reads beside the schedule: declared once, made twice.

Over frames the values are made in `puntual.features.operations`, for one flight against the live state in
`puntual.operations.live_state`; a test holds that both agree bit by bit. All is as of the moment of asking.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

DAY_START = 180
"""Minute of the local day at which a day of operations begins."""
OVERDUE_CAP = 360
"""Minutes after its time from which on a flight that has not left no longer counts as overdue."""
ANSWERED_WITHIN = 10_080
"""Minutes before a flight from which on it is answered from what has happened: of earlier moments no model
learns, and none is measured there."""
PLANNED_WITHIN = 1440
"""Minutes before a flight from which on the aircraft that is planned for it counts as known."""
LEGS_WITHIN = 2880
"""Minutes before a flight from which on the departures of its aircraft count."""
OBSERVED_WITHIN = 180
"""Minutes: an older observation of the weather is missing."""
WEATHER_CHANGE = 180
"""Minutes back to the observation that a change of the weather is measured from."""


class Recent(NamedTuple):
    """A mean over departures of a scope about which something became known before the moment of asking.

    Attributes
    ----------
    of : the share of those that left late, the mean delay in minutes, or the share that were cancelled
    minutes : length of the window that ends at the moment of asking
    days : instead, so many whole days (UTC) before the day of asking
    """

    of: Literal["late", "delay", "cancelled"]
    minutes: int = 0
    days: int = 0


SO_FAR = Recent("late"), Recent("delay")
"""With neither minutes nor days: since the day of operations began, `DAY_START` at the origin."""


class Overdue(NamedTuple):
    """How many flights of a scope are so many minutes past their time and have not left."""

    minutes: int


def _name(scope: str, measure: Recent | Overdue) -> str:
    if isinstance(measure, Overdue):
        return f"{scope}_{measure.minutes}_minutes_overdue"
    if measure.days:
        return f"{scope}_{measure.of}_{measure.days}_days"
    return f"{scope}_{measure.of}_{measure.minutes or 'so_far'}"


class Scope(NamedTuple):
    """Departures that belong together.

    Attributes
    ----------
    past : fields of a departure that place it
    asked : fields of the flight that is asked about, in the same order
    group : of reasons
    measures : what is measured of it
    """

    name: str
    past: tuple[str, ...]
    asked: tuple[str, ...]
    group: str
    measures: tuple[Recent | Overdue, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the measures."""
        return tuple(_name(self.name, measure) for measure in self.measures)


_MINUTES = (60, 120, 240, 1440)
_DAYS = (3, 7, 28)
_RECENT = tuple(Recent(of, minutes) for of in ("late", "delay") for minutes in _MINUTES)
_LONG = tuple(Recent(of, days=days) for of in ("late", "delay") for days in _DAYS)
_NEAR: tuple[Recent | Overdue, ...] = (
    *(Recent("late", minutes) for minutes in _MINUTES[:3]),
    Recent("delay", 120),
    Overdue(0),
    Overdue(15),
)

_HERE: tuple[Recent | Overdue, ...] = (*_RECENT, *SO_FAR, *_LONG)
_OVERDUE = Overdue(0), Overdue(15), Overdue(45)
_ORIGIN, _AIRLINE = ("origin",), ("origin", "airline")
_DESTINATION, _ROUTE = ("origin", "destination"), ("origin", "airline", "destination")

PARTS: dict[tuple[str, ...], tuple[Scope, ...]] = {
    _ORIGIN: (
        Scope(
            "airport",
            _ORIGIN,
            _ORIGIN,
            "day_so_far",
            (*_HERE, Recent("cancelled", 240), Recent("cancelled", 1440)),
        ),
        Scope("airport", _ORIGIN, _ORIGIN, "overdue", _OVERDUE),
        Scope("inbound", ("destination",), _ORIGIN, "inbound", _NEAR),
        Scope("network", (), (), "inbound", (*_NEAR, Recent("cancelled", 240))),
    ),
    _AIRLINE: (
        Scope("airline", _AIRLINE, _AIRLINE, "airline_today", (*_HERE, Recent("cancelled", 1440))),
        Scope("airline", _AIRLINE, _AIRLINE, "overdue", _OVERDUE),
    ),
    _DESTINATION: (
        Scope("destination", _DESTINATION, _DESTINATION, "destination_lately", (*_RECENT, *_LONG)),
        Scope("onward", _ORIGIN, ("destination",), "inbound", _NEAR),
    ),
    _ROUTE: (
        Scope(
            "route",
            _ROUTE,
            _ROUTE,
            "destination_lately",
            (Recent("late", 1440), Recent("delay", 1440), *_LONG),
        ),
    ),
}
"""The scopes by the fields of the flight that is asked about which decide what they hold."""
SCOPES = tuple(scope for scopes in PARTS.values() for scope in scopes)

AIRCRAFT = (
    "aircraft_delay",  # of its last departure that is known, minutes
    "aircraft_minutes",  # from that departure to the scheduled one that is asked about
    "aircraft_here",  # whether that departure was bound for here
    "aircraft_leg_gap",  # from the scheduled time of the leg before, as planned, minutes
    "aircraft_leg_delay",  # of that leg; if it has not left, how long past its time it is
    "aircraft_leg_left",  # whether it has left
)

OBSERVED = (
    "temperature_c",
    "dew_point_c",
    "wind_kt",
    "gust_kt",
    "precipitation_mm",
    "pressure_hpa",
    "visibility_km",
)
"""What is observed of the weather at the origin, and how much of it changed."""
CHANGES = ("temperature_c", "wind_kt", "pressure_hpa", "visibility_km")
WEATHER = (*OBSERVED, *(f"{name}_change" for name in CHANGES))

LEAD = "lead_minutes"


OPERATIONS_GROUPS: dict[str, str] = (
    {name: scope.group for scope in SCOPES for name in scope.names}
    | dict.fromkeys(AIRCRAFT, "aircraft")
    | dict.fromkeys(WEATHER, "weather")
    | {LEAD: "lead_time"}
)
"""The values by name, in the order in which they are made -> the group of reasons that each belongs to."""
OPERATIONS = tuple(OPERATIONS_GROUPS)
