"""A model as a server of tools for assistants (Model Context Protocol); its docstrings are what they read."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal, ParamSpec, TypeVar

import msgspec
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from puntual.errors import PuntualError
from puntual.inference.artifact import Artifact
from puntual.inference.card import describe
from puntual.inference.predictor import Predictor
from puntual.inference.tables import Airline, Airport
from puntual.types import Flight

MAX_FLIGHTS = 1000
"""In one question about a schedule: more would fill an assistant's memory."""
MAX_RATES = 50
_READS_ONLY = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)

Document = dict[str, Any]
Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")
Dimension = Literal[
    "airline", "destination", "origin", "month", "weekday", "hour", "period", "season", "flight_type"
]
FlightFields = Annotated[
    Document,
    Field(
        description="airline and destination as IATA or ICAO codes; scheduled_departure, local at the origin "
        "(2017-07-14T18:30); origin, which may be left out if the model knows only one; operator and "
        "flight_type (N domestic, I international) if known"
    ),
]


def build_server(artifact: Artifact, version: str) -> MCPServer:
    """The server of a model, ready to `run`.

    Parameters
    ----------
    version : of Puntual
    """
    predictor, tables = Predictor(artifact), artifact.tables
    server: MCPServer = MCPServer(
        "puntual",
        title="Puntual: flight-delay probabilities",
        version=version,
        instructions=(
            f"Probabilities that flights from {', '.join(tables.origins)} leave more than "
            f"{artifact.threshold_minutes} minutes late, made days ahead from the timetable alone: the "
            "weather and how the day is going are not known. A probability holds for many flights alike. "
            "Look codes up with find_codes; read model_card before you vouch for a number."
        ),
        log_level="WARNING",
    )
    tool = server.tool(annotations=_READS_ONLY, structured_output=True)

    @tool
    @_refusals
    def predict_flight(flight: FlightFields, language: Literal["en", "es"] = "en") -> Document:
        """Predict one flight by itself: how likely it leaves late, by how much, and why.

        `ladder` has the probability of leaving more than so many minutes late, `words` the reasons;
        `cancellation_probability`, if the model has it, how likely the flight is to be cancelled.
        """
        return _document(predictor.explain([_flight(flight)], language=language)[0])

    @tool
    @_refusals
    def predict_schedule(
        flights: Annotated[list[FlightFields], Field(min_length=1, max_length=MAX_FLIGHTS)],
        complete_days: Annotated[
            bool, Field(description="the flights are all departures of their origins on their days")
        ] = False,
    ) -> Document:
        """Predict many flights, in their order; with complete days each knows what leaves around it."""
        answers = predictor.predict([*map(_flight, flights)], complete_days=complete_days)
        return {"predictions": _document(answers)}

    @tool
    @_refusals
    def delay_rates(by: Dimension, most: Annotated[int, Field(ge=1, le=MAX_RATES)] = 20) -> Document:
        """How often past flights were late, by group; groups with most flights first.

        `rate` is counted, with its 95 % interval `low` to `high`; `adjusted` is the rate with everything else
        equal. `small` groups have too few flights to say much.
        """
        rates = [rate for rate in artifact.rates if rate.dimension == by]
        rates.sort(key=lambda rate: -rate.flights)
        return {"rates": _document(rates[:most]), "groups": len(rates)}

    @tool
    @_refusals
    def find_codes(
        text: Annotated[str, Field(description="part of a name, a city or a code")],
    ) -> Document:
        """Find the codes of the airlines and airports that the model knows."""
        wanted = text.casefold()
        return {
            "airlines": _document(_matching(tables.airlines, wanted)),
            "airports": _document(_matching(tables.airports, wanted)),
        }

    @tool
    @_refusals
    def model_card() -> Document:
        """What the model learned from, how well it does, where it is weak, what it must not be used for."""
        return _document(describe(artifact))

    return server


def _refusals(answer: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Give a user's mistake to the assistant in its own words."""

    @functools.wraps(answer)
    def answered(*arguments: Arguments.args, **named: Arguments.kwargs) -> Answer:
        try:
            return answer(*arguments, **named)
        except PuntualError as error:
            raise ToolError(str(error)) from None

    return answered


def _flight(fields: Document) -> Flight:
    try:
        return msgspec.convert({name: one for name, one in fields.items() if one is not None}, Flight)
    except msgspec.ValidationError as error:
        raise ToolError(str(error)) from None


def _matching(rows: Iterable[Airline | Airport], wanted: str) -> list[Airline | Airport]:
    """The rows of which a text has what is wanted."""
    return [
        row
        for row in rows
        if any(wanted in value.casefold() for value in msgspec.structs.astuple(row) if isinstance(value, str))
    ]


def _document(value: object) -> Document:
    document: Document = msgspec.to_builtins(value)
    return document
