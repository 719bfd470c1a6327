"""The last load test of the service, a file of `puntual stress --save` that is read whenever it changes."""

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
    """The last load test of this service, and that of the original API.

    Attributes
    ----------
    test : the last load test of this service
    original : the published load test of the original API
    """

    test: LoadTest
    original: OriginalTest = OriginalTest()


class LastLoadTest:
    """The last load test, as published.

    Parameters
    ----------
    path : its file, which may be missing at first; empty: no load test is published. If the file becomes
        unusable, the log says so, and the last good load test stays

    Attributes
    ----------
    document : the answer of `GET /v1/stress`; None: no test yet
    started : start of the test, in seconds since 1970; None: no test yet
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._signature: tuple[int, ...] = ()
        self.document: Document | None = None
        self.started: float | None = None
        self.refresh()

    def refresh(self) -> None:
        """Read the file if it has changed; never within a request, because a disk may block."""
        if not self._path or (signature := file_signature(self._path)) == self._signature:
            return
        self._signature = signature
        if not signature:
            return
        try:
            test = read_result(Path(self._path), LoadTest)
        except DataError as error:
            logger.error("%s", error)  # noqa: TRY400 - a mistake of the user's, not of the program
            return
        self.document = Document(msgspec.json.encode(LoadTestReport(test)), TYPES[".json"])
        self.started = test.started.timestamp()


def check_load_test(path: str) -> None:
    """Refuse a file that cannot be published; it may be missing, since a load test may write it later.

    Raises
    ------
    SettingError : its folder does not exist
    DataError : it is not the result of a load test
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
