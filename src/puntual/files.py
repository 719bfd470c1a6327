"""Read regular files within bounds; write files and folders whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

from puntual.errors import SettingError

_REASONS = {errno.ENOENT: "no such file", errno.EISDIR: "a directory"}
_PREFIX = ".puntual-"
"""Of temporary names, which do not extend the final name: that may already have 255 characters."""


def check_path(name: str, value: object) -> Path:
    """A path, given as such or as text.

    Raises
    ------
    SettingError : none, or an empty one
    """
    if isinstance(value, str | PathLike) and str(value):
        return Path(value)
    raise SettingError(f"{name}: {value!r}; wanted: a path")


def check_file(name: str, value: object) -> Path:
    """A path to write a file to.

    Raises
    ------
    SettingError : no path, an empty one, or a folder's
    """
    path = check_path(name, value)
    if path.is_dir():
        raise SettingError(f"{name}: {value!r} is a folder; wanted: the path of a file")
    return path


@contextmanager
def atomic_file(path: Path, mode: int = 0o644) -> Iterator[Path]:
    """Give a temporary file in the same folder that replaces the path at the end, or goes on an error.

    Parameters
    ----------
    mode : who may read and write it

    Raises
    ------
    OSError : the folder cannot be written

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with atomic_file(Path(folder, "answers.csv")) as temporary:
    ...         _ = temporary.write_text("delayed")
    ...     [(path.name, path.read_text()) for path in Path(folder).iterdir()]
    [('answers.csv', 'delayed')]
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=_PREFIX)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        _persist(temporary, mode)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(folder: Path, last: str) -> Iterator[Path]:
    """Give a temporary folder, whose files are moved into another at the end, or deleted on an error.

    A new folder appears at once with all its files. In an existing one, files are replaced one by one, and
    other files stay.

    Parameters
    ----------
    last : name of the main file, which is replaced after the others

    Raises
    ------
    OSError : the folder, or its parent, cannot be written
    """
    within = folder if folder.is_dir() else folder.parent
    temporary = Path(tempfile.mkdtemp(dir=within, prefix=_PREFIX))
    try:
        yield temporary
        files = [path for path in temporary.rglob("*") if path.is_file()]
        for path in files:
            _persist(path)
        temporary.chmod(0o755)
        if within is not folder:
            temporary.rename(folder)
            return
        for path in sorted(files, key=lambda path: path.name == last):
            place = folder / path.relative_to(temporary)
            place.parent.mkdir(exist_ok=True)
            path.replace(place)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _persist(path: Path, mode: int = 0o644) -> None:
    """Flush a file to disk, so that it survives a loss of power, and say who may read it."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
    path.chmod(mode)


def read_file(path: Path, max_bytes: int) -> bytes:
    """The bytes of a regular file; named pipes and devices are refused without waiting for them.

    Raises
    ------
    OSError : the file is missing, unreadable, not regular, or larger than `max_bytes` (`describe_error`)
    """
    with open(path, "rb", opener=_open_without_waiting) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise OSError(errno.EFBIG, f"larger than {max_bytes >> 20} MiB")
    return data


def describe_error(error: OSError) -> str:
    """Why a file could not be read.

    Examples
    --------
    >>> describe_error(PermissionError(errno.EACCES, "Permission denied"))
    'cannot be read: permission denied'
    """
    reason = error.strerror or str(error)
    return _REASONS.get(error.errno or 0, f"cannot be read: {reason[:1].lower()}{reason[1:]}")


def _open_without_waiting(path: str, flags: int) -> int:
    """Open without waiting for another process to write into a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def append_line(path: str | PathLike[str], line: str) -> None:
    """Append to a file, whole or not at all among others that append, which only its owner may read.

    Raises
    ------
    OSError : it cannot be written
    """
    with open(path, "ab", buffering=0, opener=_open_private) as file:
        file.write(line.encode())


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
