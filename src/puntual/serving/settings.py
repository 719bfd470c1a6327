"""Settings of the service: flag > environment variable > default, read once."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from puntual.errors import SettingError


class Setting(NamedTuple):
    """One setting; `max_flights` has the flag ``--max-flights`` and the variable ``PUNTUAL_MAX_FLIGHTS``.

    Attributes
    ----------
    default : a text, or a whole number; None: a number that need not be given
    also : another variable that says it where the first does not; platforms give some of their own accord
    """

    name: str
    default: str | int | None
    meaning: str
    least: int = 0
    most: int = 2**31
    choices: tuple[str, ...] = ()
    also: str = ""

    @property
    def variable(self) -> str:
        """Name of the environment variable."""
        return f"PUNTUAL_{self.name.upper()}"


SETTINGS: tuple[Setting, ...] = (
    Setting("model", "", "the model that is served: a file, gs://BUCKET/OBJECT, or an https address"),
    Setting("model_sha256", "", "SHA-256 that the model's file must have; needed with an https address"),
    Setting("host", "127.0.0.1", "address or name to listen on; `*` for every address of this machine"),
    Setting("port", 8000, "port to listen on", 1, 65_535, also="PORT"),
    Setting("workers", 1, "processes that answer", 1, 256),
    Setting("max_flights", 10_000, "most flights in a request", 1, 1_000_000),
    Setting("max_body_bytes", 2 * 2**20, "largest request body, bytes", 1_024, 2**30),
    Setting("max_in_flight", 5_000, "requests that a worker works on at once; more are refused", 1),
    Setting("max_worker_mib", 512, "memory of a worker, MiB, above which it is replaced", 64),
    Setting("head_seconds", 15, "time for the head of the next request on a connection", 1, 3_600),
    Setting("body_seconds", 10, "time for a whole body to arrive; of a stream, for each KiB", 1, 3_600),
    Setting("drain_seconds", 0, "time between SIGTERM and the end, in which /readyz says no", 0, 3_600),
    Setting("log_requests", 0, "1: a line for every request", 0, 1),
    Setting("log_format", "text", "text, or json for a log that programs read", choices=("text", "json")),
    Setting(
        "stress_report", "", "the last load test, which the page shows: a file of `puntual stress --save`"
    ),
    Setting("cut", None, "probability from which an answer says delayed; else the model's own", 0, 1),
    Setting("cost_of_a_missed_delay", None, "what one costs, in false alarms; decides the cut", 0, 1_000_000),
)


class Settings(msgspec.Struct, frozen=True):
    """The settings of `SETTINGS`, checked."""

    model: str
    model_sha256: str
    host: str
    port: int
    workers: int
    max_flights: int
    max_body_bytes: int
    max_in_flight: int
    max_worker_mib: int
    head_seconds: int
    body_seconds: int
    drain_seconds: int
    log_requests: int
    log_format: str
    stress_report: str
    cut: float | None
    cost_of_a_missed_delay: float | None

    @property
    def decision_threshold(self) -> float | None:
        """The cut that the settings decide, if they do.

        References
        ----------
        Elkan (2001), The foundations of cost-sensitive learning, IJCAI, equation 2.
        """
        cost = self.cost_of_a_missed_delay
        return self.cut if cost is None else 1 / (1 + cost)


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
    >>> read_settings({}, {"PORT": "9002"}).port
    9002
    >>> read_settings({}, {"PUNTUAL_PORT": "many"})
    Traceback (most recent call last):
        ...
    puntual.errors.SettingError: PUNTUAL_PORT: 'many'; wanted: a whole number from 1 to 65535
    """
    flags, environ = flags or {}, os.environ if environ is None else environ
    values = {setting.name: _settle(setting, flags, environ) for setting in SETTINGS}
    if values["cut"] is not None and values["cost_of_a_missed_delay"] is not None:
        raise SettingError("--cut and --cost-of-a-missed-delay: one decides the cut; wanted: one of them")
    return msgspec.convert(values, Settings)


def _settle(
    setting: Setting, flags: Mapping[str, Any], environ: Mapping[str, str]
) -> str | int | float | None:
    value = flags.get(setting.name)
    place = f"--{setting.name.replace('_', '-')}"
    if value is None:
        named = next(filter(environ.get, (setting.variable, setting.also)), None)
        value, place = (environ[named], named) if named else (None, place)
    if value is None:
        return setting.default
    if isinstance(setting.default, str):
        if setting.choices and value not in setting.choices:
            raise SettingError(f"{place}: {value!r}; wanted: {' or '.join(setting.choices)}")
        return str(value)
    kind, wanted = (float, "a number") if setting.default is None else (int, "a whole number")
    try:
        number = kind(value)
    except ValueError:
        number = math.nan
    if not setting.least <= number <= setting.most:
        raise SettingError(f"{place}: {value!r}; wanted: {wanted} from {setting.least} to {setting.most}")
    return number
