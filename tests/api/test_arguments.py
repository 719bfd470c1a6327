"""A mistake in an argument is one line that names the argument, what was found and what is wanted."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import puntual
from puntual.errors import DataError, PuntualWarning, SettingError
from tests import made_up
from tests.quick import QUICK

WHOLE, NUMBER = "wanted: a whole number from", "wanted: a number from"


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_up.made_up_nyc(tmp_path_factory.mktemp("history") / "nyc.csv", days=60)


@pytest.fixture(scope="module")
def model(history: Path) -> puntual.Model:
    with warnings.catch_warnings(action="ignore", category=PuntualWarning):
        return puntual.train(history, trees=5, seeds=1, budget=QUICK)


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("threshold", "quince", f"{WHOLE} 0 to 1440"),
        ("threshold", -5, f"{WHOLE} 0 to 1440"),
        ("threshold", 15.5, f"{WHOLE} 0 to 1440"),
        ("cost_of_a_missed_delay", -1, f"{NUMBER} 0 on"),
        ("cost_of_a_missed_delay", float("inf"), f"{NUMBER} 0 on"),
        ("compare", True, f"{NUMBER} 0 on"),
        ("seeds", 0, f"{WHOLE} 1 on"),
        ("seed", "a", f"{WHOLE} 0 on"),
        ("trees", "muchos", f"{WHOLE} 1 on"),
        ("trees", -1, f"{WHOLE} 1 on"),
        ("trees", 0, f"{WHOLE} 1 on"),
        ("split", "temporal", "wanted: time or random"),
        ("split_date", 20130201, "wanted: a date as 2017-09-01"),
        ("since", 20130201, "wanted: a date as 2017-09-01"),
    ],
)
def test_an_argument_of_training_is_checked(history: Path, name: str, value: Any, wanted: str) -> None:
    with pytest.raises(SettingError) as caught:
        puntual.train(history, **{name: value})
    assert str(caught.value) == f"{name}: {value!r}; {wanted}"


def test_a_split_date_without_flights_is_named(history: Path) -> None:
    with pytest.raises(DataError, match=r"0 departed flights to measure on \(split date 2030-01-01\)"):
        puntual.train(history, split_date="2030-01-01")
    with pytest.raises(SettingError, match="split_date: 2013-02-01; wanted: split='time'"):
        puntual.train(history, split="random", split_date="2013-02-01")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"decision_threshold": 5}, "decision_threshold: 5; wanted: a number from 0 to 1"),
        ({"language": "es"}, "language: needs detail=True"),
        ({"timetable": None}, "timetable: None; wanted: True, False, or the flights of whole days"),
        ({"sheet": "2017"}, "sheet: '2017'; wanted: none, a data frame has no sheets"),
        ({"constants": {"orgin": "JFK"}}, "constants: no value 'orgin'; wanted: one of airline, origin"),
    ],
)
def test_an_argument_of_predictions_is_checked(
    model: puntual.Model, history: Path, arguments: dict[str, Any], said: str
) -> None:
    with pytest.raises(SettingError, match=said):
        model.predict(pd.read_csv(history), **arguments)


def test_a_path_is_checked(model: puntual.Model) -> None:
    calls: tuple[Callable[[Any], object], ...] = (puntual.load, model.save, model.card().save)
    for call in calls:
        for path in (None, "", 3):
            with pytest.raises(SettingError, match=rf"path: {path!r}; wanted: a path"):
                call(path)
    for write in (model.save, model.card().save):
        with pytest.raises(SettingError, match=r"path: '\.' is a folder; wanted: the path of a file"):
            write(".")


def test_a_section_of_the_card_is_checked(model: puntual.Model) -> None:
    card = model.card()
    with pytest.raises(SettingError, match="section: 'nada'; wanted: one of use, "):
        card.text("nada")
    with pytest.raises(SettingError, match="number: 99 of the tables of 'worth'; wanted: below"):
        card.table("worth", 99)


def test_two_columns_of_one_name_are_refused(model: puntual.Model, history: Path) -> None:
    frame = pd.read_csv(history)
    with pytest.raises(DataError, match=r"the data frame: .*'carrier' 2 times; wanted: one name for each"):
        model.predict(pd.concat([frame, frame[["carrier"]]], axis=1))


@pytest.mark.parametrize("arguments", [{"threshold": "quince"}, {"language": "fr"}])
def test_an_exploration_checks_its_arguments(history: Path, arguments: dict[str, Any]) -> None:
    with pytest.raises(SettingError, match=f"{next(iter(arguments))}: .*; wanted: "):
        puntual.explore(history, quick=True, **arguments)
