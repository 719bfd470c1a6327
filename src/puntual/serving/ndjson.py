"""`application/x-ndjson`: a flight a line in, an answer a line out, any number of them in little memory."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator

import msgspec

from puntual.errors import FlightError
from puntual.inference.encoder import Resolved
from puntual.serving.api.schemas import decode_flight, encode_lines, read_request
from puntual.serving.api.validation import explain
from puntual.serving.batches import SLICE
from puntual.serving.http.messages import Request
from puntual.serving.http.problems import Problem, RefusedError, flight_error, internal_error
from puntual.serving.state import LoadedModel, Service
from puntual.types import Prediction

MAX_LINE_BYTES = 64 * 1024
"""Of one flight."""

_FIRST = "$.flights[0]"

logger = logging.getLogger("puntual.serving")


async def answer_lines(service: Service, model: LoadedModel, request: Request) -> AsyncGenerator[bytes]:
    """The answers to the lines of a body, in their order; the problem of one that has none.

    Each flight is alone: what was answered is sent before all is known. A line that cannot be answered costs
    the others nothing. An answer that breaks off, whoever is to blame, ends with a problem.

    Parameters
    ----------
    model : answers the whole body, whatever is swapped in meanwhile
    """
    number, served = 0, 0.0
    try:
        async for lines in _slices(service.reader.stream(request)):
            told, took = await _answer(service, model, lines, number, served)
            yield told
            number, served = number + len(lines), served + took
    except RefusedError as refused:
        yield encode_lines([_place(refused.problem, number)])
    except Exception:
        logger.exception("an answer in lines broke off at line %d", number)
        yield encode_lines([_place(internal_error().problem, number)])


async def _slices(chunks: AsyncIterator[bytes]) -> AsyncGenerator[list[bytes]]:
    """The lines of a body as they come, at most a slice at a time."""
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
    service: Service, model: LoadedModel, lines: list[bytes], first: int, served: float
) -> tuple[bytes, float]:
    """What is told of some lines, and the seconds that it took; `served`: those of the lines before."""
    told: list[Problem | Prediction | None] = []
    resolved: list[Resolved] = []
    for number, line in enumerate(lines, first):
        try:
            resolved.append(model.predictor.resolve(decode_flight(line)))
            told.append(None)
        except FlightError as error:
            told.append(_place(flight_error(error).problem, number))
        except (ValueError, RecursionError) as error:
            told.append(_place(_refuse(line, error), number))
    answers: list[Prediction] = []
    batches = service.batches
    async with batches.turns.stream_turn(len(resolved), served) as turn:
        async for part in batches.predict(turn, model.predictor, resolved):
            answers += part
    service.count(answers)
    following = iter(answers)
    return encode_lines([next(following) if one is None else one for one in told]), turn.took


def _refuse(line: bytes, error: ValueError | RecursionError) -> Problem:
    if not isinstance(error, msgspec.ValidationError):
        return explain(line, error, 1).problem
    try:
        read_request(b'{"flights": [' + line + b"]}", 1)
    except RefusedError as refused:
        return refused.problem
    raise AssertionError(line)  # what is no flight alone is none in a list


def _place(problem: Problem, number: int) -> Problem:
    """Say of which line it is, counted from 0."""
    place = f"$[{number}]"
    if problem.pointer is None or not problem.pointer.startswith(_FIRST):
        return msgspec.structs.replace(problem, pointer=place, detail=f"{place}: {problem.detail}")
    return msgspec.structs.replace(
        problem,
        pointer=problem.pointer.replace(_FIRST, place, 1),
        detail=problem.detail.replace(_FIRST, place, 1),
    )
