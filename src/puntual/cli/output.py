"""Tables that commands write: by suffix, whole or not at all, never over their own input."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
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
    """Write a table, whole or not at all; errors as in `write_whole`."""

    def write(path: Path) -> None:
        if output.suffix.lower() == ".parquet":
            table.write_parquet(path)
        else:
            table.write_csv(path, datetime_format=TIME_FORM)

    write_whole(output, write)


def write_whole(output: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place, then move it there, so that no half of it is ever seen.

    Raises
    ------
    SettingError : the file cannot be written
    """
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
        os.close(handle)
        temporary = Path(name)
        write(temporary)
        temporary.chmod(0o644)
        temporary.replace(output)
    except OSError as error:
        raise SettingError(f"--output: {output} cannot be written: {error.strerror or error}") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
