"""Find the files within archives and compressed files, and open each as a bounded stream."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import shutil
import sys
import tarfile
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Callable
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple, TypeVar, cast

from puntual.data.content import OLD_OFFICE, WANTED, first_bytes
from puntual.data.places import driven, open_stream, open_system
from puntual.data.text_blocks import Say, Stream
from puntual.errors import DataError

MAX_MEMBERS = 10_000
"""Most files of an archive."""
MAX_RATIO = 300
"""Most that a file may unpack to, times its size."""
FREE_BYTES = 256 * 2**20
"""What any file may unpack to."""

T = TypeVar("T")

_COPIED_BYTES = 2**20
_HEAD_BYTES = 512
_TAR_MAGIC = slice(257, 262)
_ZIPS = (b"PK\x03\x04", b"PK\x05\x06")
_DAMAGE = (
    EOFError,
    OSError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    tarfile.TarError,
    RuntimeError,
    ValueError,
)


class DiskFile:
    """A file on disk, removed with this object if it is a temporary one."""

    def __init__(self, path: Path, *, temporary: bool = False) -> None:
        self.path = path
        if temporary:
            weakref.finalize(self, path.unlink, missing_ok=True)

    def open(self) -> IO[bytes]:
        """Its bytes."""
        return self.path.open("rb")

    def size(self) -> int:
        """How many bytes it has."""
        return self.path.stat().st_size

    def head(self, where: str) -> bytes:
        """Its first bytes; a `DataError` says that there are none."""
        return first_bytes(self.path, where, _HEAD_BYTES)


class RemoteFile:
    """A file at an address, of which no copy is kept."""

    def __init__(self, address: str) -> None:
        self.address = address

    def open(self) -> IO[bytes]:
        """Its bytes, from any place."""
        return cast("IO[bytes]", open_stream(self.address))

    def size(self) -> int:
        """How many bytes it has."""
        with driven(self.address):
            system, path = open_system(self.address)
            return int(system.size(path))

    def head(self, where: str) -> bytes:
        """Its first bytes; a `DataError` says that there are none."""
        try:
            with self.open() as file, driven(where):
                head = file.read(_HEAD_BYTES)
        except FileNotFoundError:
            raise DataError(where, "no such file", wanted=f"a file: {WANTED}") from None
        if not head:
            raise DataError(where, "the file is empty", wanted="a header and one row a flight")
        return head


File = DiskFile | RemoteFile


class Member(NamedTuple):
    """A file, or one within an archive.

    Attributes
    ----------
    where : its name in messages
    size : bytes, unpacked or not; to compare members with each other
    open : a new stream of its unpacked bytes
    file : the file itself, unless it is packed
    """

    where: str
    size: int
    open: Callable[[], Stream]
    file: DiskFile | None = None

    def head(self, size: int = _HEAD_BYTES) -> bytes:
        """Its first bytes."""
        stream = self.open()
        try:
            return stream.read(size)
        finally:
            stream.close()

    def on_disk(self) -> DiskFile:
        """A file of its content, for formats that are not read in sequence."""
        return self.file or spool(self.open(), self.where)


def spool(stream: Stream, where: str) -> DiskFile:
    """Copy a stream to a temporary file.

    Raises
    ------
    DataError : it takes more than half of the free space
    """
    most = shutil.disk_usage(tempfile.gettempdir()).free // 2
    handle, name = tempfile.mkstemp(prefix="puntual-")
    file = DiskFile(Path(name), temporary=True)
    try:
        with os.fdopen(handle, "wb") as copy:
            while block := stream.read(_COPIED_BYTES):
                if copy.tell() + len(block) > most:
                    found = f"more than {most / 2**30:.3g} GiB"
                    raise DataError(where, found, wanted="at most half of the free space for temporary files")
                copy.write(block)
    finally:
        stream.close()
    return file


class _Bounded:
    """A stream of unpacked bytes that says in one line that it is damaged, or a bomb.

    Parameters
    ----------
    unpack : opens it
    kind : of the file that it is packed in
    packed : bytes
    """

    def __init__(self, unpack: Callable[[ExitStack], Stream], where: str, kind: str, packed: int) -> None:
        self._where, self._kind, self._opened = where, kind, ExitStack()
        self._most, self._read = max(FREE_BYTES, MAX_RATIO * packed), 0
        self._stream = self._attempt(lambda: unpack(self._opened))

    def read(self, size: int, /) -> bytes:
        block = self._attempt(lambda: self._stream.read(size))
        self._read += len(block)
        if self._read > self._most:
            found = f"a {self._kind} file that unpacks to more than {MAX_RATIO} times its size"
            raise DataError(self._where, found, wanted="the file unpacked, if it is no bomb")
        return block

    def close(self) -> None:
        self._opened.close()

    def _attempt(self, do: Callable[[], T]) -> T:
        try:
            return do()
        except DataError:
            raise
        except NotImplementedError as error:
            found = f"a {self._kind} file packed in a way that cannot be read: {error}"
            raise DataError(self._where, found, wanted=WANTED) from None
        except _DAMAGE as error:
            found = f"a {self._kind} file that is damaged: {error}"
            raise DataError(self._where, found, wanted=WANTED) from None


class _Zstd:
    """As the standard library's readers, of which it has none before Python 3.14."""

    def __init__(self, file: IO[bytes]) -> None:
        if sys.version_info >= (3, 14):
            from compression import zstd  # noqa: PLC0415
        else:
            from backports import zstd  # noqa: PLC0415
        self._file = zstd.ZstdFile(file)
        self._error = zstd.ZstdError

    def read(self, size: int, /) -> bytes:
        try:
            return bytes(self._file.read(size))
        except self._error as error:
            raise OSError(str(error)) from None

    def close(self) -> None:
        self._file.close()


