"""Read a sheet of a workbook of Excel or OpenDocument, whose cells have types."""

from __future__ import annotations

import io
import logging
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from puntual.data.delimited import ROW, Table
from puntual.data.layout import Layout, find_sheet_layout
from puntual.data.part import UnusableError
from puntual.data.text_blocks import Say
from puntual.errors import DataError, MissingDependencyError

if TYPE_CHECKING:
    from fastexcel import ExcelReader

MAX_WORKBOOK_BYTES = 2 * 2**30
"""Most that a workbook may unpack to."""

_WANTED = "a workbook with a sheet that has a header and one row a flight"
_HEAD_ROWS = 400
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_NO_DAY = r"^1899-12-3[01] "


class Sheet(NamedTuple):
    """A sheet with a table.

    Attributes
    ----------
    name : None if the workbook has no other
    """

    name: str | None
    layout: Layout
    table: Table


def read_sheet(
    content: bytes,
    where: str,
    say: Say,
    *,
    sheet: str | None = None,
    skip_lines: int | None = None,
    max_unpacked: int | None = None,
) -> Sheet:
    """Read a sheet; numbers, dates and times keep their types.

    A column of several types becomes text.

    Parameters
    ----------
    sheet : None: the first one with a table
    skip_lines : rows above the header; None: found
    max_unpacked : most bytes that the workbook may unpack to; None: `MAX_WORKBOOK_BYTES`

    Raises
    ------
    DataError : no workbook, no such sheet, or no table
    MissingDependencyError : fastexcel
    """
    reader = _open(content, where, max_unpacked or MAX_WORKBOOK_BYTES)
    names = reader.sheet_names
    if sheet is not None and sheet not in names:
        raise DataError(where, f"no sheet {sheet!r}", wanted=f"one of {', '.join(map(repr, names))}")
    problem = UnusableError(where, "no sheet with a table", wanted=_WANTED)
    for name in [sheet] if sheet else names:
        place = f"{where}, sheet {name!r}" if len(names) > 1 else where
        try:
            layout = _find_layout(reader, name, place, say, skip_lines)
        except DataError as error:
            if len(names) == 1 or sheet:
                problem = UnusableError(place, error.found, wanted=error.wanted)
            continue
        others = ", ".join(repr(other) for other in names if other != name)
        if others:
            say(f"{where}: sheet {name!r} is read, not {others}")
        return Sheet(name if others else None, layout, _read(reader, name, place, layout))
    raise problem


def _open(content: bytes, where: str, max_unpacked: int) -> ExcelReader:
    if find_spec("fastexcel") is None:
        raise MissingDependencyError("fastexcel", extra="excel")
    import fastexcel  # noqa: PLC0415

    # It logs each column without values.
    logging.getLogger("fastexcel").setLevel(logging.ERROR)
    try:
        return fastexcel.read_excel(_complete(content, where, max_unpacked))
    except fastexcel.FastExcelError as error:
        reason = str(error).partition("\n")[0]
        if "password" in str(error).lower():
            raise DataError(where, "a workbook with a password", wanted="one without") from None
        if zipfile.is_zipfile(io.BytesIO(content)):
            raise DataError(where, f"a workbook that cannot be read: {reason}", wanted=_WANTED) from None
        raise UnusableError(where, "an old Excel or Word file", wanted=_WANTED) from None


def _complete(content: bytes, where: str, max_unpacked: int) -> bytes:
    """The content of a file, with a list of sheets if it has none."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        unpacked = sum(one.file_size for one in archive.infolist())
        if unpacked > max_unpacked:
            most = f"{max_unpacked / 2**30:.3g} GiB"
            raise DataError(where, f"a workbook that unpacks to more than {most}", wanted="CSV or Parquet")
        names = archive.namelist()
        sheets = sorted(name for name in names if name.startswith("xl/worksheets/") and name.endswith(".xml"))
        if not sheets or "xl/workbook.xml" in names:
            return content
        copy = io.BytesIO()
        with zipfile.ZipFile(copy, "w") as whole:
            for name in {*names} - {"_rels/.rels", "xl/_rels/workbook.xml.rels"}:
                whole.writestr(name, archive.read(name))
            _list_sheets(whole, sheets)
    return copy.getvalue()


def _list_sheets(archive: zipfile.ZipFile, sheets: list[str]) -> None:
    def relation(number: int, kind: str, target: str) -> str:
        return f'<Relationship Id="r{number}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'

    def relations(listed: str) -> str:
        return f'<Relationships xmlns="{_PACKAGE}">{listed}</Relationships>'

    listed = "".join(
        f'<sheet name="{Path(name).stem}" sheetId="{number}" r:id="r{number}"/>'
        for number, name in enumerate(sheets, 1)
    )
    targets = "".join(
        relation(number, "worksheet", name.removeprefix("xl/")) for number, name in enumerate(sheets, 1)
    )
    archive.writestr("_rels/.rels", relations(relation(1, "officeDocument", "xl/workbook.xml")))
    archive.writestr("xl/_rels/workbook.xml.rels", relations(targets))
    book = f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{listed}</sheets></workbook>'
    archive.writestr("xl/workbook.xml", book)


def _find_layout(reader: ExcelReader, name: str, where: str, say: Say, skip_lines: int | None) -> Layout:
    head = _load(reader, name, where, skip_rows=0, n_rows=_HEAD_ROWS, dtypes="string")
    return find_sheet_layout(head.fill_null("").rows(), where, say, skip_lines=skip_lines)


def _read(reader: ExcelReader, name: str, where: str, layout: Layout) -> Table:
    cells = _load(reader, name, where, skip_rows=layout.row - 1, schema_sample_rows=None)
    numbers = pl.int_range(layout.row, layout.row + pl.len(), dtype=pl.UInt32).alias(ROW)
    named = [pl.nth(place).alias(one) for place, one in zip(layout.positions, layout.names, strict=True)]
    frame = cells.select(*named, numbers).filter(~pl.all_horizontal(pl.exclude(ROW).is_null()))
    none = pl.DataFrame(schema={ROW: pl.UInt32, "reason": pl.String})
    return Table(_tidy(frame), none, none.select(ROW))


def _load(reader: ExcelReader, name: str, where: str, **options: Any) -> pl.DataFrame:
    import fastexcel  # noqa: PLC0415

    try:
        sheet = reader.load_sheet(name, header_row=None, whitespace_as_null=True, **options)
        frame: pl.DataFrame = sheet.to_polars()
    except fastexcel.FastExcelError as error:
        reason = str(error).partition("\n")[0]
        raise DataError(where, f"a sheet that cannot be read: {reason}", wanted=_WANTED) from None
    return frame


def _tidy(frame: pl.DataFrame) -> pl.DataFrame:
    """Whole numbers as such, clocks without a day, durations in minutes."""
    tidy = []
    for column in frame:
        if column.dtype == pl.Float64 and (column.drop_nulls() % 1 == 0).all():
            tidy.append(column.cast(pl.Int64, strict=False))
        elif column.dtype == pl.Datetime and (column.dt.year() == 1899).all():
            tidy.append(column.dt.time())
        elif column.dtype == pl.Datetime:
            tidy.append(column.cast(pl.Datetime("us")))
        elif column.dtype == pl.Duration:
            tidy.append(column.dt.total_microseconds() / 60e6)
        elif column.dtype == pl.String:
            tidy.append(column.str.replace(_NO_DAY, ""))
        else:
            tidy.append(column)
    return pl.DataFrame(tidy)
