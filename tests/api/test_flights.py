"""Flights of a frame of one's own: what is read, and what is warned of, in the words of Python."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import puntual
from puntual.errors import DataError, PuntualWarning
from tests.cli.running import run

COLUMNS = {"airline": "linea", "destination": "hacia", "delay": "atraso"}


@pytest.fixture
def own() -> pd.DataFrame:
    days = pd.date_range("2025-01-06", periods=40)
    return pd.DataFrame(
        {
            "dia": days,
            "hora": ["15:30", "16:05"] * 20,
            "linea": ["LAN", "SKU"] * 20,
            "hacia": ["SCFA", "SAEZ"] * 20,
            "atraso": [3, 40, 0, -2] * 10,
            "Situación": ["OPERADO", "OPERADO", "OPERADO", "ANULADO"] * 10,
        }
    )


def mapping(origin: str = "SCEL", columns: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    times = {"scheduled_departure": ["dia", "hora"]}
    return {"columns": times | COLUMNS | (columns or {}), "constants": {"origin": origin}, **more}


def said_by(call: Callable[[], Any]) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return [str(one.message) for one in caught if one.category is PuntualWarning]


def test_a_column_of_dates_beside_one_of_clocks_needs_no_format(own: pd.DataFrame) -> None:
    flights = puntual.read(own, source=mapping())
    assert flights.frame["scheduled_departure"][1] == dt.datetime(2025, 1, 7, 16, 5)


def test_another_form_of_time_is_said_with_the_key_that_describes_it(own: pd.DataFrame) -> None:
    named = mapping(columns={"scheduled_departure": "hora"})
    with pytest.raises(DataError, match=r"row 1 \(counted from 1\): .*formats\.scheduled_departure"):
        puntual.read(own, source=named)


def test_words_that_no_row_has_are_a_warning(own: pd.DataFrame, tmp_path: Path) -> None:
    state = {"cancelled": "Situación"}
    found = said_by(lambda: puntual.read(own, source=mapping(columns=state, cancelled=["CANCELADO"])))
    assert len(found) == 1
    expected = "none of the values in 'Situación' is CANCELADO; it has OPERADO, ANULADO"
    assert found[0].startswith(f"the data frame: {expected}")
    own.assign(dia=own["dia"].dt.strftime("%Y-%m-%d")).to_csv(tmp_path / "f.csv", index=False)
    columns = "".join(f"{name} = '{column}'\n" for name, column in (COLUMNS | state).items())
    times = "scheduled_departure = ['dia', 'hora']\n"
    text = f"cancelled = ['CANCELADO']\n[columns]\n{times}{columns}[constants]\norigin = 'SCEL'\n"
    (tmp_path / "f.toml").write_text(text, "utf-8")
    shown = run("check", tmp_path / "f.csv", "--source", tmp_path / "f.toml").out
    assert f"warning: no_such_status: {expected}" in shown
    assert said_by(lambda: puntual.read(own, source=mapping(columns=state, cancelled=["anulado"]))) == []


def test_a_text_is_a_list_of_one(own: pd.DataFrame) -> None:
    flights = puntual.read(own, source=mapping(columns={"cancelled": "Situación"}, cancelled="ANULADO"))
    assert repr(flights).endswith("40 flights from 2025-01-06 to 2025-02-14, 10 of them cancelled>")


def test_an_origin_of_no_table_is_a_warning(own: pd.DataFrame) -> None:
    found = said_by(lambda: puntual.read(own, source=mapping("XQQZ")))
    assert ["no table has 1 of the codes (XQQZ), of 100 % of the flights" in one for one in found] == [True]


def test_what_the_frame_lacks_is_given_in_python(own: pd.DataFrame) -> None:
    own = own.assign(planned=own["dia"].dt.strftime("%Y-%m-%d ") + own["hora"]).drop(columns=["dia", "hora"])
    own = own.rename(columns={"linea": "airline", "hacia": "destination", "atraso": "dep_delay"})
    own = own.rename(columns={"planned": "scheduled_departure"}).drop(columns="Situación")
    with pytest.raises(DataError, match=r'wanted: constants=\{"origin": "CODE"\}, the airport'):
        puntual.read(own)
    assert set(puntual.read(own, constants={"origin": "SCEL"}).frame["origin"]) == {"SCEL"}


def test_the_words_of_the_command_line_are_not_those_of_a_frame(own: pd.DataFrame) -> None:
    with pytest.raises(DataError, match=r"wanted: one of the frame's: 'hora'"):
        puntual.read(own.drop(columns="dia"), source=mapping())
    with pytest.raises(DataError, match=r"which puntual\.draft_mapping drafts"):
        puntual.read(pd.DataFrame({"a": [1], "b": [2]}))
    twice = pd.concat([own, own.head(1)])
    assert said_by(lambda: puntual.read(twice, source=mapping())) == [
        "the data frame: 1 row repeats an earlier one; see `.duplicates` of what puntual.read gives"
    ]


def test_a_mapping_is_drafted_for_a_frame(own: pd.DataFrame) -> None:
    own = own.assign(Fecha=own["dia"].dt.strftime("%d/%m/%Y ") + own["hora"], Origen="SCEL")
    own = own.rename(columns={"linea": "Aerolínea", "hacia": "Destino", "atraso": "Retraso"})
    draft = puntual.draft_mapping(own.drop(columns=["dia", "hora"]))
    assert draft.mapping["columns"]["airline"] == "Aerolínea"
    assert repr(draft) == draft.toml()
    flights = puntual.read(own, source=draft.mapping)
    assert flights.frame["scheduled_departure"][0] == dt.datetime(2025, 1, 6, 15, 30)


def test_what_needs_no_mapping_is_not_drafted(made_up_nyc: Path) -> None:
    with pytest.raises(DataError, match="source nyc reads it; wanted: no mapping"):
        puntual.draft_mapping(pd.read_csv(made_up_nyc))


def test_a_summary_has_what_the_command_prints(made_up_nyc: Path) -> None:
    summary = puntual.check(puntual.read(made_up_nyc))
    printed = run("check", made_up_nyc).out
    facts = [line for line in printed.splitlines() if ": " in line]
    assert len(facts) > 8
    assert [line for line in facts if line not in repr(summary).splitlines()] == []
    assert summary._repr_html_().startswith("<pre>data: ")
    assert summary.cancelled > 0
