"""Where each aircraft was last, and how late."""

from __future__ import annotations

import math

from puntual.inference.operations import AIRCRAFT, LEGS_WITHIN, PLANNED_WITHIN
from puntual.operations.planned import Planned

_MISSING = (math.nan,) * len(AIRCRAFT)


class Legs:
    """The flights of each aircraft that still count."""

    def __init__(self) -> None:
        self._legs: dict[str, list[Planned]] = {}

    def add(self, flight: Planned) -> None:
        """Add a flight, if its aircraft is known."""
        if flight.aircraft is not None:
            self._legs.setdefault(flight.aircraft, []).append(flight)

    def remove(self, flight: Planned) -> None:
        """Undo `add`; the aircraft has to be what it was."""
        legs = self._legs.get(flight.aircraft or "")
        if legs and flight in legs:
            legs.remove(flight)
            if not legs:
                del self._legs[flight.aircraft or ""]

    def values(self, aircraft: str | None, origin: str, moment: int, scheduled: int) -> tuple[float, ...]:
        """The values `AIRCRAFT`, as `puntual.features.aircraft` makes them over frames.

        Parameters
        ----------
        origin : where the flight that is asked about leaves from, in the model's codes
        moment, scheduled : of asking, and of its departure
        """
        if aircraft is None or scheduled - moment > PLANNED_WITHIN:
            return _MISSING
        since = scheduled - LEGS_WITHIN
        last: tuple[int, int, str] | None = None
        leg: tuple[int, str, int] | None = None
        before: Planned | None = None
        for flight in self._legs.get(aircraft, ()):
            due, departed = flight.scheduled, flight.departed
            if since <= departed <= moment:
                left = departed, due, flight.destination
                last = left if last is None else max(last, left)
            if since <= due < scheduled:
                found = due, flight.destination, departed
                if leg is None or found > leg:
                    leg, before = found, flight
        delay = minutes = here = math.nan
        if last is not None:
            delay, minutes = float(last[0] - last[1]), float(scheduled - last[0])
            here = float(last[2] == origin)
        if leg is None or before is None:
            return delay, minutes, here, math.nan, math.nan, math.nan
        due, _, departed = leg
        has_left = departed <= moment
        behind = departed - due if has_left else max(moment - due, -1)
        return (
            delay,
            minutes,
            here,
            float(scheduled - due),
            math.nan if before.cancelled <= moment else float(behind),
            float(has_left),
        )
