"""Requests for objects in Google Cloud Storage, with the service account of this machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import quote
from urllib.request import Request

from puntual.errors import ArtifactError
from puntual.serving.ops.downloads import NO_PROXY, TransientError, open_url, read_chunks

STORAGE = "https://storage.googleapis.com"
"""Replaced by `STORAGE_EMULATOR_HOST`, as in Google's own libraries."""
METADATA = "metadata.google.internal"
"""The server that gives tokens; replaced by `GCE_METADATA_HOST`."""
TOKEN_PATH = "/computeMetadata/v1/instance/service-accounts/default/token"  # noqa: S105


def object_request(bucket: str, name: str, environ: Mapping[str, str]) -> Request:
    """The request for an object's content.

    Parameters
    ----------
    environ : environment variables

    Raises
    ------
    TransientError : the metadata server does not answer yet
    ArtifactError : it gives no token

    References
    ----------
    https://cloud.google.com/storage/docs/json_api/v1/objects/get and
    https://cloud.google.com/compute/docs/access/authenticate-workloads#applications
    """
    emulator, metadata = environ.get("STORAGE_EMULATOR_HOST", ""), environ.get("GCE_METADATA_HOST", "")
    storage = emulator or STORAGE
    if "://" not in storage:
        storage = f"http://{storage}"
    path = f"/storage/v1/b/{quote(bucket, safe='')}/o/{quote(name, safe='')}?alt=media"
    # An emulator has no accounts, unless it also emulates the metadata server.
    headers = {} if emulator and not metadata else {"Authorization": _token(metadata or METADATA)}
    return Request(storage.rstrip("/") + path, headers=headers)  # noqa: S310


def _token(host: str) -> str:
    """The value of the header `Authorization`."""
    address = f"http://{host}{TOKEN_PATH}"
    try:
        with open_url(NO_PROXY, Request(address, headers={"Metadata-Flavor": "Google"})) as response:
            token = json.loads(b"".join(read_chunks(response)))
        return f"{token['token_type']} {token['access_token']}"
    except TransientError as error:
        raise TransientError(f"no token from {host}: {error}") from error
    except (ArtifactError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(
            address, f"no token: {error}", wanted="a service account, as machines of Google Cloud have"
        ) from error
