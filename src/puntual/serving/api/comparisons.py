"""Two schedules in the body of a request, and what is answered."""

from __future__ import annotations

from typing import Annotated

import msgspec

from puntual.operations.comparison import DayChange, FlightChange
from puntual.serving.api.schemas import OfModel
from puntual.serving.api.validation import ALLOWED, explain
from puntual.serving.http.problems import RefusedError
from puntual.types import Flight

Schedule = Annotated[list[Flight], msgspec.Meta(min_length=1)]

_SIDES = ("before", "after")
_PLACES = {"$": 'an object such as {"before": [...], "after": [...]}'} | {
    place.replace("$.flights", f"$.{side}"): allowed
    for side in _SIDES
    for place, allowed in ALLOWED.items()
    if place.startswith("$.flights")
}


class ComparisonRequest(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Two schedules to compare; each is answered within its own days.

    Attributes
    ----------
    before, after : all departures of their origins on their days, in any order
    """

    before: Schedule
    after: Schedule


class ComparisonResponse(OfModel, frozen=True, gc=False):
    """Two schedules of the same days, as a model answers them.

    Attributes
    ----------
    days : each day of each origin, with the flights that are expected to be delayed
    flights : each flight of either schedule, with its probabilities in both
    """

    days: list[DayChange]
    flights: list[FlightChange]


_decode = msgspec.json.Decoder(ComparisonRequest).decode


def read_comparison(body: bytes, max_flights: int) -> ComparisonRequest:
    """Decode and check the body of a request.

    Parameters
    ----------
    max_flights : most flights in both schedules together

    Raises
    ------
    RefusedError : not JSON, or not two schedules; says where, what was found and what is allowed

    Examples
    --------
    >>> read_comparison(b'{"before": 7}', 10)
    Traceback (most recent call last):
        ...
    puntual.serving.http.problems.RefusedError: $.before: expected `array`, got `int`; wanted: a list of ...
    """
    try:
        request = _decode(body)
    except (ValueError, RecursionError) as error:
        raise explain(body, error, max_flights, _PLACES) from None
    flights = len(request.before) + len(request.after)
    if flights > max_flights:
        allowed = f"1 to {max_flights} in both schedules"
        raise RefusedError(
            "invalid", f"{flights} flights", pointer="$", found=f"{flights} flights", allowed=allowed
        )
    return request
