"""Wrong requests: that a fault would be seen, and that a real server has none."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from benchmarks.fuzz.__main__ import fuzz
from benchmarks.fuzz.checks import find_fault
from benchmarks.fuzz.http import Answer
from benchmarks.fuzz.requests import Case, Drawer
from puntual.inference.artifact import write_artifact
from tests.flights import TABLES, artifact_of, small_booster

PATH = "/v1/predictions"
PREDICTED = (
    b'{"model": "m", "threshold_minutes": 15, "predictions": [{"delay_probability": %s, "delayed": false, '
    b'"risk": "low"}]}'
)
PROBLEM = (
    b'{"type": "/docs#invalid", "title": "x", "status": 422, "detail": "%s", "pointer": null, "found": null, '
    b'"allowed": null}'
)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (Answer(200, {"content-type": "application/json"}, PREDICTED % b"0.5"), None),
        (Answer(200, {"content-type": "application/json"}, PREDICTED % b"1.5"), "status 200: "),
        (Answer(422, {"content-type": "application/problem+json"}, PROBLEM % b"y"), None),
        (Answer(422, {"content-type": "application/problem+json"}, PROBLEM % b"y\\nz"), "with the problem"),
        (Answer(400, {"content-type": "application/problem+json"}, PROBLEM % b"y"), "with the problem"),
        (Answer(404, {"content-type": "text/html"}, b"<p>"), "status 404 with text/html"),
        (Answer(500, {}, b""), "status 500"),
        (Answer(0, {}, b""), "no answer"),
    ],
)
def test_an_answer_outside_the_description_is_a_fault(answer: Answer, fault: str | None) -> None:
    found = find_fault(Case(b"", "POST", PATH), answer)
    assert (found is None) if fault is None else (found and fault in found)


def test_the_same_seed_draws_the_same_requests() -> None:
    body = {"examples": {"one": {"value": {"flights": [{"airline": "LAN"}]}}}}
    operation = {"requestBody": {"content": {"application/json": body}}}
    description = {"paths": {PATH: {"post": operation}}}
    first, again, other = (
        [*islice(Drawer(description, ["token"], seed).draw(0.2), 200)] for seed in (1, 1, 2)
    )
    assert first == again != other
    assert {bool(case.path) for case in first} == {True, False}


@pytest.mark.slow
def test_a_server_answers_wrong_requests_rightly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = tmp_path / "model.puntual"
    write_artifact(artifact_of(TABLES, small_booster()), model)
    status = fuzz(model, 4_000, seed=11)
    assert status == 0, capsys.readouterr().out
