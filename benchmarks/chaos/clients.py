"""Clients of a bad day: those that ask, each answer compared, and one that tells what happens."""

from __future__ import annotations

import datetime as dt
import http.client
import itertools
import json
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Self

TIMEOUT_SECONDS = 12.0
"""Longer than it takes to replace a worker that was stopped."""


class Client(ABC):
    """Asks again and again on one connection, in a thread of its own, until its context ends."""

    def __init__(self, port: int, pause: float) -> None:
        self._port, self._pause = port, pause
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._connection: http.client.HTTPConnection | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @abstractmethod
    def turn(self) -> None:
        """One request."""

    def request(self, path: str, body: Any) -> tuple[int, Any]:
        """The status and the document of an answer; 0: the connection ended, or nothing came in time."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT_SECONDS)
        try:
            self._connection.request("POST", path, json.dumps(body), {"content-type": "application/json"})
            response = self._connection.getresponse()
            content = response.read()
            if response.will_close:
                self._leave()
            return response.status, json.loads(content)
        except (OSError, http.client.HTTPException):
            self._leave()
            return 0, None

    def _leave(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _run(self) -> None:
        while not self._stop.wait(self._pause):
            self.turn()
        self._leave()


class Asking(Client):
    """Asks for predictions, whose right answers are known.

    Parameters
    ----------
    flights : what is asked
    answers : by the name of a model

    Attributes
    ----------
    asked : how many requests
    failed : when one was not answered, or refused, and its status
    wrong : answers that are not those of the model that they name
    seconds : that each answer took
    """

    def __init__(
        self,
        port: int,
        pause: float,
        flights: Sequence[Mapping[str, str]],
        answers: Mapping[str, Sequence[float]],
    ) -> None:
        super().__init__(port, pause)
        self._body, self._answers = {"flights": flights, "horizon": "schedule"}, answers
        self.asked = 0
        self.failed: list[tuple[float, int]] = []
        self.wrong: list[str] = []
        self.seconds: list[float] = []

    def turn(self) -> None:
        """Ask for all flights."""
        began = time.monotonic()
        status, document = self.request("/v1/predictions", self._body)
        self.asked += 1
        if status != 200:
            self.failed.append((began, status))
            return
        self.seconds.append(time.monotonic() - began)
        found = [one["delay_probability"] for one in document["predictions"]]
        if found != self._answers.get(document["model"]):
            self.wrong.append(f"{document['model']}: {found[:3]}")


class Telling(Client):
    """Tells of departures, each known a microsecond after the one before.

    Parameters
    ----------
    flight : of which it tells
    since : when the first became known

    Attributes
    ----------
    acknowledged : when those became known that were answered with 200
    refused : when one was refused, or not answered, and its status
    """

    def __init__(self, port: int, pause: float, flight: Mapping[str, str], since: dt.datetime) -> None:
        super().__init__(port, pause)
        self._flight, self._since, self._numbers = flight, since, itertools.count(1)
        self.acknowledged: list[str] = []
        self.refused: list[tuple[float, int]] = []

    def turn(self) -> None:
        """Tell of one departure."""
        known = (self._since + dt.timedelta(microseconds=next(self._numbers))).isoformat()
        left = {"actual_departure": self._flight["scheduled_departure"], "known_at": known}
        began = time.monotonic()
        status, _ = self.request("/v1/events", {"event": "departure", **self._flight, **left})
        if status == 200:
            self.acknowledged.append(known)
        else:
            self.refused.append((began, status))
