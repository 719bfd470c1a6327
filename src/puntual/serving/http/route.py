"""The declaration of a route, which dispatch, query check, counters, limits, OpenAPI and docs read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from puntual.serving.http.messages import Response

Handler = Callable[..., Response | Awaitable[Response]]
"""Takes the service and the request; asynchronous if it reads a body."""


class Route(NamedTuple):
    """One method of one path.

    Attributes
    ----------
    name : the operation's id in OpenAPI
    answers : the type of the response with status 200; None: OpenAPI does not describe the route
    refusals : names in `puntual.serving.http.problems.PROBLEM_TYPES`
    parameters : query parameters; any other is refused. None: the query is ignored
    cached : whether the response has an entity tag, and may be 304
    always : answered no matter how many requests are in flight, so that overload can be observed
    media_type : of the response with status 200
    """

    path: str
    name: str
    summary: str
    answers: Any
    handler: Handler
    method: str = "GET"
    refusals: tuple[str, ...] = ("invalid",)
    parameters: tuple[str, ...] | None = ()
    cached: bool = False
    always: bool = False
    media_type: str = "application/json"


def route_labels(routes: Sequence[Route]) -> tuple[str, ...]:
    """The labels by which requests are counted: each path, the files of the page, and all other paths.

    Examples
    --------
    >>> route_labels([])
    ('page', 'other')
    """
    return (*dict.fromkeys(route.path for route in routes), "page", "other")
