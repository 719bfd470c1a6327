"""Files of flights that many people hold, each declared by its headings; no mapping is needed for them.

A heading stands here in lower case without accents and signs: ``crsdeptime`` is ``CRSDepTime`` and
``CRS_DEP_TIME``. Where a file may hold something under several headings, the first one that it has counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from puntual.formats.headings import CANCELLED, DIVERTED, squeeze

Alternatives = tuple[str | tuple[str, ...], ...]
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class FileKind(NamedTuple):
    """The columns of a kind of file.

    Attributes
    ----------
    known_by : headings that no other kind of file has together; of a tuple, one is enough
    columns : for each of `puntual.data.mapping.Columns`, the headings that may hold it
    formats : how a heading's times are written, where values do not show it; by heading
    settings : keys of a mapping
    rows : as in a mapping, by heading; only where the file has it
    month_first : how a date is read whose values do not show which is the month
    """

    name: str
    known_by: tuple[str | tuple[str, ...], ...]
    columns: Mapping[str, Alternatives]
    formats: Mapping[str, str] = _NOTHING
    settings: Mapping[str, Any] = _NOTHING
    rows: Mapping[str, tuple[str, ...]] = _NOTHING
    month_first: bool = False

    def fits(self, headings: Collection[str]) -> bool:
        """Whether a file with these headings is of this kind."""
        return all(
            one in headings if isinstance(one, str) else any(other in headings for other in one)
            for one in self.known_by
        )

    def own_columns(self, columns: Collection[str]) -> dict[str, tuple[str, ...]]:
        """The file's columns for each canonical one that it has.

        Examples
        --------
        >>> found = BTS.own_columns(["FL_DATE", "CRS_DEP_TIME", "OP_UNIQUE_CARRIER", "ORIGIN", "DEST"])
        >>> found["scheduled_departure"], found["airline"]
        (('FL_DATE', 'CRS_DEP_TIME'), ('OP_UNIQUE_CARRIER',))
        """
        own = {squeeze(column): column for column in reversed(list(columns))}
        found = {}
        for name, alternatives in self.columns.items():
            several = [(one,) if isinstance(one, str) else one for one in alternatives]
            chosen = next((one for one in several if all(heading in own for heading in one)), None)
            if chosen is not None:
                found[name] = tuple(own[heading] for heading in chosen)
        return found


_US_CLOCKS = dict.fromkeys(("crsdeptime", "scheduleddeparture", "deptime", "departuretime"), "hhmm")
_US_DATES = ("fldate", "flightdate", ("year", "month", "dayofmonth"), ("year", "month", "day"))
_PARTS = {"year": "%Y", "month": "%m", "dayofmonth": "%d", "day": "%d"}

BTS = FileKind(
    "bts",
    known_by=(
        ("fldate", "flightdate", "dayofmonth", "dayofweek"),
        ("deptime", "departuretime", "crsdeptime", "scheduleddeparture"),
        ("dest", "destairportid", "destinationairport"),
        (
            *("depdelay", "departuredelay", "crsdeptime"),
            *("opuniquecarrier", "reportingairline", "uniquecarrier", "opcarrier"),
        ),
    ),
    columns={
        "scheduled_departure": tuple(
            (*((day,) if isinstance(day, str) else day), *clock)
            for clock in (("crsdeptime",), ("scheduleddeparture",), ())
            for day in _US_DATES
        ),
        "actual_departure": ("deptime", "departuretime"),
        "delay": ("depdelay", "departuredelay"),
        "airline": (
            *("marketingairlinenetwork", "mktuniquecarrier", "mktcarrier", "iatacodemarketingairline"),
            *(
                "reportingairline",
                "iatacodereportingairline",
                "opuniquecarrier",
                "opcarrier",
                "uniquecarrier",
            ),
            *(
                "operatingairline",
                "iatacodeoperatingairline",
                "airlinecode",
                "carrier",
                "airline",
                "opcarrierairlineid",
            ),
            "dotidreportingairline",
        ),
        "operator": ("operatingairline", "opuniquecarrier"),
        "flight_number": (
            *("flightnumbermarketingairline", "mktcarrierflnum", "flightnumberreportingairline"),
            *("opcarrierflnum", "flightnumberoperatingairline", "flightnum", "flightnumber", "flnumber"),
        ),
        "origin": ("origin", "originairport", "originairportid"),
        "destination": ("dest", "destinationairport", "destairportid"),
        "cancelled": ("cancelled",),
        "diverted": ("diverted",),
        "aircraft": ("tailnumber", "tailnum"),
    },
    formats=_US_CLOCKS | _PARTS,
    settings={"missing": ("NA",)},
    month_first=True,
)
BTS_AIRPORT = FileKind(
    "bts-airport",
    known_by=("carriercode", "scheduleddeparturetime", "actualdeparturetime", "departuredelayminutes"),
    columns={
        "scheduled_departure": (("datemmddyyyy", "scheduleddeparturetime"),),
        "actual_departure": ("actualdeparturetime",),
        "delay": ("departuredelayminutes",),
        "airline": ("carriercode",),
        "flight_number": ("flightnumber",),
        "origin": ("originairport",),
        "destination": ("destinationairport",),
        "aircraft": ("tailnumber",),
    },
    formats={"datemmddyyyy": "%m/%d/%Y"},
    settings={"no_outcome": "cancelled"},
)
ANAC = FileKind(
    "anac",
    known_by=(
        *("partidaprevista", "partidareal"),
        ("siglaicaoempresaaerea", "icaoempresaaerea", "siglaempresaaerea", "siglaempresa", "cdempresa"),
        (
            "siglaicaoaeroportodestino",
            "icaoaerodromodestino",
            "siglaaeroportodestino",
            "icaoaeroportodestino",
        ),
    ),
    columns={
        "scheduled_departure": ("partidaprevista",),
        "actual_departure": ("partidareal",),
        "airline": (
            *("siglaicaoempresaaerea", "icaoempresaaerea", "siglaempresaaerea", "siglaempresa", "cdempresa"),
            "empresaaerea",
        ),
        "flight_number": ("numerovoo", "numerodovoo", "voo"),
        "origin": (
            *("siglaicaoaeroportoorigem", "icaoaerodromoorigem", "siglaaeroportoorigem", "aeroportoorigem"),
            *("icaoaeroportoorigem", "origem"),
        ),
        "destination": (
            *(
                "siglaicaoaeroportodestino",
                "icaoaerodromodestino",
                "siglaaeroportodestino",
                "aeroportodestino",
            ),
            *("icaoaeroportodestino", "destino"),
        ),
        "airline_name": ("empresaaerea",),
        "cancelled": ("situacaovoo", "situacaodovoo", "situacao"),
    },
    settings={"time_zone": "America/Sao_Paulo", "cancelled": ("cancelado", "cancelada", "cancelled")},
)
EUROCONTROL = FileKind(
    "eurocontrol",
    known_by=("adep", "ades", "filedoffblocktime"),
    columns={
        "scheduled_departure": ("filedoffblocktime",),
        "actual_departure": ("actualoffblocktime",),
        "airline": ("acoperator",),
        "origin": ("adep",),
        "destination": ("ades",),
        "aircraft": ("acregistration",),
    },
    settings={"time_zone": "UTC"},
)
AVINOR = FileKind(
    "avinor",
    known_by=("deparr", "sobtsibt", "tofrom"),
    columns={
        "scheduled_departure": ("sobtsibt",),
        "actual_departure": ("aobtaibt", "atotaldt"),
        "airline": ("airlineiata", "airlineicao", "airline"),
        "flight_number": ("flightid",),
        "origin": ("airport",),
        "destination": ("tofrom",),
        "cancelled": ("cancelled",),
    },
    settings={"cancelled": ("C", "1", "true", "Y")},
    rows={"deparr": ("D",)},
)
AEROAPI = FileKind(
    "aeroapi",
    known_by=("scheduledout", ("origincodeiata", "origincodeicao", "origincode")),
    columns={
        "scheduled_departure": ("scheduledout",),
        "actual_departure": ("actualout",),
        "airline": ("operatoriata", "operatoricao", "operator"),
        "flight_number": ("flightnumber",),
        "origin": ("origincodeiata", "origincodeicao", "origincode"),
        "destination": ("destinationcodeiata", "destinationcodeicao", "destinationcode"),
        "cancelled": ("cancelled",),
        "diverted": ("diverted",),
        "aircraft": ("registration",),
    },
    rows={"list": ("departures", "scheduled_departures", "flights")},
)
AVIATIONSTACK = FileKind(
    "aviationstack",
    known_by=("departurescheduled", "departureiata", "arrivaliata"),
    columns={
        "scheduled_departure": ("departurescheduled",),
        "actual_departure": ("departureactual",),
        "airline": ("airlineiata", "airlineicao"),
        "airline_name": ("airlinename",),
        "flight_number": ("flightnumber",),
        "origin": ("departureiata", "departureicao"),
        "destination": ("arrivaliata", "arrivalicao"),
        "cancelled": ("flightstatus",),
        "diverted": ("flightstatus",),
        "codeshare_of": ("flightcodesharedflightiata",),
        "aircraft": ("aircraftregistration",),
    },
    settings={"offsets": "ignored", "cancelled": ("cancelled",), "diverted": ("diverted",)},
)


def _aerodatabox(place: str, name: str) -> Alternatives:
    """Headings of a time of one end of a flight, in the versions of the interface."""
    return (f"{place}{name}timelocal", f"{place}{name}timeutc")


AERODATABOX = FileKind(
    "aerodatabox",
    known_by=(
        ("movementscheduledtimelocal", "departurescheduledtimelocal"),
        ("number", "callsign"),
    ),
    columns={
        "scheduled_departure": (
            *_aerodatabox("departure", "scheduled"),
            *_aerodatabox("movement", "scheduled"),
        ),
        "actual_departure": tuple(
            heading
            for name in ("actual", "revised", "runway")
            for place in ("departure", "movement")
            for heading in _aerodatabox(place, name)
        ),
        "airline": ("airlineiata", "airlineicao", "airlinename"),
        "airline_name": ("airlinename",),
        "flight_number": ("number",),
        "origin": ("departureairportiata", "departureairporticao"),
        "destination": (
            *("arrivalairportiata", "arrivalairporticao", "movementairportiata", "movementairporticao"),
            "movementairportname",
        ),
        "cancelled": ("status",),
        "diverted": ("status",),
        "aircraft": ("aircraftreg",),
    },
    settings={"cancelled": CANCELLED, "diverted": DIVERTED},
    rows={"list": ("departures",), "codesharestatus": ("IsOperator", "Unknown", "")},
)
SCHIPHOL = FileKind(
    "schiphol",
    known_by=("mainflight", ("scheduledatetime", "scheduletime"), "routedestinations"),
    columns={
        "scheduled_departure": ("scheduledatetime", ("scheduledate", "scheduletime")),
        "actual_departure": ("actualoffblocktime",),
        "airline": ("prefixiata", "prefixicao"),
        "flight_number": ("flightname", "flightnumber"),
        "destination": ("routedestinations",),
        "cancelled": ("publicflightstateflightstates",),
        "codeshare_of": ("mainflight",),
        "aircraft": ("aircraftregistration",),
    },
    settings={"cancelled": ("CNX",)},
    rows={"flightdirection": ("D",)},
)

SSIM = FileKind(
    "ssim",
    known_by=("passengerstd", "airlinedesignator", "departurestation", "arrivalstation"),
    columns={
        "scheduled_departure": ("passengerstd",),
        "airline": ("airlinedesignator",),
        "flight_number": ("flightnumber",),
        "origin": ("departurestation",),
        "destination": ("arrivalstation",),
        "codeshare_of": ("operatedas",),
    },
)

FILE_KINDS = (
    BTS,
    BTS_AIRPORT,
    ANAC,
    EUROCONTROL,
    AVINOR,
    AEROAPI,
    AVIATIONSTACK,
    AERODATABOX,
    SCHIPHOL,
    SSIM,
)

ASA_HEADER = (
    *("Year", "Month", "DayofMonth", "DayOfWeek", "DepTime", "CRSDepTime", "ArrTime", "CRSArrTime"),
    *("UniqueCarrier", "FlightNum", "TailNum", "ActualElapsedTime", "CRSElapsedTime", "AirTime", "ArrDelay"),
    *("DepDelay", "Origin", "Dest", "Distance", "TaxiIn", "TaxiOut"),
    *("Cancelled", "CancellationCode", "Diverted"),
    *("CarrierDelay", "WeatherDelay", "NASDelay", "SecurityDelay", "LateAircraftDelay"),
)
"""The columns of the ASA Data Expo, whose files of some years come without a header."""

NO_FLIGHTS = {
    ("arrflights", "arrdel15"): "sums of months (how many flights, how many late), no single flights",
    ("departuresscheduled", "departuresperformed"): "sums of months, no single flights",
    ("numberflightsmatched", "averagedelaymins"): "sums of months, no single flights",
    ("firstseen", "lastseen"): "flights as they were seen, without scheduled times",
}
"""By headings, what a table holds that can be no history and no schedule."""


def find_file_kind(columns: Collection[str]) -> FileKind | None:
    """The kind of file that has these columns; None if it is none that is known."""
    headings = {squeeze(column) for column in columns}
    return next((kind for kind in FILE_KINDS if kind.fits(headings)), None)
