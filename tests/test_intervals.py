"""Intervals of metrics: whole days drawn anew."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from puntual.evaluation import measure
from puntual.intervals import METRICS, BoolArray, DateArray, Days, FloatArray, estimate, interval
from puntual.resampling import draw_days

FIRST = np.datetime64("2017-03-01")


def drawn(days: int = 60, a_day: int = 40, shocks: float = 0.0) -> tuple[FloatArray, BoolArray, DateArray]:
    draw = np.random.default_rng(1)
    raw = draw.normal(-1.2, 0.8, days * a_day)
    shock = np.repeat(draw.normal(0, shocks, days), a_day)
    delayed = draw.random(len(raw)) < 1 / (1 + np.exp(-raw - shock))
    return 1 / (1 + np.exp(-raw)), delayed, np.repeat(FIRST + np.arange(days), a_day)


def test_numbers_are_those_of_the_flights_within_their_intervals() -> None:
    probability, delayed, dates = drawn()
    found = Days(dates).metrics(probability, delayed, 0.3, 0.25)
    assert tuple(found) == METRICS
    plain = measure(probability, delayed)
    for name in ("log_loss", "brier", "auc", "average_precision", "accuracy", "calibration_error"):
        assert found[name].value == getattr(plain, name)
    usual = measure(np.full(len(delayed), 0.25), delayed).log_loss
    assert found["plain_log_loss"].value == pytest.approx(usual)
    assert found["gain"].value == pytest.approx(usual - plain.log_loss)
    called = probability >= 0.3
    assert found["precision"].value == delayed[called].mean()
    assert found["recall"].value == called[delayed].mean()
    assert found["called"].value == called.mean()
    precision, recall = found["precision"].value, found["recall"].value
    assert found["f1"].value == pytest.approx(2 * precision * recall / (precision + recall))
    for one in found.values():
        assert one.low < one.high
        assert one.low <= one.value <= one.high


def test_a_draw_is_its_days_repeated() -> None:
    probability, delayed, dates = drawn(20, 15)
    day = np.unique(dates, return_inverse=True)[1]
    once = draw_days(20, repeats=1, seed=4)
    again = np.repeat(np.arange(len(day)), once[0].astype(int)[day])
    found = estimate(probability, delayed, day, once, cut=0.3, base_rate=0.25)
    expected = measure(probability[again], delayed[again])
    called = probability[again] >= 0.3
    wanted = {
        "log_loss": expected.log_loss,
        "brier": expected.brier,
        "accuracy": expected.accuracy,
        "called": called.mean(),
        "precision": delayed[again][called].mean(),
        "recall": called[delayed[again]].mean(),
    }
    for name, value in wanted.items():
        ends = (found[name].low, found[name].high)
        assert min(abs(end - value) for end in ends) < 1e-12, name


def test_shocks_of_a_day_widen_the_interval() -> None:
    """As if each flight had a day of its own, it would look far surer than it is."""
    probability, delayed, dates = drawn(shocks=0.8)
    shared = Days(dates).mean(delayed)
    apart = Days(FIRST + np.arange(len(dates))).mean(delayed)
    assert shared.value == apart.value == delayed.mean()
    assert shared.high - shared.low > 1.7 * (apart.high - apart.low)
    loss = [days.metrics(probability, delayed, 0.5, 0.25)["log_loss"] for days in (Days(dates),)]
    assert loss[0].low < loss[0].value < loss[0].high


def test_one_seed_is_none() -> None:
    _, delayed, dates = drawn(20)
    assert Days(dates).mean(delayed[:, None]) == Days(dates).mean(delayed)


@pytest.mark.parametrize("seeds", [2, 5])
def test_the_interval_holds_days_and_seeds(seeds: int) -> None:
    """Where days and seeds have shocks, nine intervals in ten hold the truth; those of days alone do not."""
    draw = np.random.default_rng(3)
    dates = np.repeat(FIRST + np.arange(80), 5)
    covered = np.zeros(2)
    for _ in range(200):
        of_day = np.repeat(draw.normal(0, 0.5, 80), 5)
        values = of_day[:, None] + draw.normal(0, 0.1, seeds) + draw.normal(0, 1, (len(dates), seeds))
        both = Days(dates).mean(values)
        assert both.value == values.mean()
        days_alone = Days(dates).mean(values.mean(axis=1))
        covered += [one.low <= 0 <= one.high for one in (both, days_alone)]
    assert covered[0] >= 0.9 * 200
    assert covered[1] < 0.9 * 200


def test_the_order_of_the_flights_is_of_no_matter() -> None:
    probability, delayed, dates = drawn(20)
    mixed = np.random.default_rng(5).permutation(len(dates))
    one = Days(dates).metrics(probability, delayed, 0.4, 0.25)
    other = Days(dates[mixed]).metrics(probability[mixed], delayed[mixed], 0.4, 0.25)
    for name in METRICS:
        assert (other[name].value, other[name].low, other[name].high) == pytest.approx(
            (one[name].value, one[name].low, one[name].high), abs=1e-9
        )


def test_a_performance_is_what_the_metrics_say() -> None:
    probability, delayed, dates = drawn()
    days = Days(dates)
    metrics, found = (
        days.metrics(probability, delayed, 0.3, 0.25),
        days.performance(probability, delayed, 0.3, 0.25),
    )
    for name in ("log_loss", "plain_log_loss", "called", "precision", "recall"):
        assert getattr(found, name) == pytest.approx(metrics[name].value)
    assert msgspec.structs.astuple(found.gain) == pytest.approx(msgspec.structs.astuple(metrics["gain"]))
    assert found.gain.low > 0


def test_a_performance_without_what_it_needs_is_undefined() -> None:
    probability, delayed, dates = drawn(20)
    none = Days(dates).performance(probability, np.zeros(len(delayed), bool), 1.0, 0.25)
    assert (none.called, none.precision, none.recall) == (0, None, None)


def test_nothing_called_is_no_precision() -> None:
    probability, delayed, dates = drawn(20)
    found = Days(dates).metrics(probability, delayed, 1.0, 0.25)
    for name in ("precision", "recall", "f1"):
        assert (found[name].value, found[name].low, found[name].high) == (0, 0, 0)


def test_draws_without_a_delay_have_no_area() -> None:
    """All delays are of one day, which many draws leave out."""
    probability, _, dates = drawn(8)
    delayed = (dates == FIRST) & (np.arange(len(dates)) % 2 == 0)
    found = Days(dates).metrics(probability, delayed, 0.5, 0.25)["auc"]
    assert 0 < found.low <= found.value <= found.high < 1


def test_a_number_is_never_outside_its_interval() -> None:
    assert interval(0.9, np.linspace(0, 0.5, 100)).high == 0.9
    assert interval(0.1, np.linspace(0.4, 0.5, 100)).low == 0.1
