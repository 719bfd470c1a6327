"""`application/x-ndjson`: one flight a line in, one answer a line out, any number in constant memory."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator

import msgspec

from puntual.errors import FlightError
from puntual.inference.encoder import Resolved
from puntual.serving.api.schemas import decode_flight, encode_lines, read_request
from puntual.serving.api.validation import explain
from puntual.serving.bulk_predictor import SLICE
from puntual.serving.http.messages import Request
from puntual.serving.http.problems import Problem, RefusedError, flight_error, internal_error
from puntual.serving.live.views import LiveView
from puntual.serving.predictions import ViewOfLines
from puntual.serving.state import LoadedModel, Service
from puntual.types import Prediction

MAX_LINE_BYTES = 64 * 1024
"""Of one flight."""

MAX_STREAMS = 256
"""Of a worker."""

_FIRST = "$.flights[0]"

logger = logging.getLogger("puntual.serving")


async def answer_lines(
    service: Service, model: LoadedModel, request: Request, view: ViewOfLines
) -> AsyncGenerator[bytes]:
    """The answers to the lines of a body, in order; a line that cannot be answered gets its problem instead.

    Each flight is predicted without a timetable. Answers are sent as soon as they are made. A stream that
    breaks off, for whatever reason, ends with a problem.

    Parameters
    ----------
    model : answers the whole body, even if another model is loaded meanwhile
    view : gives what the answers to some lines may use
    """
    number, worked = 0, 0.0
    try:
        async for lines in _slices(service.reader.stream(request)):
            async with view() as known:
                answers, seconds = await _answer(service, model, lines, known, (number, worked))
            yield answers
            number, worked = number + len(lines), worked + seconds
    except RefusedError as refused:
        yield encode_lines([_place(refused.problem, number)])
    except Exception:
        logger.exception("an answer in lines broke off at line %d", number)
        yield encode_lines([_place(internal_error().problem, number)])


async def _slices(chunks: AsyncIterator[bytes]) -> AsyncGenerator[list[bytes]]:
    """The lines that are not blank, at most `SLICE` at a time."""
    rest = b""
    async for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        lines = [line for line in whole if line.strip()]
        for start in range(0, len(lines), SLICE):
            yield lines[start : start + SLICE]
        if len(rest) > MAX_LINE_BYTES:
            found = f"more than {MAX_LINE_BYTES} bytes in a line"
            raise RefusedError("too-large", found, found=found, allowed="a flight a line")
    if rest.strip():
        yield [rest]


async def _answer(
    service: Service,
    model: LoadedModel,
    lines: list[bytes],
    view: LiveView | None,
    before: tuple[int, float],
) -> tuple[bytes, float]:
    """The answers to some lines, and the seconds of work; `before` has the lines before, and their work."""
    first, worked = before
    results: list[Problem | Prediction | None] = []
    resolved: list[Resolved] = []
    for number, line in enumerate(lines, first):
        try:
            resolved.append(model.predictor.resolve(decode_flight(line)))
            results.append(None)
        except FlightError as error:
            results.append(_place(flight_error(error).problem, number))
        except (ValueError, RecursionError) as error:
            results.append(_place(_refuse(line, error), number))
    answers: list[Prediction] = []
    async with service.bulk.queue.admit_stream(len(resolved), worked) as job:
        async for part in service.bulk.predict(job, model.predictor, resolved, view=view):
            answers += part
    service.count(answers)
    following = iter(answers)
    return encode_lines([one or next(following) for one in results]), job.worked_seconds


def _refuse(line: bytes, error: ValueError | RecursionError) -> Problem:
    if not isinstance(error, msgspec.ValidationError):
        return explain(line, error, 1).problem
    try:
        read_request(b'{"flights": [' + line + b"]}", 1)
    except RefusedError as refused:
        return refused.problem
    raise AssertionError(line)  # what is not a flight alone is none in a list


def _place(problem: Problem, number: int) -> Problem:
    """Point the problem at a line, counted from 0."""
    place = f"$[{number}]"
    if problem.pointer is None or not problem.pointer.startswith(_FIRST):
        return msgspec.structs.replace(problem, pointer=place, detail=f"{place}: {problem.detail}")
    return msgspec.structs.replace(
        problem,
        pointer=problem.pointer.replace(_FIRST, place, 1),
        detail=problem.detail.replace(_FIRST, place, 1),
    )
