"""Workbooks written by hand, since no library that writes them is installed."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

Cell = str | float | bool | dt.date | dt.time | None

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_EPOCH = dt.datetime(1899, 12, 30)
_STYLES = {dt.date: 1, dt.datetime: 2, dt.time: 3}
_FORMATS = (0, 14, 22, 20)  # general, date, date and time, time: numbers that Excel gives them


def workbook(sheets: dict[str, Sequence[Sequence[Cell]]]) -> bytes:
    """The bytes of an .xlsx file; a row without cells is not written."""
    names = list(sheets)
    relations = "".join(
        f'<Relationship Id="r{k}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{k}.xml"/>'
        for k in range(len(names))
    )
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{k + 1}" r:id="r{k}"/>' for k, name in enumerate(names)
    )
    formats = "".join(f'<xf numFmtId="{number}" applyNumberFormat="1"/>' for number in _FORMATS)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}'
        f'<Relationship Id="s" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><cellXfs>{formats}</cellXfs></styleSheet>',
    }
    for k, rows in enumerate(sheets.values()):
        parts[f"xl/worksheets/sheet{k}.xml"] = _sheet(rows)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _sheet(rows: Sequence[Sequence[Cell]]) -> str:
    written = "".join(
        f'<row r="{number}">{"".join(_cell(cell, number, place) for place, cell in enumerate(row))}</row>'
        for number, row in enumerate(rows, 1)
        if row
    )
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{written}</sheetData></worksheet>'


def _cell(cell: Cell, row: int, place: int) -> str:
    at = f'r="{chr(ord("A") + place)}{row}"'
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f'<c {at} t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
    if isinstance(cell, bool):
        return f'<c {at} t="b"><v>{int(cell)}</v></c>'
    style = _STYLES.get(type(cell), 0)
    return f'<c {at} s="{style}"><v>{_serial(cell)!r}</v></c>'


def _serial(cell: float | dt.date | dt.time) -> float:
    if isinstance(cell, dt.time):
        return (cell.hour * 60 + cell.minute) / 1440
    if isinstance(cell, dt.datetime):
        return (cell - _EPOCH).total_seconds() / 86400
    return (cell - _EPOCH.date()).days if isinstance(cell, dt.date) else cell
