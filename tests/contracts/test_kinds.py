"""Every kind of file that is known by its headings holds the same flights, and is read as the same."""

from __future__ import annotations

import csv
import datetime as dt
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from puntual.data import Flights, read_flights
from puntual.data.file_kinds import ASA_HEADER, FILE_KINDS
from puntual.data.schema import DELAY
from puntual.errors import DataError


class Leg(NamedTuple):
    """A flight from New York, in the values of every kind."""

    planned: dt.datetime
    delay: int | None
    airline: tuple[str, str]
    number: str
    destination: tuple[str, str]
    diverted: bool = False

    @property
    def left(self) -> dt.datetime | None:
        return None if self.delay is None else self.planned + dt.timedelta(minutes=self.delay)


AIRLINES = (("DL", "DAL"), ("UA", "UAL"), ("AA", "AAL"), ("B6", "JBU"))
PLACES = (("LAX", "KLAX"), ("ORD", "KORD"), ("SFO", "KSFO"), ("ATL", "KATL"), ("BOS", "KBOS"))
ODD = [
    ("2023-06-03T23:50", 35),
    ("2023-06-04T00:05", -11),
    ("2023-06-05T00:45", 3),
    ("2023-06-06T05:30", 6),
    ("2023-06-07T23:40", 20),
    ("2023-06-08T08:00", 810),
    ("2023-06-09T09:00", 1470),
    ("2023-06-10T11:00", None),
    ("2023-06-11T18:05", None),
]


def legs() -> list[Leg]:
    draw = random.Random(7)
    times = [(dt.datetime.fromisoformat(planned), delay) for planned, delay in ODD]
    first = dt.datetime(2023, 6, 1, 6)
    times += [
        (first + dt.timedelta(hours=9 * step, minutes=5 * step), draw.randrange(-9, 60)) for step in range(30)
    ]
    return [
        Leg(planned, delay, draw.choice(AIRLINES), str(100 + at), draw.choice(PLACES), diverted=at == 12)
        for at, (planned, delay) in enumerate(sorted(times))
    ]


LEGS = legs()
NEW_YORK, BRASILIA = ZoneInfo("America/New_York"), ZoneInfo("America/Sao_Paulo")


def hhmm(time: dt.datetime | None, midnight: str = "2400") -> str:
    """As the US bureau writes it: what leaves at midnight left at 2400."""
    if time is None:
        return ""
    return midnight if (time.hour, time.minute) == (0, 0) else f"{time:%H%M}"


def zoned(time: dt.datetime | None, zone: ZoneInfo, form: str) -> str:
    return "" if time is None else time.replace(tzinfo=NEW_YORK).astimezone(zone).strftime(form)


def text(value: object) -> str:
    return "" if value is None else str(value)


def bts(leg: Leg) -> dict[str, str]:
    return {
        "FL_DATE": f"{leg.planned:%-m/%-d/%Y} 12:00:00 AM",
        "OP_UNIQUE_CARRIER": leg.airline[0],
        "OP_CARRIER_FL_NUM": leg.number,
        "ORIGIN": "JFK",
        "DEST": leg.destination[0],
        "CRS_DEP_TIME": f"{leg.planned:%H%M}",
        "DEP_TIME": hhmm(leg.left),
        "DEP_DELAY": "" if leg.delay is None else f"{leg.delay}.00",
        "DEP_DELAY_NEW": "" if leg.delay is None else f"{max(0, leg.delay)}.00",
        "CANCELLED": "1.00" if leg.delay is None else "0.00",
        "DIVERTED": f"{leg.diverted:d}.00",
    }


def marketing(leg: Leg) -> dict[str, str]:
    own = bts(leg)
    renamed = {
        "FL_DATE": "FlightDate",
        "CRS_DEP_TIME": "CRSDepTime",
        "DEP_TIME": "DepTime",
        "DEP_DELAY": "DepDelay",
    }
    return {
        **{renamed.get(name, name.title()): value for name, value in own.items() if "CARRIER" not in name},
        "FlightDate": f"{leg.planned:%Y-%m-%d}",
        "Marketing_Airline_Network": leg.airline[0],
        "Operating_Airline": "9E",
        "Flight_Number_Marketing_Airline": leg.number,
    }


def asa(leg: Leg) -> dict[str, str]:
    return dict.fromkeys(ASA_HEADER, "NA") | {
        "Year": f"{leg.planned:%Y}",
        "Month": f"{leg.planned:%-m}",
        "DayofMonth": f"{leg.planned:%-d}",
        "DayOfWeek": f"{leg.planned:%u}",
        "DepTime": hhmm(leg.left).lstrip("0") or "NA",
        "CRSDepTime": f"{leg.planned:%H%M}".lstrip("0") or "0",
        "UniqueCarrier": leg.airline[0],
        "FlightNum": leg.number,
        "DepDelay": "NA" if leg.delay is None else str(leg.delay),
        "Origin": "JFK",
        "Dest": leg.destination[0],
        "Distance": "740",
        "Cancelled": str(int(leg.delay is None)),
        "Diverted": str(int(leg.diverted)),
    }


