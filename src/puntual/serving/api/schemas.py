"""The bodies of requests and responses; the OpenAPI document takes its texts from these docstrings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

import msgspec

from puntual.inference.artifact import Artifact, Training
from puntual.inference.card import Limit, WeakSlice, horizon_of, limits, weak_slices
from puntual.inference.evaluation_results import Card, EvaluationSummary
from puntual.inference.flight_numbers import FlightNumber
from puntual.inference.predictor import Predictor
from puntual.inference.rates import AirlineRoute, Day, InteractionRate, Rate
from puntual.inference.risk import RiskLevel, describe_scale, measured_thresholds
from puntual.inference.tables import Airline, Airport, Tables
from puntual.operations.events import Instant
from puntual.serving.api.validation import explain
from puntual.serving.http.problems import RefusedError
from puntual.types import DetailedPrediction, Flight, Prediction

MAX_DETAILED = 100
"""Most flights in a request with reasons, which take about a millisecond a flight."""

MAX_NUMBER_LENGTH = 12
"""Of a flight number as it is asked for, with its airline's code and blanks."""


class PredictionRequest(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Flights to predict; each is predicted by itself unless they form a timetable.

    Attributes
    ----------
    flights : the flights, in any order
    timetable : ``request`` if the flights are all departures of their origins on their days, or a list of all
        departures of these days; the model then takes the other flights of the day into account
    as_of : a moment that has passed, with its offset: the answers use what was known by then; left out: what
        is known now
    horizon : ``schedule`` for answers from the timetable alone; left out: from all that is known
    """

    flights: Annotated[list[Flight], msgspec.Meta(min_length=1)]
    timetable: Literal["request"] | Annotated[list[Flight], msgspec.Meta(min_length=1)] | None = None
    as_of: Instant | None = None
    horizon: Literal["schedule"] | None = None


class OfModel(msgspec.Struct, frozen=True):
    """What names its model.

    Attributes
    ----------
    model : name of the model
    threshold_minutes : a flight is delayed if it leaves more than this many minutes late
    """

    model: str
    threshold_minutes: int


class PredictionResponse(OfModel, frozen=True, gc=False):
    """The predictions of a model.

    Attributes
    ----------
    predictions : one per flight of the request, in the same order
    """

    predictions: list[Prediction]


class DetailedResponse(OfModel, frozen=True, gc=False):
    """The predictions of a model, with reasons.

    Attributes
    ----------
    predictions : one per flight of the request, in the same order
    """

    predictions: list[DetailedPrediction]


class ModelDescription(msgspec.Struct, frozen=True, kw_only=True):
    """The model that answers, its training data and its evaluation.

    Attributes
    ----------
    name : identifies the model; another model has another name
    threshold_minutes : a flight is delayed if it leaves more than this many minutes late
    cut : the decision threshold; ``delayed`` is true when the probability reaches it
    risk_levels : from which probability on ``risk`` is ``raised`` and ``high``, and what each would have
        meant on the flights measured; empty if none were
    origins : airports from which the training flights departed
    features : names of the features that the model reads of a flight
    training : the training flights
    evaluation : main metrics on flights that the model was not trained on
    card : all evaluation results
    horizon : ``schedule`` if predictions are made from the timetable alone, days ahead; ``operations`` if
        they are also made from what has happened by the moment of asking
    weak_slices : airlines, destinations and months of the test part with poor predictions, the worst first
    limits : what the model must not be used for
    flight_numbers : how many flight numbers `GET /v1/flights` knows; 0: the training flights had none
    """

    name: str
    threshold_minutes: int
    cut: float
    risk_levels: tuple[RiskLevel, ...]
    origins: list[Airport]
    features: tuple[str, ...]
    training: Training
    evaluation: EvaluationSummary
    card: Card
    horizon: str
    weak_slices: tuple[WeakSlice, ...]
    limits: tuple[Limit, ...]
    flight_numbers: int


class NamedRate(Rate, frozen=True, kw_only=True):
    """The delay rate of one group of training flights.

    Attributes
    ----------
    name : name of the airline, airport or route; null for other dimensions, and if it is not known
    """

    name: str | None


class HistorySummary(OfModel, frozen=True, kw_only=True):
    """A summary of the training flights.

    Attributes
    ----------
    flights : number of training flights
    base_rate : share of the training flights that were delayed
    block_days : length in days of the blocks of the bootstrap behind the intervals
    first, last : local dates of the first and last training flight, ISO 8601
    """

    flights: int
    base_rate: float
    block_days: int
    first: str
    last: str


class Rates(HistorySummary, frozen=True, kw_only=True):
    """How often groups of the training flights were late.

    Attributes
    ----------
    rates : the groups by dimension; weekdays, hours and the like in their natural order, others from the
        highest rate to the lowest, with small groups last
    """

    rates: list[NamedRate]


class Interactions(HistorySummary, frozen=True, kw_only=True):
    """How often the training flights of each month and hour were late.

    Attributes
    ----------
    crossings : the pairs of month and hour with at least one flight, in order
    """

    interactions: tuple[InteractionRate, ...] = msgspec.field(name="crossings")


class Days(HistorySummary, frozen=True, kw_only=True):
    """How late the training flights of each day were.

    Attributes
    ----------
    days : the days with at least one flight, in order
    """

    days: tuple[Day, ...]


class AirlineRoutes(HistorySummary, frozen=True, kw_only=True):
    """Which airline flew where among the training flights, and at what hours.

    Attributes
    ----------
    routes : an airline's flights on a route; the most flown come first
    """

    routes: tuple[AirlineRoute, ...]


class FlightNumberRecords(HistorySummary, frozen=True, kw_only=True):
    """What became of a flight number among the training flights.

    Attributes
    ----------
    records : one for each airline and route; the latest flown come first, and there is none for a number that
        the model does not know
    """

    records: list[FlightNumber]


class Health(msgspec.Struct, frozen=True):
    """Says that the process answers."""

    status: Literal["ok"] = "ok"


class Readiness(msgspec.Struct, frozen=True):
    """Says that a model is loaded.

    Attributes
    ----------
    model : name of the model
    refused : why the server keeps this model although its file has changed; absent if it does not
    """

    model: str
    status: Literal["ready"] = "ready"
    refused: str | msgspec.UnsetType = msgspec.UNSET


_decode: Callable[[bytes], PredictionRequest] = msgspec.json.Decoder(PredictionRequest).decode
decode_flight: Callable[[bytes], Flight] = msgspec.json.Decoder(Flight).decode
encode: Callable[[object], bytes] = msgspec.json.Encoder().encode
encode_lines: Callable[[Iterable[object]], bytes] = msgspec.json.Encoder().encode_lines


def read_request(body: bytes, max_flights: int, where: str = "a request") -> PredictionRequest:
    """Decode and check the body of a request.

    Parameters
    ----------
    max_flights : most flights in the request
    where : what has that limit, for the message

    Raises
    ------
    RefusedError : not JSON, or not a request; says where, what was found and what is allowed

    Examples
    --------
    >>> read_request(b'{"flights": 7}', 10)
    Traceback (most recent call last):
        ...
    puntual.serving.http.problems.RefusedError: $.flights: expected `array`, got `int`; wanted: a list of ...
    """
    try:
        request = _decode(body)
    except (ValueError, RecursionError) as error:
        raise explain(body, error, max_flights) from None
    check_number(request.flights, "$.flights", max_flights, where)
    return request


def check_number(flights: list[Flight], place: str, most: int, where: str = "a request") -> None:
    """Refuse a list of too many flights; `place` and `where` are for the message.

    Raises
    ------
    RefusedError : there are more
    """
    if len(flights) > most:
        found = f"{len(flights)} flights"
        raise RefusedError("invalid", found, pointer=place, found=found, allowed=f"1 to {most} in {where}")


def answer_model_routes(predictor: Predictor) -> dict[str, object]:
    """The answers of the routes that depend on nothing but the model, by path."""
    artifact = predictor.artifact
    summary = _summarize(artifact)
    return {
        "/v1/model": _describe_model(predictor),
        "/v1/airlines": sorted(artifact.tables.airlines, key=_by_name),
        "/v1/destinations": _named(artifact.tables, artifact.tables.destinations),
        "/v1/rates": list_rates(artifact),
        "/v1/crossings": Interactions(**summary, interactions=artifact.interactions),
        "/v1/routes": AirlineRoutes(**summary, routes=artifact.airline_routes),
        "/v1/days": Days(**summary, days=artifact.days),
    }


def describe_number(artifact: Artifact, records: list[FlightNumber]) -> FlightNumberRecords:
    """The answer of `GET /v1/flights`."""
    return FlightNumberRecords(**_summarize(artifact), records=records)


def rate_dimensions(artifact: Artifact) -> tuple[str, ...]:
    """The values of `by` in `GET /v1/rates`."""
    return tuple(dict.fromkeys(rate.dimension for rate in artifact.rates))


def list_rates(artifact: Artifact, by: str = "") -> Rates:
    """The rates of the groups of one dimension or, if `by` is empty, of all."""
    rates = [
        NamedRate(name=_group_name(artifact.tables, rate), **msgspec.structs.asdict(rate))
        for rate in artifact.rates
        if by in {"", rate.dimension}
    ]
    return Rates(**_summarize(artifact), rates=rates)


def _describe_model(predictor: Predictor) -> ModelDescription:
    artifact = predictor.artifact
    return ModelDescription(
        name=artifact.name,
        threshold_minutes=artifact.threshold_minutes,
        cut=predictor.decision_threshold,
        risk_levels=describe_scale(predictor.risk_scale, measured_thresholds(artifact.card)),
        origins=_named(artifact.tables, artifact.tables.origins),
        features=artifact.features,
        training=artifact.training,
        evaluation=artifact.evaluation,
        card=artifact.card,
        horizon=horizon_of(artifact),
        weak_slices=weak_slices(artifact.card.slices),
        limits=limits(artifact),
        flight_numbers=len({(one.airline, one.number) for one in artifact.flight_numbers}),
    )


def _summarize(artifact: Artifact) -> dict[str, Any]:
    """The fields of `HistorySummary`."""
    names = ("flights", "base_rate", "block_days", "first", "last")
    training = {name: getattr(artifact.training, name) for name in names}
    return {"model": artifact.name, "threshold_minutes": artifact.threshold_minutes, **training}


def _group_name(tables: Tables, rate: Rate) -> str | None:
    if rate.dimension in {"airline", "operator"}:
        return next((airline.name for airline in tables.airlines if airline.code == rate.value), None)
    airports = tables.airport_by_code
    if rate.dimension in {"origin", "destination"}:
        return airports[rate.value].name if rate.value in airports else None
    if rate.dimension == "route":
        return " – ".join(airports[code].name for code in rate.value.split("-") if code in airports)
    return None


def _named(tables: Tables, codes: tuple[str, ...]) -> list[Airport]:
    known = tables.airport_by_code
    return sorted((known.get(code) or Airport(code=code, name=code) for code in codes), key=_by_name)


def _by_name(entry: Airline | Airport) -> tuple[str, str]:
    return entry.name.casefold(), entry.code
