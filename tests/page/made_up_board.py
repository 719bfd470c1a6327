"""A board whose flights a test changes, served in front of a real server that answers everything else."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import queue
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DATE = "2017-07-14"
OFFSET = dt.timezone(dt.timedelta(hours=-4))
"""Of Santiago in July."""
BEAT_SECONDS = 0.1
HOP = {"connection", "transfer-encoding", "content-length", "server", "date"}

Flight = dict[str, Any]


def flight(
    time: str, number: int | str, airline: str = "SKU", destination: str = "SCFA", **more: Any
) -> Flight:
    """A flight of a board, scheduled unless it says otherwise."""
    return {
        "airline": airline,
        "flight_number": str(number),
        "destination": destination,
        "scheduled_departure": f"{DATE}T{time}:00",
        "operator": None,
        "aircraft": None,
        "status": "scheduled",
        "estimated_departure": None,
        "actual_departure": None,
        "delay_minutes": None,
        "delay_probability": 0.2,
        "delayed": False,
        "risk": "low",
        "horizon": "operations",
        "lead_minutes": 60,
        "cancellation_probability": None,
    } | more


def left(one: Flight, minutes: int) -> Flight:
    """The same flight after it has left so many minutes late."""
    at = dt.datetime.fromisoformat(one["scheduled_departure"]) + dt.timedelta(minutes=minutes)
    known = {"status": "departed", "actual_departure": at.isoformat(), "delay_minutes": minutes}
    return one | known | {"delayed": minutes > 15, "delay_probability": None, "risk": None}


class MadeUpBoard:
    """What `GET /v1/board` and its stream answer; `change` is heard by every open stream."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.flights: list[Flight] = []
        self.dates = [DATE]
        self.as_of: str | None = None
        self.current = True
        self.refuses = False
        self.listeners: list[queue.SimpleQueue[bytes | None]] = []

    def know(self, time: str, *flights: Flight, date: str = DATE) -> None:
        """Become the board of so late, of these flights."""
        self._set_time(time, date)
        self.flights = list(flights)

    def change(self, time: str, *changed: Flight, date: str = DATE) -> None:
        """Let flights change at a time."""
        self._set_time(time, date)
        keys = ("airline", "flight_number", "scheduled_departure")
        for one in changed:
            places = [n for n, old in enumerate(self.flights) if all(old[key] == one[key] for key in keys)]
            self.flights[places[0]] = one
        known = self.board()
        told = {"as_of": known["as_of"], "current": self.current, "day": known["day"], "flights": changed}
        for listener in self.listeners:
            listener.put(event("changes", told))

    def beat(self) -> None:
        """Say that the service is alive."""
        for listener in self.listeners:
            listener.put(event("alive", {}))

    def interrupt(self) -> None:
        """Break every stream, and refuse new ones."""
        self.refuses = True
        for listener in self.listeners:
            listener.put(None)

    def _set_time(self, time: str, date: str) -> None:
        self.as_of = dt.datetime.fromisoformat(f"{date}T{time}:00").replace(tzinfo=OFFSET).isoformat()

    def board(self) -> dict[str, Any]:
        departed = [one for one in self.flights if one["status"] == "departed"]
        mean = sum(one["delay_minutes"] for one in departed) / len(departed) if departed else None
        return {
            "model": "made-up",
            "threshold_minutes": 15,
            "origin": "SCEL",
            "date": self.dates[-1],
            "as_of": self.as_of,
            "current": self.current,
            "day": {"mean_delay_minutes": mean, "late_last_2_h": None},
            "flights": self.flights,
        }

    def days(self) -> dict[str, Any]:
        days = [{"origin": "SCEL", "date": date, "flights": len(self.flights)} for date in self.dates]
        return {"model": "made-up", "threshold_minutes": 15, "as_of": self.as_of, "days": days}


def event(name: str, data: object) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


@contextlib.contextmanager
def serve_board(upstream: str) -> Iterator[tuple[str, MadeUpBoard]]:
    """The address of a server, and the board that it answers with."""
    board = MadeUpBoard(upstream)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("BoardHandler", (_Handler,), {"board": board}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/", board
    finally:
        board.interrupt()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    board: MadeUpBoard
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        self._forward(self.rfile.read(int(self.headers.get("content-length", 0))))

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path == "/v1/board/stream":
            self._stream()
        elif path == "/v1/board" and not query:
            self._answer(200, json.dumps(self.board.days()).encode(), {"content-type": "application/json"})
        else:
            self._forward(None)

    def _stream(self) -> None:
        self.close_connection = True
        if self.board.refuses:
            return self._answer(503, b"{}", {"content-type": "application/json"})
        changes: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self.board.listeners.append(changes)
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        told: bytes | None = event("board", self.board.board())
        with contextlib.suppress(OSError):
            while told is not None:
                self.wfile.write(told)
                try:
                    told = changes.get(timeout=BEAT_SECONDS)
                except queue.Empty:
                    told = b":\n\n"  # to hear whether the client is still there
        self.board.listeners.remove(changes)
        return None

    def _forward(self, body: bytes | None) -> None:
        kind = {"content-type": self.headers.get("content-type", "application/json")}
        request = urllib.request.Request(f"{self.board.upstream}{self.path[1:]}", body, kind)
        try:
            with urllib.request.urlopen(request) as response:
                status, headers, content = response.status, dict(response.headers), response.read()
        except urllib.error.HTTPError as error:
            status, headers, content = error.code, dict(error.headers), error.read()
        if self.path == "/board/schedules.json":
            content = json.dumps(json.loads(content) | {"live": True}).encode()
        self._answer(status, content, headers)

    def _answer(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
