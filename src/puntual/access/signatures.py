"""Signatures of model files: Ed25519, by `cryptography`, loaded only where one is made or checked.

References
----------
RFC 8032, Edwards-Curve Digital Signature Algorithm (EdDSA).
"""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from puntual.errors import SettingError, name_missing

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_CONTEXT = b"puntual model manifest\n"
"""Before what is signed, so that a signature of something else is none of a model."""


class Signature(msgspec.Struct, frozen=True):
    """A signature of the manifest of a model.

    Attributes
    ----------
    key : the public key, base64
    signature : 64 bytes, base64
    """

    key: str
    signature: str


def create_signing_key(path: Path) -> str:
    """Write a new private key as PEM, which only its owner may read; give the public key.

    Raises
    ------
    SettingError : there is a file already, or it cannot be written
    MissingDependencyError : the library of the extra ``sign`` is not installed
    """
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    except ModuleNotFoundError as error:
        raise name_missing(error) from None
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(pem)
    except OSError as error:
        raise SettingError(f"{path}: {(error.strerror or str(error)).lower()}; wanted: a new file") from error
    return _public(key)


def sign(manifest: bytes, key: Path) -> Signature:
    """Sign the manifest of a model with a private key.

    Raises
    ------
    SettingError : no private key of Ed25519
    MissingDependencyError : the library of the extra ``sign`` is not installed
    """
    private = _read_private(key)
    made = base64.b64encode(private.sign(_CONTEXT + manifest)).decode()
    return Signature(_public(private), made)


def is_signed(manifest: bytes, signature: Signature, trusted: Sequence[str]) -> bool:
    """Whether a manifest is signed with one of the trusted public keys.

    Raises
    ------
    MissingDependencyError : the library of the extra ``sign`` is not installed
    """
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ModuleNotFoundError as error:
        raise name_missing(error) from None
    if signature.key not in trusted:
        return False
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(signature.key, validate=True))
        public.verify(base64.b64decode(signature.signature, validate=True), _CONTEXT + manifest)
    except (InvalidSignature, ValueError):
        return False
    return True


def read_trusted_keys(text: str) -> tuple[str, ...]:
    """The public keys of a setting: separated by commas, or in a file, a line each.

    Raises
    ------
    SettingError : something else than public keys of Ed25519

    Examples
    --------
    >>> read_trusted_keys("")
    ()
    >>> read_trusted_keys("secret")
    Traceback (most recent call last):
        ...
    puntual.errors.SettingError: PUNTUAL_TRUSTED_KEYS: 'secret' is no public key; wanted: ...
    """
    if text and Path(text).is_file():
        lines = Path(text).read_text("utf-8", errors="replace").splitlines()
        text = ",".join(line for line in lines if not line.startswith("#"))
    keys = tuple(filter(None, (part.strip() for part in text.split(","))))
    for key in keys:
        try:
            size = len(base64.b64decode(key, validate=True))
        except ValueError:  # binascii.Error, or a text that is not ASCII
            size = 0
        if size != 32:
            wanted = "what `puntual sign --new-key FILE` shows"
            raise SettingError(f"PUNTUAL_TRUSTED_KEYS: {key[:80]!r} is no public key; wanted: {wanted}")
    return keys


def _read_private(path: Path) -> Ed25519PrivateKey:
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ModuleNotFoundError as error:
        raise name_missing(error) from None
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise SettingError(f"--key: {path}: {(error.strerror or str(error)).lower()}") from error
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingError(f"--key: {path}: no such key; wanted: one of `puntual sign --new-key FILE`")
    return key


def _public(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()
