from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from puntual.data import Flights, read_flights
from puntual.data.schema import DELAY
from puntual.errors import DataError

CANONICAL = "scheduled_departure,airline,origin,destination"
HEAD = "when,airline,origin,destination"
TIME_WANTED = "a time written 2017-01-31T18:05:00 (a mapping says another form in formats.{})"
ZONE_WANTED = "an airport whose time zone is known (wanted: its IATA or ICAO code, or times local there)"
COLUMNS = {
    "scheduled_departure": "when",
    "airline": "airline",
    "origin": "origin",
    "destination": "destination",
}


def mapping(place: Path, *, top: str = "", tables: str = "", **columns: str | list[str]) -> str:
    """Write a mapping of `COLUMNS` and others."""
    told = "".join(f"{name} = {value!r}\n" for name, value in (COLUMNS | columns).items())
    place.write_text(f"{top}\n[columns]\n{told}\n{tables}", "utf-8")
    return str(place)


def read(folder: Path, *rows: str, head: str = HEAD, history: bool = False, **mapped: str) -> Flights:
    """Read some rows with a mapping."""
    (folder / "f.csv").write_text("\n".join([head, *rows]), "utf-8")
    return read_flights(str(folder / "f.csv"), source=mapping(folder / "f.toml", **mapped), history=history)


def moments(flights: Flights) -> list[tuple[str, float | None]]:
    """Scheduled time and minutes of delay of each flight."""
    shown = pl.col("scheduled_departure").dt.strftime("%d %H:%M")
    return flights.frame.select(shown, DELAY).rows()


@pytest.mark.parametrize(
    "written", ["2017-01-31 18:05:00", "2017-01-31T18:05:00", "2017-01-31T18:05", "2017-01-31 18:05:00.000"]
)
def test_times_in_iso_8601_need_no_form(tmp_path: Path, written: str) -> None:
    assert moments(read(tmp_path, f"{written},IB,MAD,LHR")) == [("31 18:05", None)]


@pytest.mark.parametrize(
    ("scheduled", "actual", "delay"),
    [("23:50", "00:20", 30), ("00:10", "23:55", -15), ("10:00", "21:59", 719), ("10:00", "08:01", -119)],
)
def test_a_time_alone_is_of_the_nearest_day(tmp_path: Path, scheduled: str, actual: str, delay: int) -> None:
    flights = read(
        tmp_path,
        f"2017-01-31 {scheduled},IB,MAD,LHR,{actual}",
        head=f"{HEAD},left",
        actual_departure="left",
        tables='[formats]\nactual_departure = "%H:%M"',
    )
    assert moments(flights) == [(f"31 {scheduled}", delay)]


@pytest.mark.parametrize(
    ("cell", "minutes"), [("12", 12), ("-3", -3), ("+7", 7), ("1.5", 1.5), ('"1,5"', 1.5)]
)
def test_a_delay_in_minutes(tmp_path: Path, cell: str, minutes: float) -> None:
    flights = read(tmp_path, f"2017-01-31 23:59,IB,MAD,LHR,{cell}", head=f"{HEAD},late", delay="late")
    assert moments(flights) == [("31 23:59", minutes)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (
            "31/01/2017 18:05,IB,MAD,LHR,1",
            "when '31/01/2017 18:05' is not a time written 2017-01-31T18:05:00",
        ),
        ("1000-01-31 18:05,IB,MAD,LHR,1", "when '1000-01-31 18:05' is not of a year from 1950 to 2149"),
        ("2017-01-31 18:05,Iberio,MAD,LHR,1", "airline 'Iberio' is no airline known; wanted"),
        ("2017-01-31 18:05,IB,,LHR,1", "origin is missing"),
        ("2017-01-31 18:05,IB,MAD,?,1", "destination is missing"),
        ("2017-01-31 18:05,IB,MAD,LHR,soon", "late 'soon' is not a number of minutes"),
        ("2017-01-31 18:05,IB,MAD,LHR,1e300", "late '1e300' is not a number of minutes"),
        ("2017-01-31 18:05,IB,MAD,LHR,5000", "late '5000' is not within 48 hours of the scheduled time"),
    ],
)
def test_bad_cells(tmp_path: Path, row: str, reason: str) -> None:
    flights = read(
        tmp_path,
        "2017-01-31 18:00,IB,MAD,LHR,0",
        row,
        head=f"{HEAD},late",
        top="missing = ['?']",
        delay="late",
    )
    ((number, told),) = flights.rejected.rows()
    assert (number, told[: len(reason)]) == (3, reason)


