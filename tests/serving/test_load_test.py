"""The last load test: what `puntual stress --save` wrote, as the service tells it."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from puntual.errors import DataError, SettingError
from puntual.loadtest.result import WANTED
from puntual.serving.load_test import check_load_test
from tests.serving.conftest import Asker, decoded, problem

TESTED = "puntual_load_test_timestamp_seconds"


def metric(ask: Asker, name: str) -> list[float]:
    told = text_string_to_metric_families(ask("GET", "/metrics").body.decode())
    return [sample.value for family in told for sample in family.samples if sample.name == name]


def test_the_last_load_test_is_told_beside_the_original(ask: Asker, load_test: Path) -> None:
    response = ask("GET", "/v1/stress")
    told = decoded(response)
    kept = json.loads(load_test.read_bytes())
    test = told["test"]
    assert (test["requests"], test["answered"], test["errors"]) == (5, 4, 1)
    assert test["errors_by_kind"] == {"timeout": 1}
    assert [second["answered"] for second in test["seconds"]] == [3, 1]
    for name in ("p50", "p99", "max", "mean"):
        assert test["latency_ms"][name] == kept["latency_ms"][name]
    assert "url" not in test
    assert told["original"]["requests"] == 20_214
    (tested,) = metric(ask, TESTED)
    assert tested == pytest.approx(msgspec.convert(kept["started"], type=dt.datetime).timestamp())


def test_none_yet_and_then_there_is_one(
    asker: Callable[..., Asker], load_test: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "later.json"
    ask = asker(stress_report=path)
    for without in (ask, asker()):
        assert "--stress-report FILE" in problem(without("GET", "/v1/stress"), "not-found").detail
        assert metric(without, TESTED) == []
    path.write_bytes(load_test.read_bytes())
    ask.service.load_test.refresh()
    assert ask("GET", "/v1/stress").status == 200
    with caplog.at_level(logging.ERROR):
        path.write_text("{}")
        ask.service.load_test.refresh()
        assert ask("GET", "/v1/stress").status == 200
    assert "later.json: it is no result of a load test" in caplog.text


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"requests": "many"}', '{"plan":' + "[" * 100_000])
def test_a_broken_file_is_refused(tmp_path: Path, content: str) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text(content)
    with pytest.raises(DataError, match=f"it is no result of a load test; wanted: {WANTED}") as refused:
        check_load_test(str(broken))
    assert "\n" not in str(refused.value)


def test_a_file_that_can_never_be_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"--stress-report: .*no such folder"):
        check_load_test(str(tmp_path / "no folder" / "stress.json"))
    check_load_test("")
    check_load_test(str(tmp_path / "stress.json"))
    with pytest.raises(DataError, match="directory"):
        check_load_test(str(tmp_path))
