"""What each route does: a request in, its response out, without a server."""

from __future__ import annotations

from puntual.i18n.texts import LANGUAGES
from puntual.inference.card import HORIZON
from puntual.serving.api.event_requests import read_instant
from puntual.serving.api.schemas import Health, Readiness, encode
from puntual.serving.http.media_types import check_json, media_type
from puntual.serving.http.messages import JSON_HEADERS, NDJSON, NDJSON_HEADERS, Request, Response
from puntual.serving.http.problems import RefusedError
from puntual.serving.http.queries import read_choice, read_query
from puntual.serving.ndjson import answer_lines
from puntual.serving.ops.metrics import CONTENT_TYPE, expose
from puntual.serving.predictions import (
    MAX_IMMEDIATE_BYTES,
    NOTHING,
    Asked,
    line_view,
    predict,
    predict_bulk,
    predict_detailed,
)
from puntual.serving.state import Service

DETAILS = ("full",)


async def post_predictions(service: Service, request: Request) -> Response:
    """`POST /v1/predictions`; ``?detail=full`` adds the reasons, a language adds them in words."""
    if request.headers.get("content-type") != "application/json":
        kind = media_type(request)
        if kind == NDJSON:
            return _stream(service, request)
        check_json(kind)
    detail = language = None
    if request.query:
        detail = read_choice(request.query, "detail", DETAILS)
        language = read_choice(request.query, "language", LANGUAGES)
        if language and not detail:
            detail, allowed = f"{language} without detail=full", "detail=full with it"
            raise RefusedError("invalid", detail, pointer="?language", found=language, allowed=allowed)
    asked = _read_asked(request.query) if request.query else NOTHING
    body = await service.reader.read(request)
    if detail:
        answer = await predict_detailed(service, body, language, asked)
    else:
        small = len(body) <= MAX_IMMEDIATE_BYTES
        answer = (small and predict(service, body, asked)) or await predict_bulk(service, body, asked)
    return Response(200, JSON_HEADERS, answer)


def _read_asked(query: str) -> Asked:
    values = read_query(query)
    as_of = read_instant(values["as_of"], "?as_of") if "as_of" in values else None
    return Asked(as_of, "schedule" if read_choice(query, "horizon", [HORIZON]) else None)


def _stream(service: Service, request: Request) -> Response:
    """Answer lines; what a JSON body says for all of its flights, their query says."""
    values = read_query(request.query)
    for name in ("detail", "language"):
        if name in values:
            found, allowed = f"?{request.query}", f"only as_of and horizon with {NDJSON}"
            raise RefusedError("invalid", found, pointer="?", found=found, allowed=allowed)
    view = line_view(service, service.model, _read_asked(request.query))
    return Response(200, NDJSON_HEADERS, b"", answer_lines(service, service.model, request, view))


def get_document(service: Service, request: Request) -> Response:
    """The document of the loaded model at this path."""
    return service.model.documents[request.path].answer(request)


def get_rates(service: Service, request: Request) -> Response:
    """`GET /v1/rates` of every dimension, or of the one that ``?by=`` names."""
    documents = service.model.rates
    by = read_choice(request.query, "by", [name for name in documents if name])
    return documents[by or ""].answer(request)


def get_load_test(service: Service, request: Request) -> Response:
    """`GET /v1/stress`: the last load test."""
    found = service.load_test.document
    if found is None:
        allowed = "a server with --stress-report FILE, a file of `puntual stress --save`"
        raise RefusedError("not-found", "no load test", found="no load test", allowed=allowed)
    return found.answer(request)


def get_file(service: Service, request: Request) -> Response:
    """A file of the page."""
    return service.files[request.path].answer(request)


def get_health(_service: Service, _request: Request) -> Response:
    """`GET /healthz`: 200 if the process answers at all."""
    return Response(200, JSON_HEADERS, encode(Health()))


def get_readiness(service: Service, _request: Request) -> Response:
    """`GET /readyz`: 200 if a model is loaded and the server is not about to end."""
    if service.counters.draining:
        raise RefusedError("draining", "this server is about to end")
    return Response(200, JSON_HEADERS, encode(Readiness(service.model.name, refused=service.refused)))


def get_metrics(service: Service, _request: Request) -> Response:
    """`GET /metrics`, of all workers."""
    exposed = expose(service.counters, service.route_labels, service.load_test.started)
    return Response(200, [("content-type", CONTENT_TYPE)], exposed)