def test_a_time_alone_that_is_hours_early_or_a_day_late_is_left_out(tmp_path: Path) -> None:
    clock = '[formats]\nactual_departure = "%H:%M"'
    rows = [f"2017-01-31 10:00,IB,MAD,LHR,{left}" for left in ("10:05", "07:00")]
    flights = read(tmp_path, *rows, head=f"{HEAD},left", actual_departure="left", tables=clock)
    reason = "left '07:00' is not within 2 hours before the scheduled time, and its day is unknown"
    assert flights.rejected.rows() == [(3, reason)]


def test_times_of_a_zone_become_local_at_each_origin(tmp_path: Path) -> None:
    flights = read(
        tmp_path,
        "2017-01-31 23:30,IB,MAD,LHR,2017-02-01 00:30",
        "2017-07-31 23:30,IB,LEMD,LHR,2017-07-31 23:30",
        "2017-01-31 01:30,LA,SCL,LIM,",
        "2017-01-31 01:30,LA,XQZ,LIM,",
        head=f"{HEAD},left",
        top="time_zone = 'UTC'",
        actual_departure="left",
    )
    assert moments(flights) == [("01 00:30", 60), ("01 01:30", 0), ("30 22:30", None)]
    assert flights.rejected.rows() == [(5, f"origin 'XQZ' is not {ZONE_WANTED}")]


def test_a_change_of_clocks_makes_no_delay(tmp_path: Path) -> None:
    """Madrid's clocks go forward at 2:00 on 26 March 2017 and back at 3:00 on 29 October."""
    flights = read(
        tmp_path,
        "2017-03-26 01:55,IB,MAD,LHR,2017-03-26 03:05",
        "2017-03-26 02:30,IB,MAD,LHR,2017-03-26 03:05",
        "2017-10-29 02:30,IB,MAD,LHR,2017-10-29 02:40",
        "2017-03-26 01:56,IB,MAD,LHR,2017-03-26 02:30",
        head=f"{HEAD},left",
        top="time_zone = 'Europe/Madrid'",
        actual_departure="left",
    )
    assert moments(flights) == [("26 01:55", 10), ("29 02:30", 10)]
    assert flights.rejected.rows() == [
        (3, "when '2017-03-26 02:30' is not a time that the clocks of Europe/Madrid showed"),
        (5, f"left '2017-03-26 02:30' is not {TIME_WANTED.format('actual_departure')}"),
    ]


@pytest.mark.parametrize("offset", ["Z", "+00:00", "+0000"])
def test_times_with_an_offset_become_local(tmp_path: Path, offset: str) -> None:
    form = "%Y-%m-%dT%H:%M:%S%z"
    flights = read(
        tmp_path,
        f"2017-01-31T23:30:00{offset},IB,MAD,LHR,2017-02-01T01:31:00+01:00",
        head=f"{HEAD},left",
        actual_departure="left",
        tables=f"[formats]\nscheduled_departure = '{form}'\nactual_departure = '{form}'",
    )
    assert moments(flights) == [("01 00:30", 61)]


@pytest.mark.parametrize("offset", ["Z", "z", "+00", "+0000", "+00:00"])
@pytest.mark.parametrize("clock", ["T23:30", " 23:30:00", "T23:30:00.000"])
def test_iso_8601_with_an_offset_needs_no_form(tmp_path: Path, clock: str, offset: str) -> None:
    head = f"{CANONICAL},actual_departure"
    rows = [
        f"2017-01-31{clock}{offset},IB,MAD,LHR,2017-02-01T01:31:00+01:00",
        f"2017-07-31{clock}{offset},IB,LEMD,LHR,2017-07-31T23:30Z",
        f"2017-01-31{clock}{offset},LA,SCL,LIM,",
        "2017-01-31T18:05,LA,SCL,LIM,2017-01-31T18:15",
    ]
    (tmp_path / "f.csv").write_text("\n".join([head, *rows]), "utf-8")
    flights = read_flights(str(tmp_path / "f.csv"))
    assert flights.rejected.is_empty()
    assert moments(flights) == [("01 00:30", 61), ("01 01:30", 0), ("31 20:30", None), ("31 18:05", 10)]


def test_an_offset_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    head = f"{CANONICAL},actual_departure"
    good = ["2017-01-31T18:05:00Z,IB,MAD,LHR,2017-01-31T18:05:00Z"] * 4
    rows = [
        "2017-01-31T18:05:00Z,IB,XQZ,LHR,2017-01-31T18:05:00Z",
        "2017-01-31T18:05:00Z,IB,MAD,LHR,2017-01-31T18:06:00",
        "2017-01-31T18:05:00,IB,MAD,LHR,2017-01-31T18:06-03",
        "2017-01-31T18:05:00Q,IB,MAD,LHR,",
    ]
    (tmp_path / "f.csv").write_text("\n".join([head, *good, *rows]), "utf-8")
    assert read_flights(str(tmp_path / "f.csv")).rejected["reason"].to_list() == [
        f"origin 'XQZ' is not {ZONE_WANTED}",
        "actual_departure '2017-01-31T18:06:00' is not a time with an offset, as the scheduled one is",
        "actual_departure '2017-01-31T18:06-03' is not a time without an offset, as the scheduled one is",
        f"scheduled_departure '2017-01-31T18:05:00Q' is not {TIME_WANTED.format('scheduled_departure')}",
    ]


