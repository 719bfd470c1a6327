"""A table within a file of flights."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from puntual.data.delimited import Table
from puntual.data.text_blocks import Say
from puntual.errors import DataError


class UnusableError(DataError):
    """A file that holds no table, and is left out if it is one of several in a folder or an archive."""


class Part(NamedTuple):
    """One table: a whole file, a member of an archive, a sheet of a workbook.

    Attributes
    ----------
    where : its name in messages
    names : of its columns, each once
    read : names of columns, or None for all -> blocks of its rows, numbered as the file's own
    has_header : otherwise the names are ``column 1`` and so on
    size : bytes, to compare parts with each other
    separator, encoding : of a text; no encoding if it is ASCII as far as was read
    skipped : lines above its header that are not blank
    """

    where: str
    names: tuple[str, ...]
    read: Callable[[Collection[str] | None], Iterator[Table]]
    has_header: bool = True
    size: int = 0
    separator: str | None = None
    encoding: str | None = None
    skipped: tuple[str, ...] = ()

    def tables(self, columns: Collection[str] | None = None) -> Iterator[Table]:
        """Blocks of its rows.

        Parameters
        ----------
        columns : names to read; None: all
        """
        return self.read(columns)


class Options(NamedTuple):
    """What a user may say about files that are not as they seem."""

    say: Say
    encoding: str | None = None
    separator: str | None = None
    sheet: str | None = None
    skip_lines: int | None = None
