"""Check where commands write before they work, never over their inputs, and write whole files or none."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from puntual.errors import SettingError
from puntual.files import atomic_file, atomic_folder

if TYPE_CHECKING:
    import polars as pl

TABLES = (".csv", ".parquet")
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"

_GENERATOR = b'<meta name="generator" content="Puntual '
"""A tag in the head of every page that Puntual writes."""
_HEAD_BYTES = 4096

Inputs = Iterable[str | Path | None]
"""What a command reads: paths, or other names; None: not given."""


def check_outputs(outputs: Iterable[tuple[str, Path | None]], inputs: Inputs) -> None:
    """Refuse files that cannot be written, or that the command reads, before the work begins.

    Parameters
    ----------
    outputs : options and their files; None: not given

    Raises
    ------
    SettingError : a file cannot be written there, it is an input, or two outputs have the same file
    """
    read = [Path(one) for one in inputs if one is not None]
    written: dict[Path, str] = {}
    for option, output in outputs:
        if output is None:
            continue
        with _writing(option, output):
            _check_place(option, output)
        for one in read:
            if _same(output, one):
                named = "" if one == output else f" {one}"
                raise SettingError(f"{option}: {output} is the input{named}; wanted: another file")
        other = written.setdefault(output.resolve(), option)
        if other != option:
            raise SettingError(f"{option}: {output} is the file of {other}; wanted: another file")


def check_table(option: str, output: Path | str, inputs: Inputs, *, is_folder: bool = False) -> None:
    """As `check_outputs` or `check_address`; and as `check_suffix`, unless it is a folder of tables."""
    if not is_folder:
        check_suffix(option, output, TABLES)
    if isinstance(output, str):
        check_address(option, output)
    else:
        check_outputs([(option, output)], inputs)


def check_address(option: str, address: str) -> None:
    """Refuse an address at which there is something already, before the work begins.

    Raises
    ------
    SettingError : there is
    DataError : it cannot be looked at
    MissingDependencyError : the driver of the address is not installed
    """
    from puntual.data.places import driven, open_system

    with driven(address):
        system, path = open_system(address)
        if system.exists(path):
            raise SettingError(f"{option}: {address} exists; wanted: another name")


def check_suffix(option: str, output: Path | str | None, suffixes: tuple[str, ...]) -> None:
    """Refuse a file with another suffix, by a `SettingError`."""
    if output is not None and PurePath(output).suffix.lower() not in suffixes:
        raise SettingError(f"{option}: {output}; wanted: a name that ends in {' or '.join(suffixes)}")


def check_folder(option: str, folder: Path, page: str, others: tuple[str, ...], inputs: Inputs) -> None:
    """Refuse a folder that cannot be written, or whose files Puntual did not write.

    Parameters
    ----------
    page : name of the main file; if Puntual wrote it, all files may be replaced
    others : names of further files and folders

    Raises
    ------
    SettingError : the folder is a file, cannot be written, or has an input or another program's files
    """
    with _writing(option, folder):
        exists, is_folder = folder.exists(), folder.is_dir()
    if exists and not is_folder:
        raise SettingError(f"{option}: {folder} is a file; wanted: a folder")
    if not exists:
        check_outputs([(option, folder)], ())
        return
    places = [folder / name for name in (page, *others)]
    check_outputs([(option, place) for place in places if not place.is_dir()], inputs)
    foreign = next((place for place in places if place.exists()), None)
    if foreign is not None and not _is_generated(folder / page):
        found = f"{foreign} exists, and no {page} of Puntual with it"
        raise SettingError(f"{option}: {found}; wanted: another folder")


def _check_place(option: str, output: Path) -> None:
    if output.is_dir():
        raise SettingError(f"{option}: {output} is a directory; wanted: a file")
    if output.exists() and not output.is_file():
        raise SettingError(f"{option}: {output} is a pipe or a device; wanted: a file")
    if not output.parent.is_dir():
        raise SettingError(f"{option}: there is no folder {output.parent}")
    # Permissions alone do not decide whether a file can be made, so a nameless one is.
    with tempfile.TemporaryFile(dir=output.parent):
        pass


def _same(one: Path, other: Path) -> bool:
    # An input that cannot be looked up fails when it is read.
    with suppress(OSError):
        return one.samefile(other)
    return False


def _is_generated(page: Path) -> bool:
    if not page.is_file():
        return False
    with page.open("rb") as file:
        return _GENERATOR in file.read(_HEAD_BYTES)


@contextmanager
def _writing(option: str, output: Path) -> Iterator[None]:
    """Turn an `OSError` into a `SettingError` that names the option."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise SettingError(f"{option}: {output} cannot be written: {reason}") from error


def write_table(table: pl.DataFrame, output: Path | str) -> None:
    """Write a table whole or not at all to a path or an address; a `SettingError` says that it cannot be."""
    write_rows(table.lazy(), output)


def write_rows(rows: pl.LazyFrame, output: Path | str) -> None:
    """As `write_table`, of rows that are never all in memory."""
    if isinstance(output, str):
        from puntual.data.places import upload

        with tempfile.TemporaryDirectory(prefix="puntual-") as folder:
            file = Path(folder, PurePath(output).name)
            write_rows(rows, file)
            upload(file, output)
        return
    with _writing("--output", output), atomic_file(output) as temporary:
        if output.suffix.lower() == ".parquet":
            rows.sink_parquet(temporary)
        else:
            rows.sink_csv(temporary, datetime_format=TIME_FORMAT)


@contextmanager
def writing_folder(option: str, folder: Path | str) -> Iterator[str]:
    """Give a temporary folder that becomes a new one at the end; what is written of it goes on an error.

    Parameters
    ----------
    folder : path; or an address, at which files appear one by one
    """
    if isinstance(folder, str):
        from puntual.data.places import remove_folder

        try:
            yield folder
        except BaseException:
            remove_folder(folder)
            raise
        return
    with (
        _writing(option, folder),
        tempfile.TemporaryDirectory(dir=folder.parent, prefix=".puntual-") as within,
    ):
        place = Path(within, "new")
        place.mkdir()
        yield str(place)
        place.rename(folder)


def write_text(option: str, text: str, output: Path) -> None:
    """Write a text whole or not at all; a `SettingError` says that it cannot be written."""
    with _writing(option, output), atomic_file(output) as temporary:
        temporary.write_text(text, "utf-8")


def write_files(folder: Path, files: dict[str, str], option: str) -> None:
    """Write texts into a folder, which is made if needed, all of them or none.

    Parameters
    ----------
    files : texts by name, the main one last

    Raises
    ------
    SettingError : the folder cannot be written
    """
    with _writing(option, folder), atomic_folder(folder, [*files][-1]) as temporary:
        for name, text in files.items():
            (temporary / name).write_text(text, "utf-8", newline="")
