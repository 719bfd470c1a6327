"""An application with a store and a loop that runs, and what is sent to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from puntual.serving.app import Application
from puntual.serving.http.messages import Response
from puntual.serving.settings import read_settings
from tests.serving.conftest import PATIENCE_SECONDS, Sent

DAY = "2017-07-14"
TIMETABLE = f"/v1/timetables/SCEL/{DAY}"
BOARD = f"/v1/board?origin=SCEL&date={DAY}"
STREAM = f"/v1/board/stream?origin=SCEL&date={DAY}"
PLANNED: list[dict[str, Any]] = [
    {
        "airline": "LAN" if number % 2 else "SKU",
        "destination": "SCFA",
        "flight_number": 100 + number,
        "scheduled_departure": f"{DAY}T{6 + number:02}:15:00",
    }
    for number in range(8)
]
WHOLE_DAY = {"flights": PLANNED, "known_at": f"{DAY}T04:00:00Z"}
HERE, AFAR = "127.0.0.1:50000", "10.1.2.3:50000"


def departure(number: int, minutes: int = 5, **more: Any) -> dict[str, Any]:
    """That a planned flight left so many minutes after its time."""
    planned = PLANNED[number]
    due = planned["scheduled_departure"]
    left = f"{due[:14]}{15 + minutes:02}:00"
    return {
        "event": "departure",
        "origin": "SCL",
        "airline": planned["airline"],
        "flight_number": planned["flight_number"],
        "scheduled_departure": due,
        "actual_departure": left,
        "known_at": f"{DAY}T20:00:00Z",
        **more,
    }


class LiveAsker:
    """Sends requests to an application in a loop that runs."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.service = application.start()

    async def respond(
        self, method: str, path: str, body: Any = b"", client: str = HERE, **headers: str
    ) -> Response:
        """The response; a stream is still open."""
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        path, _, query = path.partition("?")
        fields = {"content-length": str(len(content))}
        fields |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.application.respond(method, path, fields, Sent(content), query, client=client)

    async def __call__(
        self, method: str, path: str, body: Any = b"", client: str = HERE, **headers: str
    ) -> Any:
        """The answer of a response with status 200."""
        response = await self.respond(method, path, body, client, **headers)
        assert response.status == 200, response.body
        return msgspec.json.decode(response.body)

    async def until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await holds():
                await asyncio.sleep(0.02)


def application(model: Path, store: str, **settings: Any) -> Application:
    return Application(read_settings({"model": model, "store": store, **settings}, {}))


@asynccontextmanager
async def live(model: Path, store: str, **settings: Any) -> AsyncIterator[LiveAsker]:
    """An application whose live state is there."""
    ask = LiveAsker(application(model, store, **settings))
    ask.service.watch(asyncio.get_running_loop())

    async def is_there() -> bool:
        return (await ask.respond("GET", "/v1/board")).status == 200

    await ask.until(is_there)
    yield ask
    ask.service.leave()


def run_live(model: Path, store: str, main: Callable[[LiveAsker], Awaitable[None]], **settings: Any) -> None:
    """Run a test in a loop of its own."""

    async def start() -> None:
        async with live(model, store, **settings) as ask:
            await main(ask)

    asyncio.run(start())
