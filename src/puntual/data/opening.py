"""Open a file by what it holds: delimited text, Parquet, Arrow, JSON or a workbook."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from pathlib import Path

import polars as pl

from puntual.data.containers import DiskFile, Member, is_workbook
from puntual.data.content import (
    ARROW,
    ARROW_STREAM,
    OLD_OFFICE,
    PARQUET,
    WANTED,
    ZIP,
    find_other_kind,
    is_json,
)
from puntual.data.delimited import ROW, Table, read_tables
from puntual.data.encodings import detect_utf_16
from puntual.data.json_rows import MAX_JSON_BYTES, read_json
from puntual.data.layout import find_layout
from puntual.data.parquet import TypedRows, open_typed
from puntual.data.part import Options, Part, UnusableError
from puntual.data.ssim import MAGIC as SSIM
from puntual.data.ssim import read_ssim
from puntual.data.text_blocks import BLOCK_BYTES, Decoder, read_blocks
from puntual.data.workbooks import read_sheet
from puntual.errors import DataError

_HEAD_BYTES = 2**18


def open_member(member: Member, options: Options) -> Part:
    """Open the table of a file.

    Raises
    ------
    UnusableError : something that is no table, or has no rows
    DataError : a table that is damaged
    """
    head = member.head(4096)
    if not head.strip():
        raise UnusableError(member.where, "the file is empty", wanted="a header and one row a flight")
    for magic, open_kind in _KINDS.items():
        if head.startswith(magic):
            return open_kind(member, options)
    is_wide = detect_utf_16(head) is not None
    if not is_wide and is_json(head):
        return _open_json(member, options)
    if not is_wide and (kind := find_other_kind(head)):
        raise UnusableError(member.where, kind, wanted=WANTED)
    return _open_text(member, options)


def _open_text(member: Member, options: Options) -> Part:
    where, say = member.where, options.say
    decoder = Decoder(where, options.encoding, say)
    with closing(read_blocks(member.open(), decoder, _HEAD_BYTES)) as blocks:
        head, more = next(blocks, b""), next(blocks, None)
    if more is None and not head.strip():
        raise UnusableError(where, "the file is empty", wanted="a header and one row a flight")
    try:
        layout = find_layout(head, where, say, separator=options.separator, skip_lines=options.skip_lines)
    except DataError as error:
        raise UnusableError(where, error.found, wanted=error.wanted) from None
    if more is None and not head[layout.start :].strip(layout.separator.encode() + b'" \n'):
        raise UnusableError(where, "a header and no rows", wanted="one row a flight")

    def read(columns: Collection[str] | None) -> Iterator[Table]:
        again = Decoder(where, options.encoding, say, detected=decoder.encoding)
        return read_tables(read_blocks(member.open(), again, BLOCK_BYTES), layout, where, say, columns)

    return Part(
        where,
        layout.names,
        read,
        has_header=layout.has_header,
        size=member.size,
        separator=layout.separator,
        encoding=decoder.encoding,
        skipped=layout.skipped,
    )


def _open_ssim(member: Member, options: Options) -> Part:
    decoder = Decoder(member.where, options.encoding, options.say)
    with closing(read_blocks(member.open(), decoder)) as blocks:
        table = read_ssim(b"".join(blocks).decode().split("\n"), member.where)
    return _read_part(member, member.where, table)


def _open_json(member: Member, options: Options) -> Part:
    blocks = read_blocks(member.open(), Decoder(member.where, options.encoding, options.say))
    text = bytearray()
    with closing(blocks):
        for block in blocks:
            text += block
            if len(text) > MAX_JSON_BYTES:
                found = f"JSON of more than {MAX_JSON_BYTES // 2**20} MiB"
                raise DataError(member.where, found, wanted="at most that, or CSV or Parquet")
    return _read_part(member, member.where, read_json(bytes(text), member.where, options.say))


def _open_workbook(member: Member, options: Options) -> Part:
    file = member.on_disk()
    if not is_workbook(file.path):
        kind = find_other_kind(member.head(4096)) or "a zip file"
        raise UnusableError(member.where, kind, wanted=WANTED)
    given, skip = options.sheet, options.skip_lines
    sheet = read_sheet(file.path.read_bytes(), member.where, options.say, sheet=given, skip_lines=skip)
    where = f"{member.where}, sheet {sheet.name!r}" if sheet.name else member.where
    part = _read_part(member, where, sheet.table)
    return part._replace(has_header=sheet.layout.has_header, skipped=sheet.layout.skipped)


def _open_parquet(member: Member, _: Options) -> Part:
    return _open_typed(member, lambda path: pl.scan_parquet(path, glob=False), "Parquet")


def _open_arrow(member: Member, _: Options) -> Part:
    return _open_typed(member, lambda path: pl.scan_ipc(path, glob=False), "Arrow")


def _open_arrow_stream(member: Member, _: Options) -> Part:
    return _open_typed(member, lambda path: pl.read_ipc_stream(path).lazy(), "Arrow")


def _open_typed(member: Member, scan: Callable[[Path], pl.LazyFrame], kind: str) -> Part:
    # A copy of a packed file, or of one at an address, is kept no longer than it is read.
    def open_rows(file: DiskFile) -> TypedRows:
        return open_typed(lambda: scan(file.path), member.where, kind)

    def read(columns: Collection[str] | None) -> Iterator[Table]:
        file = member.on_disk()
        yield from open_rows(file).tables(columns)

    return Part(member.where, open_rows(member.on_disk()).names, read, size=member.size)


def _read_part(member: Member, where: str, table: Table) -> Part:
    """A part that has been read already."""

    def read(columns: Collection[str] | None) -> Iterator[Table]:
        kept = (name for name in table.frame.columns if columns is None or name in {*columns, ROW})
        yield table._replace(frame=table.frame.select(kept))

    return Part(where, tuple(table.frame.columns[:-1]), read, size=member.size)


_KINDS: dict[bytes, Callable[[Member, Options], Part]] = {
    PARQUET: _open_parquet,
    ARROW: _open_arrow,
    ARROW_STREAM: _open_arrow_stream,
    ZIP: _open_workbook,
    OLD_OFFICE: _open_workbook,
    SSIM.encode(): _open_ssim,
}
