"""The machine's limit: a Granian RSGI application that only reads the body, served as Puntual is."""

from __future__ import annotations

import multiprocessing
import sys
from typing import TYPE_CHECKING

from granian.constants import HTTPModes, Interfaces, Loops, RuntimeModes
from granian.server import Server

if TYPE_CHECKING:
    from granian._granian import RSGIHTTPProtocol
    from granian.rsgi import Scope

HEADERS = [("content-type", "application/json")]


async def app(_scope: Scope, protocol: RSGIHTTPProtocol) -> None:
    await protocol()
    protocol.response_bytes(200, HEADERS, b"{}")


def main() -> None:
    multiprocessing.set_start_method("fork")
    Server(
        "benchmarks.serving.bare:app",
        port=int(sys.argv[1]),
        interface=Interfaces.RSGI,
        runtime_mode=RuntimeModes.st,
        loop=Loops.auto,
        http=HTTPModes.http1,
        websockets=False,
        backlog=4096,
        log_enabled=False,
    ).serve()


if __name__ == "__main__":
    main()
