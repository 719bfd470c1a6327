"""`puntual mcp`, asked by the SDK's own client over stdin and stdout."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest
from mcp import Client, StdioServerParameters, stdio_client
from mcp.types import TextContent

from puntual.inference.artifact import read_artifact, write_artifact
from puntual.inference.card import describe
from puntual.inference.predictor import Predictor
from puntual.types import Flight
from tests.cards import full_artifact
from tests.flights import small_booster

FLIGHT = {"airline": "LAN", "destination": "SCFA", "scheduled_departure": "2017-09-01T08:00:00"}

Story = Callable[[Client], Coroutine[Any, Any, None]]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mcp") / "m.puntual"
    write_artifact(full_artifact(small_booster()), path)
    return path


def as_json(value: object) -> object:
    return msgspec.json.decode(msgspec.json.encode(value))


def talk(model: Path, story: Story) -> None:
    """Have a client tell a story to a server of its own."""
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "puntual", "mcp", "--model", str(model)]
    )

    async def session() -> None:
        with anyio.fail_after(60):
            async with Client(stdio_client(server)) as client:
                await story(client)

    anyio.run(session)


def test_an_assistant_gets_what_the_model_answers(model: Path) -> None:
    artifact = read_artifact(model)
    predictor, flight = Predictor(artifact), msgspec.convert(FLIGHT, Flight)

    async def story(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"predict_flight", "predict_schedule", "delay_rates", "find_codes", "model_card"}
        assert all(tool.description and tool.output_schema for tool in tools.values())

        async def ask(name: str, **arguments: object) -> Any:
            answer = await client.call_tool(name, arguments)
            assert not answer.is_error, answer
            return answer.structured_content

        one = await ask("predict_flight", flight=FLIGHT, language="es")
        assert one == as_json(predictor.explain([flight], language="es")[0])
        many = await ask("predict_schedule", flights=[FLIGHT, FLIGHT], complete_days=True)
        assert many["predictions"] == as_json(predictor.predict([flight, flight], complete_days=True))
        rates = await ask("delay_rates", by="airline", most=1)
        airlines = [rate for rate in artifact.rates if rate.dimension == "airline"]
        assert rates["groups"] == len(airlines)
        assert rates["rates"][0]["flights"] == max(rate.flights for rate in airlines)
        codes = await ask("find_codes", text="antofagasta")
        assert [airport["code"] for airport in codes["airports"]] == ["SCFA"]
        assert await ask("model_card") == as_json(describe(artifact))

    talk(model, story)


def test_an_assistants_mistakes_are_said_in_a_line(model: Path) -> None:
    async def story(client: Client) -> None:
        async def refused(name: str, **arguments: object) -> str:
            answer = await client.call_tool(name, arguments)
            assert answer.is_error
            return "".join(part.text for part in answer.content if isinstance(part, TextContent))

        late = FLIGHT | {"scheduled_departure": "soon"}
        assert "$.scheduled_departure" in await refused("predict_flight", flight=late)
        assert "$.airline" in await refused("predict_flight", flight=FLIGHT | {"airline": "LATAM AIRLINES"})
        assert "gate" in await refused("predict_schedule", flights=[FLIGHT | {"gate": "A1"}])
        assert "by" in await refused("delay_rates", by="gate")

    talk(model, story)
