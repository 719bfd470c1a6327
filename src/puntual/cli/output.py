"""What commands write: whole or not at all, where it can be written, and never over what they read.

A file, or a folder that a command makes, goes into a folder that is there.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from puntual.errors import SettingError
from puntual.files import replacing, replacing_in

if TYPE_CHECKING:
    import polars as pl

TABLES = (".csv", ".parquet")
TIME_FORM = "%Y-%m-%d %H:%M:%S"

_OURS = b'<meta name="generator" content="Puntual '
"""In the head of every page that Puntual writes."""
_HEAD_BYTES = 4096

Inputs = Iterable[str | Path | None]
"""What a command reads: paths, and names that are none; None: not given."""


def check_outputs(outputs: Iterable[tuple[str, Path | None]], inputs: Inputs) -> None:
    """Refuse files that cannot be written, or that the command reads, before the work begins.

    Parameters
    ----------
    outputs : each with the option that it comes of; None: not given

    Raises
    ------
    SettingError : a folder, a device, no folder to go into or one that cannot be written, an input, or the
        file of another output
    """
    read = [Path(one) for one in inputs if one is not None]
    written: dict[Path, str] = {}
    for option, output in outputs:
        if output is None:
            continue
        try:
            _check_place(option, output)
        except OSError as error:
            raise SettingError(_unwritten(option, output, error)) from None
        for one in read:
            if _same(output, one):
                named = "" if one == output else f" {one}"
                raise SettingError(f"{option}: {output} is the input{named}; wanted: another file")
        other = written.setdefault(output.resolve(), option)
        if other != option:
            raise SettingError(f"{option}: {output} is the file of {other}; wanted: another file")


def check_suffix(option: str, output: Path | None, suffixes: tuple[str, ...]) -> None:
    """Refuse a file of another suffix.

    Raises
    ------
    SettingError : names the option
    """
    if output is not None and output.suffix.lower() not in suffixes:
        raise SettingError(f"{option}: {output}; wanted: a name that ends in {' or '.join(suffixes)}")


def check_folder(option: str, folder: Path, page: str, others: tuple[str, ...], inputs: Inputs) -> None:
    """Refuse a folder that cannot be written, or that holds other things under the names to be written.

    Parameters
    ----------
    page : the file that leads to the others; where Puntual wrote it, all of them give way
    others : names of files and folders

    Raises
    ------
    SettingError : a file, no folder to go into or one that cannot be written, an input, or something that
        Puntual did not write
    """
    try:
        there, is_folder = folder.exists(), folder.is_dir()
    except OSError as error:
        raise SettingError(_unwritten(option, folder, error)) from None
    if there and not is_folder:
        raise SettingError(f"{option}: {folder} is a file; wanted: a folder")
    if not there:
        check_outputs([(option, folder)], ())
        return
    places = [folder / name for name in (page, *others)]
    check_outputs([(option, place) for place in places if not place.is_dir()], inputs)
    foreign = next((place for place in places if place.exists()), None)
    if foreign is not None and not _is_ours(folder / page):
        found = f"{foreign} is there, and not of an earlier {page} of Puntual"
        raise SettingError(f"{option}: {found}; wanted: another folder")


def _check_place(option: str, output: Path) -> None:
    if output.is_dir():
        raise SettingError(f"{option}: {output} is a directory; wanted: a file")
    if output.exists() and not output.is_file():
        raise SettingError(f"{option}: {output} is a pipe or a device; wanted: a file")
    if not output.parent.is_dir():
        raise SettingError(f"{option}: there is no folder {output.parent}")
    # A file without a name, gone when it is closed: permissions alone do not tell whether one can be made.
    with tempfile.TemporaryFile(dir=output.parent):
        pass


def _same(one: Path, other: Path) -> bool:
    # What cannot be looked up is not there, or cannot be read, which the reading says.
    with suppress(OSError):
        return one.samefile(other)
    return False


def _is_ours(page: Path) -> bool:
    if not page.is_file():
        return False
    with page.open("rb") as file:
        return _OURS in file.read(_HEAD_BYTES)


def _unwritten(option: str, output: Path, error: OSError) -> str:
    return f"{option}: {output} cannot be written: {error.strerror or error}"


def write_table(table: pl.DataFrame, output: Path) -> None:
    """Write a table, whole or not at all.

    Raises
    ------
    SettingError : the file cannot be written
    """
    try:
        with replacing(output) as temporary:
            if output.suffix.lower() == ".parquet":
                table.write_parquet(temporary)
            else:
                table.write_csv(temporary, datetime_format=TIME_FORM)
    except OSError as error:
        raise SettingError(_unwritten("--output", output, error)) from error


def write_text(option: str, text: str, output: Path) -> None:
    """Write a text, whole or not at all.

    Raises
    ------
    SettingError : the file cannot be written; names the option
    """
    try:
        with replacing(output) as temporary:
            temporary.write_text(text, "utf-8")
    except OSError as error:
        raise SettingError(_unwritten(option, output, error)) from error


def write_files(folder: Path, files: dict[str, str], option: str) -> None:
    """Write texts into a folder, made where needed: all of them or none.

    Parameters
    ----------
    files : by name, what each holds, the last one leading to the others
    option : that named the folder, for the message

    Raises
    ------
    SettingError : the folder cannot be written
    """
    try:
        with replacing_in(folder, [*files][-1]) as temporary:
            for name, text in files.items():
                (temporary / name).write_text(text, "utf-8", newline="")
    except OSError as error:
        raise SettingError(_unwritten(option, folder, error)) from error
