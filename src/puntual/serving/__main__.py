"""`python -m puntual.serving`: starts the workers and watches over them; the environment has the settings."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import resource
import signal
import sys
import threading
import time
from functools import partial
from pathlib import Path

from granian.constants import HTTPModes, Interfaces, Loops, RuntimeModes, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels

from puntual.errors import PuntualError, printable
from puntual.serving.admin import AdminServer
from puntual.serving.app import app
from puntual.serving.http.logs import log_config
from puntual.serving.http.route import route_labels
from puntual.serving.ops.counters import SharedCounters
from puntual.serving.ops.granian_server import WorkerServer
from puntual.serving.ops.health import is_ready, local_address
from puntual.serving.ops.last_good import LastGoodModel
from puntual.serving.ops.signals import STOP_SIGNALS, block_in_workers
from puntual.serving.ops.tls import watch_certificate
from puntual.serving.ops.watchdog import Watchdog
from puntual.serving.routes import ROUTES
from puntual.serving.settings import Settings, read_settings

BACKLOG = 4096
"""Connections that wait to be accepted; the maximum of Linux."""
MAX_CONNECTIONS = 16_384
"""Of a worker; further ones wait to be accepted."""
SPARE_FILES = 64
MAX_HEAD_BYTES = 16 * 1024
"""Of a request."""
STOP_SECONDS = 5
"""After this time a worker that has not ended is killed."""
MEMORY_CHECK_SECONDS = 1
MISTAKE = 2
"""Exit status if the service cannot be started as it is."""

logger = logging.getLogger("puntual.serving")


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    try:
        serve(read_settings())
    except PuntualError as error:
        sys.stderr.write(f"puntual: {printable(str(error))}\n")
        sys.exit(MISTAKE)


def serve(settings: Settings) -> None:
    """Start the workers, and watch over them until a signal ends this process."""
    multiprocessing.set_start_method("fork")
    block_in_workers()
    counters = app.counters = SharedCounters(settings.workers, len(route_labels(ROUTES)))
    last_good = app.last_good = LastGoodModel()
    threading.Thread(target=last_good.receive_all, daemon=True).start()
    files = raise_open_files()
    app.max_connections = max(min(MAX_CONNECTIONS, files - SPARE_FILES), 1)
    if settings.admin_port:
        AdminServer(settings, counters, route_labels(ROUTES)).start()
    server = WorkerServer(
        "puntual.serving.app:app",
        address=settings.host,
        port=settings.port,
        workers=settings.workers,
        interface=Interfaces.RSGI,
        runtime_mode=RuntimeModes.st,
        loop=Loops.auto,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=settings.idle_seconds * 1000, max_buffer_size=MAX_HEAD_BYTES
        ),
        ssl_cert=Path(settings.tls_cert) if settings.tls_cert else None,
        ssl_key=Path(settings.tls_key) if settings.tls_key else None,
        ssl_protocol_min=SSLProtocols.tls12,
        ssl_ca=Path(settings.tls_client_ca) if settings.tls_client_ca else None,
        ssl_client_verify=bool(settings.tls_client_ca),
        websockets=False,
        backlog=BACKLOG,
        backpressure=app.max_connections,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        workers_max_rss=settings.max_worker_mib,
        rss_sample_interval=MEMORY_CHECK_SECONDS,
        log_level=LogLevels.error,
        log_dictconfig=log_config(settings.log_format, settings.audit_log),
    )
    server.on_startup(partial(_begin, server, settings, counters))
    if files - SPARE_FILES < MAX_CONNECTIONS:
        logger.warning("the limit of open files, %d, is one of connections too; ulimit -n raises it", files)
    server.serve()


def raise_open_files() -> int:
    """Raise this process's limit of open files, one of which each connection takes, and return the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft


def _begin(server: WorkerServer, settings: Settings, counters: SharedCounters) -> None:
    """Handle the signals, those that `run` blocked too, watch the workers, and report the address."""
    signal.signal(signal.SIGINT, lambda *_: _end(server, counters))
    signal.signal(signal.SIGTERM, lambda *_: _drain(server, settings, counters))
    signal.signal(signal.SIGHUP, lambda *_: server.kill_workers(signal.SIGHUP))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    Watchdog(server, counters).start()
    if settings.tls_cert:
        watch_certificate(settings, server.replace_workers)
    threading.Thread(target=_report_address, args=(settings,), daemon=True).start()


def _drain(server: WorkerServer, settings: Settings, counters: SharedCounters) -> None:
    """Announce the end and end `drain_seconds` later; a second SIGTERM ends at once."""
    wait = 0 if counters.draining else settings.drain_seconds
    counters.drain()
    timer = threading.Timer(wait, _end, [server, counters])
    timer.daemon = True
    timer.start()


def _end(server: WorkerServer, counters: SharedCounters) -> None:
    counters.end()
    server.stop()


def _report_address(settings: Settings) -> None:
    """Report the address as soon as it answers, which it never does if there is no model."""
    host, pause = local_address(settings.host), 0.02
    while not is_ready(host, settings):
        time.sleep(pause)
        pause = min(1.1 * pause, 1.0)
    name = f"[{host}]" if ":" in host else host
    message = f"Puntual answers at http{'s' if settings.tls_cert else ''}://{name}:{settings.port}"
    if settings.log_format == "json":
        logger.info(message)
        return
    sys.stderr.write(f"{message} (Ctrl-C ends it)\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
