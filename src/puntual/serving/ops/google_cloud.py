"""How an object of a bucket of Google Cloud is asked for, as the account that this machine acts for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import quote
from urllib.request import Request

from puntual.errors import ArtifactError
from puntual.serving.ops.downloads import NO_PROXY, TransientError, ask, chunks

STORAGE = "https://storage.googleapis.com"
"""Where buckets are read; `STORAGE_EMULATOR_HOST` names another place, as for Google's own libraries."""
METADATA = "metadata.google.internal"
"""Who tells a token of the account; `GCE_METADATA_HOST` names another."""
TOKEN_PATH = "/computeMetadata/v1/instance/service-accounts/default/token"  # noqa: S105


def object_request(bucket: str, name: str, environ: Mapping[str, str]) -> Request:
    """What gives the object's content.

    Parameters
    ----------
    environ : variables

    Raises
    ------
    TransientError : the metadata server does not answer yet
    ArtifactError : it tells no token

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
    # An emulator knows no accounts, unless it plays the metadata server too.
    headers = {} if emulator and not metadata else {"Authorization": _token(metadata or METADATA)}
    return Request(storage.rstrip("/") + path, headers=headers)  # noqa: S310


def _token(host: str) -> str:
    """What an `Authorization` by the account is."""
    address = f"http://{host}{TOKEN_PATH}"
    try:
        with ask(NO_PROXY, Request(address, headers={"Metadata-Flavor": "Google"})) as answer:
            said = json.loads(b"".join(chunks(answer)))
        return f"{said['token_type']} {said['access_token']}"
    except TransientError as error:
        raise TransientError(f"no token from {host}: {error}") from error
    except (ArtifactError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(
            address, f"no token: {error}", wanted="a service account, as machines of Google Cloud have"
        ) from error
