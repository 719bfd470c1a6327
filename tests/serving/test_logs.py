"""The log of a server that is asked by clients who would write it themselves."""

from __future__ import annotations

import json
import logging
import re
import urllib.parse
from http.client import HTTPConnection
from pathlib import Path

import pytest

from puntual.serving.http.logs import JsonFormatter, TextFormatter
from tests.serving.conftest import serving

STRANGE = "a\r\n2026-11-27 10:00:00,000 INFO FAKE\0\x1b[2K\x7f\x85\u2028\u202e"
ESCAPED = r"a\r\n2026-11-27 10:00:00,000 INFO FAKE\x00\x1b[2K\x7f\x85\u2028\u202e"
TEXT_LINE = re.compile(r"[\d-]{10} [\d:]{8},\d{3} [A-Z]+ .*")


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_no_client_writes_a_line_of_its_own(model: Path, log_format: str) -> None:
    with serving(model, log_requests=1, log_format=log_format) as served:
        connection = HTTPConnection("127.0.0.1", int(served.port), timeout=20)
        # Control codes that HTTP lets into a header; the others end the request, and the path takes them all.
        headers = {"user-agent": "a\x85\xa0b", "x-request-id": "a\x85\xa0b", "traceparent": "a\x85b"}
        connection.request("GET", f"/{urllib.parse.quote(STRANGE)}", headers=headers)
        assert connection.getresponse().status == 404
        connection.close()
        served.process.terminate()
        _, _, log = served.ended()
    lines = [line for line in log.split("\n") if "FAKE" in line]
    assert len(lines) == 1
    assert all(line.isprintable() for line in log.split("\n"))
    if log_format == "text":
        assert lines[0].endswith(f" INFO 404 /{ESCAPED}")
        assert all(TEXT_LINE.fullmatch(line) for line in log.splitlines())
    else:
        assert json.loads(lines[0])["message"] == f"404 /{ESCAPED}"
        assert json.loads(lines[0])["x-request-id"].isprintable()


@pytest.mark.parametrize("formatter", [TextFormatter("%(levelname)s %(message)s"), JsonFormatter()])
def test_nor_does_an_exception(formatter: logging.Formatter) -> None:
    error = ValueError(STRANGE)
    exception = (type(error), error, None)
    record = logging.LogRecord("puntual.serving", logging.ERROR, "", 0, "%s", (STRANGE,), exception)
    written = formatter.format(record)
    if isinstance(formatter, JsonFormatter):
        assert written.isprintable()
        written = json.loads(written)["exception"]
    else:
        entry, *traceback = written.split("\n")
        assert entry == f"ERROR {ESCAPED}"
        assert all(line.startswith("    ") for line in traceback)
    assert all(line.isprintable() for line in written.split("\n"))
    assert "FAKE" in written
