"""Problem documents: the one JSON shape of every HTTP error.

References
----------
RFC 9457, Problem Details for HTTP APIs.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from puntual.errors import FlightError, PuntualError
from puntual.serving.http.messages import HeaderList, Response

MAX_SHOWN = 120
"""Characters of a value that a problem repeats."""

_HEADERS: HeaderList = [
    ("content-type", "application/problem+json"),
    ("x-content-type-options", "nosniff"),
]


class ProblemType(NamedTuple):
    """What can go wrong with a request; `/docs#NAME` explains it."""

    status: int
    title: str


PROBLEM_TYPES: dict[str, ProblemType] = {
    "malformed": ProblemType(400, "The body is not JSON, or not all of it"),
    "not-found": ProblemType(404, "There is nothing at this path"),
    "method": ProblemType(405, "This path does not take that method"),
    "timeout": ProblemType(408, "The body did not come in time"),
    "too-large": ProblemType(413, "The body is too large"),
    "media-type": ProblemType(415, "The body is not sent as JSON"),
    "invalid": ProblemType(422, "The request cannot be answered as it is"),
    "internal": ProblemType(500, "The server made a mistake"),
    "busy": ProblemType(503, "There is more to do than can be done"),
    "draining": ProblemType(503, "The server is about to end"),
    "no-model": ProblemType(503, "No model is loaded"),
}


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request was refused; always as a whole, and always in this shape.

    Attributes
    ----------
    type : where the kind of problem is explained
    title : the kind of problem
    status : the HTTP status
    detail : the place, what was found and what is allowed, in one line
    pointer : the place in the body, as in ``$.flights[17].airline``; null: it is not about the body
    found : what was found there, shortened; null: nothing
    allowed : what would be right; null: nothing that the client can change
    """

    type: str
    title: str
    status: int
    detail: str
    pointer: str | None
    found: str | None
    allowed: str | None


class RefusedError(PuntualError):
    """A request that is answered with a problem document.

    Parameters
    ----------
    kind : name in `PROBLEM_TYPES`
    detail : what is wrong, without the place and without what is allowed

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
        status, title = PROBLEM_TYPES[kind]
        place = f"{shorten(pointer)}: " if pointer else ""
        wanted = f"; wanted: {allowed}" if allowed else ""
        self.problem = Problem(
            type=f"/docs#{kind}",
            title=title,
            status=status,
            detail=f"{place}{shorten(detail)}{wanted}",
            pointer=shorten(pointer) if pointer else None,
            found=shorten(found) if found else None,
            allowed=allowed,
        )
        self._headers = headers
        super().__init__(self.problem.detail)

    @property
    def response(self) -> Response:
        """The answer that says so."""
        return Response(self.problem.status, [*_HEADERS, *self._headers], msgspec.json.encode(self.problem))


def flight_error(error: FlightError, before: int = 0) -> RefusedError:
    """The refusal of a flight that was read, but cannot be answered.

    Parameters
    ----------
    before : flights of the request that come before those that the error counts from
    """
    pointer = f"$.flights[{before + error.index}].{error.field}"
    return RefusedError("invalid", error.found, pointer=pointer, found=error.found, allowed=error.wanted)


def busy_error(found: str, seconds: int = 1) -> RefusedError:
    """The refusal of what is more than can be done now.

    Parameters
    ----------
    seconds : after which it is thought to be less
    """
    headers = (("retry-after", str(seconds)),)
    return RefusedError(
        "busy", found, found=found, allowed="the same request a little later", headers=headers
    )


def internal_error() -> RefusedError:
    """The refusal of what this program failed at; the log is to say why."""
    return RefusedError("internal", "the request could not be answered; the server's log says why")


def shorten(text: str) -> str:
    """Cut a text from outside to what a problem repeats of it."""
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"
