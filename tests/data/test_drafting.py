from __future__ import annotations

import io
import re
import tomllib
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from puntual.data import read_flights
from puntual.data.draft_file import draft_mapping
from puntual.data.drafting import Draft, draft_lines
from puntual.data.mapping import Columns, Mapping
from puntual.data.time_formats import detect_time_format
from puntual.errors import DataError
from puntual.formats.headings import HEADINGS, detect_role, normalise
from tests.cli.running import run
from tests.made_up import made_up_elsewhere, made_up_mapped, made_up_nyc, made_up_scl


def drafted(data: Path) -> Draft:
    draft = draft_mapping(str(data))
    assert isinstance(draft, Draft)
    data.with_suffix(".toml").write_text(draft.toml(), "utf-8")
    return draft


@pytest.mark.parametrize(
    ("name", "make"), [("scl", made_up_scl), ("nyc", made_up_nyc), ("mapped", made_up_mapped)]
)
def test_a_known_source_needs_no_mapping(tmp_path: Path, name: str, make: type[Path]) -> None:
    assert draft_mapping(str(make(tmp_path / "f.csv", days=2))) == name
    assert draft_mapping("nyc") == "nyc"


def test_a_known_header_over_times_of_another_form_needs_one(tmp_path: Path) -> None:
    head = "scheduled_departure,airline,origin,destination,actual_departure"
    place = tmp_path / "f.csv"
    place.write_text(f"{head}\n31/01/2017 18:05,IBE,LEMD,EGLL,31/01/2017 18:15\n", "utf-8")
    with pytest.raises(DataError, match="is not a time written"):
        read_flights(str(place))
    assert drafted(place).todos == []
    frame = read_flights(str(place), source=str(place.with_suffix(".toml"))).frame
    assert str(frame["scheduled_departure"][0]) == "2017-01-31 18:05:00"
    place.write_text(f"{head}\n2017-01-31T18:05:00.5Z,IBE,LEMD,EGLL,2017-01-31T18:15:00.5Z\n", "utf-8")
    assert draft_mapping(str(place)) == "mapped"
    assert str(read_flights(str(place)).frame["scheduled_departure"][0]) == "2017-01-31 19:05:00.500000"


def test_a_file_from_elsewhere_lacks_only_what_it_cannot_tell(tmp_path: Path) -> None:
    place = made_up_elsewhere(tmp_path / "f.csv", days=20)
    expected = read_flights(str(place), source=str(place.with_suffix(".toml"))).frame
    draft = drafted(place)
    assert [line.partition(" = ")[0] for line in draft.todos] == [
        'codes.airline."Copa Air"',
        "constants.origin",
    ]
    text = draft.toml().replace('# TODO origin = "…"', 'origin = "SCEL"')
    place.with_suffix(".toml").write_text(
        text.replace('# TODO "Copa Air" = "…"', '"Copa Air" = "CMP"'), "utf-8"
    )
    assert_frame_equal(read_flights(str(place), source=str(place.with_suffix(".toml"))).frame, expected)


FILES = {
    "English, the month first, a delay": (
        "FL_DATE,Carrier,Flight No,Origin,Dest,Sched Dep Time,Dep Delay (min),Cancelled\n"
        "01/31/2019,AA,100,JFK,LAX,06:05 PM,12,0\n02/01/2019,AA,100,JFK,LAX,06:05 AM,,1\n"
    ),
    "Spanish, the day first, a time alone": (
        "Fecha;Hora programada;Hora real;Compañía;Nº vuelo;Origen;Destino;Estado\n"
        "31/01/2019;18:05;18:17;IBE;3166;LEMD;EGLL;Despegado\n01/02/2019;6:05;-;IBE;3166;LEMD;EGLL;Cancelado\n"
    ),
    "Portuguese, numbers with commas": (
        "Companhia Aérea;Voo;Origem;Destino;Partida Prevista;Atraso (min);Situação do voo\n"
        "TAM;3166;SBGR;SBRJ;31-01-2019 18:05;12,0;Realizado\nTAM;3166;SBGR;SBRJ;01-02-2019 06:05;;CANCELADO\n"
    ),
    "French, ISO 8601": (
        "Compagnie\tVol\tAéroport de départ\tDestination\tHeure prévue\tHeure réelle\tStatut\n"
        "AFR\t1234\tLFPG\tEGLL\t2019-01-31T18:05:00\t2019-01-31T18:17:00\tParti\n"
        "AFR\t1234\tLFPG\tEGLL\t2019-02-01T06:05:00\t\tAnnulé\n"
    ),
    "German, points": (
        "Datum|Planzeit|Istzeit|Fluggesellschaft|Flugnummer|Abflughafen|Zielflughafen|Flugstatus\n"
        "31.01.19|18:05|18:17|DLH|400|EDDF|KJFK|gestartet\n01.02.19|06:05||DLH|400|EDDF|KJFK|annulliert\n"
    ),
}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_usual_headers_of_five_languages_work_at_once(tmp_path: Path, kind: str, encoding: str) -> None:
    place = tmp_path / "departures.csv"
    place.write_bytes(FILES[kind].encode(encoding))
    draft = drafted(place)
    assert draft.todos == []
    assert "a guess" not in draft.toml()
    flights = read_flights(str(place), source=str(place.with_suffix(".toml")))
    assert flights.rejected.is_empty()
    times = flights.frame["scheduled_departure"].dt.strftime("%Y-%m-%d %H:%M").to_list()
    assert times == ["2019-01-31 18:05", "2019-02-01 06:05"]
    late = flights.frame["actual_departure"] - flights.frame["scheduled_departure"]
    assert late.dt.total_minutes().to_list() == [12, None]
    assert flights.frame["cancelled"].to_list() == [False, True]
    assert flights.frame["flight_number"].null_count() == 0


