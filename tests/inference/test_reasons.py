"""Contributions -> reasons: grouping, points, sums, and what never explodes."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from puntual.inference.artifact import Artifact
from puntual.inference.calibration import Beta, Calibration, Isotonic, Platt, sigmoid
from puntual.inference.catalogue import CATALOGUE
from puntual.inference.predictor import Predictor
from puntual.inference.reasons import BASE, Explainer, mean_slope
from puntual.inference.rounding import rounded
from puntual.inference.scorer import Scorer
from puntual.inference.timetable import NO_COUNTS
from puntual.models.boosting import FEATURE_NAMES
from puntual.types import Flight
from tests.features.test_agreement import FLIGHTS

NAMES = [feature.name for feature in CATALOGUE]
LOG_ODDS = st.floats(-30, 30)
CONTRIBUTIONS = st.lists(LOG_ODDS, min_size=len(NAMES) + 1, max_size=len(NAMES) + 1)
CALIBRATIONS = st.one_of(
    st.builds(Platt, slope=st.floats(0.05, 3), intercept=st.floats(-3, 3)),
    st.builds(Beta, late=st.floats(0, 3), on_time=st.floats(0, 3), intercept=st.floats(-3, 3)),
    st.just(Isotonic(raw=(-3.0, -1.0, 0.5), answers=(0.1, 0.1, 0.6))),
)
STEEPEST = 0.75
RATES = st.floats(0.001, 0.999)


def answer_of(contributions: list[float], calibration: Calibration) -> float:
    return rounded(calibration.probability(math.fsum(contributions)))


def test_every_feature_of_the_catalogue_has_a_group() -> None:
    explainer = Explainer(NAMES, Platt(), 0.2)
    assert set(explainer.groups) == {
        "airline", "operator", "destination", "origin", "flight_type", "weekday", "season", "holiday", "hour",
        "congestion",
    }  # fmt: skip
    assert BASE not in explainer.groups
    for position, feature in enumerate(CATALOGUE):
        contributions = [float(one == position) for one in range(len(NAMES))] + [0.0]
        assert explainer.log_odds(contributions) == [group == feature.group for group in explainer.groups]


@given(CONTRIBUTIONS, CALIBRATIONS, RATES)
def test_points_sum_never_explode_and_come_largest_first(
    contributions: list[float], calibration: Calibration, base_rate: float
) -> None:
    explainer, answer = Explainer(NAMES, calibration, base_rate), answer_of(contributions, calibration)
    *points, base = explainer.points(contributions, answer)
    assert math.fsum((*points, base)) == pytest.approx(answer - base_rate, abs=1e-12)
    for point, one in zip(points, explainer.log_odds(contributions), strict=True):
        assert abs(point) <= STEEPEST * abs(one) + 1e-9
        assert point * one >= 0
    began = calibration.probability(contributions[-1])
    assert base == pytest.approx(began - base_rate, abs=0.00005 + 1e-7)
    reasons = explainer.reasons(contributions, answer)
    *given_first, last = reasons
    assert last.group == BASE
    sizes = [abs(reason.points) for reason in given_first]
    assert sizes == sorted(sizes, reverse=True)
    assert sorted(reason.group for reason in reasons) == sorted((*explainer.groups, BASE))
    raw = contributions[-1] + math.fsum(reason.log_odds for reason in reasons)
    assert raw == pytest.approx(math.fsum(contributions), abs=1e-9)


@pytest.mark.parametrize("apart", [0.0, 1e-15, 1e-9, 1e-5, 0.9e-4, 1.1e-4, 1e-3])
def test_contributions_that_cancel_are_told_all_the_same(apart: float) -> None:
    explainer = Explainer(["airline", "weekday"], Platt(), 0.25)
    start = math.log(1 / 3)
    answer = rounded(sigmoid(start + apart))
    airline, weekday, base = explainer.points([2.0, apart - 2.0, start], answer)
    assert (airline, weekday) == pytest.approx((2 * 0.1875, -2 * 0.1875), rel=1e-3)
    assert airline + weekday + base == pytest.approx(answer - 0.25, abs=1e-15)
    assert abs(base) <= 0.00005 + 1e-9


@given(st.floats(-15, 15), st.floats(-1e-3, 1e-3))
def test_the_mean_slope_is_that_of_the_sigmoid(start: float, apart: float) -> None:
    slope, middle = mean_slope(Platt(), start, start + apart), start + apart / 2
    assert slope == pytest.approx(sigmoid(middle) * sigmoid(-middle), rel=1e-4, abs=1e-11)


@pytest.mark.parametrize("base_rate", [0.0, 1.0])
def test_a_base_rate_at_the_end_is_told_too(base_rate: float) -> None:
    points = Explainer(["airline"], Platt(), base_rate).points([1.0, 0.5], 0.8176)
    assert math.fsum(points) == pytest.approx(0.8176 - base_rate, abs=1e-12)


@pytest.mark.parametrize("known", [True, False])
def test_explaining_changes_no_answer(small_artifact: Artifact, known: bool) -> None:
    predictor = Predictor(small_artifact)

    @given(st.lists(FLIGHTS, min_size=1, max_size=8))
    def holds(flights: list[Flight]) -> None:
        plain = predictor.predict(flights, complete_days=known)
        detailed = predictor.explain(flights, complete_days=known)
        for one, other in zip(plain, detailed, strict=True):
            assert msgspec.structs.asdict(one).items() <= msgspec.structs.asdict(other).items()
        timetable = predictor.timetable(flights) if known else None
        for index, (flight, one) in enumerate(zip(flights, detailed, strict=True)):
            assert predictor.explain([flight], timetable=timetable) == [one]
            resolved = predictor._encoder.resolve(flight, index)
            counts = timetable.counts(*resolved.departure) if timetable else NO_COUNTS
            modes = predictor._without_timetable, predictor._with_timetable
            mode = modes[counts is not NO_COUNTS]
            raw = mode.scorer.raw(predictor._encoder.encode(resolved, counts))
            told = one.base_log_odds + math.fsum(reason.log_odds for reason in one.reasons)
            assert told == pytest.approx(raw, abs=1e-9)
            points = math.fsum(reason.points for reason in one.reasons)
            assert points == pytest.approx(one.delay_probability - one.base_rate, abs=1e-12)

    holds()


def test_a_later_hour_moves_its_own_group(scorer: Scorer) -> None:
    explainer = Explainer(FEATURE_NAMES, scorer.calibration, 0.3)
    row = [math.nan] * len(FEATURE_NAMES)
    hour = explainer.groups.index("hour")
    late, early = row.copy(), row.copy()
    position = FEATURE_NAMES.index("minute_of_day")
    late[position], early[position] = 395.0, 0.0
    told = [explainer.log_odds(scorer.contributions(tuple(one)))[hour] for one in (early, late)]
    assert told[0] < told[1]
    assert np.isfinite(told).all()
