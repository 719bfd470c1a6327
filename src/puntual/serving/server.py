"""Starts the server: checks what can be checked, then replaces this process by one that only serves."""

from __future__ import annotations

import errno
import logging
import os
import resource
import signal
import socket
import sys
from pathlib import Path

import msgspec

from puntual.errors import SettingError, StoreDownError
from puntual.inference.artifact import read_model_file
from puntual.operations.store import open_store
from puntual.serving.access.gate import check_openness
from puntual.serving.access.keyring import check_keys, open_keys
from puntual.serving.load_test import check_load_test
from puntual.serving.ops.granian_server import check_granian
from puntual.serving.ops.model_source import fetch_model
from puntual.serving.ops.model_trial import environment
from puntual.serving.ops.signals import STOP_SIGNALS
from puntual.serving.ops.tls import check_tls
from puntual.serving.routes import ROUTES
from puntual.serving.settings import Settings
from puntual.serving.state import LoadedModel

MIN_OPEN_FILES = 128
"""Of which a worker takes about fifty for itself."""

logger = logging.getLogger("puntual.serving")


def run(settings: Settings) -> None:
    """Check the settings, then serve until a signal ends the process; does not return.

    The process is replaced, so that libraries loaded before, such as those for training, take no memory in
    the process that watches over the workers, nor in the workers.

    Raises
    ------
    SettingError : no model is given, or the address cannot be listened on
    DataError : the load test to be shown cannot be read
    ArtifactError : the model cannot be fetched or used
    StoreError : the store cannot be used
    NativeLibraryError : LightGBM's library cannot be loaded
    PuntualError : the installed Granian lacks a part that is needed
    """
    open_outputs()
    host = check_port(settings)
    if not settings.model:
        raise SettingError("--model: missing; wanted: a model file, from `puntual train`")
    check_openness(settings, host)
    check_tls(settings)
    check_open_files()
    check_load_test(settings.stress_report)
    _reserve_address(host, settings.port)
    if settings.admin_port == settings.port:
        raise SettingError(f"PUNTUAL_ADMIN_PORT: {settings.port}; wanted: another port than --port")
    if settings.admin_port:
        check_port(msgspec.structs.replace(settings, host=host, port=settings.admin_port))
        _reserve_address(host, settings.admin_port)
    check_granian()
    check_store(settings.store)
    if settings.keys:
        check_keys(open_keys(settings.keys, settings.store))
    settings = fetch_model(msgspec.structs.replace(settings, host=host))
    LoadedModel.load(read_model_file(Path(settings.model)), settings, ROUTES)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    # Blocked until the new program handles them, so that Ctrl-C during its start prints no traceback.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    os.execve(sys.executable, [sys.executable, "-m", "puntual.serving"], environment(settings))  # noqa: S606


def open_outputs() -> None:
    """Lead outputs that are closed to nowhere, so that no connection is taken for one of them."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for handle in range(3):
        try:
            os.fstat(handle)
        except OSError:
            os.dup2(nowhere, handle)
    if nowhere > 2:
        os.close(nowhere)


def check_open_files() -> None:
    """Refuse a limit of open files with which a worker could not even load the page.

    Raises
    ------
    SettingError : the limit
    """
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < MIN_OPEN_FILES:
        raise SettingError(f"ulimit -n: {hard} open files; wanted: at least {MIN_OPEN_FILES}")


def check_store(url: str) -> None:
    """Make the store's tables, or bring them to this version; one that does not answer yet is none the worse.

    Raises
    ------
    StoreError : the store cannot be used as it is
    MissingDependencyError : its libraries are not installed
    """
    if url:
        try:
            open_store(url).close()
        except StoreDownError as error:
            logger.warning("%s; answers are made from the schedule until it answers", error)


def check_port(settings: Settings) -> str:
    """The first address of the host that can be listened on, IPv4 before IPv6.

    The server itself would share a port that is in use. ``*`` is every address of this machine.

    Raises
    ------
    SettingError : the port is in use or not allowed, or the host is no address of this machine
    """
    host, port = settings.host, settings.port
    failed: Exception = OSError("no address")
    try:
        found = socket.getaddrinfo("0.0.0.0" if host == "*" else host, port, type=socket.SOCK_STREAM)  # noqa: S104
    except (OSError, UnicodeError) as error:
        raise SettingError(_unusable(host, port, error)) from error
    for family, _, _, _, address in sorted(found, key=lambda one: one[0] != socket.AF_INET):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
                probe.listen()
        except OSError as error:
            failed = error
        else:
            return str(address[0])
    raise SettingError(_unusable(host, port, failed)) from failed


def _reserve_address(host: str, port: int) -> None:
    """Reserve an address against other servers of this machine until this process and its workers end.

    The workers share their port, so the workers of another server could join them. A name among Linux's
    abstract sockets has one owner, who keeps it through `execve` and loses it at the end.

    Raises
    ------
    SettingError : another server has reserved it
    """
    if sys.platform != "linux":  # elsewhere the workers share one socket that is bound once
        return
    reservation = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        reservation.bind(f"\0puntual {host} {port}")
    except OSError as error:
        reservation.close()
        if error.errno == errno.EADDRINUSE:
            raise SettingError(_unusable(host, port, error)) from error
        return  # no abstract sockets here: `check_port` alone must suffice
    reservation.set_inheritable(True)
    reservation.detach()


def _unusable(host: str, port: int, error: Exception) -> str:
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.EADDRINUSE:
        return f"port {port} on {host} is in use; choose another with --port"
    if code == errno.EACCES:
        return f"port {port} is not allowed to this user; choose one from 1024 on with --port"
    return f"--host: {host!r} cannot be listened on ({error}); wanted: an address of this machine"
