"""What a file is, by its first bytes."""

from __future__ import annotations

import re
from pathlib import Path

from puntual.errors import DataError

WANTED = "CSV, Parquet, Arrow, JSON or Excel, which may be packed"
ARROW, ARROW_STREAM, OLD_OFFICE = b"ARROW1", b"\xff\xff\xff\xff", b"\xd0\xcf\x11\xe0"
PARQUET, GZIP, ZIP = b"PAR1", b"\x1f\x8b", b"PK\x03\x04"

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
    (b"FEA1", "a Feather file of version 1"),
    *((magic, "a file of R (.RData)") for magic in (b"RDX2\n", b"RDX3\n", b"RDA2\n", b"RDA3\n")),
    (b"X\n\0\0\0", "a file of R (.rds)"),
    (b"\0" * 12 + b"\xc2\xea\x81\x60", "a file of SAS (.sas7bdat)"),
    (b"HEADER RECORD*******", "a file of SAS (.xpt)"),
    (b"<stata_dta>", "a file of Stata (.dta)"),
    (b"$FL2", "a file of SPSS (.sav)"),
    (b"\x89HDF", "an HDF5 file"),
    (b"Obj\x01", "an Avro file"),
    (b"\x80\x04", "a pickle of Python"),
    (b"\x80\x05", "a pickle of Python"),
    (b"\x93NUMPY", "an array of NumPy"),
    (b"{\\rtf", "a Rich Text document"),
    (b"\0\x01\0\0Standard", "an Access database"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (PARQUET, "a Parquet file"),
    (GZIP, "a gzip file"),
    (ZIP, "a zip file"),
)


def first_bytes(path: Path, where: str, size: int = 4) -> bytes:
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
            head = file.read(size)
    except OSError as error:
        raise DataError(where, (error.strerror or str(error)).lower(), wanted=f"a file: {WANTED}") from None
    if not head:
        raise DataError(where, "the file is empty", wanted="a header and one row a flight")
    return head


def is_json(head: bytes) -> bool:
    """Whether a text begins as JSON does."""
    return re.match(rb"\{|\[\s*[\[{\"]", head.removeprefix(b"\xef\xbb\xbf").lstrip()) is not None


def find_other_kind(head: bytes) -> str | None:
    """What a file is, by its first bytes, if it is no delimited text.

    Examples
    --------
    >>> find_other_kind(b"%PDF-1.7"), find_other_kind(b"Date,Time")
    ('a PDF document', None)
    """
    for magic, kind in _OTHER_KINDS:
        if head.startswith(magic):
            return kind
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if is_json(head):
        return "JSON"
    if start.startswith(b"<"):
        return "HTML or XML"
    return "binary data" if b"\0" in head else None
