"""A model in the hand gives what the command line gives, in the caller's kind of frame."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import puntual
from puntual.data.reading import read_flights
from puntual.errors import DataError, MissingDependencyError, PuntualWarning, SettingError
from puntual.training.evaluation import assess
from tests import made_up
from tests.cli.running import run
from tests.quick import QUICK

KINDS: dict[str, Any] = {
    "pandas": pd.read_csv,
    "polars": pl.read_csv,
    "lazy polars": pl.scan_csv,
    "pyarrow": lambda path: pa.Table.from_pandas(pd.read_csv(path), preserve_index=False),
}


def as_polars(frame: Any) -> pl.DataFrame:
    if isinstance(frame, pd.DataFrame):
        return pl.from_pandas(frame)
    if isinstance(frame, pa.Table):
        found = pl.from_arrow(frame)
        assert isinstance(found, pl.DataFrame)
        return found
    assert isinstance(frame, pl.DataFrame)
    return frame


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_up.made_up_nyc(tmp_path_factory.mktemp("history") / "nyc.csv", days=60)


@pytest.fixture(scope="module")
def model(history: Path) -> puntual.Model:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = puntual.train(history, trees=10, seeds=1, budget=QUICK)
    said = [str(one.message) for one in caught if one.category is PuntualWarning]
    assert any("it has seen no flight of March, " in one and "its level is a guess" in one for one in said)
    return model


@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_of_each_kind_gets_the_answers_of_the_command_line(
    model: puntual.Model, history: Path, kind: str, tmp_path: Path
) -> None:
    saved, output = model.save(tmp_path / "m.puntual"), tmp_path / "out.parquet"
    ended = run("predict", saved, history, "-o", output, "--detail", "--language", "es")
    assert ended.status == 0, ended.err
    expected = pl.read_parquet(output)
    given = KINDS[kind](history)
    answered = model.predict(given, detail=True, language="es")
    assert type(answered) is (pl.DataFrame if kind == "lazy polars" else type(given))
    added = [name for name in expected.columns if name.startswith(("dela", "points", "base", "expec", "med"))]
    found = as_polars(answered)
    assert found.select(added).equals(expected.select(added))
    assert found["reasons"].fill_null("").to_list() == expected["reasons"].fill_null("").to_list()
    assert found.columns == expected.columns


def test_the_callers_frame_stays_as_it_is_and_keeps_its_index(model: puntual.Model, history: Path) -> None:
    frame = pd.read_csv(history).sample(50, random_state=1)
    before = frame.copy()
    answered = model.predict(frame)
    pd.testing.assert_frame_equal(frame, before)
    assert answered.index.equals(frame.index)


def test_flights_are_read_from_a_mapping_in_a_dictionary_and_from_dates_as_text() -> None:
    own = pd.DataFrame(
        {
            "salida": ["2017-09-01 08:00", "2017-09-02 09:00", "2017-09-03 10:00"],
            "linea": ["LAN", "SKU", "LAN"],
            "hacia": ["SCFA", "SAEZ", "SCFA"],
        }
    )
    mapping = {
        "columns": {"scheduled_departure": "salida", "airline": "linea", "destination": "hacia"},
        "constants": {"origin": "SCEL"},
    }
    flights = puntual.read(own, source=mapping, history=False, since="2017-09-02", until="2017-09-03")
    assert flights.frame["scheduled_departure"].to_list() == [dt.datetime(2017, 9, 2, 9)]
    assert repr(flights) == "<Flights of the data frame: 1 flight from 2017-09-02 to 2017-09-02>"
    assert flights._repr_html_().count("<tr") > 1


def test_mistakes_are_said_in_a_line(model: puntual.Model, history: Path) -> None:
    with pytest.raises(SettingError, match="since: 'soon'; wanted: a date as 2017-09-01"):
        puntual.read(history, since="soon")
    with pytest.raises(DataError, match="the data frame: no column 'dest'"):
        model.predict(pd.read_csv(history).drop(columns="dest"))
    with pytest.raises(DataError, match="the data frame: no rows"):
        model.predict(pd.read_csv(history).head(0))
    with pytest.raises(DataError, match="data of type list: no flights; wanted: a path, or a data frame"):
        model.predict([1, 2])
    with pytest.raises(SettingError, match="language: 'fr'; wanted: en or es"):
        model.card("fr")
    with pytest.raises(SettingError, match="language: 'fr'; wanted: en or es"):
        model.predict(history, detail=True, language="fr")
    with pytest.raises(SettingError, match="until: the flights are read already"):
        model.evaluate(puntual.read(history), until="2013-02-01")
    with pytest.raises(SettingError, match="settings: unknown setting 'leaves'"):
        puntual.train(history, settings={"leaves": 3})


def test_rows_that_are_left_out_and_values_never_seen_are_warnings(
    model: puntual.Model, history: Path
) -> None:
    frame = pl.read_csv(history).with_row_index()
    frame = frame.with_columns(carrier=pl.lit("ZZ"), hour=pl.when(index=7).then(99).otherwise("hour")).drop(
        "index"
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        answered = model.predict(frame)
    assert {one.category for one in caught} == {PuntualWarning}
    assert {one.filename for one in caught} == {__file__}
    said = [str(one.message) for one in caught]
    assert said[-1].startswith("the data frame: 100 % of the flights have a value of airline that the model")
    assert answered.filter(pl.col("problem").is_not_null()).height == len(said) - 1


def said_by(call: Callable[[], Any]) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return [str(one.message) for one in caught if one.category is PuntualWarning]


def test_days_after_those_learned_from_are_a_warning_that_names_the_cure(
    model: puntual.Model, history: Path
) -> None:
    later = pl.read_csv(history).filter(day=5, month=1).with_columns(month=6)
    found = said_by(lambda: model.predict(later))
    assert found == [
        (
            "the data frame: 100 % of the flights have a season that the model never saw: it learned from "
            "2013-01-01 to 2013-02-17, so their level is a guess; trained with `final` (--final), a model "
            "learns from the last days of its history, too"
        )
    ]
    far = said_by(lambda: model.predict(later.with_columns(year=2015, month=1)))
    assert ["of the flights have a date that the model never saw" in one for one in far] == [True]
    assert said_by(lambda: model.predict(later.with_columns(month=1))) == []


def test_a_final_model_knows_the_last_days(history: Path) -> None:
    last = pl.read_csv(history).filter(day=1, month=3)
    with warnings.catch_warnings(action="ignore", category=PuntualWarning):
        final = puntual.train(history, trees=5, seeds=1, budget=QUICK, final=True)
    assert said_by(lambda: final.predict(last)) == []
    june = said_by(lambda: final.predict(last.with_columns(month=6)))
    assert ["train it anew on later flights" in one for one in june] == [True]


def test_columns_of_the_frame_that_the_answer_replaces_are_a_warning(
    model: puntual.Model, history: Path
) -> None:
    own = pd.read_csv(history).assign(unknown=1, problem="")
    found = said_by(lambda: model.predict(own, timetable=False))
    assert "the data frame: the predictions replace its columns unknown, problem" in found


def test_the_flights_learned_from_are_counted_as_those_measured_are(
    model: puntual.Model, history: Path
) -> None:
    learned = puntual.read(history, until="2013-02-01")
    assert learned.frame["cancelled"].any()
    assessment = model.evaluate(learned).assessment
    assert assessment.learned == assessment.flights < learned.frame.height
    assert "14 of them cancelled" in repr(learned)


def test_the_flights_are_alone_or_within_a_timetable_of_another_frame(
    model: puntual.Model, history: Path
) -> None:
    every = pd.read_csv(history)
    one = every.iloc[[100]]
    column = "delay_probability"
    within, alone = model.predict(one, timetable=every)[column], model.predict(one, timetable=False)[column]
    assert within.to_list() == [model.predict(every)[column].iloc[100]]
    assert alone.to_list() == [model.predict(every, timetable=False)[column].iloc[100]]


def test_too_few_cancelled_flights_are_no_evaluation(model: puntual.Model, history: Path) -> None:
    assert model.evaluate(history).cancellation is None


def test_an_evaluation_is_a_table_and_a_frame(model: puntual.Model, history: Path) -> None:
    evaluation = model.evaluate(pd.read_csv(history))
    expected = assess(model.artifact, read_flights(history))
    losses = evaluation.frame.filter(metric="log_loss")
    assert losses["mode"].to_list() == ["with_timetable", "alone"]
    assert losses["value"][0] == expected.with_timetable["log_loss"].value  # type: ignore[union-attr]
    assert "which flatters it" in evaluation.title
    assert "log_loss" in repr(evaluation)
    assert "<table" in evaluation._repr_html_()


def test_a_model_is_saved_loaded_and_shown(model: puntual.Model, tmp_path: Path) -> None:
    again = puntual.load(str(model.save(str(tmp_path / "m.puntual"))))
    assert repr(again) == repr(model)
    assert repr(model).startswith(f"<Model {model.name}: delay > 15 minutes, ")
    shown = model._repr_html_()
    assert f"&lt;Model {model.name}" in shown
    assert "log_loss" in shown
    card = again.card("es")
    assert repr(card).startswith(f"<Card of {model.name}: ")
    assert card._repr_html_().startswith("<iframe")
    assert card.save(tmp_path / "card.html").read_text("utf-8").startswith("<!doctype html>")
    assert {"worth", "truth"} <= {*card.sections}


def test_a_library_that_is_missing_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name="polars.dataframe")

    monkeypatch.setattr("puntual.importlib.import_module", missing)
    with pytest.raises(MissingDependencyError, match=r"needs polars.*pip install 'puntual\[train\]'"):
        puntual.read  # noqa: B018
