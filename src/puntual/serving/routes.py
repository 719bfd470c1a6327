"""Every route of the API, once."""

from __future__ import annotations

from functools import partial

from puntual.inference.tables import Airline, Airport
from puntual.serving import board_handlers, comparison_handlers, event_handlers, handlers
from puntual.serving.api.boards import Board
from puntual.serving.api.comparisons import ComparisonRequest, ComparisonResponse
from puntual.serving.api.event_requests import Accepted, FlightEvents, TimetableRequest, WeatherRequest
from puntual.serving.api.schemas import (
    AirlineRoutes,
    Days,
    FlightNumberRecords,
    Health,
    Interactions,
    ModelDescription,
    PredictionResponse,
    Rates,
    Readiness,
)
from puntual.serving.http.messages import NDJSON
from puntual.serving.http.route import Route
from puntual.serving.load_test import LoadTestReport
from puntual.serving.ops.metrics import CONTENT_TYPE

_model_route = partial(Route, handler=handlers.get_document, refusals=("invalid", "no-model"), cached=True)
_write_route = partial(
    Route,
    answers=Accepted,
    method="POST",
    refusals=(
        "malformed",
        "forbidden",
        "timeout",
        "too-large",
        "media-type",
        "invalid",
        "busy",
        "no-store",
    ),
    scope="operate",
    priority="single",
)
_BOARD_REFUSALS = ("not-found", "invalid", "busy", "no-model", "no-store")

ROUTES = (
    Route(
        "/v1/predictions",
        "predict",
        "The probability of a delay, one answer per flight",
        PredictionResponse,
        handlers.post_predictions,
        "POST",
        ("malformed", "timeout", "too-large", "media-type", "invalid", "busy", "no-model"),
        parameters=("detail", "language", "as_of", "horizon"),
        scope="predict",
        priority="single",
    ),
    Route(
        "/v1/comparisons",
        "compare",
        "Two schedules of the same days, flight by flight and day by day",
        ComparisonResponse,
        comparison_handlers.post_comparisons,
        "POST",
        ("malformed", "timeout", "too-large", "media-type", "invalid", "busy", "no-model"),
        bodies={"application/json": ComparisonRequest},
        scope="predict",
        priority="bulk",
    ),
    _write_route(
        "/v1/events",
        "events",
        "Keeps departures, cancellations and estimates",
        bodies={"application/json": FlightEvents | list[FlightEvents], NDJSON: FlightEvents},
        handler=event_handlers.post_events,
    ),
    _write_route(
        "/v1/timetables/{origin}/{date}",
        "timetable",
        "Keeps the complete scheduled departures of an origin's day",
        bodies={"application/json": TimetableRequest},
        handler=event_handlers.put_timetable,
        method="PUT",
    ),
    _write_route(
        "/v1/weather",
        "weather",
        "Keeps observations of the weather",
        bodies={"application/json": WeatherRequest, "text/plain": str},
        handler=event_handlers.post_weather,
    ),
    Route(
        "/v1/board",
        "board",
        "The flights of an origin's day, or the days that there are",
        Board,
        board_handlers.get_board,
        refusals=_BOARD_REFUSALS,
        parameters=("origin", "date", "as_of"),
    ),
    Route(
        "/v1/board/stream",
        "board-stream",
        "A board, then its changes as they come: events `board` and `changes`; `alive` at least every 15 s",
        str,
        board_handlers.get_board_stream,
        refusals=_BOARD_REFUSALS,
        parameters=("origin", "date"),
        media_type="text/event-stream",
    ),
    Route(
        "/v1/workbooks",
        "workbook",
        "The first table of a workbook (.xlsx, .xls, .ods) as CSV, for the page",
        None,
        board_handlers.post_workbook,
        "POST",
        ("malformed", "not-found", "timeout", "too-large", "invalid", "busy"),
        media_type="text/csv",
        scope="predict",
        priority="bulk",
    ),
    _model_route("/v1/model", "model", "The model that answers", ModelDescription),
    _model_route("/v1/airlines", "airlines", "The airlines that the model knows", list[Airline]),
    _model_route(
        "/v1/destinations", "destinations", "The airports to which the model knows flights", list[Airport]
    ),
    _model_route(
        "/v1/rates",
        "rates",
        "How often groups of the training flights were late",
        Rates,
        handler=handlers.get_rates,
        parameters=("by",),
    ),
    _model_route(
        "/v1/crossings",
        "crossings",
        "How often the training flights of each month and hour were late",
        Interactions,
    ),
    _model_route(
        "/v1/routes", "routes", "The routes that each airline flew, and at what hours", AirlineRoutes
    ),
    Route(
        "/v1/flights",
        "flights",
        "Where a flight number went, when, and how late it was",
        FlightNumberRecords,
        handlers.get_flights,
        refusals=("invalid", "no-model"),
        parameters=("number",),
    ),
    _model_route("/v1/days", "days", "How late the training flights of each day were", Days),
    Route(
        "/v1/stress",
        "stress",
        "The last load test of this service, and that of the original API",
        LoadTestReport,
        handlers.get_load_test,
        refusals=("not-found", "invalid"),
        cached=True,
    ),
    Route(
        "/healthz",
        "health",
        "Whether the process answers",
        Health,
        handlers.get_health,
        always=True,
        scope="",
    ),
    Route(
        "/readyz",
        "readiness",
        "Whether a model is loaded and the server is not shutting down",
        Readiness,
        handlers.get_readiness,
        refusals=("invalid", "draining", "no-model"),
        always=True,
        scope="",
    ),
    Route(
        "/metrics",
        "metrics",
        "The counters of all workers, in Prometheus' text format",
        str,
        handlers.get_metrics,
        always=True,
        private=True,
        media_type=CONTENT_TYPE.partition(";")[0],
    ),
    _model_route("/openapi.json", "openapi", "The OpenAPI description", None),
)
