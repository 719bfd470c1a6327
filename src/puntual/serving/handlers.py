"""What each route does: a request -> its response, with no server."""

from __future__ import annotations

from urllib.parse import parse_qs

from puntual.errors import FlightError
from puntual.inference.words import LANGUAGES
from puntual.serving.exchange import JSON_HEADERS, Request, Response
from puntual.serving.problems import RefusedError, refuse_flight
from puntual.serving.service import Service
from puntual.serving.wire import (
    MAX_DETAILED,
    DetailedResponse,
    Health,
    PredictionResponse,
    Readiness,
    encode,
    read_request,
)

DETAILS = ("full",)

_MEANT_AS_JSON = ("json", "text/plain", "application/x-www-form-urlencoded", "application/octet-stream")
"""What clients send of their own accord where nobody told them that it is JSON."""


def predictions(service: Service, request: Request) -> Response:
    """`POST /v1/predictions`, with ``?detail=full`` also the reasons, with a language in words too."""
    content_type = request.headers.get("content-type")
    if content_type is not None and content_type != "application/json":
        _check_content_type(content_type)
    if request.query:
        asked = parse_qs(request.query, keep_blank_values=True)
        detail, language = _one_of(asked, "detail", DETAILS), _one_of(asked, "language", LANGUAGES)
        if detail:
            return Response(200, JSON_HEADERS, explain(service, request.body, language))
        if language:
            found = f"{language} without detail=full"
            raise RefusedError(
                "invalid", found, pointer="?language", found=language, allowed="detail=full with it"
            )
    return Response(200, JSON_HEADERS, predict(service, request.body))


def predict(service: Service, body: bytes) -> bytes:
    """The answer to the body of a request, as it is sent.

    Raises
    ------
    RefusedError : the body or a flight of it cannot be answered, or no model is loaded
    """
    model = service.model
    asked = read_request(body, service.settings.max_flights)
    try:
        answers = model.predictor.predict(asked.flights, complete_days=asked.timetable is not None)
    except FlightError as error:
        raise refuse_flight(error) from None
    return encode(PredictionResponse(model.name, model.threshold_minutes, answers))


def explain(service: Service, body: bytes, language: str | None = None) -> bytes:
    """The answer to the body of a request, with its reasons, as it is sent; errors as in `predict`.

    Parameters
    ----------
    language : of `puntual.inference.words.LANGUAGES`, to tell the reasons in; None: in no words
    """
    model = service.model
    limit = min(service.settings.max_flights, MAX_DETAILED)
    asked = read_request(body, limit, "a request with detail=full")
    try:
        answers = model.predictor.explain(
            asked.flights, complete_days=asked.timetable is not None, language=language
        )
    except FlightError as error:
        raise refuse_flight(error) from None
    return encode(DetailedResponse(model.name, model.threshold_minutes, answers))


def document(service: Service, request: Request) -> Response:
    """What is told of the model at this path."""
    return service.model.documents[request.path].answer(request)


def rates(service: Service, request: Request) -> Response:
    """`GET /v1/rates`, of every dimension or ``?by=`` one."""
    asked = parse_qs(request.query, keep_blank_values=True).get("by", [""])
    by = asked[-1]
    documents = service.model.rates
    if by not in documents or len(asked) > 1 or ("by=" in request.query and not by):
        found, allowed = ", ".join(asked), f"one of {', '.join(filter(None, documents))}"
        raise RefusedError("invalid", f"no dimension {found!r}", pointer="?by", found=found, allowed=allowed)
    return documents[by].answer(request)


def file(service: Service, request: Request) -> Response:
    """A file of the page."""
    return service.files[request.path].answer(request)


def healthz(_service: Service, _request: Request) -> Response:
    """`GET /healthz`: the process answers."""
    return Response(200, JSON_HEADERS, encode(Health()))


def readyz(service: Service, _request: Request) -> Response:
    """`GET /readyz`: and has a model to answer from."""
    return Response(200, JSON_HEADERS, encode(Readiness(service.model.name)))


def _one_of(asked: dict[str, list[str]], name: str, allowed: tuple[str, ...]) -> str | None:
    """What is asked of a parameter; None: nothing."""
    values = asked.get(name)
    if values is None:
        return None
    if len(values) > 1 or values[0] not in allowed:
        raise _refuse(asked, name, " or ".join(allowed))
    return values[0]


def _refuse(asked: dict[str, list[str]], name: str, allowed: str) -> RefusedError:
    found = ", ".join(asked[name])
    return RefusedError("invalid", f"no {name} {found!r}", pointer=f"?{name}", found=found, allowed=allowed)


def _check_content_type(content_type: str) -> None:
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type and not media_type.endswith(_MEANT_AS_JSON):
        allowed = "content-type: application/json"
        raise RefusedError("media-type", f"sent as {media_type}", found=media_type, allowed=allowed)