def test_an_offset_goes_before_the_zone_of_a_mapping(tmp_path: Path) -> None:
    flights = read(
        tmp_path,
        "2017-01-31T23:30:00+02:00,IB,MAD,LHR,2017-01-31 18:40",
        "2017-01-31 18:30,IB,MAD,LHR,2017-01-31 23:40Z",
        head=f"{HEAD},left",
        top="time_zone = 'America/Santiago'",
        actual_departure="left",
    )
    assert moments(flights) == [("31 22:30", 10), ("31 22:30", 130)]


def test_no_year_of_a_zone_crashes(tmp_path: Path) -> None:
    rows = [f"{year}-12-31 23:59,IB,MAD,LHR" for year in ("2017", "2018", "0001", "9999")]
    flights = read(tmp_path, *rows, top="time_zone = 'America/Santiago'")
    assert flights.rejected["row"].to_list() == [4, 5]


def test_values_of_a_column_mean_cancelled(tmp_path: Path) -> None:
    flights = read(
        tmp_path,
        "2017-01-31 18:00,IB,MAD,LHR,5,left",
        "2017-01-31 18:00,IB,MAD,LHR,,s",
        "2017-01-31 18:00,IB,MAD,LHR,7,CANX",
        "2017-01-31 18:00,IB,MAD,LHR,,expected",
        head=f"{HEAD},late,state",
        top="cancelled = ['S', 'canx ']",
        delay="late",
        cancelled="state",
    )
    told = flights.frame.select("cancelled", pl.col("actual_departure").is_null()).rows()
    assert told == [(False, False), (True, True), (True, True), (False, True)]


