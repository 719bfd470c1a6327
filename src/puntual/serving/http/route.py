"""What is known of a route: dispatch, the query, the counters, the limits and OpenAPI read it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from puntual.serving.http.messages import Response

Handler = Callable[..., Response | Awaitable[Response]]
"""Takes the service and the request; awaited if it has to read a body."""


class Route(NamedTuple):
    """One method of one path.

    Attributes
    ----------
    name : the operation's id in OpenAPI
    answers : the type of its 200; None: OpenAPI does not describe the route
    refusals : names in `puntual.serving.http.problems.PROBLEM_TYPES`
    parameters : of the query; any other is refused. None: it may say what it likes
    cached : whether a client that has the answer may be told so instead
    always : answered however many requests are in flight: it tells that there are too many
    media_type : of the answer
    """

    path: str
    method: str
    handler: Handler
    name: str
    summary: str
    answers: Any
    refusals: tuple[str, ...] = ("invalid",)
    parameters: tuple[str, ...] | None = ()
    cached: bool = False
    always: bool = False
    media_type: str = "application/json"


def route_labels(routes: Sequence[Route]) -> tuple[str, ...]:
    """What requests are counted by: each path, the files of the page, and all others.

    Examples
    --------
    >>> route_labels([])
    ('page', 'other')
    """
    return (*dict.fromkeys(route.path for route in routes), "page", "other")
