"""The service's log: a line for a person, or a JSON object for a program."""

from __future__ import annotations

import logging
import time
from typing import Any

import msgspec


class JsonFormatter(logging.Formatter):
    """An entry as one JSON object, in the fields that Google Cloud's and most other collectors read.

    Examples
    --------
    >>> record = logging.LogRecord("puntual.serving", logging.INFO, "", 0, "%d flights", (7,), None)
    >>> entry = msgspec.json.decode(JsonFormatter().format(record))
    >>> entry["severity"], entry["message"], entry["logger"]
    ('INFO', '7 flights', 'puntual.serving')
    """

    def format(self, record: logging.LogRecord) -> str:
        """The entry; what belongs to a request, such as its id, is given as ``extra={"request": {...}}``."""
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        entry: dict[str, Any] = {
            "time": f"{seconds}.{int(record.msecs):03d}Z",
            "severity": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            "pid": record.process,
            **getattr(record, "request", {}),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(entry).decode()


def log_config(log_format: str) -> dict[str, Any]:
    """Settings of `logging`, to standard error.

    Parameters
    ----------
    log_format : ``text`` or ``json``
    """
    handlers = {"handlers": ["stderr"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "text": {"format": "%(asctime)s %(levelname)s %(message)s"},
            "json": {"()": JsonFormatter},
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": log_format,
                "stream": "ext://sys.stderr",
            }
        },
        "loggers": {"_granian": handlers, "puntual": {**handlers, "level": "INFO"}},
    }
