"""Problem documents: the one JSON shape of every HTTP error.

References
----------
RFC 9457, Problem Details for HTTP APIs.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import msgspec

from puntual.errors import FlightError, PuntualError, printable
from puntual.serving.http.messages import GUARDS, NO_STORE, HeaderList, Response

MAX_SHOWN = 120
"""Longest quotation, in characters, of a value from a request."""

_HEADERS: HeaderList = [("content-type", "application/problem+json"), NO_STORE, *GUARDS]


class ProblemType(NamedTuple):
    """A reason to refuse a request; `/docs#NAME` explains it."""

    status: int
    title: str


PROBLEM_TYPES: dict[str, ProblemType] = {
    "malformed": ProblemType(400, "The body is not JSON, or not all of it"),
    "unauthorized": ProblemType(401, "This server asks for a key"),
    "forbidden": ProblemType(403, "This server does not take that, or not from there"),
    "not-found": ProblemType(404, "There is nothing at this path"),
    "method": ProblemType(405, "This path does not take that method"),
    "timeout": ProblemType(408, "The body did not arrive in time"),
    "too-large": ProblemType(413, "The body is too large"),
    "media-type": ProblemType(415, "The body is not sent as JSON"),
    "misdirected": ProblemType(421, "This server is not asked by that name"),
    "invalid": ProblemType(422, "The request cannot be answered as it is"),
    "quota": ProblemType(429, "A quota is used up"),
    "internal": ProblemType(500, "The server failed"),
    "busy": ProblemType(503, "The server has too much to do"),
    "draining": ProblemType(503, "The server is shutting down"),
    "no-model": ProblemType(503, "No model is loaded"),
    "no-store": ProblemType(503, "The store does not answer"),
}


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """The reason why a request was refused as a whole. Every error of the API has this shape (RFC 9457).

    Attributes
    ----------
    type : path of the explanation of this problem type
    title : the problem type in a few words
    status : the HTTP status
    detail : the place, the value found and the values allowed, in one line
    pointer : place in the body, such as ``$.flights[17].airline``, or in the query, such as ``?by``; null if
        the problem is in neither
    found : the value found there, shortened; null if there is none
    allowed : the values allowed there; null if the client cannot correct the problem
    """

    type: str
    title: str
    status: int
    detail: str
    pointer: str | None
    found: str | None
    allowed: str | None


class RefusedError(PuntualError):
    """A request that is refused with a problem document.

    Parameters
    ----------
    kind : name in `PROBLEM_TYPES`
    detail : what is wrong, without the place and the allowed values

    Attributes
    ----------
    kind : as given

    Examples
    --------
    >>> RefusedError("invalid", "missing", pointer="$.flights[17].airline", allowed="a code").problem.detail
    '$.flights[17].airline: missing; wanted: a code'
    """

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        pointer: str | None = None,
        found: str | None = None,
        allowed: str | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.kind = kind
        status, title = PROBLEM_TYPES[kind]
        place = f"{shorten(pointer)}: " if pointer else ""
        wanted = f"; wanted: {allowed}" if allowed else ""
        self.problem = Problem(
            type=f"/docs#{kind}",
            title=title,
            status=status,
            detail=printable(f"{place}{shorten(detail)}{wanted}"),
            pointer=shorten(pointer) if pointer else None,
            found=shorten(found) if found else None,
            allowed=allowed,
        )
        self._headers = headers
        super().__init__(self.problem.detail)

    @cached_property
    def response(self) -> Response:
        """The response with the problem document."""
        return Response(self.problem.status, [*_HEADERS, *self._headers], msgspec.json.encode(self.problem))


def flight_error(error: FlightError, before: int = 0, flights: str = "$.flights") -> RefusedError:
    """The refusal of a flight that was decoded, but cannot be answered.

    Parameters
    ----------
    before : number of flights in the request before those that ``error.index`` counts
    flights : where the request has them
    """
    pointer = f"{flights}[{before + error.index}].{error.field}"
    return RefusedError("invalid", error.found, pointer=pointer, found=error.found, allowed=error.wanted)


def busy_error(found: str, seconds: int = 1) -> RefusedError:
    """The refusal of a request because of too much work.

    Parameters
    ----------
    seconds : for the header ``retry-after``
    """
    headers = (("retry-after", str(seconds)),)
    return RefusedError(
        "busy", found, found=found, allowed="the same request a little later", headers=headers
    )


def internal_error() -> RefusedError:
    """The answer to a request at which this program failed; the log says why."""
    return RefusedError("internal", "the request could not be answered; the server's log says why")


def shorten(text: str) -> str:
    """Cut a text to `MAX_SHOWN` characters."""
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"
