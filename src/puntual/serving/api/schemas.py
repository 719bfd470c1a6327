"""What `POST /v1/predictions` takes and gives, and what the other routes tell of the model."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

import msgspec

from puntual.inference.artifact import Artifact, Training
from puntual.inference.card import HORIZON, Limit, WeakSlice, limits, weak_slices
from puntual.inference.evaluation_results import Card, EvaluationSummary
from puntual.inference.predictor import Predictor
from puntual.inference.rates import Day, InteractionRate, Rate
from puntual.inference.tables import Airline, Airport, Tables
from puntual.serving.api.validation import explain
from puntual.serving.http.problems import RefusedError
from puntual.types import DetailedPrediction, Flight, Prediction

MAX_DETAILED = 100
"""The most flights in a request that asks for reasons: each takes about a millisecond."""


class PredictionRequest(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Flights that are asked about, independent of each other unless they are a timetable.

    Attributes
    ----------
    flights : what is asked
    timetable : ``request``: the flights are complete days of their origins, each answered within its day
    """

    flights: Annotated[list[Flight], msgspec.Meta(min_length=1)]
    timetable: Literal["request"] | None = None


class PredictionResponse(msgspec.Struct, frozen=True, gc=False):
    """The answers, one a flight and in their order.

    Attributes
    ----------
    model : name of the model that answered
    threshold_minutes : a flight is delayed when it leaves more than this late
    """

    model: str
    threshold_minutes: int
    predictions: list[Prediction]


class DetailedResponse(msgspec.Struct, frozen=True, gc=False):
    """The answers with their reasons, one a flight and in their order.

    Attributes
    ----------
    model : name of the model that answered
    threshold_minutes : a flight is delayed when it leaves more than this late
    """

    model: str
    threshold_minutes: int
    predictions: list[DetailedPrediction]


class ModelDescription(msgspec.Struct, frozen=True, kw_only=True):
    """The model that answers, what it learned from and on what it was measured.

    Attributes
    ----------
    threshold_minutes : a flight is delayed when it leaves more than this late
    cut : an answer says ``delayed`` from this probability on
    evaluation : on the flights that it did not learn from
    card : everything that was measured of it
    origins : the airports that it knows flights from
    features : what it reads of a flight
    horizon : ``schedule``: the answers are made days ahead, from the timetable alone
    weak_slices : airlines, destinations and months of the test part that it told badly, the worst first
    limits : what it must not be used for
    """

    name: str
    threshold_minutes: int
    cut: float
    origins: list[Airport]
    features: tuple[str, ...]
    training: Training
    evaluation: EvaluationSummary
    card: Card
    horizon: str
    weak_slices: tuple[WeakSlice, ...]
    limits: tuple[Limit, ...]


class NamedRate(Rate, frozen=True, kw_only=True):
    """The delay rate of one group, with the group's name.

    Attributes
    ----------
    name : of an airline, an airport or a route; null: the value says it all
    """

    name: str | None


class HistorySummary(msgspec.Struct, frozen=True, kw_only=True):
    """The flights that the model learned from.

    Attributes
    ----------
    threshold_minutes : a flight is delayed when it leaves more than this late
    flights : how many the model learned from
    base_rate : share of them that were delayed
    block_days : how many consecutive days were drawn together for the intervals of rates
    first, last : local dates of the first and last of them
    """

    model: str
    threshold_minutes: int
    flights: int
    base_rate: float
    block_days: int
    first: str
    last: str


class Rates(HistorySummary, frozen=True, kw_only=True):
    """How often groups of the flights that the model learned from were late.

    Attributes
    ----------
    rates : the groups, in the order of each dimension: its own, or highest first and small groups last
    """

    rates: list[NamedRate]


class Interactions(HistorySummary, frozen=True, kw_only=True):
    """How often the flights of each month and hour that the model learned from were late.

    Attributes
    ----------
    crossings : the cells that have a flight, by month and hour
    """

    crossings: tuple[InteractionRate, ...]


class Days(HistorySummary, frozen=True, kw_only=True):
    """How late the flights of each day that the model learned from were.

    Attributes
    ----------
    days : those that have a flight, in their order
    """

    days: tuple[Day, ...]


class Health(msgspec.Struct, frozen=True):
    """That the process answers."""

    status: Literal["ok"] = "ok"


class Readiness(msgspec.Struct, frozen=True):
    """That it has a model to answer from, and which.

    Attributes
    ----------
    refused : why the model's file, which has changed, was not taken over; only where it was not
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
    max_flights : the most flights in it
    where : what has that limit, for the message

    Raises
    ------
    RefusedError : it is not JSON, or not what is wanted; says where, what was found and what is allowed

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
    if len(request.flights) > max_flights:
        found = f"{len(request.flights)} flights"
        raise RefusedError(
            "invalid", found, pointer="$.flights", found=found, allowed=f"1 to {max_flights} in {where}"
        )
    return request


def describe_model(predictor: Predictor) -> ModelDescription:
    """What `GET /v1/model` tells."""
    artifact = predictor.artifact
    return ModelDescription(
        name=artifact.name,
        threshold_minutes=artifact.threshold_minutes,
        cut=predictor.decision_threshold,
        origins=_named(artifact.tables, artifact.tables.origins),
        features=artifact.features,
        training=artifact.training,
        evaluation=artifact.evaluation,
        card=artifact.card,
        horizon=HORIZON,
        weak_slices=weak_slices(artifact.card.slices),
        limits=limits(artifact),
    )


def list_airlines(tables: Tables) -> list[Airline]:
    """What `GET /v1/airlines` tells, by name."""
    return sorted(tables.airlines, key=_by_name)


def list_destinations(tables: Tables) -> list[Airport]:
    """What `GET /v1/destinations` tells, by name."""
    return _named(tables, tables.destinations)


def rate_dimensions(artifact: Artifact) -> tuple[str, ...]:
    """What `GET /v1/rates?by=` takes."""
    return tuple(dict.fromkeys(rate.dimension for rate in artifact.rates))


def list_rates(artifact: Artifact, by: str = "") -> Rates:
    """What `GET /v1/rates` tells; of one dimension, or of all where none is named."""
    rates = [
        NamedRate(name=_group_name(artifact.tables, rate), **msgspec.structs.asdict(rate))
        for rate in artifact.rates
        if by in {"", rate.dimension}
    ]
    return Rates(**_learned(artifact), rates=rates)


def list_interactions(artifact: Artifact) -> Interactions:
    """What `GET /v1/crossings` tells."""
    return Interactions(**_learned(artifact), crossings=artifact.interactions)


def list_days(artifact: Artifact) -> Days:
    """What `GET /v1/days` tells."""
    return Days(**_learned(artifact), days=artifact.days)


def _learned(artifact: Artifact) -> dict[str, Any]:
    training = artifact.training
    learned = HistorySummary(
        model=artifact.name,
        threshold_minutes=artifact.threshold_minutes,
        flights=training.flights,
        base_rate=training.base_rate,
        block_days=training.block_days,
        first=training.first,
        last=training.last,
    )
    return msgspec.structs.asdict(learned)


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
