"""Kinds of lists of flights that no source declares: each is read rightly, or refused for what it lacks."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest

from puntual.data import Flights, read_flights
from puntual.data.schema import DELAY
from puntual.errors import DataError


class Leg(NamedTuple):
    """A flight from Madrid."""

    planned: dt.datetime
    delay: int | None
    airline: str
    destination: str

    @property
    def left(self) -> dt.datetime | None:
        return None if self.delay is None else self.planned + dt.timedelta(minutes=self.delay)


Row = dict[str, Any]


def legs(days: int = 20) -> list[Leg]:
    draw, first = random.Random(3), dt.datetime(2023, 3, 1, 6)
    made = [
        Leg(
            first + dt.timedelta(days=number * days // 40, minutes=5 * draw.randrange(190)),
            draw.choice([-6, -3, 0, 2, 7, 12, 35, 64]),
            draw.choice(["IB", "LH", "KL"]),
            draw.choice(["FRA", "AMS", "LHR"]),
        )
        for number in range(40)
    ]
    made[5] = made[5]._replace(planned=made[5].planned.replace(hour=23, minute=50), delay=35)
    made[9] = made[9]._replace(planned=made[9].planned.replace(hour=0, minute=5), delay=-11)
    made[20] = made[20]._replace(delay=None)
    return sorted(made)


def write(path: Path, rows: list[Row], separator: str = ",", encoding: str = "utf-8") -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def shown(flights: Flights) -> list[tuple[Any, ...]]:
    frame = flights.frame.select(
        "scheduled_departure", DELAY.cast(pl.Int64).alias("delay"), "airline", "destination"
    )
    assert frame["delay"].is_null().equals(flights.frame["cancelled"])
    return sorted(frame.iter_rows(), key=repr)


def same(flights: Flights, flown: list[Leg]) -> bool:
    return shown(flights) == sorted(map(tuple, flown), key=repr)


def row(leg: Leg, **others: Any) -> Row:
    left = leg.left
    return {
        "Scheduled": f"{leg.planned:%Y-%m-%d %H:%M}",
        "Actual": f"{left:%Y-%m-%d %H:%M}" if left else "",
        "Airline": leg.airline,
        "Origin": "MAD",
        "Destination": leg.destination,
        "Status": "" if left else "Cancelled",
        **others,
    }


def test_files_whose_columns_stand_in_another_order(tmp_path: Path) -> None:
    flown = legs()
    write(tmp_path / "1.csv", [row(leg) for leg in flown[:20]])
    write(tmp_path / "2.csv", [dict(reversed(row(leg).items())) for leg in flown[18:]])
    flights = read_flights(str(tmp_path))
    assert same(flights, flown)
    assert flights.duplicates.height == 2


WORDS = [
    ("Typ", "D", "A"),
    ("Richtung", "Abflug", "Ankunft"),
    ("OPERACION", "SALIDA", "LLEGADA"),
    ("x", "departure", "arrival"),
]


@pytest.mark.parametrize(("heading", "departure", "arrival"), WORDS)
def test_arrivals_are_left_out_whatever_their_column_is_called(
    tmp_path: Path, heading: str, departure: str, arrival: str
) -> None:
    flown = legs()
    rows = [row(leg, **{heading: kind}) for leg in flown for kind in (departure, arrival)]
    flights = read_flights(str(write(tmp_path / "f.csv", rows)))
    assert same(flights, flown)
    assert flights.filtered == len(flown)


def test_a_file_of_arrivals_holds_no_departures(tmp_path: Path) -> None:
    data = write(tmp_path / "f.csv", [row(leg, Direction="Arrival") for leg in legs()])
    with pytest.raises(DataError, match="no row is a departure"):
        read_flights(str(data))


@pytest.mark.parametrize("suffix", ["(UTC)", "(Z)", "GMT"])
def test_times_that_a_heading_calls_utc_become_local(tmp_path: Path, suffix: str) -> None:
    flown, hour = legs(), dt.timedelta(hours=1)
    earlier = [row(leg._replace(planned=leg.planned - hour)) for leg in flown]
    rows = [
        {f"{name} {suffix}" if name in ("Scheduled", "Actual") else name: one for name, one in each.items()}
        for each in earlier
    ]
    assert same(read_flights(str(write(tmp_path / "f.csv", rows))), flown)


def test_a_local_time_is_not_compared_with_one_in_utc(tmp_path: Path) -> None:
    flown = legs()
    utc = [f"{leg.left - dt.timedelta(hours=1):%Y-%m-%d %H:%M}" if leg.left else "" for leg in flown]
    rows = [row(leg) for leg in flown]
    mixed = [
        {"ATD (UTC)" if name == "Actual" else name: cell for name, cell in each.items()} for each in rows
    ]
    mixed = [each | {"ATD (UTC)": cell} for each, cell in zip(mixed, utc, strict=True)]
    with pytest.raises(
        DataError, match=r"one of 'Scheduled' and 'ATD \(UTC\)' is in UTC and the other is not"
    ):
        read_flights(str(write(tmp_path / "f.csv", mixed)))
    beside = [
        each | {"Actual (local)": each_row["Actual"]} for each, each_row in zip(mixed, rows, strict=True)
    ]
    assert same(read_flights(str(write(tmp_path / "g.csv", beside))), flown)


@pytest.mark.parametrize("status", ["Flight Cancelled", "CANCELADO - METEO", "取消", "欠航", "annulliert"])
def test_statuses_of_cancelled_flights(tmp_path: Path, status: str) -> None:
    rows = [row(leg, Status="" if leg.left else status, Remark2="not cancelled") for leg in legs()]
    assert same(read_flights(str(write(tmp_path / "f.csv", rows))), legs())


def test_a_cancellation_in_place_of_the_actual_time(tmp_path: Path) -> None:
    rows = [row(leg, Actual=row(leg)["Actual"] or "Cancelled") for leg in legs()]
    for each in rows:
        del each["Status"]
    assert same(read_flights(str(write(tmp_path / "f.csv", rows))), legs())


def test_statuses_that_only_a_file_in_the_middle_has(tmp_path: Path) -> None:
    flown = legs()
    for month, part in enumerate((flown[:10], flown[10:30], flown[30:])):
        words = ["Canceled", "Anulado", "Cancelled"]
        rows = [row(leg, Status="Flown" if leg.left else words[month]) for leg in part]
        write(
            tmp_path / f"{month}.csv",
            [*rows, rows[0] | {"Status": words[month], "Actual": "", "Airline": "AF"}],
        )
    assert read_flights(str(tmp_path)).frame["cancelled"].sum() == 4


def test_who_flew_is_the_airline_where_there_is_no_other(tmp_path: Path) -> None:
    rows = [row(leg, Operador=leg.airline) for leg in legs()]
    for each in rows:
        del each["Airline"]
    assert same(read_flights(str(write(tmp_path / "f.csv", rows))), legs())


def test_the_other_airport_of_a_list_of_one_airport(tmp_path: Path) -> None:
    rows = [row(leg, Airport=leg.destination) for leg in legs()]
    for each in rows:
        del each["Destination"], each["Origin"]
    data = str(write(tmp_path / "f.csv", rows))
    assert same(read_flights(data, constants={"origin": "MAD"}), legs())
    with pytest.raises(DataError, match="--set origin=CODE"):
        read_flights(data)


def test_what_is_assumed_is_said(tmp_path: Path) -> None:
    rows = [row(leg, Actual=f"{leg.left:%H:%M}" if leg.left else "") for leg in legs()]
    for each in rows:
        del each["Airline"]
    (said,) = read_flights(str(write(tmp_path / "f.csv", rows))).read_as
    assert said.endswith(
        "; no airlines; a time in 'Actual' has no date, so the nearest to the schedule counts"
    )


MONTHS = ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"]
LONG = ["enero", "febrero", "marzo", "abril", "mayo"]
MONATE = ["Januar", "Februar", "März", "April", "Mai"]
SPELLED: dict[str, Callable[[dt.datetime], str]] = {
    "01-mar-2023": lambda day: f"{day.day:02d}-{MONTHS[day.month - 1]}-{day.year}",
    "01-mar.-23": lambda day: f"{day.day:02d}-{MONTHS[day.month - 1]}.-{day:%y}",
    "jueves, 1 de marzo de 2023": lambda day: f"jueves, {day.day} de {LONG[day.month - 1]} de {day.year}",
    "1. März 2023": lambda day: f"{day.day}. {MONATE[day.month - 1]} {day.year}",
    "Wed 01 Mar 2023": lambda day: f"{day:%a %d %b %Y}",
    "March 1, 2023": lambda day: f"{day:%B} {day.day}, {day.year}",
    "01MAR23": lambda day: f"{day:%d%b%y}".upper(),
    "m/d/yy": lambda day: f"{day.month}/{day.day}/{day:%y}",
    "Wed 01/03/2023": lambda day: f"{day:%a %d/%m/%Y}",
    "01/03/2023 (Wed)": lambda day: f"{day:%d/%m/%Y (%a)}",
    "Mi, 01.03.23": lambda day: (
        f"{['Mo', 'Di', 'Mi', 'Do', 'Fr', 'Sa', 'So'][day.weekday()]}, {day:%d.%m.%y}"
    ),
    "2023年3月1日(水)": lambda day: f"{day:%Y年%-m月%-d日}({'月火水木金土日'[day.weekday()]})",
    "2023年03月01日": lambda day: f"{day:%Y}年{day:%m}月{day:%d}日",
    "2023/03/01 星期三": lambda day: f"{day:%Y/%m/%d} 星期{'一二三四五六日'[day.weekday()]}",
    "2023년 3월 1일": lambda day: f"{day.year}년 {day.month}월 {day.day}일",
}


@pytest.mark.parametrize("spelled", SPELLED)
def test_days_as_people_spell_them(tmp_path: Path, spelled: str) -> None:
    flown = legs(days=90)

    def clock(time: dt.datetime | None) -> str:
        return f"{time:%H:%M}" if time else ""

    rows = [
        {
            "Date": SPELLED[spelled](leg.planned),
            **row(leg, Scheduled=clock(leg.planned), Actual=clock(leg.left)),
        }
        for leg in flown
    ]
    assert same(read_flights(str(write(tmp_path / "f.csv", rows))), flown)


def spell_clock(time: dt.datetime, blank: str) -> str:
    half = "a" if time.hour < 12 else "p"
    return f"{time:%d/%m/%Y} {time.hour % 12 or 12}:{time:%M:%S} {half}.{blank}m."


CLOCKS: dict[str, Callable[[dt.datetime], str]] = {
    "6:05:00 a. m.": lambda time: spell_clock(time, " "),
    "the same with no-break spaces": lambda time: spell_clock(time, "\u00a0"),
    "CET": lambda time: f"{time:%Y-%m-%d %H:%M:%S} CET",
    "CEST": lambda time: f"{time + dt.timedelta(hours=1):%d/%m/%Y %H:%M} CEST",
    "18h05": lambda time: f"{time:%d.%m.%y} {time.hour}h{time:%M}",
}


@pytest.mark.parametrize("spelled", CLOCKS)
def test_clocks_as_people_spell_them(tmp_path: Path, spelled: str) -> None:
    write_time = CLOCKS[spelled]
    rows = [
        row(leg, Scheduled=write_time(leg.planned), Actual=write_time(leg.left) if leg.left else "")
        for leg in legs()
    ]
    assert same(read_flights(str(write(tmp_path / "f.csv", rows))), legs())


@pytest.mark.parametrize("day", ["1899-12-30 ", "30/12/1899 "])
def test_a_day_that_stands_for_none(tmp_path: Path, day: str) -> None:
    rows = [
        {
            "Fecha": f"{leg.planned:%Y-%m-%d} 00:00:00",
            **row(
                leg,
                Scheduled=f"{day}{leg.planned:%H:%M:%S}",
                Actual=f"{day}{leg.left:%H:%M:%S}" if leg.left else "",
            ),
        }
        for leg in legs()
    ]
    assert same(read_flights(str(write(tmp_path / "f.csv", rows))), legs())


@pytest.mark.parametrize("marker", [" {:+d}", "{:+d}", " ({:+d})", " {:+d} day"])
def test_days_after_the_scheduled_one(tmp_path: Path, marker: str) -> None:
    flown = legs()
    flown[30] = flown[30]._replace(delay=1470)

    def clock(leg: Leg) -> str:
        if leg.left is None:
            return ""
        later = (leg.left.date() - leg.planned.date()).days
        return f"{leg.left:%H:%M}" + (marker.format(later) if later else "")

    rows = [
        {"Date": f"{leg.planned:%Y-%m-%d}", **row(leg, Scheduled=f"{leg.planned:%H:%M}", Actual=clock(leg))}
        for leg in flown
    ]
    assert same(read_flights(str(write(tmp_path / "f.csv", rows))), flown)
    for each in rows:
        each["Date"] = f"{dt.date.fromisoformat(each['Date']) - dt.timedelta(days=1):%Y-%m-%d}"
        each["Scheduled"] += marker.format(1)
    mapping = {
        "columns": {
            "scheduled_departure": ["Date", "Scheduled"],
            "airline": "Airline",
            "origin": "Origin",
            "destination": "Destination",
        },
        "formats": {"scheduled_departure": ["%Y-%m-%d", "%H:%M"]},
    }
    planned = read_flights(str(write(tmp_path / "g.csv", rows)), source=mapping, history=False).frame
    assert sorted(planned["scheduled_departure"]) == [leg.planned for leg in flown]


def test_delays_with_grouped_digits_and_decimals(tmp_path: Path) -> None:
    flown = legs()
    flown[30] = flown[30]._replace(delay=1470)
    rows = [row(leg, Delay=f"{leg.delay},00".replace("1470", "1.470") if leg.left else "") for leg in flown]
    for each in rows:
        del each["Actual"]
    assert same(read_flights(str(write(tmp_path / "f.csv", rows, ";"))), flown)


DELAYS: dict[str, Callable[[int], str]] = {
    "(6)": lambda delay: f"({-delay})" if delay < 0 else str(delay),
    "6-": lambda delay: f"{-delay}-" if delay < 0 else str(delay),
    "\u22126": lambda delay: str(delay).replace("-", "\u2212"),
    "(0:06)": lambda delay: f"{delay // 60}:{delay % 60:02d}" if delay >= 0 else f"(0:{-delay:02d})",
    "-6m, 1h 04m": lambda delay: f"{delay // 60}h {delay % 60:02d}m" if delay >= 60 else f"{delay}m",
}


@pytest.mark.parametrize("spelled", DELAYS)
def test_early_flights_have_negative_delays_however_they_are_written(tmp_path: Path, spelled: str) -> None:
    rows = [row(leg, Delay="CNX" if leg.delay is None else DELAYS[spelled](leg.delay)) for leg in legs()]
    for each in rows:
        del each["Actual"], each["Status"]
    assert same(read_flights(str(write(tmp_path / "f.csv", rows))), legs())


def test_a_delay_that_says_only_on_time_is_as_one_cut_at_0(tmp_path: Path) -> None:
    rows = [row(leg, Delay="ON TIME" if (leg.delay or 0) <= 0 else leg.delay) for leg in legs()]
    for each in rows:
        del each["Actual"]
    with pytest.raises(DataError, match="as if cut at 0"):
        read_flights(str(write(tmp_path / "f.csv", rows)))


@pytest.mark.parametrize("typed", ["Date", "Time"])
def test_a_column_with_a_type_beside_one_of_text(typed: str) -> None:
    rows = [{**row(leg), "Date": leg.planned.date(), "Time": leg.planned.time()} for leg in legs()]
    frame = pl.DataFrame(rows).drop("Scheduled")
    texts = {"Date": pl.col("Time").dt.strftime("%H:%M"), "Time": pl.col("Date").dt.strftime("%d/%m/%Y")}
    assert same(read_flights(frame.with_columns(texts[typed])), legs())


HEADERS = {
    "Japanese": ("運航日 定刻 実績 航空会社 出発空港 到着空港 備考 欠航"),
    "Chinese": ("日期 计划离港 实际离港 航空公司 出发地 目的地 状态 取消"),
    "Korean": ("날짜 계획시간 출발시간 항공사 출발공항 도착공항 현황 결항"),
    "Russian": (
        "Дата По_расписанию Фактическое_время Авиакомпания Аэропорт_вылета Аэропорт_назначения Статус Отменён"
    ),
    "Arabic": (
        "التاريخ وقت_المغادرة_المجدول وقت_المغادرة_الفعلي شركة_الطيران مطار_المغادرة مطار_الوصول الحالة ملغاة"
    ),
    "Italian": ("Data Orario_previsto Orario_effettivo Compagnia Origine Destinazione Stato Cancellato"),
    "Dutch": (
        "Datum Geplande_vertrektijd Werkelijke_vertrektijd "
        "Maatschappij Herkomst Bestemming Status Geannuleerd"
    ),
    "Polish": (
        "Data Planowany_odlot Rzeczywisty_odlot Linia Lotnisko_wylotu Lotnisko_docelowe Status Odwołany"
    ),
    "Turkish": ("Tarih Planlanan_Kalkış Gerçekleşen_Kalkış Havayolu Kalkış Varış Durum İptal"),
}
"""Of the date, both times, airline, airports and status, and the word for cancelled."""


@pytest.mark.parametrize("language", HEADERS)
def test_headings_of_other_languages(tmp_path: Path, language: str) -> None:
    *names, cancelled = (one.replace("_", " ") for one in HEADERS[language].split())
    rows = [
        dict(
            zip(
                names,
                (
                    f"{leg.planned:%d.%m.%Y}",
                    f"{leg.planned:%H:%M}",
                    f"{leg.left:%H:%M}" if leg.left else "",
                    *(leg.airline, "MAD", leg.destination, "" if leg.left else cancelled),
                ),
                strict=True,
            )
        )
        for leg in legs()
    ]
    assert same(read_flights(str(write(tmp_path / "f.csv", rows))), legs())


def test_the_take_off_is_no_departure_beside_the_time_off_block(tmp_path: Path) -> None:
    airborne = dt.timedelta(minutes=11)
    rows = [row(leg, ATD=f"{leg.left + airborne:%Y-%m-%d %H:%M}" if leg.left else "") for leg in legs()]
    rows = [{**each, "AOBT": each["Actual"]} for each in rows]
    for each in rows:
        del each["Actual"]
    assert same(read_flights(str(write(tmp_path / "f.csv", rows))), legs())


def test_iso_8601_in_lower_case(tmp_path: Path) -> None:
    rows = [
        row(
            leg,
            Scheduled=f"{leg.planned:%Y-%m-%dt%H:%M}:00.000",
            Actual=f"{leg.left:%Y-%m-%dt%H:%M}:00.000" if leg.left else "",
        )
        for leg in legs()
    ]
    assert same(read_flights(str(write(tmp_path / "f.csv", rows))), legs())


def test_the_export_of_an_airport_s_own_database(tmp_path: Path) -> None:
    rows = [
        {
            "ADI": kind,
            "ALC2": leg.airline,
            "ORG3": "MAD",
            "DES3": leg.destination,
            "SOBT": f"{leg.planned:%Y-%m-%d %H:%M:%S}",
            "EOBT": f"{leg.planned + dt.timedelta(minutes=3):%Y-%m-%d %H:%M:%S}",
            "AOBT": f"{leg.left:%Y-%m-%d %H:%M:%S}" if leg.left else "",
            "REMARK": "" if leg.left else "CNX",
        }
        for leg in legs()
        for kind in "AD"
    ]
    assert same(read_flights(str(write(tmp_path / "f.csv", rows))), legs())
