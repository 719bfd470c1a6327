"""Whether a file is the one that is meant, and whether it changed."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from puntual.errors import ArtifactError, SettingError
from puntual.inference.artifact import read_model_file

_FORM = re.compile("[0-9a-f]{64}")


def normalize_digest(sha256: str) -> str:
    """A digest as a setting says it, as it is compared; empty: none is asked for.

    Raises
    ------
    SettingError : it is no SHA-256

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
    """Refuse a file that is not the one of a digest.

    Parameters
    ----------
    sha256 : in hexadecimal; empty: any file will do

    Raises
    ------
    SettingError : it is no SHA-256
    ArtifactError : the file cannot be read, or is another one
    """
    wanted = normalize_digest(sha256)
    if not wanted:
        return
    found = hashlib.sha256(read_model_file(path)).hexdigest()
    if found != wanted:
        raise ArtifactError(str(path), f"its SHA-256 is {found}", wanted=wanted)


def file_signature(path: str) -> tuple[int, ...]:
    """Changes with the file; empty where there is none."""
    try:
        told = os.stat(path)  # noqa: PTH116
    except OSError:
        return ()
    return (told.st_ino, told.st_size, told.st_mtime_ns)
