"""Whether an answer is one of those that the API describes."""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec

from benchmarks.fuzz.http import Answer
from benchmarks.fuzz.requests import Case
from puntual.serving.api.boards import BoardDays
from puntual.serving.api.schemas import DetailedResponse
from puntual.serving.http.messages import NDJSON
from puntual.serving.http.problems import PROBLEM_TYPES, Problem
from puntual.serving.routes import ROUTES
from puntual.types import Prediction

_TYPES: dict[str, list[Any]] = {}
for _route in ROUTES:
    if _route.answers not in (None, str):
        _TYPES.setdefault(_route.path, []).append(_route.answers)
_TYPES["/v1/predictions"].append(DetailedResponse)
_TYPES["/v1/board"].append(BoardDays)
_DECODERS = {path: [msgspec.json.Decoder(one) for one in types] for path, types in _TYPES.items()}
_decode_problem = msgspec.json.Decoder(Problem).decode
_decode_line = msgspec.json.Decoder(dict[str, Any]).decode


def find_fault(case: Case, answer: Answer) -> str | None:
    """What is wrong with an answer; None: nothing.

    Examples
    --------
    >>> from benchmarks.fuzz.http import NOTHING
    >>> find_fault(Case(b"", "GET", ""), NOTHING)
    >>> find_fault(Case(b"", "GET", "/healthz"), NOTHING)
    'no answer'
    """
    status, kind = answer.status, answer.headers.get("content-type", "").partition(";")[0]
    if status >= 500:
        return f"status {status}"
    if not case.path:  # raw bytes: what answers them may be the parser
        return None
    if not status:
        return "no answer"
    try:
        if answer.body and kind == "application/problem+json":
            return _check_problem(_decode_problem(answer.body), status)
        if status >= 400 and answer.body:
            return f"status {status} with {kind}"
        if kind == NDJSON:
            return _check_lines(answer.body)
        if status == 200 and answer.body and kind == "application/json" and case.path in _DECODERS:
            _decode_one(case.path, answer.body)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        return f"status {status}: {error}"
    return None


def _check_problem(problem: Problem, status: int) -> str | None:
    named = PROBLEM_TYPES.get(problem.type.removeprefix("/docs#"))
    right = named and named.status == status == problem.status and "\n" not in problem.detail
    return None if right else f"status {status} with the problem {problem.type}"


def _check_lines(body: bytes) -> str | None:
    """Each line is a prediction or a problem."""
    for line in body.splitlines():
        found = _decode_line(line)
        msgspec.convert(found, Problem if "type" in found else Prediction)
    return None


def _decode_one(path: str, body: bytes) -> None:
    """Decode an answer as one of those that its route gives.

    Raises
    ------
    msgspec.ValidationError : it is none of them
    """
    *others, last = _DECODERS[path]
    for decoder in others:
        with contextlib.suppress(msgspec.ValidationError):
            decoder.decode(body)
            return
    last.decode(body)
