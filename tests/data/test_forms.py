"""Files as people really hold flights: what each is read as, beside the truth where it is known."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from puntual.data import Flights, read_flights
from puntual.data.schema import DELAY
from puntual.errors import DataError

FORMS = Path(__file__).parents[2].parent / "shared" / "data" / "forms"
TRUTHS = sorted(FORMS.glob("*.truth.csv"))
NO_ORIGIN = {"18b": "JFK", "21b": "DUS", "21c": "DUS", "23": "AMS", "25": "JFK", "28": "DUS"}
READ = {
    "01_bts_prezip.zip": ("bts", 36),
    "05_asa2008.csv.bz2": ("bts", 36),
    "06_anac_vra_2023.csv": ("anac", 35),
    "07_eurocontrol_rd.csv": ("eurocontrol", 30),
    "08_aeroapi.json": ("aeroapi", 36),
    "08_aeroapi_flat.csv": ("aeroapi", 36),
    "09_aviationstack_flat.csv": ("aviationstack", 36),
    "12_fr24_mumbai.csv": ("mapped", 42),
    "13_datafountain_gbk.csv": ("mapped", 36),
    "14_nycflights23_writecsv.csv": ("nyc", 36),
    "17_avinor.csv": ("avinor", 18),
    "18b_bts_detailed_without_preamble.csv": ("bts-airport", 36),
    "21b_excel_dayfraction_de.csv": ("mapped", 36),
    "21c_excel_utf16_unicode_text.txt": ("mapped", 36),
    "23_schiphol_flat.csv": ("schiphol", 36),
    "24_ssim_chapter7.txt": ("ssim", 540),
    "25_us_airport_ampm.csv": ("mapped", 36),
    "28_workbook.xlsx": ("mapped", 1),
    "monthly": ("nyc", 360),
    "monthly_12.zip": ("nyc", 360),
}

pytestmark = pytest.mark.skipif(not FORMS.is_dir(), reason="the forms are not on this machine")


def constants(name: str) -> dict[str, str]:
    """The origin of a file that holds none."""
    code = NO_ORIGIN.get(name.partition("_")[0])
    return {"origin": code} if code else {}


def read(name: str) -> Flights:
    return read_flights(str(FORMS / name), history=False, constants=constants(name))


@pytest.mark.parametrize("truth", TRUTHS, ids=[path.name.split(".")[0] for path in TRUTHS])
def test_every_flight_is_the_true_one(truth: Path) -> None:
    flights = read(truth.name.replace(".truth", ""))
    with truth.open(encoding="utf-8") as file:
        expected = [
            (
                dt.datetime.fromisoformat(row["scheduled_departure"]),
                row["airline"],
                row["destination"],
                row["delay"],
            )
            for row in csv.DictReader(file)
        ]
    if truth.name.startswith("29_"):  # a cancelled flight has no time at all there
        expected = [row for row in expected if row[3]]
        assert {reason for _, reason in flights.rejected.iter_rows()} == {
            "no scheduled time: the file has only the actual one"
        }
    found = flights.frame.select("scheduled_departure", "airline", "destination", delay=DELAY.cast(pl.Int64))
    rows = [(*row[:3], "" if row[3] is None else str(row[3])) for row in found.iter_rows()]
    assert sorted(rows) == sorted(expected)


@pytest.mark.parametrize("name", READ)
def test_what_a_file_is_read_as(name: str) -> None:
    flights = read(name)
    assert (flights.source, flights.frame.height) == READ[name]
    if name.startswith(("24_", "28_", "monthly")):
        return
    delays = flights.frame.select(DELAY.alias("delay"))["delay"].drop_nulls()
    planted = {-11, 810, 1470} if not name.startswith(("12_", "17_", "07_")) else set()
    assert planted <= {round(delay) for delay in delays}


def test_what_a_row_leaves_open_is_counted_as_such() -> None:
    flights = read("06_anac_vra_2023.csv")
    assert (flights.not_reported, int(flights.frame["cancelled"].sum())) == (1, 2)
    assert flights.rejected.rows() == [(9, "Partida Prevista is missing")]


def test_times_of_one_zone_become_local() -> None:
    frame = read("06_anac_vra_2023.csv").frame
    manaus, lisbon = (
        frame.filter(pl.col("origin") == code)["scheduled_departure"][0] for code in ("SBEG", "LPPT")
    )
    assert (manaus, lisbon) == (dt.datetime(2023, 6, 1, 10, 5), dt.datetime(2023, 6, 4, 4, 5))


@pytest.mark.parametrize(("name", "joined"), [("09_aviationstack_flat.csv", 9), ("23_schiphol_flat.csv", 12)])
def test_codeshares_are_one_flight(name: str, joined: int) -> None:
    flights = read(name)
    assert flights.codeshares == joined
    assert set(flights.frame["airline"]) == {"KL"}


def test_arrivals_are_no_departures() -> None:
    assert read("17_avinor.csv").filtered == 18


@pytest.mark.parametrize("name", ["18b_bts_detailed_without_preamble.csv", "25_us_airport_ampm.csv"])
def test_an_origin_that_the_file_lacks_is_asked_for_by_name(name: str) -> None:
    with pytest.raises(DataError, match=r"no column of the origin .*wanted: --set origin=CODE"):
        read_flights(str(FORMS / name))


def test_sums_of_months_are_no_flights() -> None:
    with pytest.raises(DataError, match=r"sums of months .* no single flights"):
        read_flights(str(FORMS / "22_bts_delay_cause_monthly.csv"))


def test_files_of_a_folder_are_those_of_its_zip() -> None:
    folder, packed = read("monthly"), read("monthly_12.zip")
    assert folder.frame.drop("row").equals(packed.frame.drop("row"))
