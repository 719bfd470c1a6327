"""Blocks of days: as long as the days hang together, and intervals from them hold what they claim."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from puntual.data.airports import build_tables
from puntual.metrics.arrays import DateArray, FloatArray
from puntual.metrics.bootstrap import (
    MIN_BLOCKS,
    DayCounts,
    blocks_of,
    blocks_of_dates,
    count_by_day,
    draw_blocks,
    optimal_block,
    rate_interval,
)
from puntual.statistics.rates import add_groups, delay_rates, with_outcomes
from tests.planted import Plan, shocked

FIRST = np.datetime64("2017-03-01")
WEEKDAYS = np.array([0, -1, -1, 0, 0.5, 1.5, 0])


@pytest.mark.parametrize(
    ("seed", "days", "memory", "weekly", "expected"),
    [
        (1, 61, 0.0, 0.0, 0.38575437538699164),
        (2, 120, 0.55, 0.0, 4.340609223567456),
        (3, 365, 0.55, 1.0, 18.110126054407036),
        (4, 304, 0.9, 0.0, 25.330425564995313),
        (5, 30, 0.9, 0.0, 5.187190447052202),
        (6, 1000, 0.3, 0.0, 7.826044492786931),
    ],
)
def test_the_length_of_a_block_is_that_of_arch(
    seed: int, days: int, memory: float, weekly: float, expected: float
) -> None:
    """The numbers are ``arch.bootstrap.optimal_block_length(x)["circular"]`` of arch 8.0.0."""
    series = np.random.default_rng(seed).normal(size=days)
    for day in range(1, days):
        series[day] += memory * series[day - 1]
    series += weekly * WEEKDAYS[np.arange(days) % 7]
    assert optimal_block(series) == pytest.approx(expected, rel=1e-9)


def dates_of(days: list[int], a_day: int = 10) -> DateArray:
    return np.repeat(FIRST + np.array(days), a_day)


def test_a_block_is_of_consecutive_days_of_the_calendar() -> None:
    """Three weeks, of which the second has no flight: a day is drawn with those around it, and gaps count."""
    days = [*range(7), *range(14, 21)]
    blocks, _ = blocks_of_dates(dates_of(days), np.zeros(140, bool))
    assert blocks.length == 7
    assert blocks.drawn.mean() == pytest.approx(1, abs=0.05)
    near = np.corrcoef(blocks.drawn[:, 2], blocks.drawn[:, 3])[0, 1]
    far = np.corrcoef(blocks.drawn[:, 2], blocks.drawn[:, 10])[0, 1]
    assert near > 0.7
    assert abs(far) < 0.6
    around_the_end = np.corrcoef(blocks.drawn[:, 0], blocks.drawn[:, -1])[0, 1]
    assert around_the_end > 0.7


def test_a_date_far_from_the_others_changes_little() -> None:
    """A flight of another century, by a slip of the pen: the days between it and the others weigh nothing."""
    draw = np.random.default_rng(1)
    dates = dates_of(list(range(200)), 20)
    delayed = draw.random(len(dates)) < 0.2
    stray = np.append(dates, np.datetime64("2099-01-01")), np.append(delayed, False)
    found = []
    for some, late in ((dates, delayed), stray):
        blocks, day = blocks_of_dates(some, late)
        flights, of_them = (
            np.bincount(day, one).astype(np.float64)[:, None] for one in (np.ones(len(day)), late)
        )
        low, high = rate_interval(DayCounts(["all"], blocks.days, flights, of_them), blocks)
        found.append((blocks.length, float(low[0]), float(high[0])))
    assert found[0][0] == found[1][0] == 7
    assert found[1][1:] == pytest.approx(found[0][1:], abs=0.01)


def test_each_draw_has_as_many_days_as_there_are() -> None:
    blocks, _ = blocks_of_dates(dates_of(list(range(45))), np.zeros(450, bool))
    assert (blocks.drawn.sum(axis=1) == 45).all()


@pytest.mark.parametrize("days", [1, 2, 5, 8, 27])
def test_few_days_are_one_block_or_few_and_have_no_interval(days: int) -> None:
    dates = dates_of(list(range(days)))
    delayed = np.arange(len(dates)) % 4 == 0
    blocks, _ = blocks_of_dates(dates, delayed)
    assert blocks.drawn.shape == (1000, days)
    counts = DayCounts(["all"], blocks.days, np.full((days, 1), 10.0), np.full((days, 1), 2.5))
    assert blocks.effective(counts.flights)[0] < MIN_BLOCKS
    low, high = rate_interval(counts, blocks)
    assert np.isnan([low[0], high[0]]).all()


def test_moving_sums_give_the_variance_of_the_draws() -> None:
    draw = np.random.default_rng(1)
    values = shocked(draw, 140, 1.0, 0.6)
    values -= values.mean()
    days = FIRST + np.arange(140)
    blocks = draw_blocks(days, np.ones(140), (values > 0).astype(float), repeats=20_000)
    assert blocks.length == 7 or 140 % blocks.length
    by_draws = (blocks.drawn @ values).var()
    by_sums = np.sum(blocks.moving_sums(values[:, None]) ** 2)
    assert by_sums == pytest.approx(by_draws, rel=0.1)
    assert by_sums > 1.5 * np.sum(values**2)


def test_a_month_of_a_year_is_a_group_of_few_blocks() -> None:
    """Where days hang together for long, a month is hardly more than one of them: it has no interval."""
    plan = Plan(days=300, shocks=0.5, memory=0.9)
    told = _told(plan)
    blocks = blocks_of(told)
    assert blocks.length > 7
    months, airlines = (count_by_day(told, pl.col(name)) for name in ("month", "airline"))
    assert np.isnan(rate_interval(months, blocks).low).all()
    assert not np.isnan(rate_interval(airlines, blocks).low).any()
    number = blocks.effective(airlines.flights)
    assert number == pytest.approx(300 / blocks.length, rel=0.1)


def days_with_memory(draw: np.random.Generator, days: int) -> tuple[FloatArray, FloatArray]:
    """Flights and delayed flights of days whose log-odds remember the day before, and know the weekday."""
    raw = shocked(draw, days, 0.5, 0.55) + 0.25 * WEEKDAYS[(np.arange(days) + draw.integers(7)) % 7]
    flights = draw.integers(120, 200, days)
    return flights.astype(float), draw.binomial(flights, 1 / (1 + np.exp(1.6 - raw))).astype(float)


def single_days(flights: FloatArray, delayed: FloatArray, draw: np.random.Generator) -> tuple[float, float]:
    """The interval of days that are drawn one by one."""
    drawn = draw.multinomial(len(flights), np.full(len(flights), 1 / len(flights)), size=500)
    low, high = np.percentile((drawn @ delayed) / (drawn @ flights), [2.5, 97.5])
    return float(low), float(high)


@pytest.mark.parametrize("days", [60, 180])
def test_intervals_cover_where_days_remember(days: int) -> None:
    """Nine in ten hold the rate that the days are drawn from; three in four of those from single days do."""
    draw = np.random.default_rng(7)
    many = [days_with_memory(draw, 400) for _ in range(100)]
    truth = sum(delayed.sum() for _, delayed in many) / sum(flights.sum() for flights, _ in many)
    tries, covered = 120, np.zeros(2)
    for _ in range(tries):
        flights, delayed = days_with_memory(draw, days)
        dates = FIRST + np.arange(days)
        counts = DayCounts(["all"], dates, flights[:, None], delayed[:, None])
        low, high = rate_interval(counts, draw_blocks(dates, flights, delayed, repeats=500))
        covered += [
            bool(low[0] <= truth <= high[0]),
            bool(np.prod(np.subtract(single_days(flights, delayed, draw), truth)) <= 0),
        ]
    assert covered[0] / tries >= 0.87
    assert covered[1] / tries < 0.85


def test_rates_of_too_few_days_are_told_without_an_interval() -> None:
    rates = delay_rates(_told(Plan(days=20)))
    assert rates["rate"].null_count() == 0
    assert rates["low"].null_count() == rates["high"].null_count() == rates.height


def _told(plan: Plan) -> pl.DataFrame:
    departed = with_outcomes(plan.flights().frame, 15)
    return add_groups(departed, build_tables(departed, {}))
