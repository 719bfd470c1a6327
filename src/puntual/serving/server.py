"""Starts the server: checks first what can be known, then turns the process into one that only serves."""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys

from puntual.config import SETTINGS, Settings
from puntual.errors import SettingError
from puntual.serving.fetching import fetch_model
from puntual.serving.load_test import check_load_test
from puntual.serving.service import LoadedModel
from puntual.serving.signals import ENDING


def run(settings: Settings) -> None:
    """Check the settings, then serve until told to end; does not return.

    The process is replaced: whatever was loaded before, such as all that training needs, is gone from the
    one that watches over the workers, and from the workers.

    Raises
    ------
    SettingError : no model is named, or the address cannot be listened on
    DataError : the load test that is to be shown is none
    ArtifactError : the model cannot be fetched, or not be used
    NativeLibraryError : what the model is scored with cannot be loaded
    """
    check_port(settings)
    if not settings.model:
        raise SettingError("--model: missing; wanted: a model file, from `puntual train`")
    check_load_test(settings.stress_report)
    settings = fetch_model(settings)
    LoadedModel.load(settings)
    given = {setting.variable: getattr(settings, setting.name) for setting in SETTINGS}
    variables = {name: "" if value is None else str(value) for name, value in given.items()}
    sys.stdout.flush()
    sys.stderr.flush()
    # Held back until the new program handles them: Ctrl-C while it starts is no traceback.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    os.execve(sys.executable, [sys.executable, "-m", "puntual.serving"], os.environ | variables)  # noqa: S606


def check_port(settings: Settings) -> None:
    """Refuse an address that cannot be listened on; the server itself would share it without a word.

    Raises
    ------
    SettingError : the port is in use or not allowed, or the host is no address of this machine
    """
    host, port = settings.host, settings.port
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except (OSError, UnicodeError) as error:
        raise SettingError(_unusable(host, port, error)) from error


def _unusable(host: str, port: int, error: Exception) -> str:
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.EADDRINUSE:
        return f"port {port} on {host} is in use; choose another with --port"
    if code == errno.EACCES:
        return f"port {port} is not allowed to this user; choose one from 1024 on with --port"
    return f"--host: {host!r} cannot be listened on ({error}); wanted: an address of this machine"
