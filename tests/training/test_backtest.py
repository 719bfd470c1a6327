"""Each month told by what came before it."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import numpy as np
import polars as pl
import pytest

from puntual.data import Flights
from puntual.errors import DataError
from puntual.inference.evaluation_results import RollingMonth
from puntual.metrics.intervals import METRICS
from puntual.training.assessment import predict_both
from puntual.training.backtest import backtest
from puntual.training.fitting import choose, fit
from puntual.training.splits import divide
from puntual.types import no_progress
from tests.estimates import ends, value
from tests.planted import FIRST, late_history, turned_from
from tests.quick import QUICK


@pytest.fixture(scope="module")
def flights() -> Flights:
    return late_history(days=105, a_day=25)


@pytest.fixture(scope="module")
def months(flights: Flights) -> tuple[RollingMonth, ...]:
    return backtest(flights, 15, seed=1, budget=QUICK)


def test_every_month_with_two_before_it_is_told(flights: Flights, months: tuple[RollingMonth, ...]) -> None:
    present = flights.frame["scheduled_departure"].dt.strftime("%Y-%m")
    assert [month.month for month in months] == sorted(present.unique())[2:]
    for month in months:
        assert month.split == "rolling"
        assert month.learned_first == str(FIRST)
        assert month.learned_last < month.first
        assert month.first[:7] == month.last[:7] == month.month
        assert month.flights == (present == month.month).sum()
        assert month.learned_flights == (present < month.month).sum()
        for way in (month.with_timetable, month.without_timetable):
            assert tuple(way) == METRICS


def test_plain_is_the_base_rate_of_what_came_before(
    flights: Flights, months: tuple[RollingMonth, ...]
) -> None:
    delay = (pl.col("actual_departure") - pl.col("scheduled_departure")).dt.total_minutes() > 15
    told = flights.frame.select(month=pl.col("scheduled_departure").dt.strftime("%Y-%m"), late=delay)
    for month in months:
        before = told.filter(pl.col("month") < month.month)["late"].to_numpy().mean()
        late = told.filter(pl.col("month") == month.month)["late"].to_numpy().mean()
        expected = -late * np.log(before) - (1 - late) * np.log(1 - before)
        assert month.plain_log_loss.value == pytest.approx(expected)
        if month.plain_log_loss.low is not None:
            low, high = ends(month.plain_log_loss)
            assert low <= expected <= high


def test_what_is_learned_beats_the_base_rate(months: tuple[RollingMonth, ...]) -> None:
    gains = [month.plain_log_loss.value - value(month.with_timetable["log_loss"]) for month in months]
    assert np.mean(gains) > 0.005


def test_a_month_is_told_by_its_own_training(flights: Flights, months: tuple[RollingMonth, ...]) -> None:
    month = months[-1]
    parts = divide(flights, 15, split_date=dt.date.fromisoformat(month.first))
    fitted_model = fit(
        parts.learned,
        choose(parts, budget=QUICK, seed=1, progress=no_progress),
        seed=1,
        progress=no_progress,
    )
    told, late = predict_both(fitted_model, parts.test).without_timetable, parts.test.delayed
    assert value(month.without_timetable["brier"]) == pytest.approx(np.mean((told - late) ** 2))


def test_later_outcomes_change_no_earlier_month(flights: Flights, months: tuple[RollingMonth, ...]) -> None:
    turned = turned_from(flights, dt.date.fromisoformat(months[-1].first))
    again = backtest(turned, 15, seed=1, budget=QUICK)
    assert again[:-1] == months[:-1]
    assert again[-1] != months[-1]


def test_settings_and_progress_are_of_every_month(
    flights: Flights, months: tuple[RollingMonth, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: Counter[str] = Counter()
    steps: dict[str, int] = {}

    def report(stage: str, of: int) -> None:
        told[stage] += 1
        steps[stage] = of

    other = backtest(flights, 15, settings={"num_leaves": 3}, seed=1, progress=report, budget=QUICK)
    assert all(
        one.without_timetable != another.without_timetable for one, another in zip(other, months, strict=True)
    )
    assert told == steps == {"rolling months": len(months)}


@pytest.mark.parametrize(
    ("until", "message"),
    [
        (dt.date(2000, 1, 1), "0 months of flights; wanted: 3 or more"),
        (FIRST + dt.timedelta(40), "2 months of flights; wanted: 3 or more"),
        (dt.date(2017, 3, 4), "no month can be predicted: 75 departed flights to measure on"),
    ],
)
def test_too_few_months_are_one_line(flights: Flights, until: dt.date, message: str) -> None:
    few = flights._replace(frame=flights.frame.filter(pl.col("scheduled_departure").dt.date() < until))
    with pytest.raises(DataError, match=message):
        backtest(few, 15, seed=1, budget=QUICK)


def test_a_month_of_few_flights_is_left_out(flights: Flights, months: tuple[RollingMonth, ...]) -> None:
    end = dt.date.fromisoformat(months[-1].first) + dt.timedelta(3)
    shorter = flights._replace(frame=flights.frame.filter(pl.col("scheduled_departure").dt.date() < end))
    assert backtest(shorter, 15, seed=1, budget=QUICK) == months[:-1]
