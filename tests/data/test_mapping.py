from __future__ import annotations

from pathlib import Path

import pytest

from puntual.data.mapping import read_mapping
from puntual.errors import DataError

GOOD = """
[columns]
scheduled_departure = ["day", "time"]
airline = "airline"
destination = "to"
[constants]
origin = "LEMD"
"""


def refused(place: Path, text: str | bytes) -> str:
    """The one line that a mapping is refused with, without its path."""
    place.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(DataError) as caught:
        read_mapping(place)
    message = str(caught.value)
    assert message.startswith(f"{place}: ")
    assert "\n" not in message
    return message.removeprefix(f"{place}: ")


def test_what_is_told_and_what_is_not(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(GOOD)
    told = read_mapping(tmp_path / "m.toml")
    assert told.own_columns("scheduled_departure") == ("day", "time")
    assert told.label("scheduled_departure") == "day, time"
    assert told.label("origin") == "constants.origin"
    assert told.label("operator") is None
    assert (told.separator, told.encoding, told.time_zone, told.missing) == (None, None, None, ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no table [columns]; wanted: the file's column of each canonical one"),
        ("=", "no TOML: Invalid statement (at line 1, column 1)"),
        ("a = " + "[" * 5000, "no TOML: "),
        (b"# \xff", "not UTF-8; wanted: a TOML file in UTF-8"),
        ("colums = 1" + GOOD, "unknown key 'colums'; wanted: one of columns, separator, "),
        (
            GOOD + "[formats]\narrival = '%H'",
            "formats: unknown key 'arrival'; wanted: one of scheduled_departure",
        ),
        (GOOD.replace("airline =", "airlin ="), "columns: unknown key 'airlin'; wanted: one of scheduled_"),
        (
            GOOD.replace("LEMD", "").replace('origin = ""', ""),
            'no origin; wanted: columns.origin = "a column',
        ),
        (
            GOOD.replace("scheduled_", "actual_"),
            'no scheduled_departure; wanted: columns.scheduled_departure = "',
        ),
        (GOOD.replace('"to"', "3"), "columns.destination: expected `str | array`, got `int`"),
        (GOOD.replace('"to"', "[]"), "columns.destination: expected `array` of length >= 1"),
        (GOOD.replace('"to"', '""'), "columns.destination: expected `str` of length >= 1"),
        (GOOD + "airline = 'IB'", "both columns.airline and constants.airline; wanted: one of them"),
        (
            GOOD.replace("LEMD", "Madrid Barajas"),
            "constants.origin: no code; wanted: a code of 2 to 8 letters",
        ),
        (GOOD + "flight_type = 'X'", "constants.flight_type: 'X'; wanted: N or I"),
        (GOOD + "[codes.flight_type]\nNAC = 'X'", "codes.flight_type[...]: 'X'; wanted: N or I"),
        (
            GOOD + "[formats]\nscheduled_departure = ['%Y-%m-%d', 'hhmm', 'hhmm']",
            "formats.scheduled_departure: 3 formats of 2 columns; wanted: one a column",
        ),
        (GOOD + "[formats]\ndelay = 'days'", "formats.delay: 'days'; wanted: "),
        ("separator = ':'" + GOOD, "separator: ':'; wanted: ',', ';', '|' or a tab, \"\\t\""),
        ("encoding = 'klingon'" + GOOD, "encoding: 'klingon'; wanted: a name such as 'latin-1'"),
        ("encoding = 'utf-16'" + GOOD, "encoding: 'utf-16'; wanted: a name such as 'latin-1'"),
        ("encoding = 'hex'" + GOOD, "encoding: 'hex'; wanted: a name such as 'latin-1'"),
        (
            "time_zone = 'Mars'" + GOOD,
            "time_zone: 'Mars'; wanted: an IANA name such as 'Europe/Madrid' or 'UTC'",
        ),
        ("missing = 'NA'" + GOOD, "missing: expected `array`, got `str`"),
        ("cancelled = ['S']" + GOOD, "cancelled: values without a column; wanted: columns.cancelled, too"),
        (
            GOOD + "[formats]\nscheduled_departure = '%d/%m/%Q'",
            "formats.scheduled_departure: '%Q' in '%d/%m/%Q'",
        ),
        (
            GOOD + "[formats]\nscheduled_departure = '%H:%M'",
            "formats.scheduled_departure: '%H:%M'; wanted: date and",
        ),
        (
            GOOD + "[formats]\nactual_departure = '%d %H:%M'",
            "formats.actual_departure: '%d %H:%M'; wanted: date and",
        ),
        (
            "time_zone = 'UTC'" + GOOD + "[formats]\nscheduled_departure = '%Y-%m-%d %H:%M%z'",
            "time_zone: the times have an offset (%z), too; wanted: one of them",
        ),
        (
            GOOD.replace("[const", "actual_departure = 'b'\n[const")
            + "[formats]\nscheduled_departure = '%Y-%m-%d %H:%M%z'\nactual_departure = '%H:%M'",
            "formats: an offset (%z) in one of two times; wanted: in both or none",
        ),
    ],
)
def test_a_mistake_is_one_line_that_names_its_place(tmp_path: Path, text: str | bytes, message: str) -> None:
    told = refused(tmp_path / "m.toml", text)
    assert told[: len(message)] == message


def test_places_that_are_no_files(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "none.toml", tmp_path / ("n" * 300 + ".toml")):
        with pytest.raises(DataError, match="wanted: a TOML file"):
            read_mapping(place)
