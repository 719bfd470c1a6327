"""Tries a model in a process of its own, so that one which kills its process does not kill a server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence

from puntual.errors import ArtifactError
from puntual.serving.settings import SETTINGS, Settings

TRIAL_SECONDS = 60
COMMAND = (sys.executable, "-m", "puntual.serving.trial")


def environment(settings: Settings) -> dict[str, str]:
    """The environment of a process that has these settings.

    Examples
    --------
    >>> from puntual.serving.settings import read_settings
    >>> environment(read_settings({"port": 9000}, {}))["PUNTUAL_PORT"]
    '9000'
    """
    values = {setting.variable: getattr(settings, setting.name) for setting in SETTINGS}
    return os.environ | {name: "" if value is None else str(value) for name, value in values.items()}


def try_model(data: bytes, settings: Settings, command: Sequence[str] = COMMAND) -> None:
    """Load a model in a process of its own; one that is merely refused there passes.

    Raises
    ------
    ArtifactError : its process was killed, or took more than `TRIAL_SECONDS`
    """
    try:
        ended = subprocess.run(  # noqa: S603 - this program itself
            command,
            input=data,
            env=environment(settings),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=TRIAL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ArtifactError(settings.model, f"not loaded within {TRIAL_SECONDS} seconds") from None
    except OSError as error:
        raise ArtifactError(settings.model, f"it cannot be tried: {error}") from error
    if ended.returncode < 0:
        name = signal.Signals(-ended.returncode).name
        raise ArtifactError(settings.model, f"it ended the process that loaded it ({name})")
