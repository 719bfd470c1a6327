"""Settings of LightGBM: what may be given, and what is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from puntual.errors import SettingError
from puntual.models.boosting import PARAMETERS
from puntual.models.settings import RANGES, check_settings, read_settings, settings_of, settings_text


def test_the_usual_settings_lie_within_what_is_searched() -> None:
    for name, value in settings_of(PARAMETERS).items():
        allowed = RANGES[name]
        assert allowed.least <= allowed.low <= value <= allowed.high <= allowed.most, name


def test_every_setting_that_is_not_the_usual_machinery_is_named() -> None:
    fixed = {"objective", "bagging_freq", "deterministic", "force_row_wise", "num_threads", "verbosity"}
    assert set(PARAMETERS) - set(RANGES) == fixed


@pytest.mark.parametrize("suffix", [".json", ".toml"])
def test_what_is_written_is_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"best{suffix}"
    path.write_text(settings_text({"num_leaves": 17, "lambda_l2": 1e-05}, toml=suffix == ".toml"), "utf-8")
    read = read_settings(path)
    assert read == settings_of({**PARAMETERS, "num_leaves": 17, "lambda_l2": 1e-05})
    assert isinstance(read["num_leaves"], int)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"leaves": 3}, "unknown setting 'leaves'; wanted: one of learning_rate, num_leaves"),
        ({"objective": "l2"}, "unknown setting 'objective'"),
        ({"num_leaves": 1}, "num_leaves is 1; wanted: a whole number from 2 to 4096"),
        ({"num_leaves": 3.5}, "num_leaves is 3.5; wanted: a whole number"),
        ({"num_leaves": "31"}, "num_leaves is '31'; wanted: a whole number"),
        ({"learning_rate": True}, "learning_rate is True; wanted: a number from 0.001 to 1"),
        ({"lambda_l2": float("nan")}, "lambda_l2 is nan"),
        ({"lambda_l2": float("inf")}, "lambda_l2 is inf"),
        ({"cat_l2": None}, "cat_l2 is None"),
    ],
)
def test_mistakes_are_one_line(settings: dict[str, object], message: str) -> None:
    with pytest.raises(SettingError) as caught:
        check_settings("best.json", settings)
    assert str(caught.value).startswith(f"best.json: {message}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", b"{", "Expecting property name"),
        ("a.json", b"[1]", "wanted: an object of names and numbers"),
        ("a.toml", b"num_leaves = ", "Invalid value"),
        ("a.json", b"\xff\xfe", "not UTF-8"),
        ("a.json", None, "no such file"),
    ],
)
def test_files_that_hold_no_settings_are_one_line(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SettingError, match=message) as caught:
        read_settings(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(SettingError, match="not a regular file"):
        read_settings(tmp_path / "pipe.toml")
