"""What airports and airlines are called."""

from __future__ import annotations

import csv
import datetime as dt
from importlib.resources import files
from zoneinfo import ZoneInfo

import airportsdata
import msgspec
import polars as pl
import pytest

from puntual.data import read_flights
from puntual.data.airports import describe_airlines, describe_airports
from puntual.data.code_tables import airlines
from puntual.data.zones import to_local
from puntual.i18n.texts import LANGUAGES
from puntual.inference.tables import Tables
from tests.flights import TABLES

ROWS = list(csv.DictReader((files("puntual.data") / "airport_cities.csv").read_text("utf-8").splitlines()))


def city_of(code: str, told: str | None = None) -> tuple[str, str]:
    """In English and in Spanish."""
    airport = describe_airports([code], {code: told} if told else {})[0]
    return airport.city_in("en"), airport.city_in("es")


@pytest.mark.parametrize(
    ("code", "told", "english", "spanish"),
    [
        ("SCQP", "Temuco", "Temuco", "Temuco"),
        ("SCQP", None, "Temuco", "Temuco"),
        ("ZCO", None, "Temuco", "Temuco"),
        ("CYYZ", "Toronto", "Toronto", "Toronto"),
        ("MPTO", "Ciudad de Panama", "Panama City", "Ciudad de Panamá"),
        ("MPTO", "PANAMA CITY", "Panama City", "Ciudad de Panamá"),
        ("SCPQ", "Castro (Chiloe)", "Castro, Chiloé", "Castro, Chiloé"),
        ("SBFL", "Florianapolis", "Florianópolis", "Florianópolis"),
        ("SAEZ", None, "Buenos Aires", "Buenos Aires"),
        ("SBGL", None, "Rio de Janeiro", "Río de Janeiro"),
        ("JFK", None, "New York", "Nueva York"),
        ("JFK", "Nueva York", "New York", "Nueva York"),
        ("SCFA", "ANTOFAGASTA", "Antofagasta", "Antofagasta"),
        ("SCFA", "La Perla del Norte", "La Perla del Norte", "La Perla del Norte"),  # the file's own word
        ("SCEL", "PUDAHUEL DEL MAR", "Pudahuel del Mar", "Pudahuel del Mar"),
        ("SEQU", None, "Quito", "Quito"),  # closed; `airportsdata` does not know it
        ("XQZ", None, "XQZ", "XQZ"),
    ],
)
def test_a_city_is_called_as_people_say(code: str, told: str | None, english: str, spanish: str) -> None:
    assert city_of(code, told) == (english, spanish)


def test_the_table_of_cities_is_sound() -> None:
    known = airportsdata.load("IATA")
    codes = [row[kind] for row in ROWS for kind in ("iata", "icao") if row[kind]]
    assert len(codes) == len(set(codes))
    assert [row["icao"] for row in ROWS] == sorted(row["icao"] for row in ROWS)
    for row in ROWS:
        assert row["city"]
        assert row["city_es"] != row["city"]
        if row["iata"]:
            found = known[row["iata"]]
            assert found["icao"] == row["icao"]
            assert (row["city"] != found["city"]) or row["city_es"] or row["also"], f"{row} says nothing new"


def test_airlines_of_a_group_have_names_of_their_own() -> None:
    codes = ("LAN", "TAM", "LPE", "LAP", "DSM", "LXP")
    described = describe_airlines(codes, dict.fromkeys(codes, "Grupo LATAM"))
    assert len({airline.name for airline in described}) == len(codes)


