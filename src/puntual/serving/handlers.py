"""What each route does: a request in, its response out, without a server."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing

from puntual.i18n.texts import LANGUAGES
from puntual.inference.card import HORIZON
from puntual.serving.api.event_requests import read_instant
from puntual.serving.api.schemas import (
    MAX_NUMBER_LENGTH,
    Health,
    Readiness,
    describe_number,
    encode,
    encode_lines,
)
from puntual.serving.http.documents import MISSING_PAGE
from puntual.serving.http.media_types import check_json, media_type
from puntual.serving.http.messages import (
    GUARDS,
    JSON_HEADERS,
    NDJSON,
    NDJSON_HEADERS,
    NO_STORE,
    Request,
    Response,
)
from puntual.serving.http.problems import RefusedError, busy_error
from puntual.serving.http.queries import read_choice, read_query
from puntual.serving.ndjson import MAX_STREAMS, answer_lines
from puntual.serving.ops.counters import STREAMS
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
_ANSWERED = b'"delay_probability":'
"""Once in each predicted flight; a text in JSON has no quotation mark by itself."""


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
    if not detail and len(body) <= MAX_IMMEDIATE_BYTES and (answer := predict(service, body, asked)):
        return _charged(service, request, answer)
    with service.reader.keep(body):
        if detail:
            answer = await predict_detailed(service, body, language, asked)
        else:
            answer = await predict_bulk(service, body, asked)
    return _charged(service, request, answer)


def _charged(service: Service, request: Request, answer: bytes) -> Response:
    if service.gate.quotas.counts_flights:
        service.gate.quotas.charge(request, answer.count(_ANSWERED))
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
    streams = service.open_streams - service.row.numbers[STREAMS]
    if streams >= MAX_STREAMS and not service.reader.cancel_stalled():
        raise busy_error(f"{streams} streams")
    view = line_view(service, service.model, _read_asked(request.query))
    lines = answer_lines(service, service.model, request, view)
    if service.gate.quotas.counts_flights:
        lines = _charge_lines(service, request, lines)
    return Response(200, NDJSON_HEADERS, b"", lines)


async def _charge_lines(
    service: Service, request: Request, lines: AsyncGenerator[bytes]
) -> AsyncGenerator[bytes]:
    """The lines until a quota of flights is used up, which the last one says."""
    async with aclosing(lines):
        async for part in lines:
            yield part
            refused = service.gate.quotas.charge(request, part.count(_ANSWERED))
            if refused is not None:
                yield encode_lines([refused.problem])
                return


def get_document(service: Service, request: Request) -> Response:
    """The document of the loaded model at this path."""
    return service.model.documents[request.path].answer(request)


def get_rates(service: Service, request: Request) -> Response:
    """`GET /v1/rates` of every dimension, or of the one that ``?by=`` names."""
    documents = service.model.rates
    by = read_choice(request.query, "by", [name for name in documents if name])
    return documents[by or ""].answer(request)


def get_flights(service: Service, request: Request) -> Response:
    """`GET /v1/flights?number=LA199`: the records of a flight number."""
    number = read_query(request.query).get("number", "")
    if not 0 < len(number) <= MAX_NUMBER_LENGTH:
        allowed = f"a flight number of 1 to {MAX_NUMBER_LENGTH} characters, such as ?number=LA199"
        raise RefusedError("invalid", number or "missing", pointer="?number", found=number, allowed=allowed)
    model = service.model
    found = describe_number(model.predictor.artifact, model.flight_numbers.find(number))
    return Response(200, JSON_HEADERS, encode(found))


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


def get_missing_page(service: Service, request: Request) -> Response:
    """What people see at a path that does not exist."""
    return service.files[MISSING_PAGE].answer(request)


def answer_preflight(service: Service, request: Request, methods: Iterable[str]) -> Response:
    """What a browser asks before it sends a request for a page of another site."""
    return service.gate.origins.preflight(request, methods)


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
    return Response(200, [("content-type", CONTENT_TYPE), NO_STORE, *GUARDS], exposed)
