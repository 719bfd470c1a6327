"""The search of settings."""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from puntual.data import Flights
from puntual.errors import SettingError
from puntual.inference.artifact import read_artifact
from puntual.models.boosting import PARAMETERS
from puntual.models.settings import read_settings, settings_of
from puntual.training.comparison import compare
from puntual.training.families import FAMILIES
from puntual.training.fitting import choose
from puntual.training.splits import Parts, divide
from puntual.training.tuning import SearchResult, search
from puntual.types import no_progress
from tests import made_up
from tests.cli.running import run
from tests.planted import FIRST, late_history, turned_from
from tests.quick import QUICK, command_quickly

SPLIT = FIRST + dt.timedelta(60)


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        command_quickly(patch)
        yield


@pytest.fixture(scope="module")
def flights() -> Flights:
    return late_history(days=80, a_day=15)


@pytest.fixture(scope="module")
def parts(flights: Flights) -> Parts:
    return divide(flights, 15, split_date=SPLIT)


def test_the_usual_settings_come_first_and_the_least_loss_is_best(parts: Parts) -> None:
    told: list[SearchResult] = []
    found = search(parts, seconds=None, trials=4, seed=1, on_trial=told.append, budget=QUICK)
    assert told[-1] == found._replace(gain=None)
    assert [one.trials for one in told] == [1, 2, 3, 4]
    assert told[0].best == told[0].usual == found.usual
    assert found.usual.settings == settings_of(PARAMETERS)
    assert [one.best.loss for one in told] == sorted((one.best.loss for one in told), reverse=True)
    assert found.best.loss < found.usual.loss
    assert found.gains == pytest.approx(np.subtract(found.usual.months, found.best.months))
    assert list(found.firsts) == sorted(found.firsts)
    assert all(str(FIRST) < first < str(SPLIT) for first in found.firsts)


def test_the_loss_is_that_of_what_training_chooses(parts: Parts) -> None:
    usual = search(parts, trials=1, seed=1, budget=QUICK).usual
    chosen = choose(parts, budget=QUICK, seed=1, progress=no_progress)
    assert usual.loss == pytest.approx(np.mean([tuned.loss for tuned in chosen]))
    assert usual.months == pytest.approx(np.mean([tuned.months for tuned in chosen], axis=0))
    sizes = [int(held_out.sum()) for _, held_out in parts.folds(1)]
    assert np.average(usual.months, weights=sizes) == pytest.approx(usual.loss, abs=1e-6)


def test_test_outcomes_change_nothing(flights: Flights, parts: Parts) -> None:
    again = divide(turned_from(flights, SPLIT), 15, split_date=SPLIT)
    assert search(again, trials=2, seed=1, budget=QUICK) == search(parts, trials=2, seed=1, budget=QUICK)


def test_a_study_goes_on_after_an_interrupt(parts: Parts, tmp_path: Path) -> None:
    study = tmp_path / "study.log"

    def interrupt(found: SearchResult) -> None:
        if found.trials == 1:
            raise KeyboardInterrupt

    first = search(parts, trials=9, study=study, seed=1, on_trial=interrupt, budget=QUICK)
    assert first.trials == 1
    second = search(parts, trials=1, study=study, seed=1, budget=QUICK)
    assert (second.trials, second.usual) == (2, first.usual)
    assert second.best.loss <= first.best.loss


def test_an_interrupt_before_anything_is_known_ends_it(parts: Parts, tmp_path: Path) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    study = tmp_path / "study.log"
    with pytest.raises(KeyboardInterrupt):
        search(parts, trials=1, study=study, seed=1, on_step=interrupt, budget=QUICK)
    assert search(parts, trials=1, study=study, seed=1, budget=QUICK).usual.settings == settings_of(
        PARAMETERS
    )


def test_a_study_is_of_its_own_flights(parts: Parts, flights: Flights, tmp_path: Path) -> None:
    study = tmp_path / "study.log"
    search(parts, trials=1, study=study, seed=1, budget=QUICK)
    for threshold, split, message in (
        (30, SPLIT, "another --threshold"),
        (15, SPLIT - dt.timedelta(days=1), "other flights, or another --since, --until or --split-date"),
    ):
        other = divide(flights, threshold, split_date=split)
        with pytest.raises(SettingError, match=f"is of {message}; wanted: the same, or another file"):
            search(other, trials=1, study=study, seed=1, budget=QUICK)


