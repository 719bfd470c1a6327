"""The routes, the way that every request takes through them, and an entry for each kind of server."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any

from granian._granian import RSGIProtocolClosed

from puntual.config import Settings, read_settings
from puntual.serving import handlers
from puntual.serving.exchange import Body, Handler, Headers, Request, Response
from puntual.serving.problems import RefusedError
from puntual.serving.service import Service

if TYPE_CHECKING:
    from granian._granian import RSGIHTTPProtocol
    from granian.rsgi import Scope

GONE = (ConnectionError, RSGIProtocolClosed)
"""What reading a body raises where the client does not send it to its end."""

ROUTES: dict[str, dict[str, Handler]] = {
    "/v1/predictions": {"POST": handlers.predictions},
    "/v1/model": {"GET": handlers.document},
    "/v1/airlines": {"GET": handlers.document},
    "/v1/destinations": {"GET": handlers.document},
    "/v1/rates": {"GET": handlers.rates},
    "/healthz": {"GET": handlers.healthz},
    "/readyz": {"GET": handlers.readyz},
    "/openapi.json": {"GET": handlers.document},
}
"""Path -> method -> handler; the files of the page are added at start, and HEAD wherever there is GET."""

logger = logging.getLogger("puntual.serving")


class Application:
    """Everything between a server and the handlers.

    Parameters
    ----------
    settings : None: those of the environment, read at start
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings
        self._service: Service | None = None
        self._routes: dict[str, dict[str, Handler]] = {}

    def start(self) -> Service:
        """Load the model and the files of the page; importing this module loads nothing."""
        service = self._service = Service(self._settings or read_settings())
        routes = ROUTES | {path: {"GET": handlers.file} for path in service.files}
        self._routes = {path: _with_head(methods) for path, methods in routes.items()}
        return service

    async def respond(
        self, method: str, path: str, headers: Headers, body: Body, query: str = ""
    ) -> Response:
        """The way of every request, whatever its route and its server."""
        service = self._service or self.start()
        try:
            handler = self._find(method, path)
            content = await _read(headers, body, service.settings.max_body_bytes) if method == "POST" else b""
            response = handler(service, Request(method, path, headers, content, query))
        except RefusedError as refused:
            response = refused.response
        except GONE:
            response = RefusedError("malformed", "the client went away before the end of it").response
        except Exception:
            logger.exception("%s %s", method, path)
            response = RefusedError(
                "internal", "the request could not be answered; the server's log says why"
            ).response
        return _without_body(response) if method == "HEAD" else response

    def _find(self, method: str, path: str) -> Handler:
        methods = self._routes.get(path)
        if methods is None:
            raise RefusedError(
                "not-found", "nothing", found=path, allowed=f"a path such as {', '.join(ROUTES)}"
            )
        handler = methods.get(method)
        if handler is None:
            allowed = ", ".join(methods)
            raise RefusedError("method", method, found=method, allowed=allowed, headers=(("allow", allowed),))
        return handler

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        # Ctrl-C reaches the workers too, but ending them is for the process that watches over them.
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.start()
        freeze()

    async def __rsgi__(self, scope: Scope, protocol: RSGIHTTPProtocol) -> None:
        response = await self.respond(scope.method, scope.path, scope.headers, protocol, scope.query_string)
        protocol.response_bytes(*response)

    async def asgi(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        """The entry for servers that speak ASGI."""
        if scope["type"] == "lifespan":
            await receive()
            self.start()
            freeze()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
        elif scope["type"] == "http":
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            status, fields, body = await self.respond(
                scope["method"],
                scope["path"],
                headers,
                AsgiBody(receive),
                scope.get("query_string", b"").decode("latin-1"),
            )
            raw = [(name.encode(), value.encode()) for name, value in fields]
            if body:
                raw.append((b"content-length", str(len(body)).encode()))
            await send({"type": "http.response.start", "status": status, "headers": raw})
            await send({"type": "http.response.body", "body": body})


class AsgiBody:
    """The body of an ASGI request, as `Body`."""

    def __init__(self, receive: Callable[[], Awaitable[Any]]) -> None:
        self._receive = receive

    async def __call__(self) -> bytes:
        """The whole of it."""
        return b"".join([chunk async for chunk in self])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ConnectionResetError
            yield message.get("body", b"")
            more = message.get("more_body", False)


async def _read(headers: Headers, body: Body, limit: int) -> bytes:
    """The whole body; refused as soon as it is known to be larger than the limit."""
    length = headers.get("content-length")
    if length is not None and length.isdecimal():
        if int(length) > limit:
            raise _too_large(f"{length} bytes", limit)
        return await body()
    content = b""
    async for chunk in body:
        content += chunk
        if len(content) > limit:
            raise _too_large(f"more than {limit} bytes", limit)
    return content


def _too_large(found: str, limit: int) -> RefusedError:
    return RefusedError("too-large", found, found=found, allowed=f"at most {limit} bytes")


def _with_head(methods: dict[str, Handler]) -> dict[str, Handler]:
    return methods | {"HEAD": methods["GET"]} if "GET" in methods else methods


def _without_body(response: Response) -> Response:
    length = ("content-length", str(len(response.body)))
    return Response(response.status, [*response.headers, length], b"")


def freeze() -> None:
    """Keep the garbage collector from looking again and again at what stays for good."""
    gc.collect()
    gc.freeze()


app = Application()
asgi = app.asgi
