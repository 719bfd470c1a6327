from __future__ import annotations

import polars as pl
import pytest

from puntual.data.file_kinds import FILE_KINDS
from puntual.data.recognition import NAMES, SOURCES, Recognised, detect_source, recognise
from puntual.errors import DataError, SettingError


def found(*columns: str, source: str | None = None, constants: dict[str, str] | None = None) -> Recognised:
    """What a file of these columns is read as."""
    rows = pl.DataFrame({name: ["1", "1"] for name in columns})
    return recognise(columns, lambda: rows, "f", source=source, history=True, constants=constants or {})


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_is_told_by_its_columns_in_any_order(name: str) -> None:
    source = SOURCES[name]
    columns = ["more", *reversed(source.columns)]
    assert found(*columns).source is source
    assert detect_source(source.schedule_columns, "f", source=name, history=False) is source


def test_a_file_of_no_source_is_told_what_there_is() -> None:
    with pytest.raises(DataError) as caught:
        found(*"abcdefg")
    assert caught.value.found == "the columns are 'a', 'b', 'c', 'd', 'e', 'f', 'g'"
    assert all(name in caught.value.wanted for name in NAMES)


@pytest.mark.parametrize(
    "columns",
    [
        "DEPARTURES_SCHEDULED,DEPARTURES_PERFORMED,UNIQUE_CARRIER,ORIGIN,DEST,YEAR,MONTH",
        "reporting_airport,origin_destination,airline_name,number_flights_matched,average_delay_mins",
    ],
)
def test_sums_of_months_are_refused_as_such(columns: str) -> None:
    with pytest.raises(DataError, match="sums of months, no single flights"):
        found(*columns.split(","))


def test_an_unknown_source() -> None:
    with pytest.raises(DataError, match="no source 'lax'; wanted: one of scl, nyc"):
        found("a", source="lax")


def test_what_the_file_does_not_hold_has_a_name() -> None:
    with pytest.raises(SettingError, match="constants: no value 'orgin'; wanted: one of airline, origin"):
        found("a", constants={"orgin": "JFK"})


@pytest.mark.parametrize("kind", FILE_KINDS, ids=lambda kind: kind.name)
def test_a_kind_of_file_is_known_by_headings_that_no_other_has(kind: object) -> None:
    for other in FILE_KINDS:
        headings = [one if isinstance(one, str) else one[0] for one in other.known_by]
        assert kind.fits(headings) == (kind is other)  # type: ignore[attr-defined]
