"""Workbooks, as the page sends them: their table as CSV, and what is refused."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import sys
import zipfile
from pathlib import Path

import pytest

from puntual.data.workbook_csv import MAX_UNPACKED_BYTES
from puntual.serving.http.problems import RefusedError
from puntual.serving.ops import workbook_reader
from puntual.serving.ops.workbook_reader import MAX_WAITING, WorkbookReader
from tests.data.workbook import Cell, workbook
from tests.serving.conftest import Asker, problem

PATH = "/v1/workbooks"
DAY = dt.datetime(2017, 7, 14)
PLAN: list[list[Cell]] = [
    ["Departures"],
    [],
    ["Fecha", "Hora", "Salida", "Vuelo", "Nota"],
    [DAY, dt.time(18, 35), DAY.replace(hour=18, minute=35), 101, "two\nlines, ñ"],
    [],
    [DAY, dt.time(6, 5), DAY.replace(hour=6, minute=5), 102, None],
]
TABLE = """

Fecha,Hora,Salida,Vuelo,Nota
2017-07-14,18:35:00,2017-07-14T18:35:00,101,"two lines, ñ"
,,,,
2017-07-14,06:05:00,2017-07-14T06:05:00,102,
"""


def test_a_table_is_written_on_the_lines_that_it_has_in_the_sheet(ask: Asker) -> None:
    response = ask("POST", PATH, workbook({"Plan": PLAN, "Other": [["a"]]}))
    assert response.status == 200, response.body
    assert dict(response.headers)["content-type"] == "text/csv; charset=utf-8"
    assert response.body.decode() == TABLE


def inflated() -> bytes:
    """A small file that unpacks to more than is read."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("xl/workbook.xml", bytes(MAX_UNPACKED_BYTES + 1))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"a,b\n1,2\n", "an old Excel or Word file"),
        (b"", "an old Excel or Word file"),
        (workbook({"Empty": []}), "the workbook: no cell has a value; wanted: an .xlsx"),
        (workbook({"Plan": PLAN})[:700], "an old Excel or Word file"),
        (inflated(), "a workbook that unpacks to more than"),
    ],
    ids=["csv", "nothing", "empty", "cut off", "inflated"],
)
def test_what_is_no_table_is_refused_in_one_line(ask: Asker, content: bytes, detail: str) -> None:
    refused = problem(ask("POST", PATH, content))
    assert detail in refused.detail
    assert "Traceback" not in refused.detail


def test_one_that_harms_or_holds_its_process_harms_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_reader, "SECONDS", 1)
    ends = {
        "import os; os.abort()": "ends the process that reads it (SIGABRT)",
        "import time; time.sleep(60)": "more than 1 seconds",
        "raise ValueError('odd')": "ValueError: odd",
    }
    for code, told in ends.items():
        with pytest.raises(RefusedError) as refused:
            asyncio.run(WorkbookReader((sys.executable, "-c", code)).read(b""))
        assert told in refused.value.problem.detail


def test_no_more_than_a_few_wait_and_others_are_told_when(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    wait = f"import os, time\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.01)\nprint('read')"
    reader = WorkbookReader((sys.executable, "-c", wait))

    async def all_of_them() -> list[bytes | BaseException]:
        asked = [asyncio.ensure_future(reader.read(b"")) for _ in range(MAX_WAITING + 2)]
        await asyncio.sleep(0)
        gate.touch()
        return await asyncio.gather(*asked, return_exceptions=True)

    results = asyncio.run(all_of_them())
    assert results[:MAX_WAITING] == [b"read\n"] * MAX_WAITING
    for refused in results[MAX_WAITING:]:
        assert isinstance(refused, RefusedError)
        assert int(dict(refused.response.headers)["retry-after"]) > 0


def test_a_server_without_a_reader_says_so(ask: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_reader, "find_spec", lambda _name: None)
    refused = problem(ask("POST", PATH, workbook({"Plan": PLAN})), "not-found")
    assert "no reader of workbooks" in refused.detail


def test_a_workbook_larger_than_a_body_is_refused(ask: Asker) -> None:
    body = bytes(ask.service.settings.max_body_bytes + 1)
    problem(ask("POST", PATH, body), "too-large")