def test_codes_and_constants(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("t;a;d;k\n2017-01-31 18:00;ibéria ;lhr;Schengen\n", "utf-8")
    (tmp_path / "f.toml").write_text(
        "[columns]\nscheduled_departure='t'\nairline='a'\ndestination='d'\nflight_type='k'\nairline_name='a'\n"
        "[constants]\norigin='lemd'\n[codes.airline]\n'Ibéria'='ibe'\n[codes.flight_type]\nSCHENGEN='I'\n",
        "utf-8",
    )
    flights = read_flights(str(tmp_path / "f.csv"), source=str(tmp_path / "f.toml"), history=False)
    told = flights.frame.select("airline", "origin", "destination", "flight_type").rows()
    assert told == [("IBE", "LEMD", "LHR", "I")]
    assert flights.airline_names == {"IBE": "ibéria"}
    assert (flights.source, flights.complete) == ("mapped", False)


@pytest.mark.parametrize("zone", [None, "UTC", "Europe/London"])
def test_parquet_with_types_of_its_own(tmp_path: Path, zone: str | None) -> None:
    moment = dt.datetime(2017, 1, 31, 17, 5)
    frame = pl.DataFrame(
        {
            "when": pl.Series([moment] * 2).dt.replace_time_zone(zone),
            "day": [moment.date()] * 2,
            "clock": [moment.time()] * 2,
            "airline": ["IB", "I2"],
            "origin": ["MAD"] * 2,
            "destination": ["LHR"] * 2,
            "late": [1.5, None],
            "left": [dt.time(17, 10), None],
            "gone": [False, True],
            "over": [dt.timedelta(seconds=90), None],
        }
    )
    frame.write_parquet(tmp_path / "f.parquet")
    hour = "17" if zone is None else "18"
    for columns, delay in (
        ({"scheduled_departure": "when", "delay": "late"}, 1.5),
        ({"scheduled_departure": "when", "delay": "over"}, 1.5),
        ({"scheduled_departure": ["day", "clock"], "actual_departure": "left", "cancelled": "gone"}, 5),
    ):
        toml = mapping(tmp_path / "f.toml", **columns)
        flights = read_flights(str(tmp_path / "f.parquet"), source=toml)
        expected = hour if "delay" in columns else "17"
        assert moments(flights) == [(f"31 {expected}:05", delay), (f"31 {expected}:05", None)]
        assert flights.frame["cancelled"].to_list() == [False, "cancelled" in columns]


def test_a_separator_and_an_encoding_that_are_told(tmp_path: Path) -> None:
    text = "when|airline, code|origin|destination\n2017-01-31 18:00|IB|MAD|LHR\n"
    (tmp_path / "f.csv").write_bytes(text.replace("code", "código").encode("cp850"))
    told = "separator = '|'\nencoding = 'cp850'"
    toml = mapping(tmp_path / "f.toml", top=told, airline="airline, código")
    assert read_flights(str(tmp_path / "f.csv"), source=toml, history=False).rows == 1
    mapping(tmp_path / "f.toml", top="encoding = 'utf-8'")
    with pytest.raises(DataError, match="not utf-8, byte 16"):
        read_flights(str(tmp_path / "f.csv"), source=toml, history=False)


def test_what_the_file_lacks_is_named_with_its_place_in_the_mapping(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"f\.toml: columns\.operator: .*f\.csv has no column 'op'; wanted: one of"
    ):
        read(tmp_path, "2017-01-31 18:00,IB,MAD,LHR", operator="op")
    with pytest.raises(DataError, match=r"f\.toml: no actual times; wanted: columns\.actual_departure or"):
        read(tmp_path, "2017-01-31 18:00,IB,MAD,LHR", history=True)
    assert read(tmp_path, "2017-01-31 18:00,IB,MAD,LHR", actual_departure="left").rows == 1


def test_what_is_known_only_afterwards(tmp_path: Path) -> None:
    from puntual.data.mapped import mapped_source
    from puntual.data.mapping import read_mapping

    shared = mapping(
        tmp_path / "f.toml",
        scheduled_departure=["day", "time"],
        actual_departure=["day", "left"],
        operated_by="who",
        cancelled="state",
    )
    assert mapped_source(read_mapping(Path(shared))).known_afterwards == ("left", "state", "who")


def test_tail_numbers_are_cleaned_and_may_be_missing_from_a_schedule(tmp_path: Path) -> None:
    rows = [
        f"2017-01-31 18:0{at},IB,MAD,LHR,{tail}" for at, tail in enumerate(("ec-mxy", "EC MXY", "UNKNOW"))
    ]
    flights = read(tmp_path, *rows, head=f"{HEAD},tail", aircraft="tail")
    assert flights.frame["aircraft"].to_list() == ["EC-MXY", "ECMXY", None]
    assert read(tmp_path, "2017-01-31 18:00,IB,MAD,LHR", aircraft="tail").frame["aircraft"].item() is None


@pytest.mark.parametrize(
    ("cell", "tables", "top"),
    [
        ("2017-01-31 16:05", "", ""),
        ("2017-01-31T15:05Z", "", ""),
        ("31/01/2017 16.05", '[formats]\ncancelled_at = "%d/%m/%Y %H.%M"', ""),
        ("2017-01-31 16:05", "", 'time_zone = "Europe/Madrid"'),
    ],
)
def test_when_a_cancellation_became_known(tmp_path: Path, cell: str, tables: str, top: str) -> None:
    rows = [
        f"2017-01-31 18:05,IB,MAD,LHR,1,,{cell}",
        f"2017-01-31 18:06,IB,MAD,LHR,0,1,{cell}",
        "2017-01-31 18:07,IB,MAD,LHR,1,,",
    ]
    head = f"{HEAD},off,late,known"
    mapped = {"cancelled": "off", "delay": "late", "cancelled_at": "known", "tables": tables, "top": top}
    flights = read(tmp_path, *rows, head=head, history=True, **mapped)
    shown = flights.frame.select("cancelled", pl.col("cancelled_at").dt.strftime("%d %H:%M"))
    assert shown.rows() == [(True, "31 16:05"), (False, None), (True, None)]


def test_a_time_of_a_cancellation_says_that_there_was_one_and_has_to_be_readable(tmp_path: Path) -> None:
    rows = [
        "2017-01-31 18:05,IB,MAD,LHR,,2017-01-30 12:00",
        "2017-01-31 18:06,IB,MAD,LHR,3,2017-01-30 12:00",
        "2017-01-31 18:07,IB,MAD,LHR,,",
    ]
    mapped = {"delay": "late", "cancelled_at": "known"}
    flights = read(tmp_path, *rows, head=f"{HEAD},late,known", history=True, **mapped)
    assert flights.frame["cancelled"].to_list() == [True, False, False]
    bad = ["2017-01-31 18:05,IB,MAD,LHR,3,,0", "2017-01-31 18:09,IB,MAD,LHR,,noon,1"]
    head = f"{HEAD},late,known,off"
    ((row, reason),) = read(
        tmp_path, *bad, head=head, history=True, cancelled="off", **mapped
    ).rejected.rows()
    assert (row, reason) == (3, f"known 'noon' is not {TIME_WANTED.format('cancelled_at')}")
