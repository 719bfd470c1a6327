"""Open files of flights of any form: each table in them is a part, read in blocks of rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from os import PathLike

from puntual.data.containers import Member, find_members
from puntual.data.inputs import find_inputs
from puntual.data.opening import open_member
from puntual.data.part import Options, Part, UnusableError
from puntual.data.text_blocks import Say
from puntual.errors import DataError

Data = str | PathLike[str] | Sequence[str | PathLike[str]]


def open_parts(
    data: Data,
    *,
    say: Say,
    encoding: str | None = None,
    separator: str | None = None,
    sheet: str | None = None,
    skip_lines: int | None = None,
) -> list[Part]:
    """Open every table of flights in one file or several, which have the same columns in any order.

    Parameters
    ----------
    data : a file, several, a folder, a pattern such as ``2023/*.csv``, or ``-`` for standard input
    say : is told, once each, what is left out and what was read otherwise than it stands
    encoding, separator : of texts; None: detected
    sheet : of workbooks; None: the first one with a table
    skip_lines : lines above the header of texts and sheets; None: found

    Raises
    ------
    DataError : nothing that can be read, or files whose columns differ
    """
    options = Options(_once(say), encoding, separator, sheet, skip_lines)
    groups, folder = [], []
    for one in find_inputs(data, options.say):
        members = find_members(one.file, one.where, options.say)
        if one.in_folder:
            folder += members
        else:
            groups.append(_open_alike(members, one.where, options))
    if folder:
        groups.append(_open_alike(folder, str(data), options))
    parts = [part for group in groups for part in group]
    for part in parts[1:]:
        _check_alike(part, parts[0])
    return parts


def _once(say: Say) -> Say:
    said = set[str]()

    def say_once(sentence: str) -> None:
        if sentence not in said:
            said.add(sentence)
            say(sentence)

    return say_once


def _open_alike(members: list[Member], where: str, options: Options) -> list[Part]:
    if len(members) == 1:
        return [open_member(members[0], options)]
    parts, others = [], []
    for member in members:
        try:
            parts.append(open_member(member, options))
        except UnusableError as error:
            others.append(error)
    if not parts:
        found = f"none of {len(members)} files can be read; the first is {others[0].found}"
        raise DataError(where, found, wanted=others[0].wanted)
    for other in others:
        options.say(f"{other.where} is left out: {other.found}")
    return _select_alike(parts, options.say)


def _select_alike(parts: list[Part], say: Say) -> list[Part]:
    """Take the parts with the columns that most of the bytes have; others must be tables of another kind."""
    sizes = defaultdict[frozenset[str], int](int)
    for part in parts:
        sizes[frozenset(part.names)] += part.size
    names = max(sizes, key=lambda one: sizes[one])
    first = next(part for part in parts if set(part.names) == names)
    for part in parts:
        if 2 * len(names & set(part.names)) >= len(names | set(part.names)):
            _check_alike(part, first)
        else:
            say(f"{part.where} is left out: its columns are others")
    return [part for part in parts if set(part.names) == names]


def _check_alike(part: Part, first: Part) -> None:
    missing = [name for name in first.names if name not in part.names]
    added = [name for name in part.names if name not in first.names]
    if missing or added:
        found = f"no column {missing[0]!r}, which {first.where} has" if missing else ""
        found = found or f"a column {added[0]!r}, which {first.where} does not have"
        raise DataError(part.where, found, wanted="files with the same columns")