@pytest.mark.parametrize(
    "content", ["airline,origin\nLAN,SCEL\n", "my notes\n", "num_leaves = 15", '{"num_leaves": 15}', "{}\n"]
)
def test_another_file_is_refused_and_left_as_it_is(parts: Parts, tmp_path: Path, content: str) -> None:
    other = tmp_path / "other.txt"
    other.write_text(content, "utf-8")
    with pytest.raises(SettingError, match=r"other\.txt is no file of a search") as caught:
        search(parts, trials=1, study=other, seed=1, budget=QUICK)
    assert "\n" not in str(caught.value)
    assert other.read_text("utf-8") == content


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_up.made_up_scl(tmp_path_factory.mktemp("history") / "scl.csv", days=45)


def test_what_tune_writes_is_what_train_takes(history: Path, tmp_path: Path) -> None:
    best = tmp_path / "best.toml"
    ended = run("tune", history, "--trials", "2", "-o", best)
    assert ended.status == 0, ended.err
    assert "2 trials on flights from 2017-01-01" in ended.out
    assert "were not used" in ended.out
    assert ended.err == ""
    best.write_text(best.read_text("utf-8").replace("num_leaves = ", "num_leaves = 9  # "), "utf-8")
    ended = run("train", history, "-o", tmp_path / "m.puntual", "--settings", best)
    assert ended.status == 0, ended.err
    artifact = read_artifact(tmp_path / "m.puntual")
    card = artifact.card
    trees = [
        step.booster for step in (*artifact.exceedance.above, *artifact.exceedance.below) if step.booster
    ]
    assert trees
    assert all(int(leaves) <= 9 for text in trees for leaves in re.findall(r"num_leaves=(\d+)", text))
    assert card.tuning.settings == card.tuning_without_timetable.settings == read_settings(best)
    assert card.tuning.settings["num_leaves"] == 9


def test_tune_tells_a_program_what_it_found(history: Path) -> None:
    answer = json.loads(run("tune", history, "--seconds", "0", "--json").out)
    assert answer["settings"] == answer["usual_settings"] == settings_of(PARAMETERS)
    assert (answer["trials"], answer["gain"]) == (1, 0)
    assert len(answer["months"]) == 4


def test_without_its_library_one_line_names_the_extra(history: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    monkeypatch.delitem(sys.modules, "puntual.training.tuning")
    ended = run("tune", history)
    assert (ended.status, ended.out) == (2, "")
    assert "needs optuna, which is not installed: pip install 'puntual[tune]'" in ended.err


def test_a_comparison_tells_the_settings_that_were_changed(flights: Flights) -> None:
    """Its fit is timed with them; what is usual is not told."""
    parts = divide(flights, 15, split_date=SPLIT)
    chosen = choose(parts, budget=QUICK, settings={"num_leaves": 5}, seed=1, progress=no_progress)
    answers = np.full((len(parts.test.delayed), 1), 0.2)
    with pytest.MonkeyPatch.context() as patch:
        for name in set(FAMILIES) - {"boosting"}:
            patch.delitem(FAMILIES, name)
        (told,) = compare(parts, chosen.with_timetable, answers, 0.2, seeds=[1])
    assert told.setting == {"trees": chosen.with_timetable.trees, "num_leaves": 5}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["tune", "x.csv", "-o", "best.yaml"],
            "--output: best.yaml; wanted: a name that ends in .json or .toml",
        ),
        (["tune", "x.csv", "-o", "nowhere/best.json"], "--output: there is no folder nowhere"),
        (["tune", "x.csv", "--study", "."], "--study: . is a directory; wanted: a file"),
        (["tune", "x.csv", "--trials", "0"], "--trials"),
        (["train", "x.csv", "-o", "m", "--settings", "none.json"], "--settings: none.json: no such file"),
    ],
)
def test_mistakes_are_one_line(arguments: list[str], message: str) -> None:
    ended = run(*arguments)
    assert (ended.status, ended.out) == (2, "")
    assert message in ended.err
    assert len(ended.err.strip().splitlines()) == 1
