"""What commands write: whole or not at all; tables by suffix, never over their own input."""

from __future__ import annotations

import os
import tempfile
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
    if output.suffix.lower() not in SUFFIXES:
        raise SettingError(f"--output: {output}; wanted: a name that ends in {' or '.join(SUFFIXES)}")
    if output.is_dir():
        raise SettingError(f"--output: {output} is a directory; wanted: a file")
    if not output.parent.is_dir():
        raise SettingError(f"--output: there is no folder {output.parent}")
    if output.exists() and Path(data).exists() and output.samefile(data):
        raise SettingError(f"--output: {output} is the input; wanted: another file")


def write_table(table: pl.DataFrame, output: Path) -> None:
    """Write a table beside its place, then move it there, so that no half of it is ever seen.

    Raises
    ------
    SettingError : the file cannot be written
    """
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
        os.close(handle)
        temporary = Path(name)
        if output.suffix.lower() == ".parquet":
            table.write_parquet(temporary)
        else:
            table.write_csv(temporary, datetime_format=TIME_FORM)
        temporary.chmod(0o644)
        temporary.replace(output)
    except OSError as error:
        raise SettingError(f"--output: {output} cannot be written: {error.strerror or error}") from error
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
