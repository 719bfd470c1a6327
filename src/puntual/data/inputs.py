"""Find the files that were named: one, several, a folder's, a pattern's, or standard input."""

from __future__ import annotations

import glob
import sys
from collections.abc import Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import NamedTuple

from puntual.data.containers import DiskFile, File, RemoteFile, spool
from puntual.data.places import driven, is_address, open_system
from puntual.data.text_blocks import MAX_LINE_BYTES, Say
from puntual.errors import DataError

STANDARD_INPUT = "-"
MAX_FILES = 10_000
"""Most files of a folder or a pattern."""

_WANTED = "one file or several, a folder, a pattern such as '2023/*.csv', or - for standard input"


class Input(NamedTuple):
    """A file that was named.

    Attributes
    ----------
    where : its name in messages
    in_folder : it was not named itself, but the folder that it is in
    """

    file: File
    where: str
    in_folder: bool = False


def find_inputs(data: str | PathLike[str] | Sequence[str | PathLike[str]], say: Say) -> list[Input]:
    """Find the files that were named, those of folders and patterns sorted by name.

    Parameters
    ----------
    say : is told what is left out of a folder

    Raises
    ------
    DataError : no file
    """
    named = [data] if isinstance(data, str | PathLike) else list(data)
    inputs = [one for name in named for one in _find(fspath(name), say)]
    if not inputs:
        raise DataError("no file", "nothing to read", wanted=_WANTED)
    return inputs


def _find(name: str, say: Say) -> list[Input]:
    if name == STANDARD_INPUT:
        where = "standard input"
        return [Input(spool(_Typed(where), where), where)]
    if is_address(name):
        return _find_at_address(name, say)
    path = Path(name)
    try:
        is_pattern = glob.has_magic(name) and not path.exists()
        if path.is_dir():
            return _find_in_folder(path, name, say)
        matches = sorted(glob.glob(name)) if is_pattern else []  # noqa: PTH207, a path of any root
    except OSError as error:
        raise DataError(name, (error.strerror or str(error)).lower(), wanted=_WANTED) from None
    if is_pattern and not matches:
        raise DataError(name, "no file matches", wanted=_WANTED)
    return [Input(DiskFile(Path(one)), one) for one in matches or [name]]


def _find_at_address(name: str, say: Say) -> list[Input]:
    """As of this machine: a file, those of a pattern, or those of a folder."""
    with driven(name):
        system, path = open_system(name)
        if glob.has_magic(path):
            matches = sorted(system.glob(path))
            if not matches:
                raise DataError(name, "no file matches", wanted=_WANTED)
            return [_at_address(system.unstrip_protocol(one)) for one in matches]
        if not system.isdir(path):
            return [_at_address(name)]
        listed = sorted(system.ls(path, detail=True), key=lambda one: one["name"])
    inputs = []
    for one in listed:
        address = system.unstrip_protocol(one["name"])
        if one["name"].rpartition("/")[2].startswith(".") or one["name"].rstrip("/") == path.rstrip("/"):
            continue
        if one["type"] == "directory":
            say(f"{address} is left out: a folder")
        else:
            inputs.append(_at_address(address)._replace(in_folder=True))
    return _check_number(inputs, name)


def _at_address(address: str) -> Input:
    return Input(RemoteFile(address), address)


def _find_in_folder(folder: Path, name: str, say: Say) -> list[Input]:
    inputs = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_file():
            inputs.append(Input(DiskFile(path), str(path), in_folder=True))
        else:
            kind = "a folder" if path.is_dir() else "no file"
            say(f"{path} is left out: {kind}")
    return _check_number(inputs, name)


def _check_number(inputs: list[Input], name: str) -> list[Input]:
    if not inputs:
        raise DataError(name, "a folder without files", wanted=_WANTED)
    if len(inputs) > MAX_FILES:
        raise DataError(name, f"a folder of {len(inputs):,} files", wanted=f"at most {MAX_FILES:,}")
    return inputs


class _Typed:
    """Standard input, of which text must have line ends."""

    def __init__(self, where: str) -> None:
        self._where, self._line, self._is_text = where, 0, True

    def read(self, size: int, /) -> bytes:
        block = sys.stdin.buffer.read(size)
        self._is_text = self._is_text and b"\0" not in block
        end = block.rfind(b"\n")
        self._line = len(block) - end if end >= 0 else self._line + len(block)
        if self._is_text and self._line > MAX_LINE_BYTES and b"\r" not in block:
            found = f"a line of more than {MAX_LINE_BYTES // 2**20} MiB"
            raise DataError(self._where, found, wanted="one row a flight, each on a line of its own")
        return block

    def close(self) -> None:
        pass
