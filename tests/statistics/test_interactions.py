"""Cells and days equal a count by hand, and the report's."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from puntual.data import read_flights
from puntual.data.airports import build_tables
from puntual.exploration.delays import describe_delays
from puntual.exploration.pairs import find_pairs
from puntual.statistics.days import daily_delays
from puntual.statistics.interactions import interaction_rates
from puntual.statistics.outcome_counts import count_outcomes
from puntual.statistics.rates import MIN_GROUP_SIZE, with_outcomes
from tests.planted import Plan, grouped


def test_cells_by_hand(made_up_scl: Path) -> None:
    rows = grouped(read_flights(str(made_up_scl)))
    counted: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for planned, actual in rows.select("scheduled_departure", "actual_departure").iter_rows():
        late = actual - planned > dt.timedelta(minutes=15)
        counted[str(planned.month), str(planned.hour)].append(late)
    cells = interaction_rates(rows)
    assert set(cells.select("first", "second").rows()) == {("month", "hour")}
    names = cells.select("first_value", "second_value").rows()
    assert names == sorted(counted, key=lambda name: (int(name[0]), int(name[1])))
    for row in cells.iter_rows(named=True):
        late = counted[row["first_value"], row["second_value"]]
        assert (row["flights"], row["delayed"]) == (len(late), sum(late))
        assert row["rate"] == sum(late) / len(late)
        if row["low"] is not None:
            assert row["low"] <= row["rate"] <= row["high"]
        assert row["small"] == (len(late) < MIN_GROUP_SIZE)


def test_cells_are_those_of_the_report() -> None:
    plan = Plan(days=120)
    plan.late[(plan.hour >= 18) & (plan.day >= 60)] *= 2
    rows = grouped(plan.flights())
    shared = ["first", "first_value", "second", "second_value", "flights", "rate", "expected"]
    report = find_pairs(rows).filter(first="month").select(shared).sort("first_value", "second_value")
    carried = interaction_rates(rows)
    assert report.equals(carried.filter(~pl.col("small")).select(shared).sort("first_value", "second_value"))
    apart = carried.filter(first_value="4", second_value="20").row(0, named=True)
    assert apart["rate"] == pytest.approx(0.36, abs=0.1)
    assert apart["low"] > 0.18


def test_days_by_hand() -> None:
    plan = Plan(days=30)
    flights = plan.flights().frame
    tables = build_tables(flights, {})
    told = with_outcomes(flights, 15)
    days = daily_delays(told, tables)
    assert days.equals(describe_delays(count_outcomes(told, ()), tables, 15).daily)
    late = np.array(told["delay"])
    for number, row in enumerate(days.iter_rows(named=True)):
        minutes = late[plan.day == number]
        assert row["day"] == dt.date(2017, 1, 2) + dt.timedelta(days=number)
        assert (row["flights"], row["delayed"]) == (60, (minutes > 15).sum())
        assert row["rate"] == pytest.approx((minutes > 15).mean())
        assert row["mean_delay"] == pytest.approx(minutes.mean())
        assert row["late_minutes"] == minutes.clip(0).sum()
    assert days["share"].sum() == pytest.approx(1)
    assert days.filter("holiday")["day"].to_list() == [dt.date(2017, 1, 2)]