def test_times_in_utc_are_told_by_their_heading(tmp_path: Path) -> None:
    head = "STD (UTC),ATD (UTC),Airline,Origin,Destination"
    for times in ("2019-01-31T23:30:00Z,2019-01-31T23:40:00Z", "2019-01-31 23:30,2019-01-31 23:40"):
        (tmp_path / "f.csv").write_text(f"{head}\n{times},IBE,LEMD,EGLL\n")
        drafted(tmp_path / "f.csv")
        frame = read_flights(str(tmp_path / "f.csv"), source=str(tmp_path / "f.toml")).frame
        assert str(frame["scheduled_departure"][0]) == "2019-02-01 00:30:00"


@pytest.mark.parametrize(
    ("values", "pattern", "ambiguous"),
    [
        (["13/01/2019", "01/02/2019"], "%d/%m/%Y", False),
        (["01/13/2019", "02/01/2019"], "%m/%d/%Y", False),
        (["01/02/2019", "02/02/2019", "03/02/2019"], "%d/%m/%Y", True),
        (["02/01/2019", "02/02/2019", "02/03/2019"], "%m/%d/%Y", True),
        (["31 Jan 2019 6:05", "01 Feb 2019 18:05"], "%d %b %Y %H:%M", False),
        (["201901310605"], "%Y%m%d %H%M", False),
        (["06:05 PM", "6:05 AM"], "%I:%M %p", False),
        (["18h05"], "%Hh%M", False),
        (["31/01/19 18:05"], "%d/%m/%y %H:%M", False),
        ([*["31/01/2019"] * 9, "soon"], "%d/%m/%Y", False),
    ],
)
def test_how_times_are_written(values: list[str], pattern: str, ambiguous: bool) -> None:
    detected = detect_time_format(pl.Series(values))
    assert detected is not None
    assert (detected.pattern, detected.ambiguous) == (pattern, ambiguous)


@pytest.mark.parametrize("values", [["IBE", "VLG"], ["3166"], ["12", "-5"], []])
def test_what_is_no_time(values: list[str]) -> None:
    assert detect_time_format(pl.Series(values, dtype=pl.String)) is None


def test_a_parquet_file_is_drafted_too(tmp_path: Path) -> None:
    text = io.StringIO(FILES["French, ISO 8601"])
    pl.read_csv(text, separator="\t", try_parse_dates=True).write_parquet(tmp_path / "f.parquet")
    drafted(tmp_path / "f.parquet")
    assert read_flights(str(tmp_path / "f.parquet"), source=str(tmp_path / "f.toml")).rejected.is_empty()


