"""The last load test of the service, as `puntual stress --save` kept it; read anew when its file changes."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from puntual.errors import DataError, SettingError
from puntual.loadtest.result import WANTED, LoadTest, OriginalTest, read_result
from puntual.serving.http.documents import TYPES, Document
from puntual.serving.ops.digest import file_signature

logger = logging.getLogger("puntual.serving")


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
            test = read_result(Path(self._path), LoadTest)
        except DataError as error:
            logger.error("%s", error)  # noqa: TRY400 - a mistake of the user's, not of the program
            return
        self.document = Document(msgspec.json.encode(LoadTestReport(test)), TYPES[".json"])
        self.started = test.started.timestamp()


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
        read_result(Path(path), LoadTest)
    except DataError as error:
        if not isinstance(error.__cause__, FileNotFoundError):
            raise
        if not Path(path).parent.is_dir():
            raise SettingError(f"--stress-report: {path!r}: no such folder; wanted: {WANTED}") from error
