"""Brings the model to where it is served: from a bucket, from an address, or it lies there already."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from http.client import HTTPResponse
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit
from urllib.request import Request

import msgspec

from puntual.errors import ArtifactError, SettingError
from puntual.serving.ops.digest import check_digest
from puntual.serving.ops.downloads import FOLLOW_REDIRECTS, NO_REDIRECTS, TransientError, ask, chunks, told
from puntual.serving.ops.google_cloud import object_request
from puntual.serving.settings import Settings

PATIENCE_SECONDS = 20
"""For what is not there yet: a new pod waits some seconds for its metadata server."""

_LONGEST_PAUSE = 4.0


def fetch_model(
    settings: Settings,
    environ: Mapping[str, str] | None = None,
    patience: float = PATIENCE_SECONDS,
    pause: Callable[[float], None] = time.sleep,
) -> Settings:
    """Settings of which the model is a file, the one whose digest is asked for.

    What is fetched lies in a directory of its own under the system's temporary directory.

    Parameters
    ----------
    environ : variables; None: the process's own
    patience : seconds to go on trying
    pause : waits for some seconds

    Raises
    ------
    SettingError : an address of an unknown form, or one that anybody may answer without a digest
    ArtifactError : what is there cannot be fetched, or is not what is wanted
    """
    address = settings.model
    if "://" not in address:
        check_digest(Path(address), settings.model_sha256)
        return settings
    fetch, name = _way(settings, os.environ if environ is None else environ)
    folder = _folder()
    path = folder / (PurePosixPath(name).name or "model.puntual")
    try:
        _patiently(lambda: fetch(path), told(address), patience, pause)
        check_digest(path, settings.model_sha256)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return msgspec.structs.replace(settings, model=str(path))


def _way(settings: Settings, environ: Mapping[str, str]) -> tuple[Callable[[Path], None], str]:
    """What writes the model into a file, and the model's name."""
    address = settings.model
    scheme, _, rest = address.partition("://")
    if scheme == "gs":
        bucket, _, name = rest.partition("/")
        if bucket and name:
            return lambda path: _save(ask(NO_REDIRECTS, object_request(bucket, name, environ)), path), name
    if scheme in {"https", "http"}:
        if settings.model_sha256:
            request = Request(address)  # noqa: S310
            return lambda path: _save(ask(FOLLOW_REDIRECTS, request), path), unquote(urlsplit(address).path)
        raise SettingError(
            f"PUNTUAL_MODEL_SHA256: missing; wanted: the SHA-256 of what {told(address)} gives"
        )
    raise SettingError(
        f"PUNTUAL_MODEL: {told(address)!r}; wanted: a file, gs://BUCKET/OBJECT, or an https address"
    )


def _folder() -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="puntual-"))
    except OSError as error:
        raise _no_room("the temporary directory", error) from error


def _save(answer: HTTPResponse, path: Path) -> None:
    try:
        with answer, path.open("wb") as file:
            file.writelines(chunks(answer))
    except OSError as error:
        raise _no_room(str(path.parent), error) from error


def _no_room(where: str, error: OSError) -> ArtifactError:
    found = (error.strerror or str(error)).lower()
    return ArtifactError(where, found, wanted="room that may be written to; TMPDIR names another place")


def _patiently(
    attempt: Callable[[], None], where: str, patience: float, pause: Callable[[float], None]
) -> None:
    """Try again, at growing distances, while there is patience; a slow attempt takes its part of it."""
    for number in itertools.count():
        begun = time.monotonic()
        try:
            return attempt()
        except TransientError as error:
            wait = min(0.25 * 2**number, _LONGEST_PAUSE)
            patience -= time.monotonic() - begun + wait
            if patience < 0:
                raise ArtifactError(where, str(error), wanted="one who answers") from error
            pause(wait)
    raise AssertionError
