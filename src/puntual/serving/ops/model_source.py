"""Fetches the model from a bucket or an address, unless it is a local file."""

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
from puntual.serving.ops.downloads import (
    FOLLOW_REDIRECTS,
    NO_REDIRECTS,
    PUBLIC,
    TransientError,
    open_url,
    read_chunks,
    without_query,
)
from puntual.serving.ops.google_cloud import object_request
from puntual.serving.settings import Settings

PATIENCE_SECONDS = 20
"""Time to retry: a new pod waits some seconds for its metadata server."""

_MAX_PAUSE = 4.0


def fetch_model(
    settings: Settings,
    environ: Mapping[str, str] | None = None,
    patience: float = PATIENCE_SECONDS,
    pause: Callable[[float], None] = time.sleep,
) -> Settings:
    """The settings with the model as a local file that has the expected digest.

    A fetched file is in its own directory under the system's temporary directory.

    Parameters
    ----------
    environ : environment variables; None: those of the process
    patience : seconds to retry
    pause : waits for some seconds

    Raises
    ------
    SettingError : an address of an unknown form, or a web address without a digest
    ArtifactError : the model cannot be fetched, or has another digest
    """
    address = settings.model
    if "://" not in address:
        check_digest(Path(address), settings.model_sha256)
        return settings
    fetch, name = _plan_download(settings, os.environ if environ is None else environ)
    folder = _folder()
    path = folder / (PurePosixPath(name).name or "model.puntual")
    try:
        _retry(lambda: _save(fetch(), path), without_query(address), patience, pause)
        check_digest(path, settings.model_sha256)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return msgspec.structs.replace(settings, model=str(path))


def _plan_download(settings: Settings, environ: Mapping[str, str]) -> tuple[Callable[[], HTTPResponse], str]:
    """A function that requests the model, and the name of the model's file."""
    address = settings.model
    scheme, _, rest = address.partition("://")
    if scheme == "gs":
        bucket, _, name = rest.partition("/")
        if bucket and name:
            return lambda: open_url(NO_REDIRECTS, object_request(bucket, name, environ)), name
    if scheme in {"https", "http"}:
        if not settings.model_sha256:
            wanted = f"the SHA-256 of what {without_query(address)} gives"
            raise SettingError(f"PUNTUAL_MODEL_SHA256: missing; wanted: {wanted}")
        request = Request(address)  # noqa: S310
        opener = FOLLOW_REDIRECTS if settings.private_downloads else PUBLIC
        return lambda: open_url(opener, request), unquote(urlsplit(address).path)
    raise SettingError(
        f"PUNTUAL_MODEL: {without_query(address)!r}; wanted: a file, gs://BUCKET/OBJECT, or an https address"
    )


def _folder() -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="puntual-"))
    except OSError as error:
        raise _no_room("the temporary directory", error) from error


def _save(response: HTTPResponse, path: Path) -> None:
    try:
        with response, path.open("wb") as file:
            file.writelines(read_chunks(response))
    except OSError as error:
        raise _no_room(str(path.parent), error) from error


def _no_room(where: str, error: OSError) -> ArtifactError:
    found = (error.strerror or str(error)).lower()
    return ArtifactError(where, found, wanted="room that may be written to; TMPDIR names another place")


def _retry(attempt: Callable[[], None], where: str, patience: float, pause: Callable[[float], None]) -> None:
    """Retry with backoff while there is patience, which slow attempts use up too."""
    for number in itertools.count():
        started = time.monotonic()
        try:
            return attempt()
        except TransientError as error:
            wait = min(0.25 * 2**number, _MAX_PAUSE)
            patience -= time.monotonic() - started + wait
            if patience < 0:
                raise ArtifactError(where, str(error), wanted="a server that answers") from error
            pause(wait)
    raise AssertionError
