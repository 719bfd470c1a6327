"""The log of a server that is asked by clients who would write it themselves."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import stat
import subprocess
import sys
import urllib.parse
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest

from puntual.serving.http.log_writer import MAX_LINES
from puntual.serving.http.logs import JsonFormatter, TextFormatter
from tests.serving.conftest import serving, until
from tests.serving.live import departure

BATCH = 100

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
        assert re.search(rf" INFO 404 GET 127.0.0.1 \d+ {re.escape(f'/{ESCAPED}')}$", lines[0])
        assert all(TEXT_LINE.fullmatch(line) for line in log.splitlines())
    else:
        entry = json.loads(lines[0])
        assert entry["message"].endswith(f" /{ESCAPED}")
        assert (entry["method"], entry["address"], entry["route"]) == ("GET", "127.0.0.1", "other")
        assert entry["bytes"] > 0
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


def test_a_log_that_nobody_reads_keeps_no_answer_back(model: Path) -> None:
    """Twice what waits, and a pipe's 64 KiB; then what was dropped is counted."""
    with serving(model, log_requests=1) as served:
        with served.connected() as connection:
            answered = 0
            for _ in range(2 * MAX_LINES // BATCH + 40):
                connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * BATCH)
                read = b""
                while read.count(b"200 OK") < BATCH:
                    part = connection.recv(65536)
                    assert part, "the server hung up"
                    read += part
                answered += BATCH
        until(lambda: served.metric("puntual_log_lines_dropped_total")[""] > 0)
        assert answered > 2 * MAX_LINES
        served.process.terminate()
        _, _, log = served.ended()
    assert "lines dropped" in log


def test_what_is_changed_is_audited(model: Path, file: Path, another: Path, tmp_path: Path) -> None:
    """Events, keys and models, each with who did it; no key stands in it."""
    log, keys, store = tmp_path / "audit.log", tmp_path / "keys.json", f"sqlite:///{tmp_path / 'events.db'}"
    environ = os.environ | {"PUNTUAL_AUDIT_LOG": str(log), "PUNTUAL_KEYS": str(keys)}
    command = [sys.executable, "-m", "puntual", "keys", "create", "desk", "--scope", "admin"]
    made = subprocess.run(command, env=environ, check=True, capture_output=True, text=True)
    token = made.stdout.strip()
    with serving(file, "--store", store, token=token, audit_log=log, keys=keys) as served:
        headers = {"authorization": f"Bearer {token}"}
        sent = httpx.post(f"{served.url}/v1/events", json=[departure(0)], headers=headers)
        assert sent.status_code == 200
        another.replace(file)

        def entries() -> dict[str, dict[str, object]]:
            return {entry["audit"]: entry for entry in map(json.loads, log.read_text().splitlines())}

        until(lambda: len(entries()) == 3)
    found = entries()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert (found["keys.create"]["name"], found["keys.create"]["scopes"]) == ("desk", "admin")
    assert found["events"]["key"] == found["keys.create"]["key"]
    assert (found["events"]["address"], found["events"]["accepted"]) == ("127.0.0.1", 1)
    assert found["model.swap"]["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert token.rpartition("_")[2] not in log.read_text()
