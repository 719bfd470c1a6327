"""Whether a file is the expected one, and whether it changed."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from puntual.errors import ArtifactError, SettingError
from puntual.inference.artifact import read_model_file

_FORM = re.compile("[0-9a-f]{64}")


def normalize_digest(sha256: str) -> str:
    """A digest in the form in which digests are compared; empty: any file is accepted.

    Raises
    ------
    SettingError : not a SHA-256

    Examples
    --------
    >>> normalize_digest("sha256:" + "AB" * 32) == "ab" * 32
    True
    """
    wanted = sha256.strip().lower().removeprefix("sha256:")
    if wanted and not _FORM.fullmatch(wanted):
        raise SettingError(f"PUNTUAL_MODEL_SHA256: {sha256!r}; wanted: 64 hexadecimal digits")
    return wanted


def check_digest(path: Path, sha256: str) -> None:
    """Refuse a file with another digest.

    Parameters
    ----------
    sha256 : hexadecimal; empty: any file is accepted

    Raises
    ------
    SettingError : `sha256` is not a SHA-256
    ArtifactError : the file cannot be read, or has another digest
    """
    wanted = normalize_digest(sha256)
    if not wanted:
        return
    found = hashlib.sha256(read_model_file(path)).hexdigest()
    if found != wanted:
        raise ArtifactError(str(path), f"its SHA-256 is {found}", wanted=wanted)


def file_signature(path: str) -> tuple[int, ...]:
    """A value that changes with the file; empty if there is no file."""
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return ()
    return (status.st_ino, status.st_size, status.st_mtime_ns)
