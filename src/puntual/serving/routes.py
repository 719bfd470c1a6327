"""Every route of the API, once."""

from __future__ import annotations

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

MODEL_REFUSALS = ("invalid", "no-model")

ROUTES = (
    Route(
        "/v1/predictions",
        "POST",
        handlers.predictions,
        "predict",
        "The probability of a delay, one answer a flight",
        PredictionResponse,
        ("malformed", "timeout", "too-large", "media-type", "invalid", "busy", "no-model"),
        parameters=("detail", "language"),
    ),
    Route(
        "/v1/model",
        "GET",
        handlers.document,
        "model",
        "The model that answers",
        ModelDescription,
        MODEL_REFUSALS,
        cached=True,
    ),
    Route(
        "/v1/airlines",
        "GET",
        handlers.document,
        "airlines",
        "The airlines that the model knows",
        list[Airline],
        MODEL_REFUSALS,
        cached=True,
    ),
    Route(
        "/v1/destinations",
        "GET",
        handlers.document,
        "destinations",
        "The airports that it knows flights to",
        list[Airport],
        MODEL_REFUSALS,
        cached=True,
    ),
    Route(
        "/v1/rates",
        "GET",
        handlers.rates,
        "rates",
        "How often groups of the flights that the model learned from were late",
        Rates,
        MODEL_REFUSALS,
        parameters=("by",),
        cached=True,
    ),
    Route(
        "/v1/crossings",
        "GET",
        handlers.document,
        "crossings",
        "How often the flights of each month and hour that the model learned from were late",
        Interactions,
        MODEL_REFUSALS,
        cached=True,
    ),
    Route(
        "/v1/days",
        "GET",
        handlers.document,
        "days",
        "How late the flights of each day that the model learned from were",
        Days,
        MODEL_REFUSALS,
        cached=True,
    ),
    Route(
        "/v1/stress",
        "GET",
        handlers.stress,
        "stress",
        "The last load test of this service, beside the original API's",
        LoadTestReport,
        ("not-found", "invalid"),
        cached=True,
    ),
    Route(
        "/healthz",
        "GET",
        handlers.healthz,
        "health",
        "Whether the process answers",
        Health,
        always=True,
    ),
    Route(
        "/readyz",
        "GET",
        handlers.readyz,
        "readiness",
        "Whether it has a model to answer from, and goes on",
        Readiness,
        ("invalid", "draining", "no-model"),
        always=True,
    ),
    Route(
        "/metrics",
        "GET",
        handlers.metrics,
        "metrics",
        "What all workers counted, as Prometheus reads it",
        str,
        always=True,
        media_type=CONTENT_TYPE.partition(";")[0],
    ),
    Route(
        "/openapi.json",
        "GET",
        handlers.document,
        "openapi",
        "This description",
        None,
        MODEL_REFUSALS,
        cached=True,
    ),
)
