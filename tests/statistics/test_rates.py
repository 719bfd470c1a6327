"""Rates equal a calculation by hand, their intervals cover, and adjusting tells a cause from its company."""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from puntual.data import Flights, read_flights
from puntual.data.airports import build_tables
from puntual.data.embedded import EMBEDDED
from puntual.inference.season_rules import is_high_season
from puntual.metrics.bootstrap import blocks_of, count_by_day, rate_interval
from puntual.statistics.adjusted_rates import adjusted_rates, find_confounders
from puntual.statistics.rates import (
    DIMENSIONS,
    MIN_GROUP_SIZE,
    add_groups,
    delay_rates,
    informative_dimensions,
    shrink,
    with_outcomes,
)
from tests.planted import Plan

Row = dict[str, str]
Told = tuple[dt.datetime, float]
SIX = ("destination", "airline", "month", "weekday", "season", "flight_type")


def told(flights: Flights) -> pl.DataFrame:
    departed = with_outcomes(flights.frame, 15)
    return add_groups(departed, build_tables(departed, flights.airline_names))


def by_hand(
    rows: list[Row], tell: Callable[[Row], Told | None], values: dict[str, Callable[[Row, Told], str]]
) -> dict[str, dict[str, tuple[int, int]]]:
    """Count flights and delayed flights of each value, one row at a time."""
    counted: dict[str, dict[str, list[int]]] = {name: defaultdict(lambda: [0, 0]) for name in values}
    for row in rows:
        known = tell(row)
        if known is None:
            continue
        for name, value in values.items():
            cell = counted[name][value(row, known)]
            cell[0] += 1
            cell[1] += known[1] > 15
    return {
        name: {value: (cell[0], cell[1]) for value, cell in cells.items()} for name, cells in counted.items()
    }


CALENDAR: dict[str, Callable[[Row, Told], str]] = {
    "month": lambda _, known: str(known[0].month),
    "weekday": lambda _, known: str(known[0].isoweekday()),
    "season": lambda _, known: str(int(is_high_season(known[0].month, known[0].day))),
}


def same(rates: pl.DataFrame, counted: dict[str, dict[str, tuple[int, int]]]) -> None:
    for name in SIX:
        found = rates.filter(pl.col("dimension") == name)
        assert {
            row["value"]: (row["flights"], row["delayed"]) for row in found.iter_rows(named=True)
        } == counted[name]
        assert (found["rate"] == found["delayed"] / found["flights"]).all()


def scl_by_hand(path: Path) -> dict[str, dict[str, tuple[int, int]]]:
    def tell(row: Row) -> Told:
        planned, actual = (dt.datetime.fromisoformat(row[name]) for name in ("Fecha-I", "Fecha-O"))
        return planned, (actual - planned).total_seconds() / 60

    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return by_hand(
        rows,
        tell,
        {
            "destination": lambda row, _: row["Des-I"],
            "airline": lambda row, _: row["Emp-I"],
            "flight_type": lambda row, _: row["TIPOVUELO"],
            **CALENDAR,
        },
    )


def test_the_six_rates_of_made_up_flights(made_up_scl: Path) -> None:
    same(delay_rates(told(read_flights(str(made_up_scl)))), scl_by_hand(made_up_scl))


def test_the_six_rates_of_santiago(scl_file: Path) -> None:
    same(delay_rates(told(read_flights(str(scl_file)))), scl_by_hand(scl_file))


def test_the_six_rates_of_new_york() -> None:
    import io
    import zipfile

    with zipfile.ZipFile(EMBEDDED["nyc"].path(EMBEDDED["nyc"].flights)) as archive:
        text = archive.read(next(name for name in archive.namelist() if name.endswith(".csv"))).decode()

    def tell(row: Row) -> Told | None:
        if row["dep_delay"] == "NA":
            return None
        return dt.datetime(int(row["year"]), int(row["month"]), int(row["day"])), float(row["dep_delay"])

    counted = by_hand(
        list(csv.DictReader(io.StringIO(text))),
        tell,
        {
            "destination": lambda row, _: row["dest"],
            "airline": lambda row, _: row["carrier"],
            "flight_type": lambda *_: "N",
            **CALENDAR,
        },
    )
    same(delay_rates(told(read_flights("nyc"))), counted)


