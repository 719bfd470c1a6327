"""The last load test: what `puntual stress --save` wrote, as the service tells it."""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from puntual.errors import DataError, SettingError
from puntual.loadtest.result import WANTED
from puntual.serving.load_test import check_load_test
from tests.cli.running import run
from tests.ports import free_port
from tests.serving.conftest import Asker
from tests.serving.test_limits import service_of

TESTED = "puntual_load_test_timestamp_seconds"


def metric(ask: Asker, name: str) -> list[float]:
    told = text_string_to_metric_families(ask("GET", "/metrics").body.decode())
    return [sample.value for family in told for sample in family.samples if sample.name == name]


def test_the_last_load_test_is_told_beside_the_original(ask: Asker, load_test: Path) -> None:
    response = ask("GET", "/v1/stress")
    told: dict[str, Any] = json.loads(response.body)
    kept = json.loads(load_test.read_bytes())
    test = told["test"]
    assert response.status == 200
    assert (test["requests"], test["answered"], test["errors"]) == (5, 4, 1)
    assert test["errors_by_kind"] == {"timeout": 1}
    assert [second["answered"] for second in test["seconds"]] == [3, 1]
    for name in ("p50", "p99", "max", "mean"):
        assert test["latency_ms"][name] == kept["latency_ms"][name]
    assert "url" not in test
    assert told["original"]["requests"] == 20_214
    (tested,) = metric(ask, TESTED)
    assert tested == pytest.approx(msgspec.convert(kept["started"], type=dt.datetime).timestamp())
    etag = dict(response.headers)["etag"]
    assert ask("GET", "/v1/stress", headers={"if-none-match": etag}).status == 304


def test_none_yet_and_then_there_is_one(
    asker: Callable[..., Asker],
    model: Path,
    load_test: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    path = tmp_path / "later.json"
    ask = asker(model=str(model), stress_report=str(path))
    response = ask("GET", "/v1/stress")
    assert response.status == json.loads(response.body)["status"] == 404
    assert "--stress-report FILE" in json.loads(response.body)["detail"]
    assert metric(ask, TESTED) == []
    found = service_of(ask.application).load_test
    path.write_bytes(load_test.read_bytes())
    found.refresh()
    assert ask("GET", "/v1/stress").status == 200
    with caplog.at_level(logging.ERROR):
        path.write_text("{}")
        found.refresh()
        assert ask("GET", "/v1/stress").status == 200
    assert "later.json: it is no result of a load test" in caplog.text


def test_without_the_setting_there_is_none(asker: Callable[..., Asker], model: Path) -> None:
    assert asker(model=str(model))("GET", "/v1/stress").status == 404


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"requests": "many"}'])
def test_a_broken_file_is_refused_at_start(model: Path, tmp_path: Path, content: str) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text(content)
    ended = run("serve", "--model", str(model), "--port", free_port(), "--stress-report", str(broken))
    assert ended.status == 2
    assert ended.err.count("\n") == 1
    assert "it is no result of a load test; wanted: a file from `puntual stress --save`" in ended.err


def test_what_is_no_file_is_refused_and_not_waited_for(model: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    for path, found in ((pipe, "not a regular file"), (tmp_path / ("a" * 300), "file name too long")):
        ended = run("serve", "--model", str(model), "--port", free_port(), "--stress-report", str(path))
        assert ended.status == 2
        assert ended.err == f"puntual: {path}: cannot be read: {found}; wanted: {WANTED}\n"


def test_a_deep_file_is_refused(tmp_path: Path) -> None:
    deep = tmp_path / "deep.json"
    deep.write_text('{"plan":' + "[" * 100_000)
    with pytest.raises(DataError, match="it is no result of a load test"):
        check_load_test(str(deep))


def test_a_file_that_can_never_be_there_is_refused(model: Path, tmp_path: Path) -> None:
    nowhere = str(tmp_path / "no folder" / "stress.json")
    with pytest.raises(SettingError, match=r"--stress-report: .*no such folder"):
        check_load_test(nowhere)
    check_load_test("")
    check_load_test(str(tmp_path / "stress.json"))
    with pytest.raises(DataError, match="directory"):
        check_load_test(str(tmp_path))
