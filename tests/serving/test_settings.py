"""Settings: flag, else variable, else default."""

from __future__ import annotations

import pytest

from puntual.errors import SettingError
from puntual.serving.settings import read_settings


def test_the_cut_is_the_models_unless_said() -> None:
    assert read_settings({}, {}).decision_threshold is None
    assert read_settings({}, {"PUNTUAL_CUT": "0.3"}).decision_threshold == 0.3
    assert read_settings({"cut": 0.2}, {"PUNTUAL_CUT": "0.3"}).decision_threshold == 0.2


@pytest.mark.parametrize(("cost", "cut"), [("0", 1), ("1", 0.5), ("3", 0.25), ("4.5", 1 / 5.5)])
def test_a_cost_decides_the_cut(cost: str, cut: float) -> None:
    assert read_settings({}, {"PUNTUAL_COST_OF_A_MISSED_DELAY": cost}).decision_threshold == cut
    assert read_settings({"cost_of_a_missed_delay": float(cost)}, {}).decision_threshold == cut


def test_one_of_both_decides() -> None:
    with pytest.raises(SettingError, match="one decides the cut; wanted: one of them"):
        read_settings({"cut": 0.2}, {"PUNTUAL_COST_OF_A_MISSED_DELAY": "3"})


@pytest.mark.parametrize(
    ("name", "values", "wanted"),
    [
        ("CUT", "-0.1 1.1 nan inf half 0,5", "a number from 0 to 1"),
        ("COST_OF_A_MISSED_DELAY", "-1 nan inf much", "a number from 0 to 1000000"),
        ("PORT", "1.5 many 0 70000", "a whole number from 1 to 65535"),
        ("LOG_FORMAT", "JSON xml", "text or json"),
    ],
)
def test_what_is_out_of_range_is_refused(name: str, values: str, wanted: str) -> None:
    for value in values.split():
        with pytest.raises(SettingError, match=f"PUNTUAL_{name}: '{value}'; wanted: {wanted}"):
            read_settings({}, {f"PUNTUAL_{name}": value})


def test_a_platform_may_say_the_port() -> None:
    assert read_settings({}, {"PORT": "8080"}).port == 8080
    assert read_settings({}, {"PORT": "8080", "PUNTUAL_PORT": "8000"}).port == 8000
    assert read_settings({"port": 9000}, {"PORT": "8080", "PUNTUAL_PORT": "8000"}).port == 9000
    assert read_settings({}, {"PORT": ""}).port == 8000
    with pytest.raises(SettingError, match="PORT: 'http'; wanted: a whole number"):
        read_settings({}, {"PORT": "http"})
