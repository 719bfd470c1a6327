"""One code for each airline and airport of a file."""

from __future__ import annotations

import datetime as dt
import random
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from puntual.data import read_flights
from puntual.data.code_tables import (
    airlines,
    airlines_by_code,
    airports_by_code,
    city_codes,
    dot_airlines,
    dot_airports,
    rows_of,
)
from puntual.data.codes import resolve_airlines, resolve_airports, split_designator

COLUMNS = ("airline", "operator", "operated_by")
PLACES = ("origin", "destination", "operated_origin", "operated_destination")
BEFORE, AFTER = (dt.date(2017, 1, 1), dt.date(2017, 12, 31)), (dt.date(2023, 1, 1), dt.date(2023, 12, 31))


@pytest.fixture
def forms() -> Path:
    folder = Path(__file__).parents[3] / "shared" / "data" / "forms"
    if not folder.is_dir():
        pytest.skip("the forms are not beside the project")
    return folder


def counts(frame: pl.DataFrame, column: str) -> dict[str, int]:
    return dict(frame[column].drop_nulls().value_counts().iter_rows())


def test_codes_of_santiago_stay_as_they_are(scl_file: object) -> None:
    frame = read_flights(str(scl_file)).frame
    for column in COLUMNS:
        found = resolve_airlines(counts(frame, column))
        assert found.codes == {value: value for value in frame[column].drop_nulls().unique()}
        assert not found.joined
        assert not found.refused
        assert set(found.unknown) <= {"JMR", "QFU"}
    for column in PLACES:
        found = resolve_airports(counts(frame, column))
        assert found.codes == {value: value for value in frame[column].drop_nulls().unique()}
        assert (found.joined, found.refused, found.cities, found.unknown) == ({}, {}, {}, ())


def test_codes_of_new_york_stay_as_they_are() -> None:
    frame = read_flights("nyc").frame
    found = resolve_airlines(counts(frame, "airline"))
    assert found.codes == {value: value for value in frame["airline"].unique()}
    assert (found.joined, found.refused, found.unknown) == ({}, {}, ())
    for column in ("origin", "destination"):
        found = resolve_airports(counts(frame, column))
        assert found.codes == {value: value for value in frame[column].unique()}
        assert (found.joined, found.refused, found.cities, found.unknown) == ({}, {}, {}, ())


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"LH": 9, "DLH": 1}, {"LH": "LH", "DLH": "LH"}),
        ({"LH": 1, "DLH": 9}, {"LH": "DLH", "DLH": "DLH"}),
        (
            {"IB": 90, "DLH": 5, "LH": 1},
            {"IB": "IB", "DLH": "LH", "LH": "LH"},
        ),  # the file's style, not the code's
        ({"LAN": 9, "LXP": 1, "LA": 1}, {"LAN": "LAN", "LXP": "LXP", "LA": "LAN"}),
        ({"PA": 9, "PA (1)": 5}, {"PA": "PA", "PA (1)": "PA"}),
        ({"PA (1)": 9, "PA (2)": 5}, {"PA (1)": "PA (1)", "PA (2)": "PA (2)"}),
        ({"DL": 9, "19790": 5}, {"DL": "DL", "19790": "DL"}),
        ({"DAL": 9, "19790.0": 5}, {"DAL": "DAL", "19790.0": "DAL"}),
        ({"20397": 1, "20417": 1}, {"20397": "OH", "20417": "COM"}),  # two airlines that had the code OH
        ({" la ": 3, "LA\u00a0": 4}, {" la ": "LA", "LA\u00a0": "LA"}),
        ({"UK": 9, "UKA": 1}, {"UK": "UK", "UKA": "UKA"}),  # Vistara had the code of Air UK
        ({"EGF": 1, "ENY": 2, "MQ": 3}, {"EGF": "MQ", "ENY": "MQ", "MQ": "MQ"}),
        ({"ZZ": 1, "XQX": 1}, {"ZZ": "ZZ", "XQX": "XQX"}),
    ],
)
def test_an_airline_has_one_code(given: dict[str, int], kept: dict[str, str]) -> None:
    assert resolve_airlines(given).codes == kept


