"""Find the header of a delimited text, its separator, and the lines above it."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from puntual.data.text_blocks import Say
from puntual.errors import DataError
from puntual.formats import SEPARATORS

ROW = "row"
MAX_COLUMNS = 16_384
"""Most columns of a file, as many as a spreadsheet has."""

_WANTED_HEADER = "a header of names, separated by ',', ';', '|' or tabs"
_SAMPLE_LINES = 400
_VALUE = re.compile(r"[-+]?(?=[.,]*\d)[\d.,]+([-:/ T]\d[\d.]*)*(Z|[+-]\d\d:?\d\d)?( ?[AaPp]\.?[Mm]\.?)?")


class Layout(NamedTuple):
    """How the rows of a delimited text are laid out.

    Attributes
    ----------
    names : of the columns, each once
    positions : of those columns among the fields of a row
    width : fields of a row
    separator : between fields
    row : of the first row of flights, as a spreadsheet numbers it
    start : byte of the text at which that row begins
    has_header : otherwise the names are ``column 1`` and so on
    skipped : the lines above the header that are not blank
    """

    names: tuple[str, ...]
    positions: tuple[int, ...]
    width: int
    separator: str
    row: int
    start: int
    has_header: bool
    skipped: tuple[str, ...] = ()


class Record(NamedTuple):
    """A row of cells that may be a header.

    Attributes
    ----------
    row : as a spreadsheet numbers it
    start, end : its bytes in a text
    """

    fields: list[str]
    row: int
    start: int
    end: int

    @property
    def filled(self) -> int:
        """Cells that are not blank."""
        return sum(map(bool, map(str.strip, self.fields)))

    @property
    def has_values(self) -> bool:
        """Whether a cell is a number, a date or a time."""
        return any(is_value(cell.strip()) for cell in self.fields)


class _Found(NamedTuple):
    header: Record
    separator: str
    records: list[Record]
    width: int
    skipped: list[Record]

    @property
    def rank(self) -> tuple[bool, bool, int]:
        fields, skips = len(self.header.fields), bool(self.skipped)
        fits = fields > 1 and not skips and abs(fields - self.width) <= 1
        return fits, not (skips and self.header.has_values), fields


def find_layout(
    text: bytes, where: str, say: Say, *, separator: str | None = None, skip_lines: int | None = None
) -> Layout:
    r"""Find the layout of a text from its beginning, in UTF-8.

    The header is the first line with as many fields as the lines below it. One with a cell that is a number,
    a date or a time is no header but a row. A header of two lines, groups and the names in them, is one.

    Parameters
    ----------
    say : is told what is skipped, and which names are changed
    separator : None: the one that gives the header most fields
    skip_lines : lines above the header; None: found

    Raises
    ------
    DataError : no header of several names

    Examples
    --------
    >>> layout = find_layout(b"Departures;;\n\nDate;Time;Time\n1.1.;6:00;6:05\n", "f.csv", print)
    f.csv: 1 line above the header is skipped: 'Departures'
    f.csv: column 'Time' is there twice; the second one is called 'Time (2)'
    >>> layout.names, layout.row
    (('Date', 'Time', 'Time (2)'), 4)
    """
    separators = [separator] if separator else list(SEPARATORS)
    found = [_find_header(list(_records(text, one)), one, skip_lines) for one in separators]
    return _lay_out(max(found, key=lambda one: one.rank), where, say)


def find_sheet_layout(
    rows: Sequence[Sequence[str]], where: str, say: Say, *, skip_lines: int | None = None
) -> Layout:
    """As `find_layout`, of the first rows of a sheet.

    Raises
    ------
    DataError : no header of several names
    """
    records = [Record(list(cells), row, 0, 0) for row, cells in enumerate(rows, 1)]
    if not any(record.filled for record in records):
        raise DataError(where, "no cell has a value", wanted="a header and one row a flight")
    found = _find_header(records, " ", skip_lines)
    if found.header.filled == 1:
        name = max(found.header.fields)
        raise DataError(where, f"a header of one column, {name[:40]!r}", wanted="a header of several names")
    layout = _lay_out(found, where, say)
    if not any(record.row >= layout.row and record.filled for record in records):
        raise DataError(where, "a header and no rows", wanted="one row a flight")
    return layout


def _lay_out(found: _Found, where: str, say: Say) -> Layout:
    header = found.header
    fields = [" ".join(name.split()) for name in header.fields]
    if len(fields) == 1:
        raise DataError(where, f"a header of one column, {fields[0][:40]!r}", wanted=_WANTED_HEADER)
    if len(fields) > MAX_COLUMNS:
        raise DataError(where, f"{len(fields):,} columns", wanted=f"at most {MAX_COLUMNS:,}")
    _say_skipped(found, where, say)
    if header.has_values:
        kept, width = [(place, f"column {place + 1}") for place in range(len(fields))], len(fields)
    else:
        kept, width = _columns(fields, found)
    return Layout(
        names=tuple(unique_names([name for _, name in kept], where, say)),
        positions=tuple(place for place, _ in kept),
        width=width,
        separator=found.separator,
        row=header.row + (not header.has_values),
        start=header.start if header.has_values else header.end,
        has_header=not header.has_values,
        skipped=tuple(found.separator.join(one.fields) for one in found.skipped),
    )


def unique_names(names: Sequence[str], where: str, say: Say) -> list[str]:
    """Make each name of a header occur once, and none the name that Puntual numbers rows by.

    Examples
    --------
    >>> unique_names(["A", "B", "A"], "f.csv", print)
    f.csv: column 'A' is there twice; the second one is called 'A (2)'
    ['A', 'B', 'A (2)']
    """
    taken, unique = {*names, ROW}, dict[str, None]()
    for name in names:
        other, count = name, 1
        while other in unique or (other in taken and other != name) or other == ROW:
            count += 1
            other = f"{name} ({count})"
        unique[other] = None
        if other != name:
            why = "names the rows' numbers; it" if name == ROW else "is there twice; the second one"
            say(f"{where}: column {name!r} {why} is called {other!r}")
    return list(unique)


def is_value(cell: str) -> bool:
    """Whether a cell is a number, a date or a time, so that it names no column.

    Examples
    --------
    >>> [is_value(cell) for cell in ("2008", "-0.5", "2023-03-01 06:00", "6:00 AM", "1st", "Date", "")]
    [True, True, True, True, False, False, False]
    """
    return _VALUE.fullmatch(cell) is not None


def _records(text: bytes, separator: str) -> Iterator[Record]:
    lines = text.split(b"\n", _SAMPLE_LINES)[:_SAMPLE_LINES]
    sizes = [len(line) + 1 for line in lines]
    decoded = [line.decode(errors="replace") + "\n" for line in lines]
    line, start, row = 0, 0, 0
    while line < len(lines):
        row += 1
        reader = csv.reader(decoded[line:], delimiter=separator)
        try:
            fields, used = next(reader), reader.line_num
        except csv.Error:
            used = 0
        if not used or sum(one.count('"') for one in decoded[line : line + used]) % 2:
            fields, used = decoded[line].rstrip("\n").split(separator), 1
        end = start + sum(sizes[line : line + used])
        if not (line + used >= len(lines) and start >= len(text)):
            yield Record(fields, row, start, min(end, len(text)))
        line, start = line + used, end


def _find_header(records: list[Record], separator: str, skip_lines: int | None) -> _Found:
    filled = [record for record in records if record.filled]
    widths = Counter(len(record.fields) for record in filled[1:] or filled)
    width = max(widths, key=lambda one: (widths[one], one == len(filled[0].fields), one))
    if skip_lines is not None:
        header = next((one for one in filled if one.row > skip_lines), filled[-1])
    else:
        header = _choose_header(filled, width)
    above = [record for record in filled if record.row < header.row]
    below = [record for record in filled if record.row > header.row]
    if below and _completes(below[0], header):
        names, *below = below
        header = names._replace(fields=_join_names(header.fields, names.fields), start=header.start)
    elif above and skip_lines is None and _groups(above[-1], header):
        *above, groups = above
        header = header._replace(fields=_join_names(groups.fields, header.fields, repeated=True))
    return _Found(header, separator, below, width, above)


def _completes(names: Record, header: Record) -> bool:
    """Whether the row below a header names the columns of its groups, which stand over several."""
    if len(names.fields) != len(header.fields) or names.has_values or header.has_values:
        return False
    own = [
        (bool(group.strip()), bool(name.strip()))
        for group, name in zip(header.fields, names.fields, strict=True)
    ]
    return (False, True) in own and (True, False) in own and (False, False) not in own


def _groups(above: Record, header: Record) -> bool:
    """Whether the row above a header has groups of its columns, of which some have the same names."""
    names = [name.strip() for name in header.fields if name.strip()]
    fits = above.row == header.row - 1 and len(above.fields) == len(header.fields)
    return fits and above.filled > 1 and not above.has_values and len(set(names)) < len(names)


def _join_names(groups: list[str], names: list[str], *, repeated: bool = False) -> list[str]:
    """Each column's name behind that of its group; `repeated`: where several have it."""
    counts, group, joined = Counter(names), "", []
    for own, name in zip(groups, names, strict=True):
        group = own.strip() or (group if name.strip() else "")
        joined.append(name if repeated and counts[name] == 1 else f"{group} {name}".strip())
    return joined