def bts_airport(leg: Leg) -> dict[str, str]:
    return {
        "Carrier Code": leg.airline[0],
        "Date (MM/DD/YYYY)": f"{leg.planned:%m/%d/%Y}",
        "Flight Number": leg.number.zfill(4),
        "Tail Number": f"N{leg.number}",
        "Destination Airport": leg.destination[0],
        "Scheduled departure time": f"{leg.planned:%H:%M}",
        "Actual departure time": f"{leg.left or dt.time():%H:%M}",
        "Departure delay (Minutes)": str(leg.delay or 0),
    }


def anac(leg: Leg) -> dict[str, str]:
    return {
        "Sigla ICAO Empresa Aérea": leg.airline[1],
        "Número Voo": leg.number,
        "Sigla ICAO Aeroporto Origem": "KJFK",
        "Partida Prevista": zoned(leg.planned, BRASILIA, "%d/%m/%Y %H:%M"),
        "Partida Real": zoned(leg.left, BRASILIA, "%d/%m/%Y %H:%M"),
        "Sigla ICAO Aeroporto Destino": leg.destination[1],
        "Situação Voo": "CANCELADO" if leg.delay is None else "REALIZADO",
    }


def older_anac(leg: Leg) -> dict[str, str]:
    own = list(anac(leg).values())
    names = ("ICAO Empresa Aérea", "Número Voo", "ICAO Aeródromo Origem", "Partida Prevista", "Partida Real")
    return dict(zip((*names, "ICAO Aeródromo Destino", "Situação"), own, strict=True))


def eurocontrol(leg: Leg) -> dict[str, str]:
    utc = ZoneInfo("UTC")
    return {
        "ADEP": "KJFK",
        "ADES": leg.destination[1],
        "FILED OFF BLOCK TIME": zoned(leg.planned, utc, "%d-%m-%Y %H:%M:%S"),
        "ACTUAL OFF BLOCK TIME": zoned(leg.left, utc, "%d-%m-%Y %H:%M:%S"),
        "AC Operator": leg.airline[1],
    }


def avinor(leg: Leg) -> dict[str, str]:
    return {
        "AIRPORT": "JFK",
        "DEP_ARR": "D",
        "AIRLINE_IATA": leg.airline[0],
        "FLIGHT_ID": leg.airline[0] + leg.number,
        "TO_FROM": leg.destination[0],
        "CANCELLED": "C" if leg.delay is None else "",
        "SOBT_SIBT": f"{leg.planned}",
        "AOBT_AIBT": text(leg.left),
        "DELAY": "inf" if leg.delay is None else f"{leg.delay}.0",
    }


def nested(leg: Leg, zone: ZoneInfo | None, form: str) -> tuple[str, str | None]:
    times = (leg.planned, leg.left)
    written = [None if one is None else zoned(one, zone or NEW_YORK, form) for one in times]
    return str(written[0]), written[1]


def aeroapi(leg: Leg) -> dict[str, Any]:
    planned, left = nested(leg, ZoneInfo("UTC"), "%Y-%m-%dT%H:%M:%SZ")
    return {
        "ident": leg.airline[1] + leg.number,
        "operator_iata": leg.airline[0],
        "flight_number": leg.number,
        "cancelled": leg.delay is None,
        "diverted": leg.diverted,
        "origin": {"code_iata": "JFK", "code_icao": "KJFK"},
        "destination": {"code_iata": leg.destination[0], "code_icao": leg.destination[1]},
        "departure_delay": 60 * (leg.delay or 0),
        "scheduled_out": planned,
        "actual_out": left,
    }


def aviationstack(leg: Leg) -> dict[str, Any]:
    planned, left = nested(leg, None, "%Y-%m-%dT%H:%M:%S+00:00")
    return {
        "flight_date": f"{leg.planned:%Y-%m-%d}",
        "flight_status": "cancelled" if leg.delay is None else "diverted" if leg.diverted else "landed",
        "departure": {"iata": "JFK", "icao": "KJFK", "scheduled": planned, "actual": left, "delay": None},
        "arrival": {"iata": leg.destination[0], "icao": leg.destination[1]},
        "airline": {"name": "", "iata": leg.airline[0], "icao": leg.airline[1]},
        "flight": {"number": leg.number, "iata": leg.airline[0] + leg.number, "codeshared": None},
    }


def aerodatabox(leg: Leg) -> dict[str, Any]:
    planned, left = nested(leg, None, "%Y-%m-%d %H:%M%z")
    movement: dict[str, Any] = {
        "airport": {"iata": leg.destination[0], "icao": leg.destination[1]},
        "scheduledTime": {"local": planned},
    }
    if left is not None:
        movement["revisedTime"] = {"local": left}
    status = "Canceled" if leg.delay is None else "Diverted" if leg.diverted else "Departed"
    return {
        "movement": movement,
        "number": f"{leg.airline[0]} {leg.number}",
        "status": status,
        "codeshareStatus": "IsOperator",
        "airline": {"name": "", "iata": leg.airline[0], "icao": leg.airline[1]},
    }


