"""Intervals of metrics: blocks of days drawn anew."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from puntual.inference.estimates import Estimate, performance_of
from puntual.metrics.arrays import BoolArray, DateArray, FloatArray
from puntual.metrics.bootstrap import blocks_of_dates
from puntual.metrics.intervals import METRICS, Days, interval
from puntual.metrics.scores import measure
from tests.estimates import ends, value

FIRST = np.datetime64("2017-03-01")
RANKED = ("auc", "average_precision")


def drawn(days: int = 60, a_day: int = 40, shocks: float = 0.0) -> tuple[FloatArray, BoolArray, DateArray]:
    draw = np.random.default_rng(1)
    raw = draw.normal(-1.2, 0.8, days * a_day)
    shock = np.repeat(draw.normal(0, shocks, days), a_day)
    delayed = draw.random(len(raw)) < 1 / (1 + np.exp(-raw - shock))
    return 1 / (1 + np.exp(-raw)), delayed, np.repeat(FIRST + np.arange(days), a_day)


def test_numbers_are_those_of_the_flights_within_their_intervals() -> None:
    probability, delayed, dates = drawn()
    found = Days(dates, delayed).metrics(probability, delayed, 0.3, 0.25)
    assert tuple(found) == METRICS
    plain = measure(probability, delayed)
    for name in ("log_loss", "brier", "accuracy", *RANKED):
        assert value(found[name]) == getattr(plain, name)
    usual = measure(np.full(len(delayed), 0.25), delayed).log_loss
    assert value(found["plain_log_loss"]) == pytest.approx(usual)
    assert value(found["gain"]) == pytest.approx(usual - plain.log_loss)
    called = probability >= 0.3
    assert value(found["called"]) == called.mean()
    precision, recall = value(found["precision"]), value(found["recall"])
    assert precision == delayed[called].mean()
    assert recall == called[delayed].mean()
    assert value(found["f1"]) == pytest.approx(2 * precision * recall / (precision + recall))
    error = found.pop("calibration_error")
    assert error == Estimate(plain.calibration_error, None, None)
    for one in found.values():
        low, high = ends(one)
        assert low < value(one) < high


def test_a_draw_is_its_days_repeated() -> None:
    probability, delayed, dates = drawn(60, 15)
    probability, days = probability.round(2), Days(dates, delayed)
    days.blocks, _ = blocks_of_dates(dates, delayed, repeats=1)
    again = np.repeat(np.arange(len(dates)), days.blocks.drawn[0].astype(int)[days.day])
    found = days.metrics(probability, delayed, 0.3, 0.25)
    assert 1.1 < days.widening < 1.5
    expected = measure(probability[again], delayed[again])
    called = probability[again] >= 0.3
    wanted = {
        **{name: getattr(expected, name) for name in ("log_loss", "brier", "accuracy", *RANKED)},
        "called": called.mean(),
        "precision": delayed[again][called].mean(),
        "recall": called[delayed[again]].mean(),
    }
    for name, number in wanted.items():
        told = value(found[name])
        stretched = told + days.widening * (number - told)
        assert min(abs(end - stretched) for end in ends(found[name])) < 1e-12, name


def test_shocks_of_a_day_widen_the_interval() -> None:
    """As if each flight had a day of its own, it would look far surer than it is."""
    probability, delayed, dates = drawn(shocks=0.8)
    shared = Days(dates, delayed).mean(delayed)
    apart = Days(FIRST + np.arange(len(dates)), delayed).mean(delayed)
    assert shared.value == apart.value == delayed.mean()
    assert np.ptp(ends(shared)) > 1.7 * np.ptp(ends(apart))
    assert Days(dates, delayed).mean(delayed[:, None]) == shared
    low, high = ends(Days(dates, delayed).metrics(probability, delayed, 0.5, 0.25)["log_loss"])
    assert low < measure(probability, delayed).log_loss < high


@pytest.mark.parametrize("seeds", [2, 5])
def test_the_interval_holds_days_and_seeds(seeds: int) -> None:
    """Where days and seeds have shocks, nine intervals in ten hold the truth; those of days alone do not."""
    draw = np.random.default_rng(3)
    dates = np.repeat(FIRST + np.arange(80), 5)
    days = Days(dates, draw.random(len(dates)) < 0.2)
    covered = np.zeros(2)
    for _ in range(200):
        of_day = np.repeat(draw.normal(0, 0.3, 80), 5)
        values = of_day[:, None] + draw.normal(0, 0.1, seeds) + draw.normal(0, 0.8, (len(dates), seeds))
        both, days_alone = days.mean(values), days.mean(values.mean(axis=1))
        assert both.value == pytest.approx(values.mean())
        covered += [ends(one)[0] <= 0 <= ends(one)[1] for one in (both, days_alone)]
    assert covered[0] >= 0.9 * 200
    assert covered[1] < 0.9 * 200


def test_the_order_of_the_flights_is_of_no_matter() -> None:
    probability, delayed, dates = drawn(60)
    mixed = np.random.default_rng(5).permutation(len(dates))
    one = Days(dates, delayed).metrics(probability, delayed, 0.4, 0.25)
    other = Days(dates[mixed], delayed[mixed]).metrics(probability[mixed], delayed[mixed], 0.4, 0.25)
    for name in METRICS:
        assert value(other[name]) == pytest.approx(value(one[name]), abs=1e-9)
        if name != "calibration_error":
            assert ends(other[name]) == pytest.approx(ends(one[name]), abs=1e-9)


def test_a_summary_has_the_values_of_the_metrics() -> None:
    probability, delayed, dates = drawn()
    metrics = Days(dates, delayed).metrics(probability, delayed, 0.3, 0.25)
    found = performance_of(metrics, len(delayed), 0.25)
    for name in ("log_loss", "plain_log_loss", "called", "precision", "recall"):
        assert getattr(found, name) == value(metrics[name])
    assert found.gain == metrics["gain"]
    assert ends(found.gain)[0] > 0


def test_what_is_not_defined_is_none() -> None:
    """Nothing called: no precision. No flight late: no recall either, and nothing to rank."""
    probability, delayed, dates = drawn(60)
    found = Days(dates, delayed).metrics(probability, delayed, 1.0, 0.25)
    assert [name for name, one in found.items() if one is None] == ["precision"]
    assert [value(found["recall"]), *ends(found["recall"])] == [0, 0, 0]
    punctual = np.zeros(len(dates), bool)
    found = Days(dates, punctual).metrics(probability, punctual, 1.0, 0.25)
    undefined = [*RANKED, "precision", "recall", "f1"]
    assert [name for name, one in found.items() if one is None] == undefined
    told = msgspec.json.decode(msgspec.json.encode(found), type=dict[str, Estimate | None])
    assert told == found
    summary = performance_of(found, len(dates), 0.0)
    assert (summary.called, summary.precision, summary.recall, summary.auc) == (0, None, None, None)


def test_draws_without_a_delay_have_no_area() -> None:
    """All delays are of one day, which many draws leave out."""
    probability, _, dates = drawn(40)
    delayed = (dates == FIRST) & (np.arange(len(dates)) % 2 == 0)
    found = Days(dates, delayed).metrics(probability, delayed, 0.5, 0.25)["auc"]
    low, high = ends(found)
    assert 0 <= low < value(found) < high <= 1


def test_too_few_days_have_numbers_without_intervals() -> None:
    probability, delayed, dates = drawn(20)
    found = Days(dates, delayed).metrics(probability, delayed, 0.3, 0.25)
    for one in (*found.values(), Days(dates, delayed).mean(delayed)):
        assert one is not None
        assert one.low is one.high is None


def test_an_interval_is_stretched_around_its_number_but_not_beyond_what_can_be() -> None:
    resampled = np.linspace(0.1, 0.9, 10_001)
    assert ends(interval(0.5, resampled, 1.0)) == pytest.approx((0.12, 0.88), abs=1e-3)
    bounded = interval(0.5, resampled, 1.2, least=0.1, most=1.0)
    assert ends(bounded) == pytest.approx((0.1, 0.956), abs=1e-3)
    assert interval(0.9, np.linspace(0, 0.5, 100), 1.2).high == 0.9
    assert interval(0.1, np.linspace(0.4, 0.5, 100), 1.2).low == 0.1