def _choose_header(filled: list[Record], width: int) -> Record:
    # A title fills few cells; a header fills most, and has no values.
    first, full = filled[0], [record for record in filled if record.filled > max(1, width // 2)]
    if not full or full[0] is first or (full[0].has_values and len(first.fields) == width):
        return first
    return full[0]


def _columns(names: list[str], found: _Found) -> tuple[list[tuple[int, str]], int]:
    rows = [record.fields for record in found.records if len(record.fields) == found.width]
    width = len(names)
    if rows and found.width == width + 1:
        if not any(row[-1].strip() for row in rows):
            width += 1
        elif len(rows) > 1 and all(row[0] == str(number) for number, row in enumerate(rows, 1)):
            names, width = ["", *names], width + 1
    elif rows and found.width == width - 1 and not names[-1]:
        names, width = names[:-1], width - 1
    used = len(names)
    while rows and len(rows[0]) == width and used > 1 and not names[used - 1]:
        if any(row[used - 1].strip() for row in rows):
            break
        used -= 1
    return [(place, name or f"column {place + 1}") for place, name in enumerate(names[:used])], width


def _say_skipped(found: _Found, where: str, say: Say) -> None:
    if found.skipped:
        texts = [found.separator.join(filter(None, one.fields))[:40] for one in found.skipped]
        shown, count = ", ".join(map(repr, texts[:3])), len(texts)
        lines = "1 line above the header is" if count == 1 else f"{count} lines above the header are"
        say(f"{where}: {lines} skipped: {shown}{', …' if count > 3 else ''}")
