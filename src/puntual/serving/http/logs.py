"""The log of the service as lines of text or JSON objects; what clients send cannot break a line."""

from __future__ import annotations

import logging
import time
from typing import Any

import msgspec

from puntual.access.audit import audit_entry
from puntual.errors import printable
from puntual.serving.http.log_writer import LogWriter

AUDIT = "puntual.audit"
"""Name of the logger of what was changed, and by whom."""

_audit = logging.getLogger(AUDIT)


class TextFormatter(logging.Formatter):
    r"""One line an entry; a traceback is indented so that no part of it looks like an entry.

    Examples
    --------
    >>> record = logging.LogRecord("puntual.serving", logging.INFO, "", 0, "404 %s", ("/a\nb",), None)
    >>> TextFormatter("%(levelname)s %(message)s").format(record)
    'INFO 404 /a\\nb'
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """The line, with control characters escaped."""
        return printable(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """The indented traceback."""
        return "\n".join(f"    {printable(line)}" for line in super().formatException(ei).split("\n"))


class JsonFormatter(logging.Formatter):
    """One JSON object an entry, with the fields that Google Cloud's and most other collectors read.

    Examples
    --------
    >>> record = logging.LogRecord("puntual.serving", logging.INFO, "", 0, "%d flights", (7,), None)
    >>> entry = msgspec.json.decode(JsonFormatter().format(record))
    >>> entry["severity"], entry["message"], entry["logger"]
    ('INFO', '7 flights', 'puntual.serving')
    """

    def format(self, record: logging.LogRecord) -> str:
        """The entry; fields of a request, such as its id, are passed as ``extra={"request": {...}}``."""
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        entry: dict[str, Any] = {
            "time": f"{seconds}.{int(record.msecs):03d}Z",
            "severity": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            "pid": record.process,
            **getattr(record, "request", {}),
        }
        entry = {name: printable(value) if isinstance(value, str) else value for name, value in entry.items()}
        if record.exc_info:
            lines = self.formatException(record.exc_info).split("\n")
            entry["exception"] = "\n".join(map(printable, lines))
        return msgspec.json.encode(entry).decode()


def log_config(log_format: str, audit_log: str = "") -> dict[str, Any]:
    """The configuration of `logging`: everything goes to standard error, without waiting for its reader.

    Parameters
    ----------
    log_format : ``text`` or ``json``
    audit_log : a file for the entries of `AUDIT`, as JSON; empty: they go where all others go
    """
    handlers = {"handlers": ["stderr"], "propagate": False}
    audit = {"handlers": ["audit"], "propagate": False, "level": "INFO"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "text": {"()": TextFormatter, "fmt": "%(asctime)s %(levelname)s %(message)s"},
            "json": {"()": JsonFormatter},
        },
        "handlers": {
            "stderr": {"()": LogWriter, "formatter": log_format},
            **({"audit": {"()": LogWriter, "path": audit_log, "formatter": "json"}} if audit_log else {}),
        },
        "loggers": {
            "_granian": handlers,
            "puntual": {**handlers, "level": "INFO"},
            **({AUDIT: audit} if audit_log else {}),
        },
    }


def audit(what: str, **fields: object) -> None:
    """Log who changed what; see `puntual.access.audit.audit_entry`."""
    entry = audit_entry(what, **fields)
    details = ", ".join(f"{name} {value}" for name, value in entry.items() if name != "audit" and value != "")
    _audit.info("%s: %s", what, details, extra={"request": entry})
