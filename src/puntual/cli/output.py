"""What commands write: whole or not at all; tables by suffix, never over their own input."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from puntual.errors import SettingError

if TYPE_CHECKING:
    import polars as pl

SUFFIXES = (".csv", ".parquet")
TIME_FORM = "%Y-%m-%d %H:%M:%S"


def check_output(output: Path, data: str) -> None:
    """Refuse a place that cannot be written, before the work begins.

    Raises
    ------
    SettingError : another suffix, a directory, no such folder, or the input itself
    """
    check_place("--output", output, SUFFIXES)
    if output.exists() and Path(data).exists() and output.samefile(data):
        raise SettingError(f"--output: {output} is the input; wanted: another file")


def check_place(option: str, output: Path, suffixes: tuple[str, ...]) -> None:
    """Refuse a place of another suffix, a directory, or one in a folder that does not exist.

    Raises
    ------
    SettingError : names the option
    """
    if output.suffix.lower() not in suffixes:
        raise SettingError(f"{option}: {output}; wanted: a name that ends in {' or '.join(suffixes)}")
    if output.is_dir():
        raise SettingError(f"{option}: {output} is a directory; wanted: a file")
    if not output.parent.is_dir():
        raise SettingError(f"{option}: there is no folder {output.parent}")


def write_table(table: pl.DataFrame, output: Path) -> None:
    """Write a table, whole or not at all.

    Raises
    ------
    SettingError : the file cannot be written
    """
    with _beside("--output", output) as temporary:
        if output.suffix.lower() == ".parquet":
            table.write_parquet(temporary)
        else:
            table.write_csv(temporary, datetime_format=TIME_FORM)


def write_text(option: str, text: str, output: Path) -> None:
    """Write a text, whole or not at all.

    Raises
    ------
    SettingError : the file cannot be written; names the option
    """
    with _beside(option, output) as temporary:
        temporary.write_text(text, "utf-8")


@contextmanager
def _beside(option: str, output: Path) -> Iterator[Path]:
    """A file beside its place, which is moved there at the end, so that no half of it is ever seen."""
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
        os.close(handle)
        temporary = Path(name)
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(output)
    except OSError as error:
        raise SettingError(f"{option}: {output} cannot be written: {error.strerror or error}") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_files(folder: Path, files: dict[str, str], option: str) -> None:
    """Write texts into a folder, made where needed: all beside their places first, then moved there.

    Parameters
    ----------
    files : by name, what each holds
    option : that named the folder, for the message

    Raises
    ------
    SettingError : the folder cannot be written
    """
    temporary: dict[str, Path] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            handle, place = tempfile.mkstemp(dir=folder, prefix=f".{name}.")
            temporary[name] = Path(place)
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            temporary[name].chmod(0o644)
        for name, path in temporary.items():
            path.replace(folder / name)
    except OSError as error:
        raise SettingError(f"{option}: {folder} cannot be written: {error.strerror or error}") from error
    finally:
        for path in temporary.values():
            path.unlink(missing_ok=True)