def test_what_cannot_be_told_stands_commented_out(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("Fecha,Aerolínea,Tipo de vuelo,Puerta\nhoy,Iberia Express,Q,7\n,,N,\n")
    draft = drafted(tmp_path / "f.csv")
    left = [line.partition(" = ")[0] for line in draft.todos]
    assert left == [
        "columns.scheduled_departure",
        "columns.actual_departure",
        "constants.origin",
        "constants.destination",
        "columns.flight_type",
        'codes.flight_type."Q"',
    ]
    assert tomllib.loads(draft.toml())["columns"] == {"airline": "Aerolínea"}
    with pytest.raises(DataError, match="no scheduled_departure"):
        read_flights(str(tmp_path / "f.csv"), source=str(tmp_path / "f.toml"))


@pytest.fixture
def page() -> list[tuple[str, str]]:
    """The blocks of the page about sources, each with its language."""
    text = (Path(__file__).parents[2] / "docs" / "sources.md").read_text("utf-8")
    return re.findall(r"```(\w+)\n(.*?)```", text, re.DOTALL)


def test_the_worked_example_of_the_page(
    page: list[tuple[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (content,) = [block for language, block in page if language == "csv"]
    draft, finished = [block for language, block in page if language == "toml"]
    Path("departures.csv").write_text(content, "utf-8")
    write, check, train = "".join(block for language, block in page if language == "sh").splitlines()
    assert run(*write.split()[1:]).status == 0
    assert Path("departures.toml").read_text("utf-8") == draft
    Path("departures.toml").write_text(finished, "utf-8")
    assert "left out: 0" in run(*check.split()[1:]).out
    assert train == "puntual train departures.csv --source departures.toml -o madrid.puntual"
    flights = read_flights("departures.csv", source="departures.toml")
    late = flights.frame["actual_departure"] - flights.frame["scheduled_departure"]
    assert late.dt.total_minutes().to_list() == [7, -2, 35, None, 28]
    assert flights.frame["cancelled"].to_list() == [False, False, False, True, False]
    assert flights.frame["flight_type"].to_list() == ["I", "N", "I", "I", "I"]


def test_the_page_names_every_key() -> None:
    text = (Path(__file__).parents[2] / "docs" / "sources.md").read_text("utf-8")
    for struct in (Mapping, Columns):
        for key in struct.__struct_fields__:
            assert re.search(rf"[`\[]{key}[`\].]", text), key


@pytest.mark.parametrize(
    ("heading", "values", "named"),
    [
        ("Matrícula", ["CC-BAA", "CCBFB"], True),
        ("Aircraft", ["N14228", "N24211"], True),
        ("Avión", ["CC-BAA", "PR-GUA"], True),
        ("Aircraft", ["A320", "B738"], False),
        ("Aircraft", ["A-320", "B-738"], False),
        ("Aircraft type", ["N14228", "N24211"], False),
    ],
)
def test_a_column_of_tail_numbers_is_named(heading: str, values: list[str], named: bool) -> None:
    lines = draft_lines(pl.DataFrame({"Fecha": ["31/01/2017 18:05"] * 2, heading: values}))
    assert [line.value for line in lines if line.key == "aircraft"] == [f'"{heading}"'] * named


def test_a_column_of_the_times_of_cancellations_is_named() -> None:
    times = {"Fecha": ["31/01/2017 18:05"] * 2, "Hora de cancelación": ["30/01/2017 9:40", None]}
    lines = {f"{line.table}.{line.key}": line.value for line in draft_lines(pl.DataFrame(times))}
    assert lines["columns.cancelled_at"] == '"Hora de cancelación"'
    assert lines["formats.cancelled_at"] == '"%d/%m/%Y %H:%M"'


def test_headings_are_folded_and_tell_one_role() -> None:
    for kind, headings in HEADINGS.items():
        for heading in headings:
            assert normalise(heading) == heading
            assert detect_role(heading) == kind, heading


@pytest.mark.parametrize(
    "heading", ["Arrival delay", "Hora de llegada", "Aircraft type", "Gate", "", "Ankunft"]
)
def test_headings_of_what_is_not_read(heading: str) -> None:
    assert detect_role(heading) is None


HEADS = st.sampled_from([one for headings in HEADINGS.values() for one in headings[:3]]) | st.text(max_size=8)
CELLS = st.text(max_size=4) | st.sampled_from(
    ["31/01/2017", "18:05", "2017-01-31 18:05", "IBE", "NAC", "CANX", "-", "1,5", '"', "\x7f"]
)


@settings(max_examples=10)
@given(st.dictionaries(HEADS, st.lists(CELLS, min_size=3, max_size=3), min_size=2, max_size=6))
def test_whatever_the_file_holds_the_draft_is_toml(columns: dict[str, list[str]]) -> None:
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    draft = Draft("f\n.csv", tuple(draft_lines(frame)))
    assert "columns" in tomllib.loads(draft.toml()) or any("columns." in line for line in draft.todos)
    uncommented = draft.toml().replace("# TODO ", "")
    assert tomllib.loads(uncommented)["columns"]
