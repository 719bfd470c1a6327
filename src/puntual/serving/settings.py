"""Settings of the service, each from its flag, else its environment variable, else its default."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from puntual.errors import SettingError


class Setting(NamedTuple):
    """One setting; `workers` has the variable ``PUNTUAL_WORKERS`` and, as some others, a flag: ``--workers``.

    Attributes
    ----------
    default : a text, or a whole number; None: a number that is optional
    meaning : one line for the help text and the docs
    minimum, maximum : of a number
    choices : the allowed texts; empty: any text
    alias : a second environment variable, which some platforms set by themselves
    """

    name: str
    default: str | int | None
    meaning: str
    minimum: int = 0
    maximum: int = 2**31
    choices: tuple[str, ...] = ()
    alias: str = ""

    @property
    def variable(self) -> str:
        """Name of the environment variable."""
        return f"PUNTUAL_{self.name.upper()}"


SETTINGS: tuple[Setting, ...] = (
    Setting("model", "", "the model to serve: a file, `gs://BUCKET/OBJECT`, or an https address"),
    Setting("model_sha256", "", "SHA-256 of the model's file; required with an https address"),
    Setting(
        "trusted_keys",
        "",
        "public keys with one of which a model has to be signed, separated by commas, or a file of them",
    ),
    Setting("private_downloads", 0, "1 downloads the model from private and link-local addresses, too", 0, 1),
    Setting("host", "127.0.0.1", "address or name to listen on; `*` for every address of this machine"),
    Setting("port", 8000, "port to listen on", 1, 65_535, alias="PORT"),
    Setting(
        "admin_port", 0, "port of health, readiness and metrics alone; 0: they are on the other", 0, 65_535
    ),
    Setting("workers", 1, "number of processes that answer", 1, 256),
    Setting("max_flights", 10_000, "most flights in a request", 1, 1_000_000),
    Setting("max_body_bytes", 2 * 2**20, "largest request body, bytes", 1_024, 2**30),
    Setting("max_bodies_mib", 24, "MiB of bodies that arrive or wait; further ones are refused", 1),
    Setting("max_in_flight", 5_000, "most requests in flight in a worker; further ones are refused", 1),
    Setting("max_worker_mib", 512, "memory in MiB above which a worker is replaced", 64),
    Setting("idle_seconds", 60, "seconds until a connection without a request is closed", 1, 3_600),
    Setting("head_seconds", 15, "seconds for the head of a request, once it has begun", 1, 3_600),
    Setting("send_seconds", 30, "seconds in which a client must take a KiB of its answer", 1, 3_600),
    Setting("max_connections_per_address", 0, "most connections of an address to a worker; 0: not limited"),
    Setting("body_seconds", 10, "seconds for a whole body to arrive, or for each KiB of a stream", 1, 3_600),
    Setting("drain_seconds", 0, "seconds from SIGTERM to the end, with `/readyz` answering 503", 0, 3_600),
    Setting("log_requests", 0, "1 logs a line for every request", 0, 1),
    Setting(
        "log_format", "text", "format of the log: `text`, or `json` for programs", choices=("text", "json")
    ),
    Setting(
        "audit_log", "", "file for who changed what, a JSON object a line; empty: it stands in the log itself"
    ),
    Setting("stress_report", "", "the load test that the page shows: a file of `puntual stress --save`"),
    Setting(
        "store",
        "",
        "where timetables, events and weather are kept: `sqlite:///FILE` or `postgresql://…`; empty: nowhere",
    ),
    Setting("store_days", 35, "days for which the store keeps them, counted back from the newest", 1, 3_650),
    Setting(
        "store_max_age",
        30,
        "minutes that answers go on from the last state if the store does not answer; then from the schedule",
        1,
        10_080,
    ),
    Setting(
        "keys", "", "where the keys of the API are: `store`, or a file of `puntual keys create`; empty: none"
    ),
    Setting("tls_cert", "", "certificate for TLS with its chain, a PEM file; empty: plain HTTP"),
    Setting("tls_key", "", "its private key, a PEM file without a password"),
    Setting(
        "tls_client_ca", "", "authority whose certificates clients have to show, a PEM file; empty: none"
    ),
    Setting("open", 0, "1 answers anyone who reaches a server on other addresses than loopback", 0, 1),
    Setting(
        "identity_proxy",
        "",
        "the proxy in front that lets in whom it should, as `iap` or `cloud-run`; no keys are asked for then",
    ),
    Setting(
        "requests_per_key", 0, "requests a minute of a key; further ones are refused with 429; 0: no limit"
    ),
    Setting("flights_per_key", 0, "flights a minute of a key; 0: no limit"),
    Setting("requests_per_address", 0, "requests a minute of an address; 0: no limit"),
    Setting("flights_per_address", 0, "flights a minute of an address; 0: no limit"),
    Setting("proxies", 0, "proxies in front, of which each adds to X-Forwarded-For whom it heard", 0, 16),
    Setting(
        "hosts",
        "",
        "names by which the server may be asked, separated by commas; empty: on loopback its own, else any",
    ),
    Setting(
        "cors_origins",
        "",
        "origins whose pages may ask, as `https://board.example`, separated by commas; `*`: all",
    ),
    Setting("open_events", 0, "1 takes events from other machines too, not only from this one", 0, 1),
    Setting(
        "clock",
        "machine",
        "what now is: `machine`, or `events` for a replay, in which it is the moment of the newest entry",
        choices=("machine", "events"),
    ),
    Setting("cut", None, "decision threshold; by default that of the model", 0, 1),
    Setting(
        "cost_of_a_missed_delay", None, "in false alarms; determines the decision threshold", 0, 1_000_000
    ),
)


class Settings(msgspec.Struct, frozen=True):
    """The checked values of `SETTINGS`."""

    model: str
    model_sha256: str
    trusted_keys: str
    private_downloads: int
    host: str
    port: int
    admin_port: int
    workers: int
    max_flights: int
    max_body_bytes: int
    max_bodies_mib: int
    max_in_flight: int
    max_worker_mib: int
    idle_seconds: int
    head_seconds: int
    send_seconds: int
    max_connections_per_address: int
    body_seconds: int
    drain_seconds: int
    log_requests: int
    log_format: str
    audit_log: str
    stress_report: str
    store: str
    store_days: int
    store_max_age: int
    tls_cert: str
    tls_key: str
    tls_client_ca: str
    keys: str
    open: int
    identity_proxy: str
    requests_per_key: int
    flights_per_key: int
    requests_per_address: int
    flights_per_address: int
    proxies: int
    hosts: str
    cors_origins: str
    open_events: int
    clock: str
    cut: float | None
    cost_of_a_missed_delay: float | None

    @property
    def decision_threshold(self) -> float | None:
        """The decision threshold, if `cut` or `cost_of_a_missed_delay` is set; None: that of the model.

        References
        ----------
        Elkan (2001), The foundations of cost-sensitive learning, IJCAI, equation 2.
        """
        cost = self.cost_of_a_missed_delay
        return self.cut if cost is None else 1 / (1 + cost)


def read_settings(
    flags: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None
) -> Settings:
    """Read every setting.

    Parameters
    ----------
    flags : values by name of the setting; None or missing: not given
    environ : environment variables; None: those of the process

    Raises
    ------
    SettingError : a value has the wrong type, or is outside its range

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
    values = {setting.name: _read(setting, flags, environ) for setting in SETTINGS}
    if values["cut"] is not None and values["cost_of_a_missed_delay"] is not None:
        raise SettingError("--cut and --cost-of-a-missed-delay: one decides the cut; wanted: one of them")
    return msgspec.convert(values, Settings)


def _read(setting: Setting, flags: Mapping[str, Any], environ: Mapping[str, str]) -> str | int | float | None:
    value = flags.get(setting.name)
    place = f"--{setting.name.replace('_', '-')}"
    if value is None:
        named = next(filter(environ.get, (setting.variable, setting.alias)), None)
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
    if not setting.minimum <= number <= setting.maximum:
        limits = f"from {setting.minimum} to {setting.maximum}"
        raise SettingError(f"{place}: {value!r}; wanted: {wanted} {limits}")
    return number
