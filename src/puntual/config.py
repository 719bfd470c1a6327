"""Settings of the service: flag > environment variable > default, read once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from puntual.errors import SettingError


class Setting(NamedTuple):
    """One setting; `max_flights` has the flag ``--max-flights`` and the variable ``PUNTUAL_MAX_FLIGHTS``."""

    name: str
    default: str | int
    meaning: str
    least: int = 0
    most: int = 2**31

    @property
    def variable(self) -> str:
        """Name of the environment variable."""
        return f"PUNTUAL_{self.name.upper()}"


SETTINGS: tuple[Setting, ...] = (
    Setting("model", "", "the model file that is served"),
    Setting("host", "127.0.0.1", "address to listen on"),
    Setting("port", 8000, "port to listen on", 1, 65_535),
    Setting("workers", 1, "processes that answer", 1, 256),
    Setting("max_flights", 10_000, "most flights in a request", 1, 1_000_000),
    Setting("max_body_bytes", 2 * 2**20, "largest request body, bytes", 1_024, 2**30),
)


class Settings(msgspec.Struct, frozen=True):
    """The settings of `SETTINGS`, checked."""

    model: str
    host: str
    port: int
    workers: int
    max_flights: int
    max_body_bytes: int


def read_settings(
    flags: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None
) -> Settings:
    """Settle every setting.

    Parameters
    ----------
    flags : by name; None or missing: not given
    environ : variables; None: the process's own

    Raises
    ------
    SettingError : a value of the wrong type or outside its range

    Examples
    --------
    >>> read_settings({"port": 9000}, {"PUNTUAL_PORT": "9001", "PUNTUAL_WORKERS": "2"}).port
    9000
    >>> read_settings({}, {"PUNTUAL_PORT": "many"})
    Traceback (most recent call last):
        ...
    puntual.errors.SettingError: PUNTUAL_PORT: 'many'; wanted: a whole number from 1 to 65535
    """
    flags, environ = flags or {}, os.environ if environ is None else environ
    return msgspec.convert({setting.name: _settle(setting, flags, environ) for setting in SETTINGS}, Settings)


def _settle(setting: Setting, flags: Mapping[str, Any], environ: Mapping[str, str]) -> str | int:
    value = flags.get(setting.name)
    place = f"--{setting.name.replace('_', '-')}"
    if value is None and environ.get(setting.variable):
        value, place = environ[setting.variable], setting.variable
    if value is None:
        return setting.default
    if isinstance(setting.default, str):
        return str(value)
    try:
        number = int(value)
    except ValueError:
        number = setting.least - 1
    if not setting.least <= number <= setting.most:
        raise SettingError(
            f"{place}: {value!r}; wanted: a whole number from {setting.least} to {setting.most}"
        )
    return number
