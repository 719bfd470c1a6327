"""Files read whole, whatever lies at their path, and written whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FOUND = {errno.ENOENT: "no such file", errno.EISDIR: "a directory"}
_PREFIX = ".puntual-"
"""Of what is being written: a name of its own, so that one of 255 characters can be written too."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give an empty file in the same folder, which takes the path's place at the end, or is gone on an error.

    Raises
    ------
    OSError : the folder cannot be written

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing(Path(folder, "answers.csv")) as temporary:
    ...         _ = temporary.write_text("delayed")
    ...     [(path.name, path.read_text()) for path in Path(folder).iterdir()]
    [('answers.csv', 'delayed')]
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=_PREFIX)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        _keep(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def replacing_in(folder: Path, last: str) -> Iterator[Path]:
    """Give an empty folder, whose files take their places in another at the end, or are gone on an error.

    A folder that is not there appears at once with all that is in it. In one that is there, what each file
    replaces is replaced at once, and other files stay.

    Parameters
    ----------
    last : name of the file that leads to the others, and so takes its place after them

    Raises
    ------
    OSError : the folder, or the one that it goes into, cannot be written
    """
    within = folder if folder.is_dir() else folder.parent
    temporary = Path(tempfile.mkdtemp(dir=within, prefix=_PREFIX))
    try:
        yield temporary
        files = [path for path in temporary.rglob("*") if path.is_file()]
        for path in files:
            _keep(path)
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


def _keep(path: Path) -> None:
    """See that a file outlasts a loss of power, and that others may read it."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
    path.chmod(0o644)


def read_file(path: Path, max_bytes: int) -> bytes:
    """The bytes of a regular file.

    Nothing is waited for, and no more than `max_bytes` are read: a named pipe or a device is refused.

    Raises
    ------
    OSError : it is missing, cannot be read, is no regular file, or is larger (`describe_error` says which)
    """
    with open(path, "rb", opener=_open_at_once) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise OSError(errno.EFBIG, f"larger than {max_bytes >> 20} MiB")
    return data


def describe_error(error: OSError) -> str:
    """What was found where a file was to be read.

    Examples
    --------
    >>> describe_error(PermissionError(errno.EACCES, "Permission denied"))
    'cannot be read: permission denied'
    """
    reason = error.strerror or str(error)
    return _FOUND.get(error.errno or 0, f"cannot be read: {reason[:1].lower()}{reason[1:]}")


def _open_at_once(path: str, flags: int) -> int:
    """Open without waiting for somebody to write into a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
