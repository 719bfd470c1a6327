"""Where files lie: paths of this machine, and addresses as ``s3://bucket/flights`` by fsspec."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from puntual.errors import DataError, MissingDependencyError, PuntualError
from puntual.files import atomic_file

if TYPE_CHECKING:
    from puntual.data.text_blocks import Stream

Where = str | PathLike[str]
"""A path, or an address."""

EXTRA = "remote"
_SCHEME = "://"


def is_address(where: Where) -> bool:
    """Whether it is an address and not a path of this machine.

    Examples
    --------
    >>> is_address("s3://bucket/flights"), is_address("flights/2001.csv")
    (True, False)
    """
    return _SCHEME in fspath(where)


def join(where: Where, *names: str) -> str:
    """The path or address of something within a folder.

    Examples
    --------
    >>> join("s3://bucket/flights/", "origin=JFK", "month=2013-01")
    's3://bucket/flights/origin=JFK/month=2013-01'
    """
    if is_address(where):
        return "/".join((fspath(where).rstrip("/"), *names))
    return str(Path(where, *names))


def read_bytes(where: Where) -> bytes | None:
    """The bytes of a file; None if there is none.

    Raises
    ------
    DataError : it cannot be read
    MissingDependencyError : the driver of the address is not installed
    """
    with driven(where):
        try:
            if is_address(where):
                system, path = open_system(where)
                return bytes(system.cat_file(path))
            return Path(where).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None


def write_bytes(where: Where, content: bytes, *, durable: bool = True) -> None:
    """Write a file whole or not at all; its folder is made if needed.

    Parameters
    ----------
    durable : it survives a loss of power; otherwise a file of this machine may be there in part, as what is
        not shown to anyone yet

    Raises
    ------
    DataError : it cannot be written
    MissingDependencyError : the driver of the address is not installed
    """
    with driven(where, "written"):
        if is_address(where):
            # An object appears when all of it is there.
            system, path = open_system(where)
            system.pipe_file(path, content)
            return
        file = Path(where)
        file.parent.mkdir(parents=True, exist_ok=True)
        if not durable:
            file.write_bytes(content)
            return
        with atomic_file(file) as temporary:
            temporary.write_bytes(content)


def remove(where: Where) -> None:
    """Remove a file, if there is one.

    Raises
    ------
    DataError : it cannot be removed
    """
    with driven(where, "removed"), suppress(FileNotFoundError):
        if is_address(where):
            system, path = open_system(where)
            system.rm_file(path)
        else:
            Path(where).unlink()


def remove_folder(where: str) -> None:
    """Remove all that is at an address, as far as that is possible."""
    with suppress(PuntualError, FileNotFoundError), driven(where, "removed"):
        system, path = open_system(where)
        system.rm(path, recursive=True)


def upload(file: Path, where: str) -> None:
    """Write a file of this machine to an address, where it appears when all of it is there.

    Raises
    ------
    DataError : it cannot be written
    MissingDependencyError : the driver of the address is not installed
    """
    with driven(where, "written"):
        system, path = open_system(where)
        system.put_file(str(file), path)


def open_stream(where: Where) -> Stream:
    """The bytes of a file, in sequence or from any place.

    Raises
    ------
    DataError : it cannot be read
    MissingDependencyError : the driver of the address is not installed
    """
    with driven(where):
        if is_address(where):
            system, path = open_system(where)
            return system.open(path, "rb")  # type: ignore[no-any-return]
        return Path(where).open("rb")


def open_system(where: Where) -> tuple[Any, str]:
    """The file system of an address, and the path in it.

    Raises
    ------
    MissingDependencyError : fsspec is not installed
    """
    try:
        from fsspec.core import url_to_fs  # noqa: PLC0415, loaded only for an address
    except ImportError as error:
        raise MissingDependencyError(error.name or "fsspec", extra=EXTRA) from None
    system, path = url_to_fs(fspath(where))
    return system, path


@contextmanager
def driven(where: Where, done: str = "read") -> Iterator[None]:
    """Say in one line what a driver raises, which is of its own library."""
    place = fspath(where)
    try:
        yield
    except (PuntualError, FileNotFoundError, NotADirectoryError):
        raise
    except ImportError as error:
        raise MissingDependencyError(error.name or str(error), extra=EXTRA) from None
    except OSError as error:
        reason = (error.strerror or str(error) or type(error).__name__).partition("\n")[0]
        raise DataError(place, f"cannot be {done}: {reason[:1].lower()}{reason[1:]}") from None
    except Exception as error:
        if not is_address(where):
            raise
        reason = (str(error) or type(error).__name__).partition("\n")[0]
        raise DataError(place, f"cannot be {done}: {reason[:1].lower()}{reason[1:]}") from None
