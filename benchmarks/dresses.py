"""How many of many made-up files are read rightly, warned of, refused, or silently wrong.

    python -m benchmarks.dresses [--files 2000] [--seed 11] [--keep FOLDER]

Each file holds some weeks of the embedded flights in a dress of its own: headings of five languages, in any
order, among columns that mean something else; times, delays, codes and statuses as people write them; as CSV,
packed, Parquet or JSON. Half of them have a fault planted. A file is *wrong* if a scheduled time, delay or
place differs from the truth and nothing was said. Any exception but the product's own is a failure.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import shutil
import tempfile
import traceback
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from puntual.data import read_flights
from puntual.data.oddities import find_oddities
from puntual.data.profile import profile_flights
from puntual.data.schema import DELAY
from puntual.errors import PuntualError

HEADINGS = {
    "scheduled": (
        "STD",
        "Scheduled departure",
        "Hora programada",
        "Partida Prevista",
        "Heure prévue",
        "Planzeit",
        "sched_dep",
    ),
    "actual": (
        "ATD",
        "Actual departure",
        "Hora real",
        "Partida Real",
        "Heure réelle",
        "Istzeit",
        "actual_dep",
    ),
    "date": ("Date", "Flight date", "Fecha", "Data", "Date de vol", "Datum", "FL_DATE"),
    "delay": (
        "Delay",
        "Departure delay (min)",
        "Atraso (min)",
        "Retraso",
        "Retard",
        "Verspätung",
        "DEP_DELAY",
    ),
    "airline": (
        "Airline",
        "Carrier",
        "Aerolínea",
        "Companhia aérea",
        "Compagnie",
        "Fluggesellschaft",
        "airline_code",
    ),
    "number": ("Flight", "Flight number", "Vuelo", "Voo", "Vol", "Flugnummer", "flight_no"),
    "origin": ("Origin", "From", "Origen", "Origem", "Aéroport de départ", "Abflughafen", "dep_airport"),
    "destination": (
        "Destination",
        "To",
        "Destino",
        "Aeroporto de destino",
        "Aéroport d'arrivée",
        "Ziel",
        "dest",
    ),
    "status": ("Status", "Remarks", "Estado", "Situação", "Statut", "Flugstatus", "flight_status"),
}
CANCELLED = ("Cancelled", "Canceled", "Cancelado", "CANCELADO", "Annulé", "annulliert", "CNX")
FLOWN = ("Departed", "Departed", "Despegado", "REALIZADO", "Parti", "gestartet", "DEP")
DATES = ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y%m%d", "%d-%b-%Y")
CLOCKS = ("%H:%M", "%H:%M:%S", "%I:%M %p", "hhmm", "hhmm4", "%-H:%M", "fraction")
FAULTS = (
    "delay in seconds",
    "delay cut at 0",
    "delay as 0 or 1",
    "delay of arrival",
    "times swapped",
    "all at midnight",
    "on-time flights dropped",
    "no outcome column",
    "scheduled equals actual",
    "duplicates",
    "two codes of one airline",
    "hours never above 12",
)


MAX_LEFT_OUT = 0.02
"""Share of rows that may be left out, each with its reason, of a file that counts as read rightly."""


class Dress(NamedTuple):
    """A file, what is in it, and what was done to it."""

    path: Path
    truth: pl.DataFrame
    description: str
    fault: str | None
    constants: dict[str, str]


def flights_of(nyc: pl.DataFrame, draw: random.Random) -> pl.DataFrame:
    """Flights of an airport and some weeks, by their canonical columns."""
    origin, first, days = draw.choice(("JFK", "LGA", "EWR")), draw.randrange(300), draw.choice((5, 14, 61))
    day = pl.col("scheduled_departure").dt.ordinal_day()
    return nyc.filter(pl.col("origin") == origin, day.is_between(first, first + days))


def write_clock(moments: pl.Expr, form: str) -> pl.Expr:
    """Times of day as text."""
    hours, minutes = moments.dt.hour().cast(pl.Int64), moments.dt.minute().cast(pl.Int64)
    if form in ("hhmm", "hhmm4"):
        digits = (hours * 100 + minutes).cast(pl.String)
        return digits if form == "hhmm" else digits.str.zfill(4)
    if form == "fraction":
        return ((hours * 60 + minutes) / 1440).round(9).cast(pl.String)
    return moments.dt.strftime(form)


class Taste(NamedTuple):
    """How somebody writes files."""

    heads: dict[str, str]
    date: str
    clock: str
    together: bool
    outcome: str
    designators: bool
    cancelled: str
    flown: str


def draw_taste(draw: random.Random, fault: str | None) -> Taste:
    """Somebody's way of writing, in which a fault can be made."""
    at = draw.randrange(len(CANCELLED))
    heads = {
        role: draw.choice(names) if draw.random() < 0.1 else names[at] for role, names in HEADINGS.items()
    }
    outcomes: tuple[str, ...] = ("actual", "clock", "delay", "clock and delay", "actual and delay")
    if fault == "no outcome column":
        outcomes = ("none",)
    elif fault == "delay of arrival":
        outcomes = ("clock and delay", "actual and delay")
    elif fault and fault.startswith("delay"):
        outcomes = ("delay", "clock and delay", "actual and delay")
    elif fault in ("times swapped", "scheduled equals actual"):
        outcomes = ("actual", "clock")
    clock = draw.choice(CLOCKS)
    together = draw.random() < 0.5 and "%" in clock
    designators = draw.random() < 0.33
    outcome = draw.choice(outcomes)
    return Taste(heads, draw.choice(DATES), clock, together, outcome, designators, CANCELLED[at], FLOWN[at])


