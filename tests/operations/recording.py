"""A service that keeps what it is sent, and answers as the routes of the day of the flight do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

LATE_AIRLINE = "B6"
"""Its flights are answered .8 from operations, others .1; from the schedule every flight .4."""


class Recorder:
    """What was sent, in order.

    Attributes
    ----------
    sent : method, path and body of each request
    refusals : status, fields and body of the next answers, in place of the usual ones
    """

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, Any]] = []
        self.refusals: list[tuple[int, dict[str, str], dict[str, Any]]] = []
        self.url = ""

    def bodies(self, method: str, path: str) -> list[Any]:
        """The bodies of the requests to a path, or to those below it."""
        return [body for one, to, body in self.sent if one == method and to.startswith(path)]

    def answer(self, method: str, path: str, body: Any) -> tuple[int, dict[str, str], Any]:
        """Status, fields and body of an answer."""
        if self.refusals:
            return self.refusals.pop(0)
        self.sent.append((method, path, body))
        if path == "/v1/predictions":
            return 200, {}, _predictions(body["flights"], body.get("horizon", "operations"))
        return 200, {}, {"accepted": len(body), "repeated": 0, "unknown": 0}


def _predictions(flights: list[dict[str, Any]], horizon: str) -> dict[str, Any]:
    def answer(flight: dict[str, Any]) -> dict[str, Any]:
        known = 0.8 if flight["airline"] == LATE_AIRLINE else 0.1
        return {"delay_probability": known if horizon == "operations" else 0.4, "horizon": horizon}

    return {"model": "nyc-1", "threshold_minutes": 15, "predictions": [answer(one) for one in flights]}


@contextmanager
def recording() -> Iterator[Recorder]:
    """A service on a port of its own."""
    recorder = Recorder()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _respond(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"] or 0))
            sent = msgspec.json.decode(body) if body else {}
            status, fields, answer = recorder.answer(self.command, self.path, sent)
            content = msgspec.json.encode(answer)
            self.send_response(status)
            for name, value in (fields | {"content-length": str(len(content))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = _respond  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        recorder.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield recorder
        finally:
            server.shutdown()
            thread.join()