def schiphol(leg: Leg) -> dict[str, str]:
    planned, left = nested(leg, None, "%Y-%m-%dT%H:%M:%S.000%z")
    name = leg.airline[0] + leg.number
    return {
        "flightDirection": "D",
        "flightName": name,
        "mainFlight": name,
        "prefixIATA": leg.airline[0],
        "publicFlightState.flightStates": "['DEL', 'CNX']" if leg.delay is None else "['DEP']",
        "route.destinations": f"['{leg.destination[0]}']",
        "scheduleDateTime": planned,
        "actualOffBlockTime": text(left),
    }


class Kind(NamedTuple):
    """How a kind of file writes a flight.

    Attributes
    ----------
    style : 0 if its codes are IATA's, 1 if they are ICAO's
    whole : around the flights of a JSON file
    """

    name: str
    write: Callable[[Leg], dict[str, Any]]
    style: int = 0
    whole: Callable[[list[Any]], Any] | None = None
    origin: bool = True
    numbers: bool = True
    diverted: bool = False


KINDS = [
    Kind("bts", bts, diverted=True),
    Kind("bts", marketing, diverted=True),
    Kind("bts", asa, diverted=True),
    Kind("bts-airport", bts_airport, origin=False),
    Kind("anac", anac, style=1),
    Kind("anac", older_anac, style=1),
    Kind("eurocontrol", eurocontrol, style=1, numbers=False),
    Kind("avinor", avinor),
    Kind("aeroapi", aeroapi, whole=lambda rows: {"links": None, "departures": rows}, diverted=True),
    Kind("aviationstack", aviationstack, whole=lambda rows: {"pagination": {}, "data": rows}, diverted=True),
    Kind("aerodatabox", aerodatabox, whole=lambda rows: {"departures": rows}, origin=False, diverted=True),
    Kind("schiphol", schiphol, origin=False),
]


def write(kind: Kind, place: Path, *, shuffled: bool = False, header: bool = True) -> Path:
    """Write `LEGS` as a file of a kind."""
    rows = [kind.write(leg) for leg in LEGS]
    if kind.whole is not None:
        place.write_text(json.dumps(kind.whole(rows)), "utf-8")
        return place
    names = list(rows[0])
    if shuffled:
        random.Random(1).shuffle(names)
    with place.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        if header:
            writer.writeheader()
        writer.writerows(rows)
    return place


def read(kind: Kind, place: Path, *, history: bool = True) -> Flights:
    constants = {} if kind.origin else {"origin": "JFK"}
    return read_flights(str(place), constants=constants, history=history)


def check(kind: Kind, flights: Flights) -> None:
    assert (flights.source, flights.rejected.height, flights.duplicates.height) == (kind.name, 0, 0)
    found = flights.frame.select(
        "scheduled_departure", "airline", "origin", "destination", "cancelled", delay=DELAY.cast(pl.Int64)
    ).rows()
    at, origin = kind.style, ("JFK", "KJFK")[kind.style if kind.origin else 0]
    expected = [
        (leg.planned, leg.airline[at], origin, leg.destination[at], leg.delay is None, leg.delay)
        for leg in LEGS
    ]
    if kind.name == "eurocontrol":  # it does not say which flights were cancelled
        assert flights.not_reported == 2
        expected = [(*row[:4], False, row[5]) for row in expected]
    assert found == expected
    numbers = [leg.number for leg in LEGS] if kind.numbers else [None] * len(LEGS)
    assert [number and number.lstrip("0") for number in flights.frame["flight_number"]] == numbers
    assert flights.diverted == int(kind.diverted)


IDS = [kind.write.__name__ for kind in KINDS]


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
@pytest.mark.parametrize("shuffled", [False, True])
def test_it_holds_the_same_flights(kind: Kind, shuffled: bool, tmp_path: Path) -> None:
    check(kind, read(kind, write(kind, tmp_path / "flights", shuffled=shuffled)))


def test_a_file_of_the_data_expo_without_a_header(tmp_path: Path) -> None:
    kind = next(kind for kind in KINDS if kind.write is asa)
    check(kind, read(kind, write(kind, tmp_path / "1987.csv", header=False)))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind.origin], ids=lambda kind: kind.name)
def test_an_origin_that_it_lacks_is_asked_for(kind: Kind, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no column of the origin .*wanted: --set origin=CODE"):
        read_flights(str(write(kind, tmp_path / "flights")))


def test_every_kind_is_tried() -> None:
    assert {kind.name for kind in KINDS} == {one.name for one in FILE_KINDS} - {"ssim"}