def make(flights: pl.DataFrame, place: Path, draw: random.Random, fault: str | None) -> Dress:
    """Dress flights, and write them."""
    taste, planned, left = draw_taste(draw, fault), pl.col("scheduled_departure"), pl.col("actual_departure")
    if fault == "on-time flights dropped":
        flights = flights.filter(DELAY > 0)
    if fault == "hours never above 12":
        shift = pl.duration(hours=pl.when(planned.dt.hour() > 12).then(12).otherwise(0))
        flights = flights.with_columns(planned - shift, left - shift)
    columns = _times(taste, fault) | _delay(taste, flights.height, draw, fault) | _places(taste)
    constants = {}
    if draw.random() < 0.2:
        del columns[taste.heads["origin"]]
        constants["origin"] = flights["origin"][0]
    status = pl.when("cancelled").then(pl.lit(taste.cancelled)).otherwise(pl.lit(taste.flown))
    columns |= {taste.heads["status"]: status} | _others(draw, planned)
    frame = _plant(flights.select(**columns), taste, fault)
    frame = frame.select(draw.sample(frame.columns, len(frame.columns)))
    kind = write(frame, place, draw)
    description = f"{kind}, {', '.join(map(str, taste[1:]))}"
    return Dress(place, flights, description, fault, constants)


def _times(taste: Taste, fault: str | None) -> dict[str, pl.Expr]:
    planned, left = pl.col("scheduled_departure"), pl.col("actual_departure")
    if fault == "times swapped":
        planned, left = pl.coalesce(left, planned), planned
    if fault == "scheduled equals actual":
        left = planned
    heads, columns = taste.heads, {}
    if fault == "all at midnight":
        columns[heads["scheduled"]] = planned.dt.strftime(f"{taste.date} 00:00")
    elif taste.together:
        columns[heads["scheduled"]] = planned.dt.strftime(f"{taste.date} {taste.clock}")
    else:
        columns[heads["date"]] = pl.col("scheduled_departure").dt.strftime(taste.date)
        columns[heads["scheduled"]] = write_clock(planned, taste.clock)
    if "actual" in taste.outcome:
        columns[heads["actual"]] = left.dt.strftime(f"{taste.date} %H:%M")
    if "clock" in taste.outcome:
        columns[heads["actual"]] = write_clock(left, taste.clock)
    return columns


def _delay(taste: Taste, rows: int, draw: random.Random, fault: str | None) -> dict[str, pl.Expr]:
    if "delay" not in taste.outcome:
        return {}
    delay = DELAY.round().cast(pl.Int64)
    changes = pl.lit(pl.Series([draw.randrange(-25, 20) for _ in range(rows)]))
    faulty = {
        "delay in seconds": delay * 60,
        "delay cut at 0": pl.max_horizontal(delay, 0),
        "delay as 0 or 1": (delay > 15).cast(pl.Int64),
        "delay of arrival": delay + changes,
    }
    return {taste.heads["delay"]: faulty.get(fault or "", delay).cast(pl.String)}


def _places(taste: Taste) -> dict[str, pl.Expr]:
    heads = taste.heads
    columns = {heads["number"]: pl.col("flight_number"), heads["airline"]: pl.col("airline")}
    if taste.designators:
        columns = {heads["number"]: pl.concat_str("airline", pl.lit(" "), "flight_number")}
    return columns | {heads[name]: pl.col(name) for name in ("origin", "destination")}


