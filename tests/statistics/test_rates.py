"""Rates equal a calculation by hand, their intervals cover, and adjusting tells a cause from its company."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from puntual.data import read_flights
from puntual.inference.season_rules import is_high_season
from puntual.metrics.bootstrap import blocks_of, count_by_day, rate_interval
from puntual.statistics.adjusted_rates import adjusted_rates, find_confounders
from puntual.statistics.rates import (
    DIMENSIONS,
    MIN_GROUP_SIZE,
    delay_rates,
    informative_dimensions,
    shrink,
)
from tests.planted import Plan, grouped

SIX = ("destination", "airline", "month", "weekday", "season", "flight_type")

Known = tuple[dt.datetime, float, dict[str, str]]
"""When a flight should have left, its delay in minutes, and its groups."""


def row_of(rates: pl.DataFrame, dimension: str, value: str) -> dict[str, Any]:
    return rates.row(by_predicate=(pl.col("dimension") == dimension) & (pl.col("value") == value), named=True)


def scl_row(row: dict[str, str]) -> Known:
    planned, actual = (dt.datetime.fromisoformat(row[name]) for name in ("Fecha-I", "Fecha-O"))
    groups = {"destination": row["Des-I"], "airline": row["Emp-I"], "flight_type": row["TIPOVUELO"]}
    return planned, (actual - planned).total_seconds() / 60, groups


def nyc_row(row: dict[str, str]) -> Known | None:
    if row["dep_delay"] == "NA":
        return None
    planned = dt.datetime(int(row["year"]), int(row["month"]), int(row["day"]))
    groups = {"destination": row["dest"], "airline": row["carrier"], "flight_type": "N"}
    return planned, float(row["dep_delay"]), groups


@pytest.mark.parametrize(
    ("fixture", "read_row"), [("made_up_scl", scl_row), ("made_up_nyc", nyc_row), ("scl_file", scl_row)]
)
def test_the_six_rates_by_hand(
    fixture: str, read_row: Callable[[dict[str, str]], Known | None], request: pytest.FixtureRequest
) -> None:
    """Flights and delayed flights of each value, counted one row at a time."""
    path: Path = request.getfixturevalue(fixture)
    flights: Counter[tuple[str, str]] = Counter()
    delayed: Counter[tuple[str, str]] = Counter()
    with path.open(encoding="utf-8", newline="") as file:
        for known in filter(None, map(read_row, csv.DictReader(file))):
            planned, minutes, groups = known
            season = str(int(is_high_season(planned.month, planned.day)))
            groups |= {"month": str(planned.month), "weekday": str(planned.isoweekday()), "season": season}
            flights.update(groups.items())
            delayed.update(groups.items() if minutes > 15 else ())
    rates = delay_rates(grouped(read_flights(str(path)))).filter(pl.col("dimension").is_in(SIX))
    found = {(row["dimension"], row["value"]): row for row in rates.iter_rows(named=True)}
    assert {group: (row["flights"], row["delayed"]) for group, row in found.items()} == {
        group: (count, delayed[group]) for group, count in flights.items()
    }
    assert (rates["rate"] == rates["delayed"] / rates["flights"]).all()


def test_every_dimension_is_of_all_flights(made_up_scl: Path) -> None:
    flights = read_flights(str(made_up_scl))
    rows = grouped(flights)
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
    rows = grouped(read_flights(str(made_up_scl)))
    rates = delay_rates(rows)
    of_lan = np.array(rows.filter(pl.col("airline") == "LAN")["delay"])
    found = row_of(rates, "airline", "LAN")
    assert found["mean_delay"] == pytest.approx(of_lan.mean())
    assert found["median_delay"] == np.median(of_lan)
    assert found["p90_delay"] == pytest.approx(np.quantile(of_lan, 0.9))
    assert found["adjusted"] is None


def test_all_late_or_none_has_no_adjusted_rate() -> None:
    plan = Plan(days=30)
    for chance in (0.0, 1.0):
        plan.late[:] = chance
        rows = grouped(plan.flights())
        rates = delay_rates(rows, adjusted_rates(rows))
        assert (rates["rate"] == chance).all()
        assert rates["adjusted"].null_count() == rates.height


def test_a_cause_is_told_from_its_company() -> None:
    """Nights are late; SKU flies at night only, and is late for nothing else."""
    plan = Plan(days=240)
    plan.hour[plan.airline == "SKU"] = plan.draw.integers(19, 24, (plan.airline == "SKU").sum())
    plan.late[plan.hour >= 19] = 0.4
    rows = grouped(plan.flights())
    rates = delay_rates(rows, adjusted_rates(rows))
    airline = rates.filter(pl.col("dimension") == "airline")
    sku = row_of(rates, "airline", "SKU")
    others = airline.filter(pl.col("value") != "SKU")
    assert sku["rate"] > 0.35
    assert (others["rate"] < 0.3).all()
    base = float(np.average(airline["rate"], weights=airline["flights"]))
    assert sku["adjusted"] == pytest.approx(base, abs=0.04)
    assert sku["adjusted_low"] < base < sku["adjusted_high"]
    late = row_of(rates, "hour", "21")
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
    rows = grouped(plan.flights())
    rates = delay_rates(rows, adjusted_rates(rows))
    assert confounded(rates) == {
        ("airline", "QFU"): ("destination", "YSSY"),
        ("destination", "YSSY"): ("airline", "QFU"),
        ("destination", "CYYZ"): ("airline", "ACA"),
        ("route", "SCEL-YSSY"): ("airline", "QFU"),
        ("route", "SCEL-CYYZ"): ("airline", "ACA"),
    }
    aca = row_of(rates, "airline", "ACA")
    assert aca["adjusted_low"] < 0.5 < aca["adjusted_high"]


def test_what_is_compared_with_several_others_keeps_its_rate() -> None:
    """One airline flies to SCIE, as to every other city, and another flies to SCFA only, as all do."""
    plan = Plan(days=240)
    plan.airline[plan.destination == "SCIE"] = "LAN"
    plan.destination[plan.airline == "JAT"] = "SCFA"
    rows = grouped(plan.flights())
    assert confounded(delay_rates(rows, adjusted_rates(rows))) == {}


def test_two_groups_are_compared_with_each_other() -> None:
    plan = Plan(days=100)
    plan.airline[plan.airline != "LAN"] = "SKU"
    plan.origin[::3] = "SCFA"
    plan.origin[plan.airline == "SKU"] = "SCEL"
    rows = grouped(plan.flights())
    assert find_confounders(rows, "airline").is_empty()
    plan.origin[plan.airline == "LAN"] = "SCFA"
    rows = grouped(plan.flights())
    assert find_confounders(rows, "airline").sort("value").rows() == [
        ("LAN", "origin", "SCFA"),
        ("SKU", "origin", "SCEL"),
    ]


def test_one_stray_flight_sets_nothing_apart() -> None:
    plan = Plan(days=100)
    plan.airline[::60], plan.destination[::60] = "QFU", "YSSY"
    plan.destination[0] = "SAEZ"
    rows = grouped(plan.flights())
    assert find_confounders(rows, "airline").rows() == [("QFU", "destination", "YSSY")]
    assert find_confounders(rows, "destination").rows() == [("YSSY", "airline", "QFU")]
    plan.destination[:600:60] = "SAEZ"
    assert find_confounders(grouped(plan.flights()), "airline").is_empty()


def test_santiago_tells_most_groups_apart(scl_file: Path) -> None:
    rows = grouped(read_flights(str(scl_file)))
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
    airline = delay_rates(grouped(plan.flights())).filter(pl.col("dimension") == "airline")
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
        rows = grouped(plan.flights())
        counts = count_by_day(rows, pl.col("airline"))
        interval = rate_interval(counts, blocks_of(rows))
        truth = 0.18 * np.exp(0.6**2 / 2)
        covered += int(((interval.low <= truth) & (truth <= interval.high)).sum())
        flights += len(counts.values)
    assert 0.90 <= covered / flights <= 0.99


def test_the_same_flights_give_the_same_rates(made_up_scl: Path) -> None:
    rows = grouped(read_flights(str(made_up_scl)))
    assert delay_rates(rows, adjusted_rates(rows)).equals(delay_rates(rows, adjusted_rates(rows)))
