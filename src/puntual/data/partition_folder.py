"""Write a folder of partitions: whole or not at all on this machine, the manifest last at an address."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from os import fspath
from pathlib import Path

import polars as pl

from puntual.data.partitions import MANIFEST, find_manifest, partition_path
from puntual.data.places import Where, driven, is_address, join, open_system, remove, write_bytes
from puntual.errors import DataError

_PREFIX = ".puntual-"


class PartitionFolder:
    """A folder to write.

    Parameters
    ----------
    replace : it may hold partitions already, which go when the new ones are there

    Attributes
    ----------
    place : where its files lie while they are written
    beside : a folder of this machine with room for temporary files; None: the usual one
    partitions : number of flights of what is written, by origin and month

    Raises
    ------
    DataError : it holds partitions and may not be replaced, or other files, or cannot be written
    """

    def __init__(self, where: Where, *, replace: bool = False) -> None:
        self._where = fspath(where).rstrip("/") or fspath(where)
        self.place = self._where
        self.beside = None if is_address(where) else Path(self._where).absolute().parent
        self.partitions: dict[str, dict[str, int]] = {}
        self._old = find_manifest(where)
        if self._old is not None and not replace:
            raise DataError(self._where, "partitions of flights are there already", wanted=_OTHER)
        if self._old is None and not _is_free(self._where):
            raise DataError(self._where, f"it exists, and has no {MANIFEST}", wanted="another folder")
        if self.beside is not None and not self.beside.is_dir():
            raise DataError(self._where, f"there is no folder {self.beside}", wanted="a folder in one")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Show what is written when all of it is there; otherwise, on this machine, it goes."""
        if self.beside is None:
            if self._old is not None:
                remove(join(self._where, MANIFEST))
            yield
            self._remove_stale()
            return
        with driven(self._where, "written"):
            temporary = Path(tempfile.mkdtemp(dir=self.beside, prefix=_PREFIX))
        self.place, target = str(temporary / "new"), Path(self._where)
        try:
            yield
            with driven(self._where, "written"):
                if target.exists():
                    target.rename(temporary / "old")
                Path(self.place).rename(target)
        finally:
            self.place = self._where
            shutil.rmtree(temporary, ignore_errors=True)

    def write(self, origin: str, month: str, frame: pl.DataFrame) -> None:
        """Write the flights of an airport in a month, all of them."""
        buffer = io.BytesIO()
        frame.write_parquet(buffer)
        write_bytes(partition_path(self.place, origin, month), buffer.getvalue(), durable=False)
        self.partitions.setdefault(origin, {})[month] = frame.height

    def write_manifest(self, content: bytes) -> None:
        """Write the manifest, after all partitions."""
        write_bytes(join(self.place, MANIFEST), content)

    def _remove_stale(self) -> None:
        """Remove what the folder had before and is not written anew."""
        for origin, months in (self._old.partitions if self._old else {}).items():
            for month in months:
                if month not in self.partitions.get(origin, {}):
                    remove(partition_path(self._where, origin, month))


_OTHER = "another folder, or --force to replace them"


def _is_free(where: str) -> bool:
    """Whether there is nothing: no file of this name, no folder with files in it."""
    with driven(where):
        if is_address(where):
            system, path = open_system(where)
            return not (system.exists(path) and system.find(path))
        folder = Path(where)
        return not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))
