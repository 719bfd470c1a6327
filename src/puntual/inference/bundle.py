"""The container of a model file: a zip of parts that is read without trusting it, and may be signed."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from puntual.access.signatures import Signature, is_signed
from puntual.errors import ArtifactError

MAX_PART_BYTES = 128 * 2**20
MANIFEST = "manifest.json"
SIGNATURE = "signature.json"
"""A part that a model may have."""
WANTED = "a model written by `puntual train`"

_EPOCH = (1980, 1, 1, 0, 0, 0)
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)


def pack(parts: Mapping[str, bytes]) -> bytes:
    """The same parts give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as bundle:
        for name, data in parts.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            bundle.writestr(entry, data)
    return buffer.getvalue()


@contextmanager
def opened(data: bytes, where: str) -> Iterator[zipfile.ZipFile]:
    """The zip; whatever is wrong with it is raised as `ArtifactError`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as bundle:
            yield bundle
    except ArtifactError:
        raise
    except _DAMAGE as error:
        raise ArtifactError(where, f"damaged or not a model ({error})", wanted=WANTED) from error


def check_signature(parts: Mapping[str, bytes], trusted: Sequence[str], where: str) -> None:
    """Raise `ArtifactError` if the manifest is not signed with a trusted key."""
    wanted = "a model that `puntual sign` signed with a key of PUNTUAL_TRUSTED_KEYS"
    if SIGNATURE not in parts:
        raise ArtifactError(where, "it is not signed", wanted=wanted)
    signature = decode(parts[SIGNATURE], Signature, where, SIGNATURE)
    if not is_signed(parts[MANIFEST], signature, trusted):
        raise ArtifactError(where, "its signature is not that of a trusted key", wanted=wanted)


def read_bounded(bundle: zipfile.ZipFile, entry: zipfile.ZipInfo, where: str) -> bytes:
    """Read a part without trusting the size that the file claims for it."""
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise ArtifactError(where, f"{entry.filename} is compressed by an unknown method", wanted=WANTED)
    with bundle.open(entry) as part:
        data = part.read(MAX_PART_BYTES + 1)
    if len(data) > MAX_PART_BYTES:
        raise ArtifactError(
            where, f"{entry.filename} is larger than {MAX_PART_BYTES >> 20} MiB", wanted=WANTED
        )
    return data


def encode(value: object) -> bytes:
    """JSON that people can read."""
    return msgspec.json.format(msgspec.json.encode(value, order="deterministic"), indent=1)


def decode(data: bytes, kind: Any, where: str, part: str) -> Any:
    """A part; whatever is wrong with it is raised as `ArtifactError`."""
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ArtifactError(where, f"{part}: {error}", wanted=WANTED) from error