def test_every_dimension_is_of_all_flights(made_up_scl: Path) -> None:
    flights = read_flights(str(made_up_scl))
    rows = told(flights)
    rates = delay_rates(rows, adjusted_rates(rows))
    assert rates["dimension"].unique(maintain_order=True).to_list() == list(DIMENSIONS)
    for _, part in rates.group_by("dimension"):
        assert part["flights"].sum() == flights.frame.height
    assert (
        rates.select((pl.col("low") <= pl.col("rate")) & (pl.col("rate") <= pl.col("high"))).to_series().all()
    )
    for name in ("mean_delay", "median_delay", "p90_delay"):
        assert rates[name].null_count() == 0, name
    assert (rates["adjusted"].is_null() == rates["confounder"].is_not_null()).all()
    # A month is too few blocks of days for an interval, and so is a group that flew only then.
    without = rates.filter(pl.col("low").is_null())
    assert without["adjusted_low"].null_count() == without.height
    assert "month" in set(without["dimension"])
    apart = rates.filter(pl.col("low").is_not_null(), pl.col("confounder").is_null())
    assert apart["adjusted_high"].null_count() == 0
    assert "route" not in informative_dimensions(rates)


def test_delays_of_a_group_by_hand(made_up_scl: Path) -> None:
    rows = told(read_flights(str(made_up_scl)))
    rates = delay_rates(rows)
    of_lan = np.array(rows.filter(pl.col("airline") == "LAN")["delay"])
    found = rates.row(
        by_predicate=(pl.col("dimension") == "airline") & (pl.col("value") == "LAN"), named=True
    )
    assert found["mean_delay"] == pytest.approx(of_lan.mean())
    assert found["median_delay"] == np.median(of_lan)
    assert found["p90_delay"] == pytest.approx(np.quantile(of_lan, 0.9))
    assert found["adjusted"] is None


def test_all_late_or_none_has_no_adjusted_rate() -> None:
    plan = Plan(days=30)
    for chance in (0.0, 1.0):
        plan.late[:] = chance
        rows = told(plan.flights())
        rates = delay_rates(rows, adjusted_rates(rows))
        assert (rates["rate"] == chance).all()
        assert rates["adjusted"].null_count() == rates.height


def test_a_cause_is_told_from_its_company() -> None:
    """Nights are late; SKU flies at night only, and is late for nothing else."""
    plan = Plan(days=240)
    plan.hour[plan.airline == "SKU"] = plan.draw.integers(19, 24, (plan.airline == "SKU").sum())
    plan.late[plan.hour >= 19] = 0.4
    rows = told(plan.flights())
    rates = delay_rates(rows, adjusted_rates(rows))
    airline = rates.filter(pl.col("dimension") == "airline")
    sku = airline.row(by_predicate=pl.col("value") == "SKU", named=True)
    others = airline.filter(pl.col("value") != "SKU")
    assert sku["rate"] > 0.35
    assert (others["rate"] < 0.3).all()
    base = float(np.average(airline["rate"], weights=airline["flights"]))
    assert sku["adjusted"] == pytest.approx(base, abs=0.04)
    assert sku["adjusted_low"] < base < sku["adjusted_high"]
    hour = (pl.col("dimension") == "hour") & (pl.col("value") == "21")
    late = rates.row(by_predicate=hour, named=True)
    assert late["adjusted_low"] < 0.4 < late["adjusted_high"]


def confounded(rates: pl.DataFrame) -> dict[tuple[str, str], tuple[str, str]]:
    kept = rates.filter(pl.col("adjusted").is_null(), pl.col("adjusted_low").is_null())
    rows = kept.select("dimension", "value", "confounder", "confounder_value").iter_rows()
    return {(dimension, value): (other, shared) for dimension, value, other, shared in rows}


def test_what_flies_together_alone_is_not_told_apart() -> None:
    """QFU flies to one city, to which nobody else flies; ACA to one of its own, and to one among others."""
    plan = Plan(days=240)
    plan.airline[::60], plan.destination[::60] = "QFU", "YSSY"
    plan.airline[1::30], plan.destination[1::60], plan.destination[31::60] = "ACA", "CYYZ", "SAEZ"
    plan.late[plan.airline == "ACA"] = 0.5
    plan.late[plan.destination == "CYYZ"] = 0.2
    rows = told(plan.flights())
    rates = delay_rates(rows, adjusted_rates(rows))
    assert confounded(rates) == {
        ("airline", "QFU"): ("destination", "YSSY"),
        ("destination", "YSSY"): ("airline", "QFU"),
        ("destination", "CYYZ"): ("airline", "ACA"),
        ("route", "SCEL-YSSY"): ("airline", "QFU"),
        ("route", "SCEL-CYYZ"): ("airline", "ACA"),
    }
    aca = rates.row(by_predicate=(pl.col("dimension") == "airline") & (pl.col("value") == "ACA"), named=True)
    assert aca["adjusted_low"] < 0.5 < aca["adjusted_high"]


