"""A file read whole, whatever lies at its path."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

_FOUND = {errno.ENOENT: "no such file", errno.EISDIR: "a directory"}


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