def _plant(frame: pl.DataFrame, taste: Taste, fault: str | None) -> pl.DataFrame:
    """The faults that are made in the rows of a finished table."""
    if fault == "two codes of one airline" and not taste.designators:
        own = pl.col(taste.heads["airline"])
        every = pl.int_range(pl.len()) % 3 == 0
        pairs = {"AA": "AAL", "DL": "DAL", "UA": "UAL", "B6": "JBU"}
        return frame.with_columns(pl.when(every).then(own.replace(pairs)).otherwise(own))
    return pl.concat([frame, frame.head(frame.height // 3)]) if fault == "duplicates" else frame


def _others(draw: random.Random, planned: pl.Expr) -> dict[str, pl.Expr]:
    """Columns that mean something else."""
    others = {
        "STA": (planned + pl.duration(minutes=draw.randrange(60, 300))).dt.strftime("%H:%M"),
        "Gate": pl.lit("B12"),
        "Aircraft": pl.lit("A320"),
        "Distance": pl.lit("1234"),
        "ARR_DELAY": pl.lit("7"),
        "Terminal": pl.lit("1"),
    }
    return {name: others[name] for name in draw.sample(list(others), draw.randrange(len(others)))}


def write(frame: pl.DataFrame, place: Path, draw: random.Random) -> str:
    """Write a table as some kind of file; returns which."""
    kind = draw.choice(
        ("csv", "csv", "semicolons", "tabs", "gzip", "zip", "parquet", "json", "latin-1", "utf-16", "title")
    )
    separator = {"semicolons": ";", "tabs": "\t"}.get(kind, ",")
    if kind == "parquet":
        frame.write_parquet(place)
        return kind
    if kind == "json":
        place.write_text(json.dumps(frame.to_dicts(), ensure_ascii=False), "utf-8")
        return kind
    text = frame.write_csv(separator=separator)
    if kind == "title":
        text = f"Departures of the airport\n\n{text}"
    encoded = text.encode({"latin-1": "latin-1", "utf-16": "utf-16"}.get(kind, "utf-8"))
    if kind == "gzip":
        encoded = gzip.compress(encoded)
    if kind == "zip":
        with zipfile.ZipFile(place, "w") as archive:
            archive.writestr("flights.csv", encoded)
        return kind
    place.write_bytes(encoded)
    return kind


def verdict(dress: Dress) -> tuple[str, str]:
    """What became of a file: ``right``, ``warned``, ``refused``, ``wrong`` or ``failed``; and the words."""
    try:
        flights = read_flights(str(dress.path), history=False, constants=dress.constants)
        said = [one.name for one in find_oddities(profile_flights(flights), flights) if not one.limit]
    except PuntualError as error:
        return "refused", str(error)
    except Exception:  # noqa: BLE001
        return "failed", traceback.format_exc(limit=-3)
    same, found = Counter(_rows(dress.truth)), Counter(_rows(flights.frame))
    if not flights.complete:
        same, found = (Counter(row[:3] for row in rows.elements()) for rows in (same, found))
    left_out = flights.rejected.height
    if not found - same and (same - found).total() <= left_out <= MAX_LEFT_OUT * len(flights.frame):
        return ("right", "") if not said or dress.fault else ("false alarm", ", ".join(said))
    if said or left_out > MAX_LEFT_OUT * len(flights.frame):
        return "warned", ", ".join(said)
    apart = [next(iter(rows), None) for rows in (found - same, same - found)]
    return "wrong", f"{apart[0]} instead of {apart[1]}; {flights.read_as}"


def _rows(frame: pl.DataFrame) -> list[Any]:
    own = frame.select("scheduled_departure", "destination", "flight_number", DELAY.round().alias("delay"))
    return own.sort(own.columns).rows()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    nyc = read_flights("nyc").frame.with_columns(pl.col("row"))
    verdicts: Counter[tuple[str, str]] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(arguments.files):
            draw = random.Random(f"{arguments.seed} {number}")
            fault = draw.choice(FAULTS) if draw.random() < 0.5 else None
            dress = make(flights_of(nyc, draw), Path(folder, f"{number}.dat"), draw, fault)
            result, words = verdict(dress)
            verdicts[dress.fault or "none", result] += 1
            bad = result in ("wrong", "failed", "false alarm") or (result == "refused" and fault is None)
            if bad:
                print(
                    f"{number}: {result}; {dress.fault or 'no fault'}; {dress.description}\n    {words}",
                    flush=True,
                )
                if arguments.keep:
                    shutil.copy(dress.path, arguments.keep)
            dress.path.unlink()
    for (fault_name, result), count in sorted(verdicts.items()):
        print(f"{fault_name}: {result} {count}")


if __name__ == "__main__":
    main()
