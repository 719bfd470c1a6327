"""Every route of the API, once."""

from __future__ import annotations

from functools import partial

from puntual.inference.tables import Airline, Airport
from puntual.serving import handlers
from puntual.serving.api.schemas import (
    Days,
    Health,
    Interactions,
    ModelDescription,
    PredictionResponse,
    Rates,
    Readiness,
)
from puntual.serving.http.route import Route
from puntual.serving.load_test import LoadTestReport
from puntual.serving.ops.metrics import CONTENT_TYPE

_model_route = partial(
    Route, method="GET", handler=handlers.get_document, refusals=("invalid", "no-model"), cached=True
)

ROUTES = (
    Route(
        "/v1/predictions",
        "POST",
        handlers.post_predictions,
        "predict",
        "The probability of a delay, one answer per flight",
        PredictionResponse,
        ("malformed", "timeout", "too-large", "media-type", "invalid", "busy", "no-model"),
        parameters=("detail", "language"),
    ),
    _model_route("/v1/model", name="model", summary="The model that answers", answers=ModelDescription),
    _model_route(
        "/v1/airlines", name="airlines", summary="The airlines that the model knows", answers=list[Airline]
    ),
    _model_route(
        "/v1/destinations",
        name="destinations",
        summary="The airports to which the model knows flights",
        answers=list[Airport],
    ),
    _model_route(
        "/v1/rates",
        handler=handlers.get_rates,
        name="rates",
        summary="How often groups of the training flights were late",
        answers=Rates,
        parameters=("by",),
    ),
    _model_route(
        "/v1/crossings",
        name="crossings",
        summary="How often the training flights of each month and hour were late",
        answers=Interactions,
    ),
    _model_route(
        "/v1/days", name="days", summary="How late the training flights of each day were", answers=Days
    ),
    Route(
        "/v1/stress",
        "GET",
        handlers.get_load_test,
        "stress",
        "The last load test of this service, and that of the original API",
        LoadTestReport,
        ("not-found", "invalid"),
        cached=True,
    ),
    Route(
        "/healthz", "GET", handlers.get_health, "health", "Whether the process answers", Health, always=True
    ),
    Route(
        "/readyz",
        "GET",
        handlers.get_readiness,
        "readiness",
        "Whether a model is loaded and the server is not shutting down",
        Readiness,
        ("invalid", "draining", "no-model"),
        always=True,
    ),
    Route(
        "/metrics",
        "GET",
        handlers.get_metrics,
        "metrics",
        "The counters of all workers, in Prometheus' text format",
        str,
        always=True,
        media_type=CONTENT_TYPE.partition(";")[0],
    ),
    _model_route("/openapi.json", name="openapi", summary="The OpenAPI description", answers=None),
)
