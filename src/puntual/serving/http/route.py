"""The declaration of a route, which dispatch, query check, counters, limits, OpenAPI and docs read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple
from urllib.parse import unquote

from puntual.serving.http.messages import Response

Priority = Literal["single", "board", "bulk"]
"""What is refused last, before it, and first, if there is too much to do."""

Handler = Callable[..., Response | Awaitable[Response]]
"""Takes the service and the request; asynchronous if it reads a body."""


class Route(NamedTuple):
    """One method of one path.

    Attributes
    ----------
    path : a part in braces, as in ``/v1/timetables/{origin}/{date}``, is any text without a slash
    name : the operation's id in OpenAPI
    answers : the type of the response with status 200; None: OpenAPI does not describe the route
    refusals : names in `puntual.serving.http.problems.PROBLEM_TYPES`
    parameters : query parameters; any other is refused. None: the query is ignored
    cached : whether the response has an entity tag, and may be 304
    always : answered no matter how many requests are in flight, so that overload can be observed
    private : answered at the admin port alone, if there is one
    media_type : of the response with status 200
    bodies : what the body of a request may be: its type by media type
    scope : what a key has to allow (`puntual.access.keys.SCOPES`) on a server with keys; empty: nobody is
        asked for one
    priority : how long it waits if there is too much to do
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
    private: bool = False
    media_type: str = "application/json"
    bodies: Mapping[str, Any] = {}
    scope: str = "read"
    priority: Priority = "board"

    @property
    def names(self) -> tuple[str, ...]:
        """The names in braces."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))


def match_path(template: str, path: str) -> dict[str, str] | None:
    """The values of a template's names in a path; None if the path has another form.

    Examples
    --------
    >>> match_path("/v1/timetables/{origin}/{date}", "/v1/timetables/JFK/2013-11-02")
    {'origin': 'JFK', 'date': '2013-11-02'}
    >>> match_path("/v1/timetables/{origin}/{date}", "/v1/timetables/JFK")
    """
    parts, names = path.split("/"), template.split("/")
    if len(parts) != len(names):
        return None
    values = {}
    for part, name in zip(parts, names, strict=True):
        if name.startswith("{") and part:
            values[name[1:-1]] = unquote(part)
        elif name != part:
            return None
    return values


def route_labels(routes: Sequence[Route]) -> tuple[str, ...]:
    """The labels by which requests are counted: each path, the files of the page, and all other paths.

    Examples
    --------
    >>> route_labels([])
    ('page', 'other')
    """
    return (*dict.fromkeys(route.path for route in routes), "page", "other")
