from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import polars as pl
import pytest

from puntual.data import read_flights
from puntual.data.schema import FLIGHT_COLUMNS
from puntual.data.scl import airline_names, city_names
from puntual.errors import DataError
from tests.made_up import made_up_scl


def read_changed(
    made_up: Path, place: Path, row: int, values: dict[str, str]
) -> tuple[pl.DataFrame, list[tuple[int, str]]]:
    """Canonical flight and rejections of a file in which a row has other values."""
    cells = [
        pl.when(pl.int_range(pl.len()) == row - 2).then(pl.lit(value)).otherwise(pl.col(name)).alias(name)
        for name, value in values.items()
    ]
    pl.read_csv(made_up, infer_schema=False).with_columns(cells).write_csv(place)
    flights = read_flights(str(place))
    return flights.frame.filter(pl.col("row") == row), flights.rejected.rows()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({"Vlo-I": "226.0", "Vlo-O": " 15 "}, {"flight_number": "226", "operated_flight_number": "15"}),
        ({"Vlo-I": "", "Vlo-O": "940P"}, {"flight_number": None, "operated_flight_number": "940P"}),
        ({"Emp-I": " lan", "Des-I": "scfa "}, {"airline": "LAN", "destination": "SCFA", "operator": None}),
        ({"Emp-O": "56r", "TIPOVUELO": "n"}, {"operated_by": "56R", "flight_type": "N"}),
        (
            {"Fecha-I": "2017-01-01 10:00:00", "Fecha-O": "2017-01-03 10:00:00"},
            {"cancelled": False, "actual_departure": dt.datetime(2017, 1, 3, 10)},
        ),
        ({"Fecha-O": ""}, {"cancelled": True, "actual_departure": None}),
    ],
)
def test_good_values(
    made_up_scl: Path, tmp_path: Path, written: dict[str, str], read: dict[str, object]
) -> None:
    flight, rejected = read_changed(made_up_scl, tmp_path / "f.csv", 5, written)
    assert not rejected
    assert flight.select(*read).row(0, named=True) == read


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("Fecha-I", "01/01/2017 10:00", "Fecha-I '01/01/2017 10:00' is not a time written %Y-%m-%d %H:%M:%S"),
        ("Fecha-I", "2017-02-30 10:00:00", "Fecha-I '2017-02-30 10:00:00' is not a time written"),
        ("Fecha-I", "2017-01-01", "Fecha-I '2017-01-01' is not a time written"),
        *(
            (
                "Fecha-I",
                f"{year}-01-01 10:00:00",
                f"Fecha-I '{year}-01-01 10:00:00' is not of a year from 1950",
            )
            for year in ("0001", "1700", "9999")
        ),
        ("Fecha-O", "later", "Fecha-O 'later' is not a time written"),
        (
            "Fecha-O",
            "2018-01-01 10:00:00",
            "Fecha-O '2018-01-01 10:00:00' is not within 48 hours of the scheduled",
        ),
        (
            "Fecha-O",
            "2016-01-01 10:00:00",
            "Fecha-O '2016-01-01 10:00:00' is not within 48 hours of the scheduled",
        ),
        ("Emp-I", "LATAN Airlines", "Emp-I 'LATAN Airlines' is no airline known; wanted: its IATA or ICAO"),
        ("Des-I", "x" * 100, f"Des-I '{'x' * 40}' is no airport known"),
        ("Emp-I", "LAN\nSKU", "Emp-I 'LAN SKU' is no airline known"),
        ("TIPOVUELO", "Q", "TIPOVUELO 'Q' is not N or I"),
    ],
)
def test_bad_values(made_up_scl: Path, tmp_path: Path, column: str, value: str, reason: str) -> None:
    flight, rejected = read_changed(made_up_scl, tmp_path / "f.csv", 7, {column: value})
    assert flight.is_empty()
    ((row, told),) = rejected
    assert (row, told[: len(reason)]) == (7, reason)


def test_an_airline_is_named_by_the_flights_it_operated_itself() -> None:
    raw = pl.LazyFrame(
        {
            "Emp-I": ["LAN"] * 4 + ["SKU"] * 2 + ["AAL"],
            "Emp-O": ["LAN", "LAN", "lan ", "LXP", "SKU", "SKU", "AAL"],
            "OPERA": ["Grupo LATAM", "LATAM", "Grupo LATAM", "Other", "Sky B", "Sky A", None],
        }
    )
    assert airline_names(raw) == {"LAN": "Grupo LATAM", "SKU": "Sky A"}


def test_a_city_is_named_by_the_flights_from_and_to_it() -> None:
    raw = pl.LazyFrame(
        {
            "Ori-I": ["SCEL"] * 5,
            "Des-I": ["SCQP", "scqp ", "SCQP", "SBFI", "SBGR"],
            "SIGLAORI": ["Santiago"] * 5,
            "SIGLADES": ["Temuco", "Temuco", "Freire", None, "Sao Paulo"],
        }
    )
    assert city_names(raw) == {"SCEL": "Santiago", "SCQP": "Temuco", "SBGR": "Sao Paulo"}


def test_a_file_without_names_of_cities_has_none(tmp_path: Path) -> None:
    whole = pl.read_csv(made_up_scl(tmp_path / "whole.csv", days=3), infer_schema=False)
    assert read_flights(str(tmp_path / "whole.csv")).city_names["MPTO"] == "Ciudad de Panama"
    whole.drop("SIGLAORI", "SIGLADES").write_csv(tmp_path / "few.csv")
    assert read_flights(str(tmp_path / "few.csv")).city_names == {}


def test_the_santiago_flights(scl_file: Path) -> None:
    flights = read_flights(str(scl_file))
    assert (flights.source, flights.rows, flights.frame.height) == ("scl", 55_768, 55_768)
    assert flights.rejected.is_empty()
    assert flights.duplicates.is_empty()
    days = flights.frame["scheduled_departure"].dt.date()
    assert (days.min(), days.max()) == (dt.date(2017, 1, 1), dt.date(2017, 10, 31))
    assert flights.frame.select(pl.col("airline", "origin", "destination").n_unique()).rows() == [(30, 1, 59)]
    assert not flights.frame["cancelled"].any()
    assert flights.airline_names["SKU"] == "Sky Airline"


def test_the_santiago_flights_are_read_as_ever(scl_file: Path) -> None:
    frame = read_flights(str(scl_file)).frame
    written = frame.select("row", *FLIGHT_COLUMNS).write_csv()
    assert hashlib.sha256(written.encode()).hexdigest()[:16] == "e10792f85a6c2ffd"
    assert frame.select(pl.col("aircraft", "cancelled_at").count()).row(0) == (0, 0)


def test_the_santiago_flights_are_no_flights_of_new_york(scl_file: Path) -> None:
    with pytest.raises(DataError, match=r"no columns 'year', .*wanted: year, .* \(source nyc\)$"):
        read_flights(str(scl_file), source="nyc")
