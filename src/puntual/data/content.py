"""Read a file as text: unpack it within bounds, decode it, and refuse other kinds of file by content."""

from __future__ import annotations

import gzip
import io
import lzma
import re
import zipfile
import zlib
from pathlib import Path
from typing import IO, cast

from puntual.errors import DataError

MAX_TEXT_BYTES = 2 * 2**30
"""Largest text, unpacked."""

WANTED = "CSV (plain, gzip or zip) or Parquet"
PARQUET, GZIP, ZIP, EMPTY_ZIP = b"PAR1", b"\x1f\x8b", b"PK\x03\x04", b"PK\x05\x06"

_OTHER_KINDS = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"7z\xbc\xaf", "a 7-Zip file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"Rar!", "a RAR file"),
    (b"ARROW1", "an Arrow file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
    (PARQUET, "a Parquet file"),
    (GZIP, "a gzip file"),
    (ZIP, "a zip file"),
)
_DAMAGE = (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError, ValueError)
_BLOCK_BYTES = 2**20


def first_bytes(path: Path, where: str) -> bytes:
    """Read the first bytes of a file, which identify its kind.

    Raises
    ------
    DataError : the file is missing, a directory, not readable, or empty
    """
    try:
        if path.is_dir():
            raise DataError(where, "a directory", wanted=f"one file: {WANTED}")
        if path.exists() and not path.is_file():
            raise DataError(where, "a pipe or a device", wanted=f"a file: {WANTED}")
        with path.open("rb") as file:
            head = file.read(4)
    except OSError as error:
        raise DataError(where, (error.strerror or str(error)).lower(), wanted=f"a file: {WANTED}") from None
    if not head:
        raise DataError(where, "the file is empty", wanted="a header and one row a flight")
    return head


def read_text(path: Path, where: str, encoding: str | None = None) -> bytes:
    r"""Read a CSV file's unpacked text as UTF-8 with line ends ``\n`` and without a byte order mark.

    Parameters
    ----------
    encoding : None: UTF-8, or Latin-1 if the text is not UTF-8

    Raises
    ------
    DataError : the file is missing, damaged, too large, empty, or something other than text
    """
    return decode_text(read_content(path, where), where, encoding)


def decode_text(content: bytes, where: str, encoding: str | None = None) -> bytes:
    """Decode the content of `read_content`, as `read_text` does.

    Raises
    ------
    DataError : the content is not in the encoding
    """
    if encoding is not None:
        try:
            content = content.decode(encoding).encode()
        except UnicodeError as error:
            at = f", byte {error.start + 1:,}" if isinstance(error, UnicodeDecodeError) else ""
            raise DataError(where, f"not {encoding}{at}", wanted="the encoding of the file") from None
    elif not is_utf_8(content):
        content = content.decode("latin-1").encode()
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in content else content


def read_content(path: Path, where: str) -> bytes:
    """Read a CSV file's unpacked bytes without a byte order mark.

    Raises
    ------
    DataError : as `read_text`
    """
    head = first_bytes(path, where)
    with path.open("rb") as file:
        if head.startswith(GZIP):
            content = _read_packed(cast("IO[bytes]", gzip.GzipFile(fileobj=file)), where, "gzip")
        elif head.startswith((ZIP, EMPTY_ZIP)):
            content = _read_zip(file, where)
        else:
            content = _read_whole(file, where)
    content = content.removeprefix(b"\xef\xbb\xbf")
    if not content.strip():
        raise DataError(where, "the file is empty", wanted="a header and one row a flight")
    return content


def is_utf_8(content: bytes) -> bool:
    """Whether bytes are text in UTF-8."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _read_zip(file: IO[bytes], where: str) -> bytes:
    try:
        archive = zipfile.ZipFile(file)
    except _DAMAGE:
        raise DataError(where, "a zip file that is damaged", wanted=WANTED) from None
    # macOS adds hidden files to every zip.
    names = [
        name for name in archive.namelist() if not name.endswith("/") and not name.startswith("__MACOSX/")
    ]
    if "[Content_Types].xml" in names:
        raise DataError(where, "an Excel or Word file", wanted=f"{WANTED}; save the spreadsheet as CSV")
    if len(names) != 1:
        found = ", ".join(map(repr, names[:3])) + (", …" if len(names) > 3 else "")
        raise DataError(
            where, f"a zip of {len(names)} files: {found}", wanted="a zip with one CSV file in it"
        )
    if archive.getinfo(names[0]).flag_bits & 1:
        raise DataError(where, "a zip file with a password", wanted="a zip with one CSV file in it")
    return _read_packed(archive.open(names[0]), where, "zip")


def _read_packed(stream: IO[bytes], where: str, kind: str) -> bytes:
    try:
        with stream:
            return _read_whole(stream, where)
    except DataError:
        raise
    except _DAMAGE as error:
        raise DataError(where, f"a {kind} file that is damaged: {error}", wanted=WANTED) from None


def _read_whole(stream: IO[bytes], where: str) -> bytes:
    content = io.BytesIO()
    while block := stream.read(_BLOCK_BYTES):
        if content.tell() == 0 and (other := _other_kind(block)):
            raise DataError(where, other, wanted=WANTED)
        if content.tell() + len(block) > MAX_TEXT_BYTES:
            found = f"more than {MAX_TEXT_BYTES / 2**30:.3g} GiB of text"
            raise DataError(where, found, wanted="at most that; Parquet takes less")
        content.write(block)
    return content.getvalue()


def _other_kind(head: bytes) -> str | None:
    for magic, kind in _OTHER_KINDS:
        if head.startswith(magic):
            return kind
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if re.match(rb"\{|\[\s*[\[{\"]", start):
        return "JSON"
    if start.startswith(b"<"):
        return "HTML or XML"
    return "binary data" if b"\0" in head else None
