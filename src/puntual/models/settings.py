"""LightGBM's settings that may be searched and given: names, ranges, and files that hold them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from puntual.errors import SettingError
from puntual.files import describe_error, read_file
from puntual.models.boosting import PARAMETERS, Parameters

MAX_BYTES = 1 << 20
"""Of a file of settings."""


class Range(NamedTuple):
    """The values that a setting may have, and those that are searched.

    Attributes
    ----------
    least, most : the least and largest value that may be given
    low, high : the range that is searched
    log : whether it is searched on a logarithmic scale
    whole : whether it is a whole number
    default : LightGBM's own, if `PARAMETERS` does not name it
    """

    least: float
    most: float
    low: float
    high: float
    log: bool = False
    whole: bool = False
    default: float = 0.0


RANGES: dict[str, Range] = {
    "learning_rate": Range(0.001, 1.0, 0.015, 0.1, log=True),
    "num_leaves": Range(2, 4096, 8, 128, log=True, whole=True),
    "min_data_in_leaf": Range(1, 100_000, 20, 500, log=True, whole=True),
    "min_gain_to_split": Range(0.0, 1e6, 0.0, 2.0),
    "feature_fraction": Range(0.05, 1.0, 0.25, 1.0),
    "bagging_fraction": Range(0.05, 1.0, 0.4, 1.0),
    "lambda_l2": Range(0.0, 1e6, 0.1, 100.0, log=True),
    "cat_smooth": Range(0.0, 1e6, 1.0, 200.0, log=True),
    "cat_l2": Range(0.0, 1e6, 1.0, 200.0, log=True),
    "max_cat_threshold": Range(1, 10_000, 4, 64, log=True, whole=True, default=32),
    "path_smooth": Range(0.0, 1e6, 0.0, 50.0),
}


def settings_of(parameters: Parameters) -> dict[str, float]:
    """The settings among LightGBM's parameters, in the order of `RANGES`.

    Examples
    --------
    >>> settings_of({"num_leaves": 31, "verbosity": -1})["num_leaves"]
    31
    """
    values = {name: parameters.get(name, allowed.default) for name, allowed in RANGES.items()}
    return {name: value for name, value in values.items() if isinstance(value, int | float)}


def changed_settings(parameters: Parameters) -> dict[str, float]:
    """Those of `settings_of` that differ from the default ones.

    Examples
    --------
    >>> changed_settings({**PARAMETERS, "num_leaves": 7})
    {'num_leaves': 7}
    """
    default = settings_of(PARAMETERS)
    return {name: value for name, value in settings_of(parameters).items() if value != default[name]}


def check_settings(where: str, settings: Mapping[str, object]) -> dict[str, float]:
    """Give settings as LightGBM takes them.

    Raises
    ------
    SettingError : a name that is not in `RANGES`, or a value that is no number within its range

    Examples
    --------
    >>> check_settings("best.json", {"num_leaves": 31.0, "lambda_l2": 2})
    {'num_leaves': 31, 'lambda_l2': 2.0}
    """
    checked: dict[str, float] = {}
    for name, value in settings.items():
        allowed = RANGES.get(name)
        if allowed is None:
            raise SettingError(f"{where}: unknown setting {name!r}; wanted: one of {', '.join(RANGES)}")
        kind = "a whole number" if allowed.whole else "a number"
        number = value if isinstance(value, int | float) and not isinstance(value, bool) else float("nan")
        if not allowed.least <= number <= allowed.most or (allowed.whole and number != int(number)):
            raise SettingError(
                f"{where}: {name} is {value!r}; wanted: {kind} from {allowed.least:g} to {allowed.most:g}"
            )
        checked[name] = int(number) if allowed.whole else float(number)
    return checked


def read_settings(path: Path) -> dict[str, float]:
    """Read settings from a JSON or TOML file, as `puntual tune -o` writes them.

    Raises
    ------
    SettingError : no such file, neither JSON nor TOML, or as in `check_settings`
    """
    try:
        text = read_file(path, MAX_BYTES).decode("utf-8")
    except OSError as error:
        raise SettingError(f"--settings: {path}: {describe_error(error)}") from error
    except UnicodeDecodeError as error:
        raise SettingError(f"--settings: {path}: not UTF-8") from error
    try:
        settings = tomllib.loads(text) if path.suffix.lower() == ".toml" else json.loads(text)
    except ValueError as error:
        raise SettingError(f"--settings: {path}: {' '.join(str(error).split())}") from error
    if not isinstance(settings, dict):
        raise SettingError(f"--settings: {path}; wanted: an object of names and numbers")
    return check_settings(f"--settings: {path}", settings)


def settings_text(settings: Mapping[str, float], *, toml: bool) -> str:
    """Write settings as TOML or JSON that `read_settings` reads; those not given have their defaults.

    Examples
    --------
    >>> print(settings_text({"num_leaves": 31}, toml=True).splitlines()[1])
    num_leaves = 31
    """
    values = settings_of({**PARAMETERS, **settings})
    if toml:
        return "".join(f"{name} = {value!r}\n" for name, value in values.items())
    return json.dumps(values, indent=1) + "\n"