_COMPRESSED: dict[bytes, tuple[str, Callable[[IO[bytes]], Stream]]] = {
    b"\x1f\x8b": ("gzip", lambda file: cast("Stream", gzip.GzipFile(fileobj=file))),
    b"BZh": ("bzip2", bz2.BZ2File),
    b"\xfd7zXZ": ("xz", lzma.LZMAFile),
    b"\x28\xb5\x2f\xfd": ("Zstandard", _Zstd),
}


def find_members(file: File, where: str, say: Say) -> list[Member]:
    """Find the files of which an archive, a compressed file or a plain one consists, sorted by name.

    Parameters
    ----------
    say : is told which files of an archive are left out

    Raises
    ------
    DataError : the file is missing, empty or damaged, or an archive without files
    """
    head = file.head(where)
    for magic, (kind, unpack) in _COMPRESSED.items():
        if head.startswith(magic):
            return _find_compressed(file, where, kind, unpack, say)
    if head.startswith(_ZIPS) and not _is_workbook_archive(file):
        return _find_in_zip(file, where, say)
    if _is_tar(head):
        return _find_in_tar(file, where, say)
    return [Member(where, file.size(), file.open, file if isinstance(file, DiskFile) else None)]


def is_workbook(path: Path) -> bool:
    """Whether a file may be a workbook of Excel or OpenDocument."""
    if not zipfile.is_zipfile(path):
        return first_bytes(path, str(path)) == OLD_OFFICE
    return _is_workbook_archive(DiskFile(path))


def _is_workbook_archive(file: File) -> bool:
    names = _names(file)
    return any(name.startswith("xl/") for name in names) or {"mimetype", "content.xml"} <= set(names)


def _names(file: File) -> list[str]:
    try:
        with file.open() as opened, zipfile.ZipFile(opened) as archive:
            return archive.namelist()
    except _DAMAGE:
        return []


def _find_compressed(
    file: File, where: str, kind: str, unpack: Callable[[IO[bytes]], Stream], say: Say
) -> list[Member]:
    def opened(stack: ExitStack) -> Stream:
        return stack.enter_context(closing(unpack(stack.enter_context(file.open()))))

    size = file.size()
    member = Member(where, size, lambda: _Bounded(opened, where, kind, size))
    return _find_in_tar(member.on_disk(), where, say) if _is_tar(member.head()) else [member]


def _find_in_zip(file: File, where: str, say: Say) -> list[Member]:
    try:
        with file.open() as opened, zipfile.ZipFile(opened) as archive:
            files = [one for one in archive.infolist() if not one.is_dir() and _is_shown(one.filename)]
    except _DAMAGE:
        raise DataError(where, "a zip file that is damaged", wanted=WANTED) from None
    locked = [one.filename for one in files if one.flag_bits & 1]
    if locked and len(locked) == len(files):
        raise DataError(where, "a zip file with a password", wanted="a zip file without one")
    for name in locked:
        say(f"{where}: {name} is left out: it has a password")
    return _sorted([_zip_member(file, where, one) for one in files if not one.flag_bits & 1], where, "zip")


def _zip_member(file: File, where: str, info: zipfile.ZipInfo) -> Member:
    def opened(stack: ExitStack) -> Stream:
        archive = stack.enter_context(zipfile.ZipFile(stack.enter_context(file.open())))
        return cast("Stream", stack.enter_context(archive.open(info)))

    place = f"{where}: {info.filename}"
    return Member(place, info.file_size, lambda: _Bounded(opened, place, "zip", info.compress_size))


def _find_in_tar(file: File, where: str, say: Say) -> list[Member]:
    try:
        with file.open() as opened, tarfile.TarFile(fileobj=opened) as archive:
            files = list(islice((one for one in archive if _is_shown(one.name)), MAX_MEMBERS + 1))
    except _DAMAGE as error:
        raise DataError(where, f"a tar file that is damaged: {error}", wanted=WANTED) from None
    for one in files:
        if not one.isfile() and not one.isdir():
            say(f"{where}: {one.name} is left out: a link or a device")
    return _sorted([_tar_member(file, where, one) for one in files if one.isfile()], where, "tar")


def _tar_member(file: File, where: str, info: tarfile.TarInfo) -> Member:
    def opened(stack: ExitStack) -> Stream:
        opened_file = stack.enter_context(file.open())
        archive = stack.enter_context(closing(tarfile.TarFile(fileobj=opened_file)))
        return cast("Stream", archive.extractfile(info))

    place, size = f"{where}: {info.name}", file.size()
    return Member(place, info.size, lambda: _Bounded(opened, place, "tar", size))


def _is_tar(head: bytes) -> bool:
    return head[_TAR_MAGIC] == b"ustar"


def _is_shown(name: str) -> bool:
    # macOS adds hidden files to every archive.
    path = PurePosixPath(name)
    return not path.name.startswith(".") and "__MACOSX" not in path.parts


def _sorted(members: list[Member], where: str, kind: str) -> list[Member]:
    if not members:
        raise DataError(where, f"a {kind} file without files in it", wanted=f"a {kind} file of CSV files")
    if len(members) > MAX_MEMBERS:
        raise DataError(where, f"a {kind} file of more than {MAX_MEMBERS:,} files", wanted="at most that")
    return sorted(members, key=lambda member: member.where)
