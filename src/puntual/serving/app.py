"""The way of every request through the routes, and one entry point for each kind of server."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import secrets
import signal
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

from puntual.serving.handlers import answer_preflight, get_file, get_missing_page
from puntual.serving.http.asgi_body import AsgiBody
from puntual.serving.http.documents import takes_html
from puntual.serving.http.lingering import Lingering
from puntual.serving.http.messages import (
    DISCONNECTED,
    NO_VALUES,
    Body,
    HeaderList,
    Headers,
    Request,
    Response,
)
from puntual.serving.http.problems import RefusedError, internal_error
from puntual.serving.http.queries import check_query
from puntual.serving.http.route import Route, match_path, route_labels
from puntual.serving.ops.counters import BUSY_AT, IN_FLIGHT, SharedCounters
from puntual.serving.ops.last_good import LastGoodModel
from puntual.serving.ops.sending import PACED_BYTES, PIECE_BYTES, chunk_overhead, no_overhead
from puntual.serving.ops.signals import WorkerEnd
from puntual.serving.predictions import priority_of
from puntual.serving.routes import ROUTES
from puntual.serving.settings import Settings, read_settings
from puntual.serving.state import Service, tune_gc

if TYPE_CHECKING:
    from granian.rsgi import HTTPProtocol, Scope  # type: ignore[attr-defined]

MAX_ID = 128
"""Longest request id, in characters, that is adopted from a client."""

FIRST_REFUSAL, TIMEOUT_STATUS, BUSY_STATUS = 400, 408, 503
"""From this status on a body may not have been read."""

_TRACE = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

_LOGGED = {"x-request-id", "traceparent"}

_MISSING = Route("", "missing", "", None, get_missing_page, parameters=None, scope="")

Asked = tuple[str, str, str, str]
"""Method, path, client, and the id of its key."""

Dispatched = tuple[int, dict[str, Route], Mapping[str, str]]
"""The position of a path's label, its routes by method, and the values of the names in it."""

logger = logging.getLogger("puntual.serving")


