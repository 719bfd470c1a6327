"""Source ``scl``: departures of Santiago, in the challenge's columns (``Fecha-I`` … ``SIGLADES``)."""

from __future__ import annotations

import polars as pl

from puntual.data.cells import clean_text, parse_code
from puntual.data.mapped import mapped_source, most_frequent_names
from puntual.data.mapping import Columns, Formats, Mapping
from puntual.formats import SCL as HEADER

# In the names of the columns, -I is as scheduled and -O as operated. Who flies a flight is known only
# afterwards, so that `operator` stays null.
_MAPPING = Mapping(
    columns=Columns(
        scheduled_departure=HEADER.scheduled_departure,
        airline=HEADER.airline,
        origin=HEADER.origin,
        destination=HEADER.destination,
        flight_number=HEADER.flight_number,
        flight_type=HEADER.flight_type,
        actual_departure=HEADER.actual_departure,
        operated_by="Emp-O",
        operated_flight_number="Vlo-O",
        operated_origin="Ori-O",
        operated_destination="Des-O",
    ),
    formats=Formats(scheduled_departure=HEADER.time_format, actual_departure=HEADER.time_format),
    no_outcome="cancelled",
)


def airline_names(raw: pl.LazyFrame) -> dict[str, str]:
    """The most frequent name of each airline (``OPERA``) among the flights that it operated itself."""
    named = raw.select(code=parse_code("Emp-I"), operator=parse_code("Emp-O"), name=clean_text("OPERA"))
    return most_frequent_names(named.filter(pl.col("code") == pl.col("operator")).drop("operator"))


def city_names(raw: pl.LazyFrame) -> dict[str, str]:
    """The most frequent city (``SIGLAORI``, ``SIGLADES``) of each airport."""
    cities = ((HEADER.origin, "SIGLAORI"), (HEADER.destination, "SIGLADES"))
    named = (raw.select(code=parse_code(airport), name=clean_text(city)) for airport, city in cities)
    return most_frequent_names(pl.concat(named))


def _read(raw: pl.LazyFrame) -> pl.LazyFrame:
    # The challenge's times are local; a Parquet column with a zone is refused as text of another format.
    return _MAPPED.read(raw.with_columns(pl.selectors.datetime(time_zone="*").cast(pl.String)))


_MAPPED = mapped_source(_MAPPING, checked_codes=("flight_type",))
SCL = _MAPPED._replace(
    name="scl",
    read=_read,
    schedule_columns=(*HEADER.scheduled_departure, HEADER.origin, HEADER.destination, HEADER.airline),
    optional_columns=(*_MAPPED.optional_columns, "OPERA", "SIGLAORI", "SIGLADES"),
    airline_names=airline_names,
    city_names=city_names,
    known_afterwards=(*_MAPPED.known_afterwards, "OPERA", "DIA", "MES", "AÑO", "DIANOM"),
)
