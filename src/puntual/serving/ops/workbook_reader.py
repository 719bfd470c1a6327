"""Reads workbooks, which the page cannot read by itself, in a process of their own, one at a time."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec

from puntual.serving.http.problems import RefusedError, busy_error

SECONDS = 8
"""That reading one may take; the page waits for ten."""
MAX_WAITING = 3
"""Workbooks that wait or are read; further ones are refused."""
COMMAND = (sys.executable, "-m", "puntual.data.workbook_csv")
_WANTED = "an .xlsx, .xls or .ods file with a header and one row a flight, or CSV"


class WorkbookReader:
    """Reads workbooks one after the other, beside the answers.

    Parameters
    ----------
    command : reads a workbook on its standard input and writes CSV
    """

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = command
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="workbook")
        self._waiting = 0

    async def read(self, content: bytes) -> bytes:
        """A workbook's table as CSV.

        Raises
        ------
        RefusedError : it cannot be read, or others are being read
        """
        if self._waiting >= MAX_WAITING:
            raise busy_error(f"{self._waiting} workbooks that are being read", seconds=SECONDS)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._read, content)
        finally:
            self._waiting -= 1

    def _read(self, content: bytes) -> bytes:
        given = {name: value for name, value in os.environ.items() if not name.startswith("PUNTUAL_")}
        try:
            ended = subprocess.run(  # noqa: S603 - this program itself
                self._command,
                input=content,
                env=given | {"POLARS_MAX_THREADS": "1"},
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _refusal(f"a workbook that takes more than {SECONDS} seconds to read") from None
        if ended.returncode < 0:
            name = signal.Signals(-ended.returncode).name
            raise _refusal(f"a workbook that ends the process that reads it ({name})")
        if ended.returncode:
            last = ended.stderr.decode(errors="replace").strip().rpartition("\n")[2]
            raise _refusal(last.partition("; wanted: ")[0] or "no workbook")
        return ended.stdout


def reads_workbooks() -> bool:
    """Whether what reads workbooks is installed beside the server (extras `train` and `excel`)."""
    return all(find_spec(name) is not None for name in ("polars", "fastexcel"))


def _refusal(found: str) -> RefusedError:
    return RefusedError("invalid", found, found=found, allowed=_WANTED)