def test_a_code_that_changed_hands_is_read_by_the_day() -> None:
    pair = {"UK": 9, "UKA": 1}
    assert resolve_airlines(pair, (dt.date(1995, 1, 1), dt.date(1995, 12, 31))).codes == dict.fromkeys(
        pair, "UK"
    )
    old, new = {"IST": 9, "LTBA": 1}, {"IST": 9, "LTFM": 1}
    assert resolve_airports(old, BEFORE).codes == dict.fromkeys(old, "IST")
    assert resolve_airports(new, AFTER).codes == dict.fromkeys(new, "IST")
    for apart, period in ((old, AFTER), (new, BEFORE), (old, None), (new, (BEFORE[0], AFTER[1]))):
        assert resolve_airports(apart, period).codes == {value: value for value in apart}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Iberia", "IB"),
        ("IBERIA LÍNEAS AÉREAS DE ESPAÑA, S.A.", "IB"),
        ("Delta Air Lines Inc.", "DL"),
        ("Delta\u00a0Air\u00a0Lines", "DL"),
        ("Delta Air Lines Inc.: DL", "DL"),
        ("Delta Air Lines (DL)", "DL"),
        ("DL - Delta Air Lines", "DL"),
        ("US Airways Inc.: US (Merged with America West 9/05. Reporting for both starting 10/07.)", "US"),
        ("Spirit Air Lines", "NK"),
        ("GOL LINHAS AÉREAS S.A.", "G3"),
        ("TAM LINHAS AÉREAS S.A.", "JJ"),
        ("AZUL LINHAS AÉREAS BRASILEIRAS S/A", "AD"),
        ("ExpressJet Airlines LLC d/b/a aha!", "EV"),
        ("Some Unheard Holding d/b/a Iberia", "IB"),
        ("KLM", "KLM"),
        ("Gol", "G3"),
        ("LATAM", "LA"),
    ],
)
def test_a_name_becomes_a_code(name: str, code: str) -> None:
    assert resolve_airlines({name: 1}).codes == {name: code}


def test_a_name_becomes_a_code_of_the_style_of_the_file() -> None:
    assert resolve_airlines({"DLH": 5, "Iberia": 9}).codes["Iberia"] == "IBE"


@pytest.mark.parametrize(
    "name", ["Iberio", "Chile", "Aerolínea", "Airlines", "Lufthansa (UK)", "Grupo LATAM", "?"]
)
def test_what_no_table_knows_is_refused(name: str) -> None:
    found = resolve_airlines({name: 1, "IB": 1})
    assert found.codes == {"IB": "IB"}
    assert "wanted: its IATA or ICAO code" in found.refused[name]


def test_todays_names_are_as_they_were() -> None:
    names = {code: held[0].name for code, held in airlines_by_code().items()}
    assert (names["LAN"], names["G3"], names["AM"], names["LXP"]) == (
        "LATAM Airlines",
        "Gol Linhas Aéreas",
        "Aeroméxico",
        "LATAM Express",
    )


def test_the_table_of_airlines_is_sound() -> None:
    assert len(airlines()) > 1200
    pairs = [(one.iata, one.icao) for one in airlines()]
    assert len(pairs) == len(set(pairs))
    assert all(one.name and one.name == one.name.strip() for one in airlines())


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"JFK": 9, "KJFK": 1, "12478": 2}, {"JFK": "JFK", "KJFK": "JFK", "12478": "JFK"}),
        ({"KJFK": 9, "KLAX": 1, "12478": 2}, {"KJFK": "KJFK", "KLAX": "KLAX", "12478": "KJFK"}),
        ({"TSE": 9, "NQZ": 10}, {"TSE": "NQZ", "NQZ": "NQZ"}),
        ({"TXL": 9, "BER": 10}, {"TXL": "TXL", "BER": "BER"}),
        ({"Mumbai\u00a0(BOM)": 1}, {"Mumbai\u00a0(BOM)": "BOM"}),
        ({"XQZ": 1}, {"XQZ": "XQZ"}),
        ({"['LHR']": 1}, {"['LHR']": "LHR"}),
    ],
)
def test_an_airport_has_one_code(given: dict[str, int], kept: dict[str, str]) -> None:
    assert resolve_airports(given).codes == kept


def test_codes_of_cities_are_said_to_be_cities() -> None:
    found = resolve_airports({"NYC": 1, "JFK": 1})
    assert {"EWR", "JFK", "LGA"} <= set(found.cities["NYC"])
    assert found.codes["NYC"] == "NYC"


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("UA 100", ("UA", "100")),
        ("KL1101", ("KL", "1101")),
        ("CZ6100", ("CZ", "6100")),
        ("LATAM 199", ("LATAM", "199")),
        ("U28001", ("U2", "8001")),
        ("9W123", ("9W", "123")),
        ("3U 8888", ("3U", "8888")),
        ("DAL101", ("DAL", "101")),
        ("BA0123A", ("BA", "123A")),
        ("100", None),
        ("2023", None),
        ("UA", None),
        ("", None),
    ],
)
def test_a_designator_is_split(value: str, parts: tuple[str, str] | None) -> None:
    assert split_designator(value) == parts


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Mumbai", "BOM"),
        ("Los Angeles, CA: Los Angeles International", "LAX"),
        ("Denver, CO: Denver International", "DEN"),
        ("Denver, CO: Centennial", "APA"),
        ("Boston, MA: Logan International", "BOS"),
        ("Washington, DC: Ronald Reagan Washington National", "DCA"),
        ("Portland, ME: Portland International Jetport", "PWM"),
        ("CONGONHAS - SÃO PAULO - SP - BRASIL", "CGH"),
        ("HUMBERTO DELGADO - LISBOA - PORTUGAL", "LIS"),
        ("Schiphol", "AMS"),
        ("Santiago, Chile", "SCL"),
        ("New York (JFK)", "JFK"),
        ("BOM - Mumbai", "BOM"),
        ("JFK/KJFK", "JFK"),
        ("Tegel", "TXL"),
        ("Kai Tak", "HKG"),
        ("Stapleton International", "DEN"),
    ],
)
def test_a_name_of_an_airport_becomes_a_code(name: str, code: str) -> None:
    assert resolve_airports({name: 1}).codes == {name: code}


