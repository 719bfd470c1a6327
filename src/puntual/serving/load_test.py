"""The last load test of the service, as `puntual stress --save` kept it; read anew when its file changes."""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path
from typing import Annotated

import msgspec

from puntual.errors import DataError, SettingError
from puntual.files import describe_error, read_file
from puntual.serving.http.documents import TYPES, Document
from puntual.serving.ops.digest import file_signature

MAX_BYTES = 16 * 2**20
"""Of the file; a second of the test takes about 100."""
WANTED = "a file from `puntual stress --save`"

logger = logging.getLogger("puntual.serving")


class Latencies(msgspec.Struct, frozen=True):
    """Of the right answers of a load test, in milliseconds; null: there was none."""

    mean: float | None
    p50: float | None
    p90: float | None
    p99: float | None
    p999: float | None
    max: float | None


class LoadSecond(msgspec.Struct, frozen=True):
    """One second of a load test; the last one may be shorter.

    Attributes
    ----------
    end_s : after the start
    p50, p99 : milliseconds; null: nothing was answered
    """

    end_s: float
    answered: int
    errors: int
    p50: float | None
    p99: float | None


class LoadPlan(msgspec.Struct, frozen=True):
    """What a load test was to do; it ended with whichever of `requests` and `duration_s` came first.

    Attributes
    ----------
    requests, duration_s : null: no such limit
    rate : requests a second, by the clock; null: as fast as answers came
    """

    connections: int
    requests: int | None
    duration_s: float | None
    rate: float | None
    flights_per_request: int


class LoadMachine(msgspec.Struct, frozen=True):
    """Where a load test ran.

    Attributes
    ----------
    memory_gb : 0: not known
    """

    processor: str
    cores: int
    memory_gb: float


class LoadTest(msgspec.Struct, frozen=True, kw_only=True):
    """What a load test found.

    Attributes
    ----------
    requests : that had an outcome: `answered` + `errors`
    answered : right answers in time; `latency_ms` is theirs
    errors_by_kind : such as ``timeout`` or ``status 503``
    duration_s : from the start to the last outcome
    requests_per_s, answered_per_s : over that duration
    interrupted : whether it was ended before its time
    model : that answered; empty: not known
    started : with its offset
    version : of Puntual, that asked
    profile : its name; empty: none
    """

    requests: int
    answered: int
    errors: int
    errors_by_kind: dict[str, int]
    duration_s: float
    requests_per_s: float
    answered_per_s: float
    latency_ms: Latencies
    interrupted: bool
    model: str
    started: Annotated[dt.datetime, msgspec.Meta(tz=True)]
    version: str
    profile: str = ""
    plan: LoadPlan
    machine: LoadMachine
    seconds: list[LoadSecond]


class OriginalTest(msgspec.Struct, frozen=True, kw_only=True):
    """What the challenge's own API made of the profile ``original``, as published: JMeter, 5,000 clients.

    Attributes
    ----------
    error_percent : of the samples
    mean_ms, max_ms : of all samples, errors among them
    """

    requests: int = 20_214
    duration_s: float = 65.0
    requests_per_s: float = 308.9
    error_percent: float = 45.89
    mean_ms: float = 1635.0
    max_ms: float = 64_800.0


class LoadTestReport(msgspec.Struct, frozen=True):
    """The last load test of this service, and the one that the original API was put to."""

    test: LoadTest
    original: OriginalTest = OriginalTest()


class LastLoadTest:
    """What is told of the last load test.

    Parameters
    ----------
    path : of its file, which need not be there yet; empty: none is told. One that cannot be used is logged,
        and what was told before is told further

    Attributes
    ----------
    document : what `GET /v1/stress` gives; None: there was no test yet
    started : when the test began, in seconds since 1970; None: there was no test yet
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._seen: tuple[int, ...] = ()
        self.document: Document | None = None
        self.started: float | None = None
        self.look()

    def look(self) -> None:
        """Read the file if it has changed; a disk may keep it waiting, so no request does this."""
        if not self._path or (now := file_signature(self._path)) == self._seen:
            return
        self._seen = now
        if not now:
            return
        try:
            test = read_load_test(Path(self._path))
        except DataError as error:
            logger.error("%s", error)  # noqa: TRY400 - a mistake of the user's, not of the program
            return
        self.document = Document(msgspec.json.encode(LoadTestReport(test)), TYPES[".json"])
        self.started = test.started.timestamp()


def read_load_test(path: Path) -> LoadTest:
    """Read what ``puntual stress --save`` wrote; what is not told of it is left out.

    Raises
    ------
    DataError : no such file, or not a result of a load test
    """
    try:
        return msgspec.json.decode(read_file(path, MAX_BYTES), type=LoadTest)
    except OSError as error:
        raise DataError(str(path), describe_error(error), wanted=WANTED) from error
    except (ValueError, RecursionError) as error:
        raise DataError(str(path), "it is no result of a load test", wanted=WANTED) from error


def check_load_test(path: str) -> None:
    """Refuse a file that cannot be told; one that a load test has yet to write need not be there.

    Raises
    ------
    SettingError : it can never be there
    DataError : it is not a result of a load test
    """
    if not path:
        return
    try:
        read_load_test(Path(path))
    except DataError as error:
        if not isinstance(error.__cause__, FileNotFoundError):
            raise
        if not Path(path).parent.is_dir():
            raise SettingError(f"--stress-report: {path!r}: no such folder; wanted: {WANTED}") from error
