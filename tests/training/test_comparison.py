"""Families measured side by side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from puntual.cli.families import families_frame
from puntual.data import Flights
from puntual.inference.evaluation_results import FamilyResult
from puntual.metrics.intervals import METRICS
from puntual.training import families
from puntual.training.comparison import CHAMPION
from puntual.training.pipeline import train
from tests.estimates import ends, value
from tests.planted import FIRST, late_history, turned_from
from tests.quick import QUICK

SPLIT = FIRST + dt.timedelta(75)
SOON_FITTED = ("boosting", "logistic", "linear", "history", "base_rate")


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in set(families.FAMILIES) - set(SOON_FITTED):
            patch.delitem(families.FAMILIES, name)
        yield


@pytest.fixture(scope="module")
def flights() -> Flights:
    return late_history(days=110, a_day=25)


def compared(flights: Flights) -> tuple[FamilyResult, ...]:
    return train(flights, split_date=SPLIT, budget=QUICK, comparison_seconds=60, seeds=2).card.families


@pytest.fixture(scope="module")
def comparison(flights: Flights) -> tuple[FamilyResult, ...]:
    return compared(flights)


def test_the_best_comes_first_and_intervals_hold_the_number(comparison: tuple[FamilyResult, ...]) -> None:
    assert {one.family for one in comparison} == set(SOON_FITTED)
    losses = [value(one.metrics["log_loss"]) for one in comparison]
    assert losses == sorted(losses)
    best = comparison[0].difference
    assert (best.value, best.low, best.high) == (0, 0, 0)
    for one in comparison:
        assert tuple(one.metrics) == METRICS
        assert one.difference.value == pytest.approx(value(one.metrics["log_loss"]) - losses[0])
        for name, number in (*one.metrics.items(), ("difference", one.difference)):
            called_none = name == "precision" and number is None
            if name != "calibration_error" and not called_none:
                assert ends(number)[0] <= value(number) <= ends(number)[1]
    plain = next(one for one in comparison if one.family == "base_rate")
    assert [one.family for one in comparison if one.metrics["precision"] is None] in ([], ["base_rate"])
    assert ends(plain.difference)[0] > 0
    assert value(plain.metrics["auc"]) == 0.5


def test_the_champion_is_the_artifact_one_rule_cuts_all_and_one_setting_is_tried_at_least(
    flights: Flights,
) -> None:
    artifact = train(
        flights, split_date=SPLIT, budget=QUICK, comparison_seconds=0, cost_of_a_missed_delay=4, seeds=2
    )
    assert {one.tried for one in artifact.card.families if one.family != CHAMPION} == {1}
    champion = next(one for one in artifact.card.families if one.family == CHAMPION)
    assert artifact.card.seeds is not None
    assert value(champion.metrics["log_loss"]) == pytest.approx(artifact.card.seeds.log_loss.mean)
    assert champion.servable
    assert artifact.decision_threshold == 0.2
    assert {one.decision_threshold for one in artifact.card.families} == {0.2}
    assert [one.decision_threshold for one in artifact.card.evaluations] == [0.2, 0.2]


def test_the_table_has_a_row_a_family(comparison: tuple[FamilyResult, ...]) -> None:
    table = families_frame(comparison)
    assert table.height == len(SOON_FITTED)
    assert {"log_loss_low", "difference_high", "f1", "setting", "servable", "fit_seconds"} < set(
        table.columns
    )


def test_test_labels_choose_nothing(flights: Flights, comparison: tuple[FamilyResult, ...]) -> None:
    again = compared(turned_from(flights, SPLIT))
    chosen = [
        {one.family: (one.setting, one.decision_threshold, one.tried) for one in each}
        for each in (comparison, again)
    ]
    assert chosen[0] == chosen[1]
    assert again[0].metrics != comparison[0].metrics