class Application:
    """Everything between a server and the handlers.

    Parameters
    ----------
    settings : None: read from the environment at start

    Attributes
    ----------
    counters : shared by all workers, made before they are forked. None: this process counts alone
    last_good : copy of the last good model, made before the workers are forked. None: no copy is kept
    max_connections : that the server accepts at once in a worker; 0: not known
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.counters: SharedCounters | None = None
        self.last_good: LastGoodModel | None = None
        self.max_connections = 0
        self._settings = settings
        self._lingering = Lingering()
        self._service: Service | None = None

    def start(self) -> Service:
        """Load the model and the files of the page, once; importing this module loads nothing.

        The files of the page are routes too, and HEAD is one for every GET.
        """
        if self._service is not None:
            return self._service
        settings = self._settings or read_settings()
        counters = self.counters or SharedCounters(workers=1, routes=len(route_labels(ROUTES)))
        service = Service(settings, counters, ROUTES, self.last_good, self.max_connections)
        self._clients = service.connections.busy
        index = service.route_labels.index
        self._other = index("other")
        self._dispatch: dict[str, Dispatched] = {}
        for path in service.files:
            page = Route(path, "file", "A file of the page", None, get_file, parameters=None, scope="")
            self._dispatch[path] = index("page"), {"GET": page, "HEAD": page}, NO_VALUES
        for route in service.routes:
            _, methods, _ = self._dispatch.setdefault(route.path, (index(route.path), {}, NO_VALUES))
            methods |= dict.fromkeys(("GET", "HEAD") if route.method == "GET" else (route.method,), route)
            if settings.cors_origins:
                answer = partial(answer_preflight, methods=methods)
                methods["OPTIONS"] = Route(route.path, "preflight", "", None, answer, "OPTIONS", scope="")
        templates = dict.fromkeys(route.path for route in ROUTES if route.names)
        self._templates = {path: self._dispatch.pop(path) for path in templates}
        self._max_in_flight, self._logs_requests = settings.max_in_flight, bool(settings.log_requests)
        self._overload, self._row, self._admit, self._labels = (
            *(service.overload, service.row, service.gate.admit),
            service.route_labels,
        )
        self._id_prefix, self._id_count = secrets.token_hex(4), 0
        self._service = service
        return service

    async def respond(
        self, method: str, path: str, headers: Headers, body: Body, query: str = "", *, client: str = ""
    ) -> Response:
        """Answer a request, whatever its route and its server.

        A request passes dispatch, the limits of overload, the gate, the query check, the handler, which reads
        the body, and the counters. What applies to all routes belongs here.
        """
        service = self._service or self.start()
        started = time.perf_counter_ns()
        numbers = self._row.numbers
        common = [("x-request-id", self._id(headers.get("x-request-id")))]
        trace = headers.get("traceparent")
        if trace is not None and _TRACE.fullmatch(trace):
            common.append(("traceparent", trace))
        if service.closing:
            common.append(("connection", "close"))
        index, methods, values = self._dispatch.get(path) or self._match(path)
        caller = ""
        numbers[IN_FLIGHT] += 1
        try:
            route = methods.get(method) or self._no_route(path, method, methods, headers)
            if started >= self._overload.due or numbers[IN_FLIGHT] > self._max_in_flight:
                self._check_load(route, headers, query, client, started)
            caller = self._admit(route, headers, client, common)
            if query and route.parameters is not None:
                check_query(query, route.parameters)
            request = Request(method, path, headers, body, query, client, values, caller)
            answer = route.handler(service, request)
            response = answer if isinstance(answer, Response) else await answer
        except RefusedError as refused:
            response = refused.response
            self._count_busy(refused, methods.get(method), headers, query)
        except Exception:
            logger.exception("%s %s", method, path, extra={"request": dict(common)})
            response = internal_error().response
        except BaseException:
            numbers[IN_FLIGHT] -= 1
            raise
        status, own, content, chunks = response
        if chunks is not None:
            service.open_streams += 1
            asked = (method, path, client, caller)
            sending = _until_sent(chunks, partial(self._finish_stream, index, status, started, asked, common))
            await anext(sending)
            return Response(status, own + common, content, sending)
        self._finish(index, status, started, (method, path, client, caller), common, sent=len(content))
        if method == "HEAD":
            return Response(status, [*own, *common, ("content-length", str(len(content)))], b"")
        return Response(status, own + common, content)

    def _check_load(self, route: Route, headers: Headers, query: str, client: str, started: int) -> None:
        """Refuse a request if there is too much to do.

        Raises
        ------
        RefusedError : ``busy``
        """
        if route.always:
            return
        service = self.start()
        if route.handler is not get_file:  # a page that lacks one of its files does not work
            self._overload.check(priority_of(route, headers, query), client, started)
        if self._row.numbers[IN_FLIGHT] - service.reader.waiting > self._max_in_flight:
            raise self._overload.refusal(service.bulk.queue.seconds)

    def _count_busy(self, refused: RefusedError, route: Route | None, headers: Headers, query: str) -> None:
        if route is not None and refused.kind == "busy":
            self._row.numbers[BUSY_AT[priority_of(route, headers, query)]] += 1

    def _finish(
        self, index: int, status: int, started: int, asked: Asked, common: HeaderList, *, sent: int
    ) -> None:
        """Count an answered request, and log it if the settings ask for that."""
        nanoseconds = time.perf_counter_ns() - started
        self._row.numbers[IN_FLIGHT] -= 1
        self._row.count_request(index, status, nanoseconds)
        if self._logs_requests:
            method, path, client, caller = asked
            address, label = client.rpartition(":")[0], self._labels[index]
            request = {"status": status, "milliseconds": round(nanoseconds / 1e6, 3), "method": method}
            request |= {"address": address, "route": label, "bytes": sent, "key": caller}
            entry = {"request": request | {name: value for name, value in common if name in _LOGGED}}
            logger.info("%d %s %s %d %s", status, method, address or "-", sent, path, extra=entry)

    def _finish_stream(
        self, index: int, status: int, started: int, asked: Asked, common: HeaderList, *, sent: int
    ) -> None:
        self.start().open_streams -= 1
        self._finish(index, status, started, asked, common, sent=sent)

    def _match(self, path: str) -> Dispatched:
        """The routes whose template a path has; no routes if there is none."""
        for template, (index, methods, _) in self._templates.items():
            values = match_path(template, path)
            if values is not None:
                return index, methods, values
        return self._other, {}, NO_VALUES

    def _no_route(self, path: str, method: str, methods: Iterable[str], headers: Headers) -> Route:
        """Refuse an unknown path, or a method that the path does not support; a browser gets a page."""
        if not methods:
            if method in {"GET", "HEAD"} and takes_html(headers.get("accept")):
                return _MISSING
            paths = ", ".join(dict.fromkeys(route.path for route in self.start().routes))
            raise RefusedError("not-found", "nothing", found=path, allowed=f"a path such as {paths}")
        allowed = ", ".join(methods)
        raise RefusedError("method", method, found=method, allowed=allowed, headers=(("allow", allowed),))

    def _id(self, given: str | None) -> str:
        """The id of a request: the client's own, or a new one."""
        if given is not None and 0 < len(given) <= MAX_ID and given.isascii() and given.isprintable():
            return given
        self._id_count += 1
        return f"{self._id_prefix}{self._id_count:08x}"

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._begin(loop)
        loop.call_soon(self.start().connections.begin)
        if self.counters is not None:
            WorkerEnd(loop, self.counters, self.start().leave)

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        client = scope.client
        self._clients.add(client)
        try:
            response = await self.respond(
                scope.method, scope.path, scope.headers, protocol, scope.query_string, client=client
            )
            status, headers, content, chunks = response
            if chunks is None and len(content) <= PACED_BYTES:
                if status == BUSY_STATUS:  # to read a body costs more than to refuse it
                    await self._overload.defer()
                elif status >= FIRST_REFUSAL and status != TIMEOUT_STATUS:
                    await self._lingering.drop(protocol, scope.headers)
                protocol.response_bytes(status, headers, content)
            else:
                await self._send(response, protocol, client)
        finally:
            self._clients.discard(client)

    async def _send(self, response: Response, protocol: HTTPProtocol, client: str) -> None:
        """Give an answer to the server no faster than the client takes it."""
        status, headers, content, chunks = response
        overhead = chunk_overhead if chunks is not None else no_overhead
        if chunks is None:
            chunks, headers = _once(content), [*headers, ("content-length", str(len(content)))]
        async with aclosing(chunks):
            with contextlib.suppress(*DISCONNECTED):
                async with self.start().sends.begin(client, overhead) as send:
                    transport = protocol.response_stream(status, headers)
                    async for chunk in chunks:
                        for start in range(0, len(chunk), PIECE_BYTES):
                            await transport.send_bytes(chunk[start : start + PIECE_BYTES])
                            await send.room(min(len(chunk) - start, PIECE_BYTES))

    async def asgi(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        """The entry point for ASGI servers."""
        if scope["type"] == "lifespan":
            await receive()
            self._begin(asyncio.get_running_loop())
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
        elif scope["type"] == "http":
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            status, fields, content, chunks = await self.respond(
                scope["method"],
                scope["path"],
                headers,
                AsgiBody(receive),
                scope.get("query_string", b"").decode("latin-1"),
                client="{}:{}".format(*scope.get("client") or ("", 0)),
            )
            async with nullcontext() if chunks is None else aclosing(chunks):
                raw = [(name.encode(), value.encode()) for name, value in fields]
                if content:
                    raw.append((b"content-length", str(len(content)).encode()))
                with contextlib.suppress(*DISCONNECTED):
                    await send({"type": "http.response.start", "status": status, "headers": raw})
                    if chunks is not None:
                        async for chunk in chunks:
                            await send({"type": "http.response.body", "body": chunk, "more_body": True})
                    await send({"type": "http.response.body", "body": content})

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        # The handler comes first: a SIGHUP during the start is acted on after it.
        with contextlib.suppress(NotImplementedError, RuntimeError):  # not in the main thread of a process
            loop.add_signal_handler(signal.SIGHUP, lambda: self.start().swap(loop))
        service = self.start()
        tune_gc()
        service.watch(loop)


async def _once(content: bytes) -> AsyncGenerator[bytes]:
    yield content


async def _until_sent(chunks: AsyncGenerator[bytes], finish: Callable[..., None]) -> AsyncGenerator[bytes]:
    """The chunks; `finish` is called after the last, or as soon as no more are wanted, with their bytes.

    The first chunk is empty and not for the client: Python runs the `finally` of a generator only if the
    generator has started, and a client may be gone before its answer begins.
    """
    sent = 0
    try:
        async with aclosing(chunks):
            yield b""
            async for chunk in chunks:
                sent += len(chunk)
                yield chunk
    finally:
        finish(sent=sent)


app = Application()
asgi = app.asgi
