"""Health, readiness and metrics on a port of their own, answered by the process that watches the workers.

However full the workers are, and whoever holds their connections, this port answers.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from puntual.errors import SettingError
from puntual.serving.api.schemas import Health, Readiness, encode
from puntual.serving.http.messages import JSON_HEADERS, Response
from puntual.serving.http.problems import RefusedError
from puntual.serving.load_test import LastLoadTest
from puntual.serving.ops.counters import SharedCounters
from puntual.serving.ops.metrics import CONTENT_TYPE, expose
from puntual.serving.settings import Settings

MAX_CONNECTIONS = 64
"""Beyond it the oldest are closed: whoever holds connections open does not keep probes out."""
TIMEOUT_SECONDS = 5
"""For a client to send its request and to take the answer."""


class AdminServer(ThreadingHTTPServer):
    """Answers `/healthz`, `/readyz` and `/metrics` from what all workers share.

    Parameters
    ----------
    labels : of the routes, in the order in which requests are counted

    Raises
    ------
    SettingError : the port cannot be listened on
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, settings: Settings, counters: SharedCounters, labels: Sequence[str]) -> None:
        self._counters, self._labels = counters, labels
        self._open: dict[Any, None] = {}
        self._opening = threading.Lock()
        self._load_test = LastLoadTest(settings.stress_report)
        self.address_family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        try:
            super().__init__((settings.host, settings.admin_port), _Handler)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            wanted = "a free port of its own"
            message = f"PUNTUAL_ADMIN_PORT: {settings.admin_port}: {reason}; wanted: {wanted}"
            raise SettingError(message) from error
        # A worker must not keep the port when this process is gone.
        os.register_at_fork(after_in_child=self.socket.close)

    def start(self) -> None:
        """Answer from now on, in a thread."""
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def answer(self, path: str) -> Response:
        """The answer to a GET of a path."""
        try:
            return self._answer(path.partition("?")[0])
        except RefusedError as refused:
            return refused.response

    def _answer(self, path: str) -> Response:
        if path == "/metrics":
            self._load_test.refresh()
            body = expose(self._counters, self._labels, self._load_test.started)
            return Response(200, [("content-type", CONTENT_TYPE)], body)
        totals = self._counters.totals()
        if path == "/healthz":
            return Response(200, JSON_HEADERS, encode(Health()))
        if path == "/readyz":
            if self._counters.draining:
                raise RefusedError("draining", "this server is about to end")
            if not totals.models:
                raise RefusedError("no-model", "this server has no model to answer from")
            return Response(200, JSON_HEADERS, encode(Readiness(totals.models.most_common(1)[0][0])))
        raise RefusedError("not-found", "nothing", found=path, allowed="/healthz, /readyz or /metrics")

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer a connection in a thread, and close the oldest if there are too many."""
        with self._opening:
            self._open[request] = None
            oldest = next(iter(self._open)) if len(self._open) > MAX_CONNECTIONS else None
            if oldest is not None:
                del self._open[oldest]
                with contextlib.suppress(OSError):
                    oldest.shutdown(socket.SHUT_RDWR)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection that was answered."""
        with self._opening:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, _request: Any, _client_address: Any) -> None:
        """Leave out of the log who went away in the middle."""


class _Handler(BaseHTTPRequestHandler):
    server: AdminServer
    timeout = TIMEOUT_SECONDS
    error_message_format, error_content_type = "%(code)d\n", "text/plain"

    def do_GET(self) -> None:
        response = self.server.answer(self.path)
        self.send_response_only(response.status)
        for name, value in [*response.headers, ("content-length", str(len(response.body)))]:
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(response.body)

    def send_response(self, code: int, message: str | None = None) -> None:
        """Answer what is no GET or no HTTP without the names and versions of programs."""
        self.send_response_only(code, message)

    do_HEAD = do_GET  # noqa: N815 - likewise

    def log_message(self, *_: object) -> None:
        """Probes come every few seconds: no line for each."""
