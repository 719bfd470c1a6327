"""Reports of the weather, read one by one for the service."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from puntual.errors import ReportError
from puntual.operations.events import Observation
from puntual.operations.metar import parse_report, read_metar
from puntual.operations.quantities import QUANTITIES, TRACE_MM, keep_possible

NEAR = dt.datetime(2017, 1, 20, 12, tzinfo=dt.UTC)
BEGINNING = "SCEL 201200Z "


def values(groups: str) -> dict[str, float]:
    """What is read of a report with these groups after the time."""
    found = msgspec.structs.asdict(read_metar(BEGINNING + groups, near=NEAR))
    return {name: found[name] for name in QUANTITIES if found[name] is not None}


@pytest.mark.parametrize(
    ("groups", "wanted"),
    [
        (
            "31018G27KT 10SM FEW050 01/M09 A3002 RMK AO2 PK WND 31030/1319 SLP165 T00061089 P0003",
            {
                "temperature_c": 0.6,
                "dew_point_c": -8.9,
                "wind_kt": 18.0,
                "gust_kt": 27.0,
                "precipitation_mm": 0.762,
                "pressure_hpa": 1016.6,
                "visibility_km": 16.09,
            },
        ),
        (
            "AUTO 24008G11MPS 190V270 9999 M00/M01 Q0998 NOSIG",
            {
                "temperature_c": 0.0,
                "dew_point_c": -1.0,
                "wind_kt": 15.6,
                "gust_kt": 21.4,
                "pressure_hpa": 998.0,
                "visibility_km": 10.0,
            },
        ),
        ("COR 00000KT CAVOK", {"wind_kt": 0.0, "visibility_km": 10.0}),
        ("VRB03KT 1 1/2SM R04R/4500VP6000FT -RA BR OVC006", {"wind_kt": 3.0, "visibility_km": 2.41}),
        ("P6SM", {"visibility_km": 9.66}),
        ("M1/4SM FG VV001", {"visibility_km": 0.4}),
        ("1/16SM +SN", {"visibility_km": 0.1}),
        ("0800 R24L/1200N SN", {"visibility_km": 0.8}),
        ("3000 1500NW SHRA", {"visibility_km": 3.0}),
        ("20KM", {"visibility_km": 20.0}),
        ("9999NDV", {"visibility_km": 10.0}),
        ("///// //// // ////// ///// Q1013", {"pressure_hpa": 1013.0}),
        ("11/ A2992", {"temperature_c": 11.0, "pressure_hpa": 1013.2}),
        ("//M05 05/M10", {"temperature_c": 5.0, "dew_point_c": -10.0}),
        ("///// 0800 FG", {"visibility_km": 0.8}),
        ("AUTO 0800 FG", {"visibility_km": 0.8}),  # no wind at all
        ("18012 CAVOK", {"visibility_km": 10.0}),  # a wind without its unit
        ("18012KT TEMPO 30040G60KT 0500 RMK 1CU020 A3045", {"wind_kt": 12.0}),
        ("18012KT QFE940 WHAT IS THIS", {"wind_kt": 12.0}),
        ("18012KT 99/20 A9902", {"wind_kt": 12.0, "dew_point_c": 20.0}),
    ],
)
def test_what_is_read(groups: str, wanted: dict[str, float]) -> None:
    assert values(groups) == wanted


@pytest.mark.parametrize(
    ("remarks", "precipitation"),
    [
        ("RMK AO2 P0012", 3.048),
        ("RMK AO2 P0000", TRACE_MM),
        ("RMK AO2", 0.0),  # measured, and there was none
        ("RMK AO2 P////", None),
        ("RMK AO2 PNO $", None),
        ("RMK AO1", None),
        ("", None),
    ],
)
def test_precipitation(remarks: str, precipitation: float | None) -> None:
    assert values(f"18012KT {remarks}").get("precipitation_mm") == precipitation


@pytest.mark.parametrize("line", ["METAR {}=", "SPECI COR {}", "  metar   {}  ", "METAR METAR {}"])
def test_what_stands_around_a_report_changes_nothing(line: str) -> None:
    report = f"{BEGINNING}18012KT CAVOK 28/12 Q1013"
    assert read_metar(line.format(report), near=NEAR) == read_metar(report, near=NEAR)


@pytest.mark.parametrize(
    ("time", "near", "observed"),
    [
        ("312351Z", "2017-02-01T00:05Z", "2017-01-31T23:51Z"),
        ("010005Z", "2016-12-31T23:59Z", "2017-01-01T00:05Z"),
        ("010005Z", "2016-12-31T20:59-03:00", "2017-01-01T00:05Z"),
        ("291200Z", "2017-03-01T00:00Z", "2017-03-29T12:00Z"),  # no 29 February in 2017
        ("291200Z", "2016-03-01T00:00Z", "2016-02-29T12:00Z"),
    ],
)
def test_the_month_is_the_nearest(time: str, near: str, observed: str) -> None:
    read = read_metar(f"SCEL {time} 18012KT", near=dt.datetime.fromisoformat(near))
    assert read == Observation(airport="SCEL", observed_at=dt.datetime.fromisoformat(observed), wind_kt=12.0)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("", "'' is no report"),
        ("hello world", "'HELLO WORLD' is no report"),
        ("SCEL 201200 18012KT", "is no report"),
        ("ÑCEL 201200Z 18012KT", "is no report"),
        ("SCEL 201200Z: 18012KT", "is no report"),
        ("SCEL 321200Z 18012KT", "cannot be read"),
        ("SCEL 202400Z 18012KT", "cannot be read"),
        ("SCEL 201200Z 1/0SM", "cannot be read"),
        ("SCEL 201200Z 99012KT", "cannot be read"),
        ("METAR SCEL 201200Z NIL=", "has no value"),
        ("SCEL 201200Z 180999KT 99/60 A9902", "no value in it is possible"),
        ("TAF SCEL 201130Z 2012/2112 18012KT CAVOK", "is a forecast (TAF)"),
        ("SCEL 201130Z 2012/2112 18012KT CAVOK", "is a forecast (TAF)"),
        ("SCEL 201200Z " + "18012KT " * 200, "1,612 characters"),
        ("SCEL\r\n", "'SCEL' is no report"),
    ],
)
def test_what_is_no_report_is_said(line: str, found: str) -> None:
    with pytest.raises(ReportError) as error:
        read_metar(line, near=NEAR)
    message = str(error.value)
    assert found in message
    assert message.startswith("METAR report: ")
    assert message.isprintable()


REAL = (
    "31018KT 31018G27KT P99KT VRB03MPS /////KT 9999 CAVOK 10SM 1 1/2SM M1/4SM 1/0SM P6SM //// R04/P6000FT"
    " -RA +TSRA FEW010 OVC/// M05/M10 99/99 // A2992 Q1013 Q//// RETS WS R33 88CLRD70 R/SNOCLO BLU NOSIG"
    " TEMPO NOSPECI RMK AO2 P0012 T00011022 LTGIC OHD DSNT AND EEEEEEEEEEEEEEEEEEEEEEEEEEEE! NIL = METAR"
)
GROUPS = st.one_of(
    st.sampled_from(REAL.split()),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40),
    st.text(max_size=10),
)


@given(st.lists(GROUPS, max_size=25).map(" ".join), st.sampled_from(["", BEGINNING, f"METAR {BEGINNING}"]))
def test_any_text_is_read_within_bounds_or_refused(groups: str, beginning: str) -> None:
    try:
        read = read_metar(beginning + groups, near=NEAR)
    except ReportError:
        return
    assert read.airport == "SCEL"
    assert abs(read.observed_at - NEAR) <= dt.timedelta(days=31)
    encoded = msgspec.json.encode(read)
    assert msgspec.json.decode(encoded, type=Observation) == read  # which checks the bounds


@given(
    temperature=st.integers(-60, 60),
    spread=st.integers(0, 30),
    wind=st.integers(0, 199),
    metres=st.integers(0, 9998),
    pressure=st.integers(870, 1085),
)
def test_values_that_are_written_are_read(
    temperature: int, spread: int, wind: int, metres: int, pressure: int
) -> None:
    def signed(degrees: int) -> str:
        return f"M{-degrees:02}" if degrees < 0 else f"{degrees:02}"

    dew_point = max(temperature - spread, -90)
    groups = f"180{wind:02}KT {metres:04} {signed(temperature)}/{signed(dew_point)} Q{pressure:04}"
    wanted = {
        "temperature_c": float(temperature),
        "dew_point_c": float(dew_point) if dew_point <= QUANTITIES["dew_point_c"].highest else None,
        "wind_kt": float(wind),
        "pressure_hpa": float(pressure),
        "visibility_km": round(metres / 1000, 2),
    }
    assert values(groups) == {name: value for name, value in wanted.items() if value is not None}


def test_whole_reports_agree_with_their_parts() -> None:
    report = parse_report("KJFK 021351Z 09018KT 10SM 71/M09")
    assert report.values["temperature_c"] == 71.0
    assert "temperature_c" not in keep_possible(report.values)
    assert (report.station, report.day, report.hour, report.minute) == ("KJFK", 2, 13, 51)
    assert report.observed_in(2017, 2) == dt.datetime(2017, 2, 2, 13, 51, tzinfo=dt.UTC)
    assert report._replace(day=30).observed_in(2017, 2) is None


def test_the_parser_is_loaded_with_the_first_report_only() -> None:
    program = (
        "import sys; from puntual.operations import metar; import datetime as dt;"
        "loaded = lambda: [one for one in ('metar', 'polars', 'numpy') if one in sys.modules];"
        "print(loaded()); metar.read_metar('SCEL 201200Z 18012KT', near=dt.datetime.now(dt.timezone.utc));"
        "print(loaded())"
    )
    ended = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert ended.stdout.split("\n")[:2] == ["[]", "['metar']"]