def test_a_name_among_names_is_no_code() -> None:
    """LIMA is also the ICAO code of an airfield near Turin."""
    assert resolve_airports({"LIMA": 9, "CUSCO": 5, "AREQUIPA": 5}).codes["LIMA"] == "LIM"
    assert resolve_airports({"LIMA": 9, "LIMC": 5}).codes["LIMA"] == "LIMA"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Chile", "is a country"),
        ("London", "can be several airports, LCY, LGW, LHR"),
        ("Portland", "can be several airports, PDX, PWM"),
        ("Berlin", "can be several airports, BER, SXF, TXL"),
        ("Lima (PER)", "of another country than PER"),  # Peru, not Perth
        ("Bombey", "did you mean Bombay (BOM)?"),
        ("Texas, USA", "is no airport known"),
        ("Iberia", "is no airport known"),
        ("?", "is no airport known"),
    ],
)
def test_a_name_is_never_guessed(name: str, why: str) -> None:
    found = resolve_airports({name: 1})
    assert found.codes == {}
    assert why in found.refused[name]
    assert "wanted: its IATA or ICAO code" in found.refused[name]


def test_the_numbers_of_the_us_dot_are_in_the_order_of_the_codes_that_they_were_given_by() -> None:
    numbers = {int(number): code for number, code in dot_airports().items()}
    recoded = {"IFP", "CLD", "USA", "CUN"}
    ordered = [code for number, code in sorted(numbers.items()) if number < 16300 and code not in recoded]
    assert ordered == sorted(ordered)
    assert len(numbers) > 480
    assert {number: numbers[number] for number in (12478, 12892, 13930, 14771, 10397, 11298, 16869)} == {
        12478: "JFK", 12892: "LAX", 13930: "ORD", 14771: "SFO", 10397: "ATL", 11298: "DFW", 16869: "XWA"
    }  # fmt: skip
    assert all(code in airports_by_code() for code in numbers.values())


def test_every_airline_that_the_us_dot_numbers_is_in_the_table() -> None:
    assert len(dot_airlines()) > 180
    assert [one for one in dot_airlines().values() if not one.icao] == []
    named = {number: dot_airlines()[number].name for number in ("19790", "20355", "19991", "20304", "20417")}
    assert named == {
        "19790": "Delta Air Lines",
        "20355": "US Airways",
        "19991": "America West Airlines",
        "20304": "SkyWest Airlines",
        "20417": "Comair",
    }


def test_the_tables_name_no_airport_that_has_no_code() -> None:
    for row in rows_of("airport_names.csv"):
        assert row["iata"] in airports_by_code()
    for code, airports in city_codes().items():
        assert airports
        assert code not in airports
        assert set(airports) <= set(airports_by_code())


def test_forms_with_codes_of_two_styles_have_one_of_each_airport(forms: Path) -> None:
    frame = pl.read_csv(forms / "03b_kaggle2015_with_october.csv", infer_schema_length=0)
    found = resolve_airports(counts(frame, "DESTINATION_AIRPORT"))
    assert not found.refused
    assert not found.unknown
    assert all(len(code) == 3 for code in found.codes.values())
    assert set(found.codes) > {"12478", "10721"} or any(value.isdigit() for value in found.codes)


def test_forms_with_names_have_codes(forms: Path) -> None:
    frame = pl.read_csv(forms / "25_us_airport_ampm.csv")
    assert not resolve_airlines(counts(frame, "Airline")).refused
    assert not resolve_airports(counts(frame, "Destination")).refused
    frame = pl.read_csv(forms / "12_fr24_mumbai.csv")
    assert set(resolve_airports(counts(frame, "From")).codes.values()) == {"BOM"}
    frame = pl.read_csv(forms / "06_anac_vra_2023.csv", separator=";")
    for column in ("Descrição Aeroporto Origem", "Descrição Aeroporto Destino"):
        assert not resolve_airports(counts(frame, column)).refused
    assert not resolve_airlines(counts(frame, "Empresa Aérea")).refused


def test_serving_loads_no_table() -> None:
    script = (
        "import sys, puntual.serving.app; print(*[name for name in sys.modules if 'puntual.data' in name])"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not ran.stdout.strip()


def test_whatever_a_column_holds_is_either_usable_or_refused() -> None:
    draw = random.Random(1)
    letters = "ABCXYZ019 ()[]-:/.,éñ\u00a0'&*–"
    values = ["".join(draw.choices(letters, k=draw.randint(0, 9))) for _ in range(800)]
    given = dict.fromkeys([*values, "", "()", "(BOM)", ": DL", "PA (1)", "00000", "12478.0", "A" * 3000], 1)
    for found in (resolve_airlines(given), resolve_airports(given)):
        assert set(found.codes) | set(found.refused) == set(given)
        assert not set(found.codes) & set(found.refused)
        assert set(found.joined) <= set(found.codes.values())
        assert set(found.unknown) <= set(found.codes.values())