def test_what_is_compared_with_several_others_keeps_its_rate() -> None:
    """One airline flies to SCIE, as to every other city, and another flies to SCFA only, as all do."""
    plan = Plan(days=240)
    plan.airline[plan.destination == "SCIE"] = "LAN"
    plan.destination[plan.airline == "JAT"] = "SCFA"
    rows = told(plan.flights())
    assert confounded(delay_rates(rows, adjusted_rates(rows))) == {}


def test_two_groups_are_compared_with_each_other() -> None:
    plan = Plan(days=100)
    plan.airline[plan.airline != "LAN"] = "SKU"
    plan.origin[::3] = "SCFA"
    plan.origin[plan.airline == "SKU"] = "SCEL"
    rows = told(plan.flights())
    assert find_confounders(rows, "airline").is_empty()
    plan.origin[plan.airline == "LAN"] = "SCFA"
    rows = told(plan.flights())
    assert find_confounders(rows, "airline").sort("value").rows() == [
        ("LAN", "origin", "SCFA"),
        ("SKU", "origin", "SCEL"),
    ]


def test_one_stray_flight_sets_nothing_apart() -> None:
    plan = Plan(days=100)
    plan.airline[::60], plan.destination[::60] = "QFU", "YSSY"
    plan.destination[0] = "SAEZ"
    rows = told(plan.flights())
    assert find_confounders(rows, "airline").rows() == [("QFU", "destination", "YSSY")]
    assert find_confounders(rows, "destination").rows() == [("YSSY", "airline", "QFU")]
    plan.destination[:600:60] = "SAEZ"
    assert find_confounders(told(plan.flights()), "airline").is_empty()


def test_santiago_tells_most_groups_apart(scl_file: Path) -> None:
    rows = told(read_flights(str(scl_file)))
    airlines, cities = find_confounders(rows, "airline"), find_confounders(rows, "destination")
    assert ("QFU", "destination", "YSSY") in airlines.rows()
    assert {("YSSY", "airline", "QFU"), ("CYYZ", "airline", "ACA")} <= set(cities.rows())
    assert not set(airlines["value"]) & {"LAN", "SKU", "ACA", "GLO", "LAW"}
    assert not set(cities["value"]) & {"SBGR", "SCCF", "SCIP", "SAEZ"}
    assert all(
        find_confounders(rows, name).is_empty() for name in ("month", "weekday", "hour", "flight_type")
    )


def test_small_groups_stand_last_and_are_marked() -> None:
    plan = Plan(days=100)
    plan.airline[:3] = "QFU"
    plan.late[:3] = 1.0
    airline = delay_rates(told(plan.flights())).filter(pl.col("dimension") == "airline")
    assert airline["value"][-1] == "QFU"
    assert airline["small"].to_list() == [False] * 5 + [True]
    assert airline["rate"][-1] == 1.0
    assert airline["shrunk"][-1] < 0.6
    assert airline["low"][-1] is airline["high"][-1] is None
    assert 3 < MIN_GROUP_SIZE


def test_shrinking_keeps_large_groups_and_their_mean() -> None:
    rates, variances = np.array([0.1, 0.2, 0.3]), np.array([1e-6, 1e-6, 1e-6])
    assert shrink(rates, variances) == pytest.approx(rates, abs=1e-3)
    assert shrink(rates, np.full(3, 1.0)) == pytest.approx(np.full(3, 0.2))
    assert shrink(rates[:1], variances[:1]) == pytest.approx(rates[:1])


def test_intervals_cover_where_days_have_shocks() -> None:
    """95 of 100 intervals hold the rate that the flights were drawn from; independent ones would not."""
    covered, flights = 0, 0
    for seed in range(40):
        plan = Plan(days=120, a_day=40, seed=seed, shocks=0.6)
        rows = told(plan.flights())
        counts = count_by_day(rows, pl.col("airline"))
        interval = rate_interval(counts, blocks_of(rows))
        truth = 0.18 * np.exp(0.6**2 / 2)
        covered += int(((interval.low <= truth) & (truth <= interval.high)).sum())
        flights += len(counts.values)
    assert 0.90 <= covered / flights <= 0.99


def test_the_same_flights_give_the_same_rates(made_up_scl: Path) -> None:
    rows = told(read_flights(str(made_up_scl)))
    assert delay_rates(rows, adjusted_rates(rows)).equals(delay_rates(rows, adjusted_rates(rows)))