def test_one_that_is_in_no_table_is_called_as_its_source_does() -> None:
    named, unnamed = describe_airlines(["JMR", "XQX"], {"JMR": "Latin American Wings"})
    assert (named.name, unnamed.name) == ("Latin American Wings", "XQX")


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_of_one_name_are_told_apart_by_code(language: str) -> None:
    tables: Tables = msgspec.structs.replace(
        TABLES,
        airports=describe_airports(["JFK", "LGA", "EWR", "PDX", "PWM"]),
        airlines=describe_airlines(["LAW", "JMR", "SKU"], {"JMR": "Latin American Wings"}),
    )
    york = {"en": "New York", "es": "Nueva York"}[language]
    told = [tables.airport_name(code, language) for code in ("JFK", "LGA", "EWR", "PDX", "PWM", "XXX")]
    assert told == [f"{york}, JFK", f"{york}, LGA", "Newark", "Portland, PDX", "Portland, PWM", "XXX"]
    names = [tables.airline_name(code) for code in ("LAW", "JMR", "SKU", "QQ")]
    assert names == ["Latin American Wings, LW", "Latin American Wings, JMR", "Sky Airline", "QQ"]


def test_no_city_of_new_york_is_called_by_its_suburb() -> None:
    flights = read_flights("nyc")
    described = describe_airports({*flights.frame["destination"], *flights.frame["origin"]})
    cities = {airport.code: airport.city for airport in described}
    suburbs = {"Windsor Locks", "Covington", "Greer", "Eagle", "Hayden", "Vineyard Haven", "Charlotte Amalie"}
    assert not suburbs.intersection(cities.values())
    assert cities["BDL"] == "Hartford"


def test_every_city_of_santiago_is_written_right(scl_file: object) -> None:
    flights = read_flights(str(scl_file))
    described = describe_airports({*flights.frame["destination"]}, flights.city_names)
    cities = {airport.code: airport.city_in("es") for airport in described}
    suburbs = {"Freire", "Mississauga", "Tocumen", "Dalcahue", "Ezeiza", "La Serena-Coquimbo"}
    assert not suburbs.intersection(cities.values())
    assert not [city for city in cities.values() if city.endswith((".", ")"))]
    written = [cities[code] for code in ("SCIE", "SBGR", "SKBO", "YSSY", "LIRF", "SCQP")]
    assert written == ["Concepción", "São Paulo", "Bogotá", "Sídney", "Roma", "Temuco"]


def test_an_airline_is_the_one_that_had_the_code_when_the_flights_were() -> None:
    then, now = (dt.date(2017, 1, 1), dt.date(2017, 12, 31)), (dt.date(2023, 1, 1), dt.date(2023, 12, 31))
    codes = ("AZ", "AU", "TZ", "UK", "LA")
    assert [one.name for one in describe_airlines(codes, {}, then)] == [
        "Austral Líneas Aéreas", "Alitalia", "LATAM Airlines", "Scoot", "Vistara"
    ]  # fmt: skip
    assert describe_airlines(["AZ"], {}, now)[0].name == "ITA Airways"
    assert describe_airlines(["AZ"], {})[0].name == "Alitalia"


def test_an_airline_that_the_table_only_knows_to_be_gone_is_called_as_its_source_does() -> None:
    gone = next(one for one in airlines() if not one.active and not one.until)
    assert describe_airlines([gone.icao], {gone.icao: "Somebody else"})[0].name == "Somebody else"
    assert describe_airlines([gone.icao], {})[0].name == gone.name


@pytest.mark.parametrize(
    ("code", "zone"),
    [
        ("TXL", "Europe/Berlin"),
        ("SXF", "Europe/Berlin"),
        ("TSE", "Asia/Almaty"),
        ("LTBA", "Europe/Istanbul"),
        ("SEQU", "America/Guayaquil"),
        ("VHHX", "Asia/Hong_Kong"),
        ("ENFB", "Europe/Oslo"),
    ],
)
def test_closed_and_moved_airports_have_a_zone(code: str, zone: str) -> None:
    utc = pl.lit(dt.datetime(2017, 7, 1, 12)).dt.replace_time_zone("UTC")
    local = dt.datetime(2017, 7, 1, 12, tzinfo=dt.UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert pl.select(to_local(utc, pl.lit(code), [code])).item() == local
