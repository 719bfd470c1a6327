"""The parameters of a query, checked."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qs

from puntual.serving.http.problems import RefusedError


def check_query(query: str, known: tuple[str, ...]) -> None:
    """Refuse a query parameter that is not in `known`.

    Raises
    ------
    RefusedError : names the parameter, and those that the route knows
    """
    for name, values in parse_qs(query, keep_blank_values=True).items():
        if name not in known:
            allowed = f"only {', '.join(known)}" if known else "no parameters at this path"
            raise RefusedError(
                "invalid", "unknown parameter", pointer=f"?{name}", found=", ".join(values), allowed=allowed
            )


def read_query(query: str) -> dict[str, str]:
    """The values by name.

    Raises
    ------
    RefusedError : a parameter is repeated

    Examples
    --------
    >>> read_query("origin=JFK&date=2013-11-02")
    {'origin': 'JFK', 'date': '2013-11-02'}
    """
    values = {}
    for name, given in parse_qs(query, keep_blank_values=True).items():
        if len(given) > 1:
            found = ", ".join(given)
            raise RefusedError("invalid", found, pointer=f"?{name}", found=found, allowed="one value")
        values[name] = given[0]
    return values


def read_choice(query: str, name: str, allowed: Sequence[str]) -> str | None:
    """The value of a query parameter; None: it is not given.

    Raises
    ------
    RefusedError : the value is not allowed, or the parameter is repeated
    """
    values = parse_qs(query, keep_blank_values=True).get(name)
    if values is None:
        return None
    found = ", ".join(values)
    if found not in allowed:
        wanted = " or ".join(allowed) if len(allowed) < 3 else f"one of {', '.join(allowed)}"
        raise RefusedError(
            "invalid", f"unknown value {found!r}", pointer=f"?{name}", found=found, allowed=wanted
        )
    return found
