"""A service of Puntual, as whoever tells it what happens talks to it."""

from __future__ import annotations

import datetime as dt
import http.client
import time
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import msgspec

from puntual.access.keys import authorization
from puntual.errors import SettingError, TargetError
from puntual.operations.events import Event, Observation, TimetableChange
from puntual.types import Flight

MAX_EVENTS = 2_000
"""Events in a request."""
WITH_STORE = "a service with a store: puntual serve --store sqlite:///events.sqlite"

_WANTED = "an address such as http://127.0.0.1:8000"
_TIMEOUT_SECONDS = 60
_OK, _BUSY = 200, (429, 503)
_PAUSE_SECONDS = 0.2
_TRIES = 5
_MAX_WAIT_SECONDS = 10.0


class Received(msgspec.Struct, frozen=True):
    """What a service says about events that it took.

    Attributes
    ----------
    accepted : that it had not
    repeated : that it had
    unknown : about flights that no timetable has; None: not known
    """

    accepted: int = 0
    repeated: int = 0
    unknown: int | None = 0

    def __add__(self, other: Received) -> Received:
        return Received(
            self.accepted + other.accepted,
            self.repeated + other.repeated,
            (self.unknown or 0) + (other.unknown or 0),
        )


class Answer(msgspec.Struct, frozen=True):
    """What of a prediction a replay looks at."""

    delay_probability: float
    horizon: str = "schedule"


class Answers(msgspec.Struct, frozen=True):
    """The predictions of a request, in its order."""

    model: str
    threshold_minutes: int
    predictions: tuple[Answer, ...]


class _Refusal(msgspec.Struct, frozen=True):
    type: str = ""
    detail: str = ""
    allowed: str | None = None


class ServiceClient:
    """Talks to one service over a connection that is kept, with the key of ``PUNTUAL_KEY``.

    Parameters
    ----------
    url : of the service, over HTTP or HTTPS

    Raises
    ------
    SettingError : no such address

    Examples
    --------
    >>> ServiceClient("ftp://example.org")
    Traceback (most recent call last):
        ...
    puntual.errors.SettingError: 'ftp://example.org' is no service; wanted: an address such as ...
    """

    def __init__(self, url: str) -> None:
        try:
            parts = urlsplit(url if "://" in url else f"http://{url}")
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if not host or parts.scheme not in {"http", "https"}:
            raise SettingError(f"{url!r} is no service; wanted: {_WANTED}")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(host, port, timeout=_TIMEOUT_SECONDS)
        self._base = parts.path.rstrip("/")
        self.where = parts.netloc.rpartition("@")[2]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def wait_until_ready(self, seconds: float) -> None:
        """Wait for a service that is starting.

        Parameters
        ----------
        seconds : to wait at most; then the next request fails if the service still does not answer
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with suppress(TargetError):
                if self._ask_once("GET", f"{self._base}/readyz")[0] == _OK:
                    return
            time.sleep(_PAUSE_SECONDS)

    def send(self, events: Sequence[Event]) -> Received:
        """Send departures, cancellations and estimates.

        Raises
        ------
        TargetError : the service cannot be reached, or does not take them
        """
        received = Received()
        for start in range(0, len(events), MAX_EVENTS):
            received += self._write("POST", "/v1/events", events[start : start + MAX_EVENTS])
        return received

    def send_timetable(self, change: TimetableChange) -> Received:
        """Send the timetable of an origin's day; errors as in `send`."""
        path = f"/v1/timetables/{quote(change.origin, safe='')}/{change.date.isoformat()}"
        body: dict[str, Any] = {"flights": change.flights}
        if change.known_at is not None:
            body["known_at"] = change.known_at
        return self._write("PUT", path, body)

    def send_weather(self, observations: Sequence[Observation]) -> Received:
        """Send observations of the weather; errors as in `send`."""
        received = Received()
        for start in range(0, len(observations), MAX_EVENTS):
            some = observations[start : start + MAX_EVENTS]
            received += self._write("POST", "/v1/weather", {"observations": some})
        return received

    def predict(self, flights: Sequence[Flight], as_of: dt.datetime | None = None, **more: Any) -> Answers:
        """Ask about flights; errors as in `send`.

        Parameters
        ----------
        as_of : the moment of asking; None: now
        more : further fields of the request
        """
        given = [_without_nulls(flight) for flight in flights]
        asked = {"flights": given, **more} | ({"as_of": as_of} if as_of else {})
        return msgspec.convert(self._request("POST", "/v1/predictions", asked), Answers)

    def _write(self, method: str, path: str, body: Any) -> Received:
        return msgspec.convert(self._request(method, path, body), Received)

    def _request(self, method: str, path: str, body: Any) -> Any:
        for attempt in range(_TRIES):
            status, headers, content = self._ask_once(method, self._base + path, msgspec.json.encode(body))
            if status not in _BUSY or "retry-after" not in headers or attempt == _TRIES - 1:
                break
            time.sleep(min(_seconds(headers["retry-after"]), _MAX_WAIT_SECONDS))
        if status != _OK:
            raise self._refused(f"{method} {path}", status, content)
        try:
            return msgspec.json.decode(content)
        except ValueError:
            raise TargetError(self.where, f"{method} {path} is not answered with JSON") from None

    def _ask_once(
        self, method: str, path: str, body: bytes | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """One request; a second time if the service closed the connection meanwhile."""
        headers = authorization() | ({} if body is None else {"content-type": "application/json"})
        for again in (False, True):
            kept = self._connection.sock is not None
            try:
                self._connection.request(method, path, body, headers)
                answer = self._connection.getresponse()
                fields = {name.lower(): value for name, value in answer.getheaders()}
                return answer.status, fields, answer.read()
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                if again or not kept or isinstance(error, TimeoutError):
                    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
                    raise TargetError(self.where, reason) from error
        raise AssertionError

    def _refused(self, what: str, status: int, content: bytes) -> TargetError:
        try:
            problem = msgspec.json.decode(content, type=_Refusal)
        except ValueError:
            problem = _Refusal()
        found = f"{what} is answered with status {status}"
        if problem.detail:
            found = f"{found}: {problem.detail.partition('; wanted: ')[0]}"
        wanted = WITH_STORE if status == 404 else problem.allowed
        return TargetError(self.where, found, wanted=wanted or WITH_STORE)


def _without_nulls(flight: Flight) -> dict[str, Any]:
    return {name: value for name, value in msgspec.structs.asdict(flight).items() if value is not None}


def _seconds(text: str) -> float:
    return float(text) if text.isdigit() else 1.0
